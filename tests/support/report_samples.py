"""Findings to report, harmless ones and such as try to break out of a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.diagnostics.finding import Finding, Fix, Related, Safety
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters.summary import Summary
from multitool_lint.syntax.source import Edit, Source, Span

if TYPE_CHECKING:
    from multitool_lint.reporters.summary import RunReporter

TEXT = """{
  "Version": "2012-10-17",
  "Statement": {
    "Principle": "*",
    "Action": ["s3:Get*", "s3:GetObject"]
  }
}
"""

NASTY_PATH = "a b/100% é \U0001d4b3,x:y;z|`#1`[<script>].json"
NASTY_TEXT = (
    '\ufeff{"\U0001d4b3\U0001d4b3\U0001d4b3": "é",\r\n"\U0001f600": 1, "Action":\r["s3:*"]}\n'
)
NASTY = (
    "]]> <script>alert('1')</script> ``code`` | @octocat #1 GH-1 [x](javascript:alert(1)) "
    "![i](https://example.com/i.png) https://example.com </code> <!-- &amp; ${{ x }} %0A "
    "\x00\x1b[31m\r\n::error::x\n* * *\n# heading \ud800 \ufffe \u202e"
)


def span(words: str, text: str = TEXT) -> Span:
    """Where some words are in a text."""
    start = text.index(words)
    return Span(start, start + len(words))


def finding(**changes: Any) -> Finding:  # noqa: ANN401 - whatever a finding has
    """A finding, changed in some respects."""
    fields = {
        "rule": "redundant-action",
        "severity": Severity.SUGGESTION,
        "source": Source("policy.json", TEXT),
        "span": span('"s3:Get*"'),
        "pointer": "/Statement/Action/0",
        "title": "one covers the other",
        "label": "covers more",
        "notes": ("it grants 178 others",),
        "help_template": "run: multitool-lint fix {file}",
        "related": (Related(span('"s3:GetObject"'), "/Statement/Action/1", "covered"),),
        "issue_codes": ("REDUNDANT_ACTION",),
        "fixes": (Fix("drop it", (), Safety.SAFE, (Edit(span(', "s3:GetObject"'), ""),)),),
        "policy_type": PolicyType.IDENTITY,
    }
    return Finding(**{**fields, **changes})


def nasty(**changes: Any) -> Finding:  # noqa: ANN401 - as above
    """A finding in a file whose name and content, which the message quotes, mean no good."""
    edits = (
        Edit(span('"\U0001f600"', NASTY_TEXT), '"\U0001f600\U0001f600"'),
        Edit(span('["s3:*"]', NASTY_TEXT), "[]"),
    )
    fields = {
        "source": Source(NASTY_PATH, NASTY_TEXT),
        "span": span('"s3:*"', NASTY_TEXT),
        "pointer": "/Action/a~1b",
        "title": NASTY,
        "label": NASTY,
        "notes": (NASTY,),
        "help_template": f"run: multitool-lint fix {{file}} {NASTY}",
        "related": (Related(span('"\U0001f600"', NASTY_TEXT), "/x", NASTY),),
        "fixes": (Fix(NASTY, (), Safety.UNSAFE, edits),),
        "policy_name": NASTY,
    }
    return finding(**{**fields, **changes})


def report_of(*findings: Finding, suppressed: tuple[Suppressed, ...] = ()) -> Report:
    """What came of linting the file that the findings are in."""
    every = [*findings, *(entry.finding for entry in suppressed)]
    source = every[0].source if every else Source("policy.json", "{}")
    return Report(source, (), (), findings, policy_count=1, suppressed=suppressed)


def written(
    reporter: RunReporter, *reports: Report, errors: tuple[tuple[str, str], ...] = ()
) -> str:
    """What a reporter writes of some reports."""
    summary = Summary()
    summary.errors.extend(errors)
    parts: list[str] = []
    for report in reports:
        summary.add_file(report)
        parts += reporter.file(report)
    return "".join([*parts, *reporter.end(summary)])


def many(count: int) -> list[Report]:
    """Reports of some findings each, in long lines with characters of two UTF-16 code units."""
    text = '{"\U0001f600": [' + ", ".join(f'"s3:Get{number}"' for number in range(100)) + "]}"
    sources = [Source(f"policies/{number}.json", text) for number in range(count // 100)]
    return [
        report_of(*(finding(source=source, span=span(f'"s3:Get{n}"', text)) for n in range(100)))
        for source in sources
    ]
