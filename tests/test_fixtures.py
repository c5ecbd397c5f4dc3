"""Whole files as users have them, each next to the output that the command prints for it."""

import json
from pathlib import Path

import pytest

from multitool_lint import lint, lint_many
from multitool_lint.cli import main

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
EVENTS = "multitool-cloudtrail.json"  # what `tighten` is given, with the policy that comes of it
FILES = sorted(path for path in FIXTURES.iterdir() if path.suffix != ".out" and path.name != EVENTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_output_is_the_one_next_to_the_file(
    path: Path,
    update: bool,  # noqa: FBT001 - a fixture
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    main([f"fixtures/{path.name}", "--no-config", "--no-cache"])
    printed = capsys.readouterr().out
    expected = path.with_name(f"{path.name}.out")
    if update:
        expected.write_text(printed, encoding="utf-8")
    assert printed == expected.read_text(encoding="utf-8")


def test_each_format_has_a_file() -> None:
    read = {linted.report.format for linted in lint_many(FILES) if linted.report}
    assert sorted(read) == [
        "AWS CLI",
        "AsciiDoc",
        "CloudFormation",
        "JSON",
        "JSON Lines",
        "Markdown",
        "Shell",
        "Snapshot",
        "Terraform",
        "Terraform plan or state",
        "YAML",
        "reStructuredText",
    ]


def test_the_wildcard_next_to_thirteen_actions_is_one_finding() -> None:
    findings = lint(FIXTURES / "multitool.json")
    (finding,) = (finding for finding in findings if finding.rule == "redundant-action")
    text = finding.source.text
    assert text[slice(*finding.span)] == '"apigateway:*"'
    covered = [json.loads(text[slice(*related.span)]) for related in finding.related]
    actions = json.loads(text)["Statement"][0]["Action"]
    assert covered == [
        action
        for action in actions
        if action.startswith("apigateway:") and action != "apigateway:*"
    ]
    assert len(covered) == 13
    assert "grants 31 more" in finding.title
    assert [fix.safety.value for fix in finding.fixes] == ["manual"]


def test_the_page_has_the_findings_of_the_policy_in_it() -> None:
    policy, page = lint(FIXTURES / "multitool.json"), lint(FIXTURES / "multitool.md")
    assert [(finding.rule, finding.pointer, finding.title) for finding in policy] == [
        (finding.rule, finding.pointer, finding.title) for finding in page
    ]
