"""What a loader gives back: policies, and what it could not read or did not have to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from multitool_lint.policy import Policy
    from multitool_lint.source import Span

SYNTAX_RULE = "json-syntax-error"


class Problem(NamedTuple):
    """Something that could not be read, and the id of the rule that it is a finding of."""

    span: Span
    message: str
    rule: str = SYNTAX_RULE


class Skipped(NamedTuple):
    """A part of a file, or all of it, that holds no policy."""

    span: Span
    reason: str


class Loaded(NamedTuple):
    """What was found in one source."""

    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
