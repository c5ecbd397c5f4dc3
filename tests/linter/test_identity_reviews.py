"""What each identity of an account comes to, and the report by identity."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli import main
from multitool_lint.linter.identity_reviews import Boundary, Privilege, Review, reviews
from multitool_lint.syntax.source import Source

ACCOUNT = "arn:aws:iam::123456789012:"


def allow(action: str, resource: str = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def role(name: str, trusts: str, *documents: dict[str, Any], **more: object) -> dict[str, Any]:
    trust = allow("sts:AssumeRole")
    trust["Statement"][0] |= {"Principal": {"AWS": trusts}}
    del trust["Statement"][0]["Resource"]
    policies = [
        {"PolicyName": f"p{number}", "PolicyDocument": document}
        for number, document in enumerate(documents)
    ]
    arn = f"{ACCOUNT}role/{name}"
    named = {"RoleName": name, "Arn": arn, "AssumeRolePolicyDocument": trust}
    return {**named, "RolePolicyList": policies, **more}


LIMIT = {"PermissionsBoundary": {"PermissionsBoundaryArn": f"{ACCOUNT}policy/limit"}}
ROLES = [
    role("admin", f"{ACCOUNT}role/becomes", allow("*")),
    role("escalates", f"{ACCOUNT}role/gone", allow("iam:PutRolePolicy")),
    role("becomes", f"{ACCOUNT}root", allow("s3:GetObject")),
    role("limited", "arn:aws:iam::210987654321:root", allow("iam:PutRolePolicy"), **LIMIT),
]
DUMP = json.dumps({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": ROLES})


@pytest.fixture(scope="module")
def by_name() -> dict[str, Review]:
    found = reviews(Source("account.json", DUMP), bundled(), set())
    return {review.title.split('"')[1]: review for review in found}


def test_an_identity_comes_to_something(by_name: dict[str, Review]) -> None:
    assert {name: review.privilege for name, review in by_name.items()} == {
        "admin": Privilege.ADMINISTRATOR,
        "escalates": Privilege.ESCALATES,
        "becomes": Privilege.BECOMES,
        "limited": Privilege.OTHER,
    }
    assert by_name["escalates"].paths == ("iam-005",)
    assert [finding.rule for finding in by_name["becomes"].findings] == ["role-chain"]
    assert by_name["limited"].boundary is Boundary.UNKNOWN


def test_trust_that_nobody_can_use(by_name: dict[str, Review]) -> None:
    unused = {name: review.unused for name, review in by_name.items() if review.unused}
    # An administrator may assume what trusts the account.
    assert unused == {"escalates": (f"{ACCOUNT}role/gone",)}


def test_trust_in_an_account_where_nobody_may_assume_it() -> None:
    alone = {"RoleDetailList": [role("alone", f"{ACCOUNT}root", allow("s3:*"))]}
    account = {"UserDetailList": [], "GroupDetailList": [], **alone}
    (review,) = reviews(Source("account.json", json.dumps(account)), bundled(), set())
    assert review.unused == (f"{ACCOUNT}root",)


def test_a_module_is_reported_once_with_places(tmp_path: Path) -> None:
    policy = json.dumps(allow("iam:CreateAccessKey"))
    roles = 'resource "aws_iam_user" "ci" {\n  name = "ci"\n}\n'
    (tmp_path / "users.tf").write_text(roles, encoding="utf-8")
    text = 'resource "aws_iam_user_policy" "p" {\n  user = aws_iam_user.ci.name\n'
    (tmp_path / "a.tf").write_text(f"{text}  policy = jsonencode({policy})\n}}\n", encoding="utf-8")
    seen: set[str] = set()
    files = [tmp_path / "a.tf", tmp_path / "users.tf"]
    sources = [Source(str(path), path.read_text(encoding="utf-8")) for path in files]
    found = [review for source in sources for review in reviews(source, bundled(), seen)]
    assert [(one.title, one.privilege) for one in found] == [
        ('user "aws_iam_user.ci"', Privilege.ESCALATES)
    ]
    assert found[0].place == f"{tmp_path / 'users.tf'}:1:1"


@pytest.mark.parametrize("format_", ["text", "html"])
def test_the_report(format_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "account.json"
    path.write_text(DUMP, encoding="utf-8")
    assert main(["check", "--by", "identity", "--format", format_, str(path)]) == 0
    out = capsys.readouterr().out
    assert "Administrators (1)" in out
    assert "4 identities: 1 administrator, 1 can escalate" in out
    assert out.startswith("<!doctype html>") is (format_ == "html")
    page = tmp_path / "page.html"
    assert main(["--by=identity", "--output", f"html={page}", str(path)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["--by=identity", "--format=json", str(path)]) == 2
