"""What came of linting one source."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.rulebook import UNJUDGED

if TYPE_CHECKING:
    from multitool_lint.findings import Finding
    from multitool_lint.policy import Policy
    from multitool_lint.source import Source, Span


class Skipped(NamedTuple):
    """A part of a file, or all of it, that holds no policy."""

    span: Span
    reason: str


class Suppressed(NamedTuple):
    """A finding that is not reported, and why.

    `by` says what suppressed it: "configuration", "comment" or "baseline".
    """

    finding: Finding
    by: str
    reason: str


class Report(NamedTuple):
    """What came of linting one source.

    `policy_count` says how many policies were judged. `policies` holds them, except where there may
    be thousands, or where the report comes from another process or from the cache.
    """

    source: Source
    policies: tuple[Policy, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]
    policy_count: int
    suppressed: tuple[Suppressed, ...] = ()

    @property
    def unjudged(self) -> bool:
        """Whether something could not be judged: neither a crash nor a syntax error is a pass."""
        return any(finding.rule in UNJUDGED for finding in self.findings)
