"""What the command prints can be made in Python."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint import Configuration, Severity, fix, lint, lint_many, render, to_dict
from multitool_lint.cli import main
from multitool_lint.reporters.formats import FORMATS

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"},
        {"Sid": "B", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
        {"Sid": "C", "Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"},
    ],
}
CONFIG = """\
fail-on = "error"
ignore = [
    "unscoped-resource",
    {rule = "pass-role-any-resource", path = "apps/**", reason = "the boundary limits it"},
]
[severity]
redundant-action = "suggestion"
[[rules]]
id = "no-s3-reads"
message = "objects are read by the proxy"
forbid = { actions = ["s3:GetObject"] }
"""
SECOND = 'extend-select = ["missing-sid"]\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two configurations and three policies."""
    (tmp_path / ".git").mkdir()
    for folder in ("apps/one", "other"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "policy.json").write_text(json.dumps(POLICY, indent=2), "utf-8")
    (tmp_path / "apps" / "main.tf").write_text(
        f'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({json.dumps(POLICY)})\n}}\n',
        encoding="utf-8",
    )
    (tmp_path / "multitool-lint.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "other" / "multitool-lint.toml").write_text(SECOND, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


FILES = [Path("apps/main.tf"), Path("apps/one/policy.json"), Path("other/policy.json")]


def test_reports_are_those_of_the_command(repository: Path) -> None:
    formats = [name for name in FORMATS if name != "access-analyzer"]  # it selects other rules
    reports = [f"--output={name}={repository / name}" for name in formats]
    main(["check", *reports, *map(str, FILES)])
    # Where a report has a place for it, the command asks parliament about all findings.
    linted = list(lint_many(FILES, config=Configuration.find, confirm_all=True))
    config = Configuration.find(repository)
    for name in formats:
        assert render(linted, name, config=config) == (repository / name).read_text("utf-8")
    assert to_dict(linted) == json.loads((repository / "json").read_text("utf-8"))


@pytest.mark.usefixtures("repository")
def test_findings_alone_are_rendered() -> None:
    config = Configuration.find("apps/one")
    findings = lint(Path("apps/one/policy.json"), config=config)
    document: dict[str, Any] = to_dict(findings)
    assert document["findings"] == [to_dict(finding) for finding in findings]
    assert document["summary"]["files"] == document["summary"]["policies"] == 1
    assert "no-s3-reads" in render(findings, "sarif", config=config)
    with pytest.raises(ValueError, match=r'unknown format "sarf"; did you mean "sarif"\?'):
        render(findings, "sarf")


def test_a_configuration_is_applied(repository: Path) -> None:
    path = repository / "apps" / "one" / "policy.json"
    config = Configuration.find(path)
    assert config.path == "multitool-lint.toml"
    found = {finding.rule: finding for finding in lint(path, config=config)}
    assert found["redundant-action"].severity is Severity.SUGGESTION
    assert "no-s3-reads" in found
    assert not {"pass-role-any-resource", "unscoped-resource"} & found.keys()
    assert config.fails(found.values())
    assert not config.fails([found["redundant-action"]])
    assert "pass-role-any-resource" in {finding.rule for finding in lint(path)}
    assert [f.rule for f in lint(path, config=config, select=["no-s3-reads"])] == ["no-s3-reads"]
    with pytest.raises(ValueError, match='"no-s3-reads"'):
        lint(path, select=["no-s3-reads"])
    assert fix(path, config=config) == fix(path)
    [linted] = lint_many([path], config=config)
    assert [s.reason for s in linted.suppressed] == ["the boundary limits it"]


def test_a_baseline_is_applied(repository: Path) -> None:
    baseline = repository / "known.json"
    path = repository / "apps" / "one" / "policy.json"
    main(["check", f"--write-baseline={baseline}", str(path)])
    config = Configuration.find(path, baseline=baseline)
    assert lint(path, config=config) == []
    path.write_text(path.read_text("utf-8").replace("s3:Get*", "sqs:*"), encoding="utf-8")
    assert lint(path, config=config)
    read = Configuration.read(repository / "multitool-lint.toml", baseline="known.json")
    assert lint(path, config=read) == lint(path, config=config)
    baseline.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"known\.json:1:1: not a baseline"):
        Configuration.find(path, baseline=baseline)


def test_mistakes_in_a_configuration(repository: Path) -> None:
    (repository / "multitool-lint.toml").write_text("selct = []\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r'multitool-lint\.toml:1: .*did you mean "select"'):
        Configuration.find(repository)
    [linted] = lint_many([FILES[0]], config=Configuration.find)
    assert "did you mean" in str(linted.error)
    (repository / "multitool-lint.toml").unlink()
    assert Configuration.find(repository).path is None


def test_what_cannot_be_linted_is_in_the_report(repository: Path) -> None:
    [missing, none, text] = lint_many([repository / "no.json", {}, "{"])
    report = to_dict([missing, none, text])
    assert report["summary"]["errors"] == [
        {"path": str(repository / "no.json"), "message": "no such file or directory"},
        {"path": "<policy>", "message": "no policy: an object without a Statement"},
    ]
    assert [finding["rule"] for finding in report["findings"]] == ["json-syntax-error"]
