"""Comments that silence findings: `multitool-lint: ignore[rule-id, other-rule] reason`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from multitool_lint.diagnostics.rule import UNJUDGED, former_ids, rules
from multitool_lint.diagnostics.suggestion import suggestion

FORM = "multitool-lint: ignore[rule-id] reason"

_OURS = re.compile(r"\s*multitool-lint\s*(?::|ignore\b)")
_FORM = re.compile(r"\s*multitool-lint\s*:\s*ignore\s*\[([^\]]*)\](.*)", re.DOTALL)


class IgnoreComment(NamedTuple):
    """What a comment says: the rules whose findings it silences, and why.

    `former` are the ids among them that rules had before they were renamed.
    """

    rules: tuple[str, ...]
    reason: str
    former: tuple[str, ...] = ()


class IgnoreCommentError(ValueError):
    """A comment that cannot be followed; the message says why."""


def is_ours(text: str) -> bool:
    """Whether the text of a comment, without what makes it one, is meant for this tool."""
    return _OURS.match(text) is not None


def parse(text: str, others: Collection[str] = ()) -> IgnoreComment:
    """What the text of such a comment says, where there are rules of other ids than ours, too.

    Raises:
        IgnoreCommentError: it is not in the form, has no reason or names what is no rule.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise IgnoreCommentError(f'not of the form "{FORM}"')
    written = tuple(id_.strip() for id_ in match[1].split(","))
    former = tuple(id_ for id_ in written if id_ in former_ids())
    ids = tuple(former_ids().get(id_, id_) for id_ in written)
    for id_ in ids:
        if not id_:
            raise IgnoreCommentError("a rule is missing between the brackets")
        if id_ not in rules() and id_ not in others:
            hint = suggestion(id_, (*rules(), *others))
            raise IgnoreCommentError(f'unknown rule "{id_}"{hint}')
        if id_ in UNJUDGED:
            raise IgnoreCommentError(f'"{id_}" cannot be ignored: what was not judged is no pass')
    reason = " ".join(match[2].strip().lstrip(":-\N{EN DASH}\N{EM DASH}").split())
    if not reason:
        raise IgnoreCommentError(f'no reason: write why behind the bracket, as in "{FORM}"')
    return IgnoreComment(ids, reason, former)
