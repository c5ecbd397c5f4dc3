"""What a loader gives back: policies, and what it could not read or did not have to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multitool_lint.policy import Policy
    from multitool_lint.source import Span

SYNTAX_RULE = "json-syntax-error"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, and the id of the rule that it is a finding of."""

    span: Span
    message: str
    rule: str = SYNTAX_RULE


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a file, or all of it, that holds no policy."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found in one source."""

    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
