"""Which users and roles of an account become administrators by roles that they assume."""

import json
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

ACCOUNT = "arn:aws:iam::123456789012:"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
DENY = {**ASSUME, "Effect": "Deny"}
SOME = {**ASSUME, "Resource": f"{ACCOUNT}role/other*"}
NAMED = {**ASSUME, "Resource": f"{ACCOUNT}role/admin"}
S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
ROOT = f"{ACCOUNT}root"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(name: str, trusts: str, *statements: dict[str, Any], **trust: object) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Principal": {"AWS": trusts}, "Action": "sts:AssumeRole", **trust}
    policies = [{"PolicyName": "own", "PolicyDocument": document(*statements)}]
    return {
        "RoleName": name,
        "Arn": f"{ACCOUNT}role/{name}",
        "AssumeRolePolicyDocument": document(allowed),
        "RolePolicyList": policies if statements else [],
    }


def user(*statements: dict[str, Any], **more: object) -> dict[str, Any]:
    policies = [{"PolicyName": "own", "PolicyDocument": document(*statements)}]
    return {
        "UserName": "ci",
        "Arn": f"{ACCOUNT}user/ci",
        "UserPolicyList": policies if statements else [],
        **more,
    }


def titles(
    roles: list[dict[str, Any]],
    users: list[dict[str, Any]],
    severity: Severity = Severity.SECURITY,
    **more: object,
) -> list[str]:
    account = {"UserDetailList": users, "RoleDetailList": roles, **more}
    enabled = {"role-chain": rules()["role-chain"]}
    report = lint_source(Source("account.json", json.dumps(account)), enabled=enabled)
    return [finding.title for finding in report.findings if finding.severity is severity]


BY_NAME = [
    role("admin", f"{ACCOUNT}role/middle", ADMIN),
    role("middle", f"{ACCOUNT}user/ci"),
]


def test_a_chain_of_trust_policies_is_found() -> None:
    assert titles(BY_NAME, [user()]) == [
        'User "ci" can assume role "middle", which can assume role "admin", an administrator'
    ]


@pytest.mark.parametrize(
    ("roles", "statements", "count"),
    [
        ([role("admin", f"{ACCOUNT}user/ci", ADMIN)], [], 0),
        ([role("admin", ROOT, ADMIN)], [], 0),
        ([role("admin", ROOT, ADMIN)], [ASSUME], 1),
        ([role("admin", "123456789012", ADMIN)], [ASSUME], 1),
        ([role("admin", "arn:aws:iam::210987654321:root", ADMIN)], [ASSUME], 0),
        ([role("admin", ROOT, ADMIN)], [SOME], 0),
        ([role("admin", ROOT, ADMIN)], [NAMED], 0),
        ([role("admin", ROOT, ADMIN)], [ASSUME, DENY], 0),
        ([role("admin", ROOT, ADMIN)], [ADMIN], 0),
        ([role("admin", ROOT, S3)], [ASSUME], 0),
        ([role("admin", ROOT, ADMIN, Condition={"Bool": {"aws:x": "true"}})], [ASSUME], 0),
        ([role("admin", ROOT, ADMIN, Action="sts:TagSession")], [ASSUME], 0),
        (BY_NAME, [DENY], 0),
        ([role("admin", f"{ACCOUNT}role/admin", ADMIN)], [], 0),
    ],
)
def test_only_what_is_certain_is_found(
    roles: list[dict[str, Any]], statements: list[dict[str, Any]], count: int
) -> None:
    assert len(titles(roles, [user(*statements)])) == count


def test_one_that_an_administrator_names_is_a_suggestion() -> None:
    expected = ['User "ci" can assume role "admin", an administrator']
    by_trust = [role("admin", f"{ACCOUNT}user/ci", ADMIN)]
    assert titles(by_trust, [user()], Severity.SUGGESTION) == expected
    by_permission = [role("admin", ROOT, ADMIN)]
    assert titles(by_permission, [user(NAMED)], Severity.SUGGESTION) == expected
    assert titles(by_permission, [user()], Severity.SUGGESTION) == []


@pytest.mark.parametrize(("statement", "count"), [(S3, 0), (ASSUME, 1)])
def test_a_boundary_must_allow_it(statement: dict[str, Any], count: int) -> None:
    arn = f"{ACCOUNT}policy/b"
    version = {"Document": document(statement), "VersionId": "v1", "IsDefaultVersion": True}
    limited = user(PermissionsBoundary={"PermissionsBoundaryArn": arn})
    policies = [{"Arn": arn, "PolicyVersionList": [version]}]
    assert len(titles(BY_NAME, [limited], Policies=policies)) == count
