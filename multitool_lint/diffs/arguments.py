"""What has changed of arguments that decide about access and are not policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import Encoded, Unknown, Value, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.owner import Owner

_ACCOUNT = re.compile(r"[0-9]{12}")
_NUMBER = re.compile(r"v?[0-9]+(?:\.[0-9]+)*(?:/[0-9]+)?")
_NUMBERS = re.compile(
    rf"(?<![^\s\"'\[,])(?!{_ACCOUNT.pattern}(?![0-9])){_NUMBER.pattern}(?![^\s\"',\]}}])"
)
"""The numbers between other words of a text."""
RESTRICTS = re.compile(r"den[yi]|bound|scp|guardrail", re.IGNORECASE)
"""What a module may have that restricts others' access."""
_NAME = "name"
_LABELS = ("description", "tags")
_CODE_OF_MODULES = frozenset({"source", "version"})


def changed_arguments(before: Owner, after: Owner, *, is_old: bool) -> Iterator[str]:
    """The arguments that decide about access and have changed."""
    lifted = [
        name
        for name, value in blocking(before)
        if after.blocks.get(name) is not True
        and identity(after.blocks.get(name)) != identity(value)
    ]
    if lifted:
        yield f"{', '.join(lifted)}: what was blocked is not blocked any more"
    if not after.facts:
        return
    changed = [
        name
        for name in sorted({*before.facts, *after.facts})
        if identity(before.facts.get(name)) != identity(after.facts.get(name))
    ]
    if after.kind == "module":
        changed = [name for name in changed if _may_matter(name, before, after)]
        if changed:
            yield f"{_listed(before, after, changed)}; its module is not in these files"
    elif changed and (is_old or not after.statements):
        yield _listed(before, after, changed)
    if after.facts and before.guards != after.guards and is_old and not changed:
        yield "when it is there has changed"


def _may_matter(name: str, before: Owner, after: Owner) -> bool:
    """Whether an argument of a module that is not here may decide about access."""
    values = [owner.facts.get(name) for owner in (before, after)]
    if name in _CODE_OF_MODULES:
        return True
    return not (name == _NAME or _is_label(name) or _differ_in_numbers(*values))


def _is_label(name: str) -> bool:
    """Whether an argument, or a member of one, has words for people, as `vpc_tags` has."""
    return any(name == label or name.endswith(f"_{label}") for label in _LABELS)


def _differ_in_numbers(one: Value, other: Value) -> bool:
    """Whether two values are the same but for labels, numbers and networks, in texts, too."""
    if identity(one) == identity(other) or (_is_number(one) and _is_number(other)):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        names = [name for name in {*one, *other} if not _is_label(str(name))]
        return all(_differ_in_numbers(one.get(name), other.get(name)) for name in names)
    if isinstance(one, str) and isinstance(other, str):
        return _NUMBERS.split(one) == _NUMBERS.split(other)
    parts = _items(one), _items(other)
    return len(parts[0]) == len(parts[1]) > 0 and all(map(_differ_in_numbers, *parts))


def _items(value: Value) -> Sequence[Value]:
    """The items of a list, or what is written as a text of JSON or YAML."""
    if isinstance(value, Unknown) and value.operator == "yamlencode":
        return value.arguments
    if isinstance(value, Encoded):
        return [value.value]
    return value if isinstance(value, list) else ()


def _is_number(value: Value) -> bool:
    """Whether a value is nothing, or a number, a version or a network, and not an account."""
    if isinstance(value, list):
        return all(map(_is_number, value))
    is_text = isinstance(value, str) and _NUMBER.fullmatch(value) is not None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or ((is_text or is_number) and not _ACCOUNT.fullmatch(str(value)))


def restrictions_gone(owner: Owner) -> Iterator[str]:
    """Why it matters that an owner is gone: it may have restricted others."""
    if owner.is_restriction or any(blocking(owner)):
        yield "what it restricted is not restricted any more"
    if owner.kind == "command":
        yield "the command is gone; what it did is not compared"
    words = [owner.address, *owner.facts, *map(shown, owner.facts.values())]
    if owner.kind == "module" and any(map(RESTRICTS.search, words)):
        yield "a module is gone that may have restricted access"


def blocking(owner: Owner) -> Iterator[tuple[str, Value]]:
    """The arguments that take access away, or may do so."""
    for name, value in owner.blocks.items():
        if value is not None and value is not False:
            yield name, value


def _listed(before: Owner, after: Owner, changed: list[str]) -> str:
    def written(owner: Owner, name: str) -> str:
        return shown(owner.facts[name]) if name in owner.facts else "nothing"

    parts = [f"{name}: {written(before, name)} -> {written(after, name)}" for name in changed]
    return ", ".join(parts)
