"""The names of actions in a short form, with each verb once: `Get:Object,ObjectAcl List:Bucket`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from multitool_lint.lazy_pattern import lazy_pattern

_VERB = lazy_pattern(r"(?:[A-Z][a-z0-9]*)?")


def listed(names: Iterable[str]) -> str:
    """Names in a short form, in their order."""
    by_verb = groupby(names, _verb)
    return " ".join(f"{verb}:{','.join(n[len(verb) :] for n in some)}" for verb, some in by_verb)


def names_in(text: str) -> list[str]:
    """The names that a text is the short form of."""
    groups = (group.partition(":") for group in text.split())
    return [f"{verb}{rest}" for verb, _, rests in groups for rest in rests.split(",")]


def number_in(text: str) -> int:
    """How many names a text is the short form of."""
    return text.count(":") + text.count(",")


def _verb(name: str) -> str:
    found = _VERB.match(name)
    return found[0] if found else ""
