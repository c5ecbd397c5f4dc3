"""The identities of an account, with their policies."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

ACCOUNT = "arn:aws:iam::123456789012"


def document(action: str, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


PASS, RUN = document("iam:PassRole"), document("ec2:RunInstances")
OF_AWS = {"PolicyName": "E", "PolicyArn": "arn:aws:iam::aws:policy/AmazonEC2FullAccess"}
OWN = {"PolicyName": "own", "PolicyArn": f"{ACCOUNT}:policy/own"}


def managed(default: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    versions = [
        {"VersionId": version, "IsDefaultVersion": version == "v2", "Document": text}
        for version, text in (("v1", other), ("v2", default))
    ]
    return {"PolicyName": "own", "Arn": OWN["PolicyArn"], "PolicyVersionList": versions}


def identity(
    kind: str, name: str, inline: object, attached: Sequence[object] = (), **more: object
) -> dict[str, object]:
    return {
        f"{kind}Name": name,
        "Arn": f"{ACCOUNT}:{kind.lower()}/{name}",
        f"{kind}PolicyList": [{"PolicyName": "inline", "PolicyDocument": inline}],
        "AttachedManagedPolicies": list(attached),
        **more,
    }


def found(account: dict[str, Any]) -> tuple[str, list[Finding]]:
    text = json.dumps(account, indent=2)
    report = lint_source(Source("account.json", text))
    return text, [f for f in report.findings if f.rule == "combined-escalation"]


@pytest.mark.parametrize("inline", [PASS, quote(json.dumps(PASS))])
@pytest.mark.parametrize("attached", [OF_AWS, OWN])
def test_policies_of_a_role_are_combined(inline: object, attached: object) -> None:
    text, (finding,) = found(
        {
            "RoleDetailList": [identity("Role", "r", inline, [attached])],
            "Policies": [managed(RUN, PASS)],
        }
    )
    assert 'role "r"' in finding.title
    assert "PassRole" in text[slice(*finding.span)]
    (other,) = finding.related
    place = text[slice(*other.span)]
    assert place in ('"ec2:RunInstances"', '"arn:aws:iam::aws:policy/AmazonEC2FullAccess"')


def test_only_the_default_version_applies() -> None:
    role = identity("Role", "r", PASS, [OWN])
    assert not found({"RoleDetailList": [role], "Policies": [managed(PASS, RUN)]})[1]


def test_a_boundary_of_the_account_takes_paths_away() -> None:
    limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": OWN["PolicyArn"]}}
    role = identity("Role", "r", PASS, [OF_AWS], **limit)
    assert not found({"RoleDetailList": [role], "Policies": [managed(RUN, PASS)]})[1]
    assert found({"RoleDetailList": [role], "Policies": [managed(document("*"), RUN)]})[1]


def test_a_user_has_the_policies_of_its_groups() -> None:
    user = identity("User", "u", RUN, GroupList=["g"])
    account = {"UserDetailList": [user], "GroupDetailList": [identity("Group", "g", PASS)]}
    _, (finding,) = found(account)
    assert 'user "u"' in finding.title


@pytest.mark.parametrize("role", ["x", 1, None, [], {}, {"RolePolicyList": {}}, {"Arn": []}])
def test_what_is_not_an_identity_is_left_out(role: object) -> None:
    account = {"RoleDetailList": [role, identity("Role", "r", PASS, [OF_AWS])], "Policies": [role]}
    assert len(found(account)[1]) == 1
