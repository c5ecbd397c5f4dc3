"""Comments that suppress findings: `multitool-lint: ignore[rule-id, other-rule] reason`."""

from __future__ import annotations

import re
from collections.abc import Collection

from multitool_lint.diagnostics.rule import UNCHECKED, former_ids, parliament_types, rules
from multitool_lint.diagnostics.suggestion import suggestion
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple

FORM = "multitool-lint: ignore[rule-id] reason"

_OURS = lazy_pattern(r"\s*multitool-lint\s*(?::|ignore\b)")
_FORM = lazy_pattern(r"\s*multitool-lint\s*:\s*ignore\s*\[([^\]]*)\](.*)", re.DOTALL)


class IgnoreComment(NamedTuple):
    """The rules whose findings a comment suppresses, and the reason.

    `former` are the ids among them that rules had before they were renamed.
    """

    rules: tuple[str, ...]
    reason: str
    former: tuple[str, ...] = ()


class IgnoreCommentError(ValueError):
    """A comment that suppresses nothing: why, and what to do."""

    def __init__(self, message: str, help: str = f"use the form: {FORM}") -> None:
        super().__init__(message)
        self.help = help


def is_ours(text: str) -> bool:
    """Whether the text of a comment, without its markers, is for this tool."""
    return _OURS.match(text) is not None


def parse(text: str, others: Collection[str] = ()) -> IgnoreComment:
    """The rules and the reason in the text of such a comment; `others` are IDs of extra rules.

    Raises:
        IgnoreCommentError: it does not have the form, has no reason or lists an unknown rule.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise IgnoreCommentError("it does not have the required form")
    written = tuple(id_.strip() for id_ in match[1].split(","))
    former = tuple(id_ for id_ in written if id_ in former_ids())
    ids = tuple(former_ids().get(id_, id_) for id_ in written)
    for id_ in ids:
        if not id_:
            raise IgnoreCommentError("a rule ID is missing between the brackets")
        if id_ not in rules() and id_ not in others and id_ not in parliament_types():
            hint = suggestion(id_, (*rules(), *others))
            advice = "use the ID of a rule, or remove the comment"
            raise IgnoreCommentError(f'"{id_}" is not a rule{hint}', advice)
        if id_ in UNCHECKED:
            advice = "remove the comment; a file that could not be checked fails the run"
            raise IgnoreCommentError(f'"{id_}" cannot be ignored', advice)
    reason = " ".join(match[2].strip().lstrip(":-\N{EN DASH}\N{EM DASH}").split())
    if not reason:
        raise IgnoreCommentError("it has no reason")
    return IgnoreComment(ids, reason, former)
