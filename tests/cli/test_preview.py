"""Preview rules: their findings are reported and fail no run."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.diagnostics import rule

TWICE = [
    {"Sid": "One", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"*{name}"}
    for name in ("a", "b")
]
POLICY = {"Version": "2012-10-17", "Statement": TWICE}


@pytest.fixture(autouse=True)
def preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let duplicate-sid be a preview rule, until the test is over."""
    entries = json.loads(Path(rule.INDEX).read_text("utf-8"))
    for entry in entries:
        if entry["id"] == "duplicate-sid":
            entry["preview"] = True
    (tmp_path / "index.json").write_text(json.dumps(entries), "utf-8")
    monkeypatch.setattr(rule, "INDEX", tmp_path / "index.json")
    rule.rules.cache_clear()
    yield
    rule.rules.cache_clear()


def check(folder: Path, *options: str) -> int:
    path = folder / "policy.json"
    path.write_text(json.dumps(POLICY), "utf-8")
    return main(["check", "--no-cache", "--no-config", *options, str(path)])


def test_a_finding_of_a_preview_rule_is_reported_and_fails_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, "--select", "duplicate-sid") == 0
    out = capsys.readouterr().out
    assert "[duplicate-sid]" in out
    assert "= note: preview rule: its findings do not fail a run" in out
    assert " in 1 policy of 1 file" in out.splitlines()[-1]


def test_another_finding_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, "--select", "duplicate-sid,invalid-arn") == 1
    assert capsys.readouterr().out.count("= note: preview rule") == 1


def test_preview_rules_are_marked_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    marked = [line for line in capsys.readouterr().out.splitlines() if line.endswith(" (preview)")]
    previews = {
        *("all-actions-on-service", "assume-role-any-account", "blocked-service-principal"),
        *("bypassable-set-operator", "bypassable-tag-check", "cancelled-action"),
        *(
            "data-loss",
            "denied-global-services",
            "deprecated-condition-key",
            "duplicate-sid",
            "expired-statement",
        ),
        *(
            "identity-takeover",
            "incomplete-deny",
            "incomplete-not-principal",
            "key-of-some-resources",
            "kms-key-without-administrator",
        ),
        *("missing-saml-audience", "user-key-if-exists", "wildcard-after-bucket"),
        *("identity-pool-access", "missing-required-resource"),
        *("needless-set-operator", "partly-redundant-statement", "pass-role-to-service"),
        *("principal-without-resource-policy", "unused-resource"),
    }
    assert {line.split()[0] for line in marked} == previews


@pytest.mark.parametrize(
    ("format_", "shown", "failing"),
    [
        ("junit", "<skipped message='preview rule: ", "<failure"),
        ("github", "::notice ", "::error"),
        ("sarif", '"level": "note", "message": {"text": "', '"level": "error"'),
        ("code-scanning", '"problem.severity": "recommendation"', '"level": "error"'),
    ],
)
def test_no_server_fails_for_a_preview_rule(
    format_: str, shown: str, failing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, "--select", "duplicate-sid", "--format", format_) == 0
    out = capsys.readouterr().out
    assert shown in out
    assert failing not in out
