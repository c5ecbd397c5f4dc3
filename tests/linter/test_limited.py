"""What a Deny or the boundary of all identities takes away from a policy is not reported."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.modules import write

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source

ADMIN, DENY = ({"Effect": effect, "Action": "*", "Resource": "*"} for effect in ("Allow", "Deny"))
S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
ESCALATING = {"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": "*"}
OF_AWS = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
RULES = {"full-admin-access", "attached-admin-access", "privilege-escalation"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(**policies: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"PolicyName": name, "PolicyDocument": document(statement)}
        for name, statement in policies.items()
    ]


def role(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - of a template
    trust = {"AssumeRolePolicyDocument": document(TRUST)}
    return {"Type": "AWS::IAM::Role", "Properties": {**trust, **properties}}


def managed(statement: dict[str, Any], **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - same
    given = {"PolicyDocument": document(statement), **properties}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": given}


def rules(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings} & RULES


def linted(resources: dict[str, Any], **sections: Any) -> tuple[set[str], set[str]]:  # noqa: ANN401 - same
    """The rules of the findings, and of the notes."""
    text = json.dumps({"Resources": resources, **sections})
    report = lint_source(Source("template.json", text))
    return rules(report.findings), rules(report.notes)


SOME: set[str] = set()
TO_R, TO_BOTH = ([{"Ref": name} for name in names] for names in ("R", "RQ"))


@pytest.mark.parametrize(
    ("resources", "gone"),
    [
        ({"R": role(Policies=inline(a=ADMIN, b=DENY))}, {"full-admin-access"}),
        ({"R": role(Policies=inline(a=ADMIN, b=S3))}, SOME),
        (
            {"R": role(Policies=inline(b=DENY), ManagedPolicyArns=[OF_AWS])},
            {"attached-admin-access"},
        ),
        (
            {
                "R": role(Policies=inline(a=ESCALATING), PermissionsBoundary={"Ref": "B"}),
                "B": managed(S3),
            },
            {"privilege-escalation"},
        ),
        (
            {
                "R": role(Policies=inline(a=ESCALATING), PermissionsBoundary={"Ref": "B"}),
                "B": managed({**S3, "Action": ["s3:*", "iam:Create*"]}),
            },
            SOME,
        ),
        ({"R": role(Policies=inline(a=ESCALATING), PermissionsBoundary={"Ref": "P"})}, SOME),
        (
            {"R": role(Policies=inline(b=DENY)), "P": managed(ESCALATING, Roles=TO_R)},
            {"privilege-escalation"},
        ),
        # The other role has nothing that limits it.
        (
            {
                "R": role(Policies=inline(b=DENY)),
                "Q": role(),
                "P": managed(ESCALATING, Roles=TO_BOTH),
            },
            SOME,
        ),
        ({"R": role(Policies=inline(b=DENY)), "P": managed(ESCALATING)}, SOME),
    ],
)
def test_what_is_taken_away_from_all_identities_is_a_note(
    resources: dict[str, Any], gone: set[str]
) -> None:
    found, noted = linted(resources)
    assert noted == gone
    assert bool(found) is not bool(gone)


def test_a_policy_that_an_output_has_may_apply_to_others() -> None:
    resources = {"R": role(Policies=inline(b=DENY)), "P": managed(ESCALATING, Roles=TO_R)}
    assert linted(resources, Outputs={"Arn": {"Value": {"Ref": "P"}}})[0]


def test_a_deny_under_a_condition_takes_nothing_away() -> None:
    denied = {**DENY, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
    assert linted({"R": role(Policies=inline(a=ADMIN, b=denied))}) == ({"full-admin-access"}, SOME)


def test_a_control_policy_of_the_same_template_takes_nothing_away() -> None:
    scp = {"Name": "none", "Type": "SERVICE_CONTROL_POLICY", "Content": document(DENY)}
    attached = {"Type": "AWS::Organizations::Policy", "Properties": {**scp, "TargetIds": ["r-ab"]}}
    assert linted({"R": role(Policies=inline(a=ADMIN)), "S": attached}) == (
        {"full-admin-access"},
        SOME,
    )


def test_in_the_cases_of_a_template_all_must_be_limited() -> None:
    chosen = {"Fn::If": ["C", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]}
    resources = {
        "R": role(Policies=inline(a=ESCALATING), PermissionsBoundary=chosen),
        "B": managed(S3),
    }
    conditions = {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    assert linted(resources, Conditions=conditions) == ({"privilege-escalation"}, SOME)


TERRAFORM = """resource "aws_iam_role" "%s" {
  name               = "%s"
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy" "%s" {
  role   = aws_iam_role.%s.name
  policy = data.aws_iam_policy_document.all.json
}
"""
DOCUMENT = """data "aws_iam_policy_document" "all" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
"""
DENIED = """resource "aws_iam_role_policy" "deny_%s" {
  name   = "deny"
  role   = aws_iam_role.%s.name
  policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })
}
"""


@pytest.mark.parametrize(("denied", "count"), [("r", 1), ("rs", 0), ("", 1)])
def test_a_document_of_several_roles_in_several_files(
    tmp_path: Path, denied: str, count: int
) -> None:
    files = {
        "roles.tf": "".join(TERRAFORM % (name, name, name, name) for name in "rs"),
        "documents.tf": DOCUMENT,
        "denials.tf": "".join(DENIED % (name, name) for name in denied),
    }
    report = lint_source(reading.read(str(write(tmp_path, files) / "documents.tf")))
    assert len([f for f in report.findings if f.rule == "full-admin-access"]) == count
    assert [note.title.partition(" of ")[0] for note in report.notes] == [
        'Not reported, since "deny"'
    ] * (1 - count)


def test_an_account() -> None:
    boundary = {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/b"}
    found = {
        "RoleName": "r",
        "Arn": "arn:aws:iam::123456789012:role/r",
        "RolePolicyList": inline(a=ESCALATING),
        "PermissionsBoundary": boundary,
    }
    version = {"Document": document(S3), "VersionId": "v1", "IsDefaultVersion": True}
    policy = {"Arn": boundary["PermissionsBoundaryArn"], "PolicyVersionList": [version]}
    text = json.dumps({"RoleDetailList": [found], "Policies": [policy]})
    report = lint_source(Source("account.json", text))
    assert (rules(report.findings), rules(report.notes)) == (SOME, {"privilege-escalation"})


OWN, OF_USERS = {"privilege-escalation"}, {"target-dependent-escalation"}
GROUPS = {"Effect": "Allow", "Action": "iam:AttachGroupPolicy", "Resource": "*"}
R, G, U = role(), {"Type": "AWS::IAM::Group"}, {"Type": "AWS::IAM::User"}
TO_G = [{"Ref": "G"}]


@pytest.mark.parametrize(
    ("resources", "sections", "expected"),
    [
        ({"P": managed(GROUPS, Roles=TO_R), "R": R}, {}, OF_USERS),
        ({"P": managed(GROUPS), "R": role(ManagedPolicyArns=[{"Ref": "P"}])}, {}, OF_USERS),
        ({"R": role(Policies=inline(p=GROUPS))}, {}, OF_USERS),
        ({"P": managed(GROUPS, Roles=TO_R, Groups=TO_G), "R": R, "G": G}, {}, OWN),
        ({"P": managed(GROUPS, Roles=TO_R, Users=[{"Ref": "U"}]), "R": R, "U": U}, {}, OWN),
        (
            {"P": managed(GROUPS, Roles=TO_R), "R": R},
            {"Outputs": {"O": {"Value": {"Ref": "P"}}}},
            OWN,
        ),
        ({"P": managed(GROUPS), "R": R}, {}, OWN),
        ({"P": {**managed(GROUPS, Roles=TO_R), "Type": "AWS::IAM::Policy"}, "R": R}, {}, OF_USERS),
        (
            {"P": {**managed(GROUPS, Groups=TO_G), "Type": "AWS::IAM::Policy"}, "G": G},
            {},
            OWN,
        ),
    ],
)
def test_a_role_does_not_extend_its_permissions_as_a_user_does(
    resources: dict[str, Any], sections: dict[str, Any], expected: set[str]
) -> None:
    text = json.dumps({"Resources": resources, **sections})
    found = {finding.rule for finding in lint_source(Source("template.json", text)).findings}
    assert found & (OWN | OF_USERS) == expected


TO_ROLE = """
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
"""
TO_USER_TOO = """
resource "aws_iam_policy_attachment" "a" {
  name       = "a"
  policy_arn = aws_iam_policy.p.arn
  roles      = [aws_iam_role.r.name]
  users      = [aws_iam_user.u.name]
}
"""
MODULE = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["iam:AttachGroupPolicy"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.d.json
}
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_role" "r" {
  assume_role_policy = "{}"
}
"""


@pytest.mark.parametrize(
    ("attachment", "expected"), [(TO_ROLE, OF_USERS), (TO_USER_TOO, OWN), ("", OWN)]
)
def test_who_has_a_document_of_terraform(
    attachment: str, expected: set[str], tmp_path: Path
) -> None:
    write(tmp_path, {"main.tf": MODULE, "attachments.tf": attachment})
    found = {f.rule for f in lint_source(reading.read(str(tmp_path / "main.tf"))).findings}
    assert found & (OWN | OF_USERS) == expected
