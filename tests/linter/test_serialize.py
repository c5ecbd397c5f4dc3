"""A report comes back from its record as it was."""

import json
from pathlib import Path

import pytest
from support.cached_runs import ROOT, policy

from multitool_lint.diagnostics.finding import Finding, Fix, Related
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats.result import NamedFile, Skipped
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.linter.serialize import record, restored
from multitool_lint.linter.settings import FileSettings
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Edit, Source


def test_records_hold_all_that_a_report_has() -> None:
    # A new field is to be recorded as well, or reports from the cache lack it.
    assert list(Finding._fields) == [
        *("rule", "severity", "source", "span", "pointer", "title", "label", "related", "notes"),
        *("help_template", "issue_codes", "fixes", "policy_name", "policy_type", "fingerprint"),
        *("confirmed_by", "whole", "explains", "joined"),
        "with_others",  # which the fingerprint has
        "counted",
    ]
    # The changes of a fix have become edits in a report.
    assert list(Fix._fields) == ["title", "changes", "safety", "edits", "keeps_everything"]
    text = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s4:x", "Resource": "*"}]})
    findings = lint_with_settings(Source("p.json", text), FileSettings(rules())).findings
    fixes = [fix for finding in findings for fix in finding.fixes]
    assert fixes
    assert all(fix.edits and not fix.changes for fix in fixes)
    assert list(Related._fields) == [
        *("span", "pointer", "label", "alike", "part", "source"),
    ]
    assert list(Edit._fields) == ["span", "text"]
    assert list(Skipped._fields) == ["span", "why", "unread", "file"]
    assert list(Suppressed._fields) == ["finding", "by", "reason"]
    assert list(Report._fields) == [
        *("source", "policies", "skipped", "findings", "policy_count", "suppressed"),
        *("comments", "used_ignores", "format", "unresolved", "notes", "former_ids"),
        "reference_count",
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "fixtures").glob("*.[jm][sd]*")), ids=lambda path: path.name
)
def test_a_report_comes_back_from_its_record(path: Path) -> None:
    source = Source(str(path), path.read_text(encoding="utf-8"))
    report = lint_with_settings(source, FileSettings(rules()))
    first = report.findings[0] if report.findings else None
    if first:
        why = Why(Reason.EMPTY_FILE, (Why(Reason.IN_FILE, ("a.yaml",)),))
        report = report._replace(
            skipped=(Skipped(first.span, why, file=NamedFile("a.yaml", "A", (("B", "c"),))),),
            suppressed=(Suppressed(first, "configuration", "so"),),
            used_ignores=frozenset({("multitool-lint.toml", 0)}),
        )
    assert restored(source, record(report)) == report._replace(policies=())


def test_halves_of_surrogate_pairs_and_odd_characters_come_back() -> None:
    text = policy(1).replace("s3:GetObject", "s3:\\ud800\u2028Get")
    source = Source("odd.json", text)
    report = lint_with_settings(source, FileSettings(rules()))
    assert report.findings
    assert restored(source, record(report)) == report._replace(policies=())
