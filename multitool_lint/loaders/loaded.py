"""What a loader gives back: policies, and what it could not read or did not have to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.report import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.policy import Policy
    from multitool_lint.source import Span

__all__ = ["Loaded", "Problem", "Skipped"]

SYNTAX_RULE = "json-syntax-error"


class Problem(NamedTuple):
    """Something that could not be read, and the id of the rule that it is a finding of."""

    span: Span
    message: str
    rule: str = SYNTAX_RULE


class Loaded(NamedTuple):
    """What was found in one source.

    `stream` yields further policies, read one by one and kept by nobody, where there may be
    thousands; each has the limits of a source of its own.
    """

    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    stream: Iterable[Policy] = ()
