"""What is found in permission sets of IAM Identity Center."""

import json

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source

TEMPLATE = """
Resources:
  S:
    Type: AWS::SSO::PermissionSet
    Properties:
      Name: Build
      ManagedPolicies: [arn:aws:iam::aws:policy/AmazonEC2FullAccess]
      {own}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: passes
      Path: /team/
      PolicyDocument:
        Statement: [{{Effect: Allow, Action: "iam:PassRole", Resource: "*"}}]
"""
NAMED = "CustomerManagedPolicyReferences: [{Name: passes, Path: /team/}]"
MODULE = """
resource "aws_ssoadmin_permission_set" "s" { name = "Build" }
resource "aws_ssoadmin_managed_policy_attachment" "ec2" {
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
}
resource "aws_iam_policy" "p" {
  name   = "passes"
  path   = "/team/"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "*" }]
  })
}
"""
PART = """
resource "aws_ssoadmin_%s" "%s" {
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  %s
}
"""
REFERENCE = "customer_managed_policy_reference {\n name = %s\n path = %s\n }"
BY_REFERENCE = PART % (
    "customer_managed_policy_attachment",
    "p",
    REFERENCE % ("aws_iam_policy.p.name", '"/team/"'),
)
BY_NAME = BY_REFERENCE.replace("aws_iam_policy.p.name", '"passes"')
LIMIT = PART % ("permissions_boundary_attachment", "b", "permissions_boundary {\n %s\n }")
READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def combined(name: str, text: str) -> list[str]:
    report = lint_with_settings(Source(name, text), FileSettings(rules()))
    assert not [finding for finding in report.findings if finding.rule == "internal-error"]
    return [f.title for f in report.findings if f.rule == "combined-escalation"]


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("t.yaml", TEMPLATE.format(own=NAMED), 1),
        ("t.yaml", TEMPLATE.format(own=NAMED.replace("/team/", "/")), 0),
        ("t.yaml", TEMPLATE.format(own=NAMED.replace("passes", "other")), 0),
        (
            "t.yaml",
            TEMPLATE.format(
                own=f"{NAMED}\n      PermissionsBoundary: {{ManagedPolicyArn: {READS}}}"
            ),
            0,
        ),
        (
            "t.yaml",
            TEMPLATE.format(
                own=f"{NAMED}\n      PermissionsBoundary: "
                "{CustomerManagedPolicyReference: {Name: other}}"
            ),
            0,
        ),
        ("main.tf", MODULE + BY_REFERENCE, 1),
        ("main.tf", MODULE + BY_NAME, 1),
        ("main.tf", MODULE + BY_NAME.replace("/team/", "/"), 0),
        ("main.tf", MODULE + BY_NAME + LIMIT % f'managed_policy_arn = "{READS}"', 0),
        ("main.tf", MODULE + BY_NAME + LIMIT % (REFERENCE % ('"other"', '"/"')), 0),
        (
            "main.tf",
            MODULE
            + BY_NAME
            + LIMIT % f'managed_policy_arn = "{READS.replace("ReadOnly", "Administrator")}"',
            1,
        ),
    ],
)
def test_all_policies_of_a_set_apply_within_its_boundary(name: str, text: str, count: int) -> None:
    titles = combined(name, text)
    assert len(titles) == count
    assert all("permission set" in title for title in titles)


SET_ARN = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
ACCOUNT = "111122223333"
ADMINISTRATOR = {
    "aws_iam_role.admin": {
        "name": "admin",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/admin",
        "assume_role_policy": json.dumps(
            {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "sts:AssumeRole",
                }
            }
        ),
    },
    "aws_iam_role_policy_attachment.admin": {
        "role": "admin",
        "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess",
    },
}


def state(action: str, account: str) -> str:
    """A set that may do something with an administrator of an account, and is assigned to one."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:iam::*:role/admin"}
    own = {
        "aws_ssoadmin_permission_set.s": {"name": "Ops", "arn": SET_ARN},
        "aws_ssoadmin_permission_set_inline_policy.s": {
            "permission_set_arn": SET_ARN,
            "inline_policy": json.dumps({"Statement": statement}),
        },
        "aws_ssoadmin_account_assignment.s": {
            "permission_set_arn": SET_ARN,
            "target_id": account,
        },
    }
    resources = [
        {"address": address, "mode": "managed", "type": address.split(".")[0], "values": values}
        for address, values in {**ADMINISTRATOR, **own}.items()
    ]
    values = {"root_module": {"resources": resources}}
    return json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": values})


@pytest.mark.parametrize(
    ("action", "account", "rule"),
    [
        ("sts:AssumeRole", ACCOUNT, "role-chain"),
        ("sts:AssumeRole", "444455556666", ""),
        ("iam:UpdateAssumeRolePolicy", ACCOUNT, "identity-takeover"),
        ("iam:UpdateAssumeRolePolicy", "444455556666", ""),
    ],
)
def test_a_set_becomes_a_role_of_the_accounts_that_it_is_assigned_to(
    action: str, account: str, rule: str
) -> None:
    found = lint_source(Source("state.json", state(action, account))).findings
    of_set = {finding.rule for finding in found if 'ermission set "Ops"' in finding.title}
    assert of_set == ({rule} if rule else set())


CHAIN = """
Resources:
  {own}
  Admin:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {{AWS: !Sub "arn:aws:iam::${{AWS::AccountId}}:root"}}
          Action: sts:AssumeRole
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
"""
ASSUMES = '{Statement: {Effect: Allow, Action: "sts:AssumeRole", Resource: !GetAtt Admin.Arn}}'
SET = f"S: {{Type: AWS::SSO::PermissionSet, Properties: {{InlinePolicy: {ASSUMES}}}}}"
ASSIGNED = """
  A:
    Type: AWS::SSO::Assignment
    Properties: {PermissionSetArn: !GetAtt S.PermissionSetArn, TargetId: %s}
"""
USER = f"Policies: [{{PolicyName: a, PolicyDocument: {ASSUMES}}}]"


@pytest.mark.parametrize(
    ("own", "count"),
    [
        (SET, 0),
        (SET + ASSIGNED % "!Ref AWS::AccountId", 1),
        (SET + ASSIGNED % "111122223333", 0),
        (f"U: {{Type: AWS::IAM::User, Properties: {{{USER}}}}}", 1),
        (f"U: {{Type: AWS::IAM::User, OrganizationBinding: !Ref B, Properties: {{{USER}}}}}", 0),
    ],
)
def test_who_is_in_an_account_of_a_template(own: str, count: int) -> None:
    found = lint_source(Source("t.yaml", CHAIN.format(own=own))).findings
    assert len([finding for finding in found if finding.rule == "role-chain"]) == count
