"""Findings that comments suppress: those of the rules of a comment in what it covers.

That is the block or value that follows, say. A finding that is also about another place is not
suppressed.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Finding, Related
from multitool_lint.diagnostics.ignore_comment import IgnoreComment, IgnoreCommentError, parse
from multitool_lint.diagnostics.rule import UNCHECKED, Rule
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.linter.suppressions import UNUSED, may_be_suppressed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from multitool_lint.formats.result import Comment
    from multitool_lint.syntax.source import Span

INVALID = "invalid-ignore-comment"


def heed_comments(
    report: Report, enabled: Mapping[str, Rule], others: Collection[str] = ()
) -> Report:
    """The report without the findings that its comments suppress, and with those about comments.

    `others` are the ids of extra rules. An unused comment is reported only for rules that run, and
    only if what it covers was checked.
    """
    heeded = _Heeded(report, enabled)
    for comment in report.comments:
        try:
            parsed = parse(comment.text, others)
        except IgnoreCommentError as error:
            texts = f"The ignore comment has no effect: {error}", error.help
            heeded.about += _about(INVALID, texts, comment, report, enabled)
        else:
            heeded.add(comment, parsed)
    return heeded.report()


class _Heeded:
    """The findings of a report that comments suppress, and what is `about` the comments."""

    def __init__(self, report: Report, enabled: Mapping[str, Rule]) -> None:
        self.about: list[Finding] = []
        self._report = report
        self._enabled = enabled
        self._found = sorted(
            [*report.findings, *(entry.finding for entry in report.suppressed)], key=_start
        )
        self._reasons: dict[int, str] = {}
        self._former: dict[str, None] = {}

    def add(self, comment: Comment, parsed: IgnoreComment) -> None:
        """Heed a comment."""
        self._former |= dict.fromkeys(parsed.former)
        covered = _covered(comment, self._found)
        idle = [] if _unchecked(covered) else [id_ for id_ in parsed.rules if id_ in self._enabled]
        for finding in covered:
            # Partly covered, as by a comment on the line of one action of several, it is reported.
            whole = all(
                _covers(comment, location)
                for location in finding.related
                if location.alike and location.source is None
            )
            if finding.rule in parsed.rules and whole and may_be_suppressed(finding):
                self._reasons.setdefault(id(finding), parsed.reason)
            if finding.rule in idle:
                idle.remove(finding.rule)
        for id_ in idle:
            texts = _unused(id_, comment), "remove the comment"
            self.about += _about(UNUSED, texts, comment, self._report, self._enabled)

    def report(self) -> Report:
        """The report that remains."""
        findings = self._report.findings
        reported = [finding for finding in findings if id(finding) not in self._reasons]
        suppressed = (
            Suppressed(finding, "comment", self._reasons[id(finding)])
            for finding in findings
            if id(finding) in self._reasons
        )
        return self._report._replace(
            findings=tuple(
                sorted([*reported, *self.about], key=_order) if self.about else reported
            ),
            suppressed=(*self._report.suppressed, *suppressed),
            comments=(),
            former_ids=tuple(self._former),
        )


def _covers(comment: Comment, place: Finding | Related) -> bool:
    span = comment.covers
    return span is not None and span.start <= place.span.start < max(span.end, span.start + 1)


def _covered(comment: Comment, found: list[Finding]) -> list[Finding]:
    """What a comment covers of findings in the order of their places."""
    if comment.covers is None:
        return []
    start, end = comment.covers
    first = bisect_left(found, start, key=_start)
    return found[first : bisect_left(found, max(end, start + 1), key=_start)]


def _start(finding: Finding) -> int:
    return finding.span.start


def _unchecked(findings: Iterable[Finding]) -> bool:
    return any(finding.rule in UNCHECKED for finding in findings)


def _unused(rule: str, comment: Comment) -> str:
    if comment.covers is None:
        return f'Unused ignore comment for "{rule}": nothing follows that it applies to'
    return f'Unused ignore comment: no "{rule}" finding here'


def _about(
    rule: str,
    texts: tuple[str, str],
    comment: Comment,
    report: Report,
    enabled: Mapping[str, Rule],
) -> list[Finding]:
    """A finding with a title and a help about a comment, if its rule is enabled."""
    if rule not in enabled:
        return []
    title, advice = texts
    severity = enabled[rule].severity
    place = report.source, comment.span, ""
    return [Finding(rule, severity, *place, title, help_template=advice)]


def _order(finding: Finding) -> tuple[Span, str]:
    return finding.span, finding.rule
