"""The library: findings as the command prints them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from multitool_lint.api.lint import PATH, PolicyError
from multitool_lint.api.many import Linted
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.suggestion import suggestion
from multitool_lint.linter.report import Report
from multitool_lint.reporters.formats import FORMATS, reporter_of
from multitool_lint.reporters.json import as_dict
from multitool_lint.reporters.summary import ReportOptions, Summary
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.api.configuration import Configuration
    from multitool_lint.api.lint import Given


def render(
    found: Iterable[Finding | Linted],
    format: str = "text",
    *,
    verbose: bool = False,
    colour: bool = False,
    config: Configuration | None = None,
) -> str:
    """The report that the command prints in a format, of findings or of what `lint_many` yields.

    Of findings alone, it counts the files and policies that they are in; what `lint_many` yields
    has also what was suppressed, what could not be read, and for `html` the policies. SARIF and
    `html` describe the rules that the configuration adds.

    Raises:
        ValueError: there is no such format.
    """
    if format not in FORMATS:
        raise ValueError(f'unknown format "{format}"{suggestion(format, FORMATS)}')
    items = list(found)
    reports = [*_of_findings(item for item in items if isinstance(item, Finding))]
    reports += [item.report for item in items if isinstance(item, Linted) and item.report]
    summary = Summary()
    summary.errors += [
        _error(item.policy, item.error) for item in items if isinstance(item, Linted) and item.error
    ]
    options = ReportOptions(
        colour=colour,
        verbose=verbose,
        many=len(reports) + len(summary.errors) != 1,
        others=config.own_rules if config else {},
    )
    reporter = reporter_of(format, options)
    parts: list[str] = []
    for report in reports:
        summary.add_file(report)
        parts += reporter.file(report)
    return "".join([*parts, *reporter.end(summary)])


def to_dict(found: Finding | Iterable[Finding | Linted]) -> dict[str, Any]:
    """A finding, or a report of what `render` takes, as rules/schemas/output.json describes it."""
    if isinstance(found, Finding):
        return as_dict(found)
    report: dict[str, Any] = json.loads(render(found, "json"))
    return report


def _of_findings(findings: Iterable[Finding]) -> Iterator[Report]:
    """A report of each source that findings are in."""
    by_source: dict[Source, list[Finding]] = {}
    for finding in findings:
        by_source.setdefault(finding.source, []).append(finding)
    for source, of_source in by_source.items():
        policies = {finding.policy_name for finding in of_source if finding.policy_type}
        yield Report(source, (), (), tuple(of_source), len(policies))


def _error(policy: Given, error: Exception) -> tuple[str, str]:
    """The path of a policy that could not be linted, and why."""
    if isinstance(error, PolicyError):
        path, reason, *_ = error.args
        return path, reason
    path = policy.path if isinstance(policy, Source) else PATH
    if isinstance(policy, os.PathLike):
        path = os.fspath(policy)
    return path, reading.reason(error) if isinstance(error, OSError) else str(error)
