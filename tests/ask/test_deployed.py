"""The identities of files, with the policies that apply to each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from multitool_lint.ask.deployed import Deployed, NotOneIdentityError
from multitool_lint.ask.identities import DeployedIdentity
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.reporters.reasons import in_words

TEMPLATE = """Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess, !Ref Extra]
      Policies:
        - PolicyName: x
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: !If [Prod, "s3:GetObject", "s3:*"], Resource: "*"}
        - {PolicyName: y, PolicyDocument: !Ref Document}
  User:
    Type: AWS::IAM::User
    Properties: {Groups: [!Ref Group, elsewhere]}
  Added:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {GroupName: !Ref Other, Users: [!Ref User]}
  Group:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: g
          PolicyDocument: {Statement: {Effect: Allow, Action: "ec2:*", Resource: "*"}}
  Other:
    Type: AWS::IAM::Group
    Properties: {ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess]}
"""
MODULE = {
    "main.tf": """
resource "aws_s3_bucket" "data" { bucket = "data" }
module "r" {
  source = "./role"
  bucket = aws_s3_bucket.data.arn
}
resource "aws_iam_user" "ada" { name = "ada" }
resource "aws_iam_group" "devs" { name = "devs" }
resource "aws_iam_user_group_membership" "m" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.devs.name, "elsewhere"]
}
resource "aws_iam_group_policy" "p" {
  group  = aws_iam_group.devs.name
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/*"]
  }
}
resource "aws_iam_role_policy_attachment" "a" {
  count      = var.x ? 1 : 0
  role       = "elsewhere"
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
}
resource "aws_ssoadmin_permission_set" "s" { name = "Read" }
resource "aws_ssoadmin_managed_policy_attachment" "s" {
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
""",
    "role/main.tf": """
resource "aws_iam_role" "this" {
  name                 = "worker"
  assume_role_policy   = jsonencode({ Statement = [] })
  permissions_boundary = var.boundary
  inline_policy {
    name   = "x"
    policy = jsonencode({ Statement = [
      { Effect = "Allow", Action = "s3:PutObject", Resource = "${var.bucket}/*" },
    ] })
  }
}
""",
}
SERVICE = """service: app
provider:
  name: aws
  iam:
    role:
      statements: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]
      managedPolicies: [arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess, other]
functions:
  f:
    iamRoleStatementsInherit: true
    iamRoleStatements: [{Effect: Allow, Action: "s3:*", Resource: "*"}]
resources:
  Resources:
    R: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Statement: []}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def deployed(**files: str) -> Deployed:
    paths = [Path(name.replace("__", ".")) for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return Deployed(map(str, paths), bundled(), in_words)


def allowed(identity: DeployedIdentity) -> Iterator[tuple[str, ...]]:
    """In each case, the actions of the policies, `?` for one that is not known."""
    for case in identity.policies().cases:
        found = [m for s in case.policies.identity for m in s.policies]
        names = (name for m in found for s in m.policy.statements for name in s.action_names[:1])
        unknown = ("?" for s in case.policies.identity for _ in s.unknown)
        yield (*names, *unknown)


def test_a_template() -> None:
    found = deployed(t__yaml=TEMPLATE)
    assert [identity.title for identity in found.identities] == [
        'role "app"',
        'user "User"',
        'group "Group"',
        'group "Other"',
    ]
    sqs = "sqs:GetQueueAttributes"
    assert [*allowed(found.named("app"))] == [
        ("s3:GetObject", sqs, "?", "?"),
        ("s3:*", sqs, "?", "?"),
    ]
    assert [*allowed(found.named("User"))] == [("ec2:*", sqs, "?")]
    assert found.named("Role").policies().trust
    assert found.named("arn:aws:iam::111122223333:role/x/app").address == "Role"


def test_a_module() -> None:
    Path("role").mkdir()
    for name, text in MODULE.items():
        Path(name).write_text(text, encoding="utf-8")
    found = Deployed(MODULE, bundled(), in_words)
    sqs = "sqs:GetQueueAttributes"
    (case,) = found.named("worker").policies().cases
    assert found.named("worker").address == "module.r.aws_iam_role.this"
    (policies,) = case.policies.identity
    (member,) = policies.policies
    (statement,) = member.policy.statements
    assert [node.value for node in statement.resources] == ["arn:aws:s3:::data/*"]
    assert member.place(statement.node.span) == "role/main.tf:9:18"
    assert [len(limit.unknown) for limit in case.policies.boundary] == [1]
    assert [*allowed(found.named("ada"))] == [("s3:GetObject", "?")]
    assert [*allowed(found.named("elsewhere"))] == [(sqs, "?"), ("?",)]
    ((first, *_),) = allowed(found.named("Read"))
    assert first != "?"


def test_a_service() -> None:
    found = deployed(serverless__yml=SERVICE)
    assert [identity.address for identity in found.identities] == [
        "R",
        "provider/iam/role",
        "functions/f",
    ]
    own = ("sqs:*", "sqs:GetQueueAttributes", "?")
    assert [*allowed(found.named("provider/iam/role"))] == [own]
    assert [*allowed(found.named("f"))] == [("s3:*", *own)]


def test_an_account() -> None:
    arn = "arn:aws:iam::111122223333:{}"
    document = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    name = arn.format("role/x/app")
    role = {
        "Arn": name,
        "RoleName": "app",
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document}],
        "AssumeRolePolicyDocument": {"Statement": []},
    }
    user = {"Arn": arn.format("user/ada"), "UserName": "ada", "GroupList": ["devs"]}
    text = json.dumps({"RoleDetailList": [role], "UserDetailList": [user], "Policies": []})
    found = deployed(a__json=text)
    assert [*allowed(found.named("app"))] == [("s3:*",)]
    assert [*allowed(found.named("ada"))] == [("?",)]
    assert found.named(name).policies().place == "a.json:1:21"


def test_names_that_do_not_mean_one_identity() -> None:
    found = deployed(t__yaml=TEMPLATE, u__yaml=TEMPLATE)
    for name, is_known, count in (("app", True, 2), ("ap", False, 8)):
        with pytest.raises(NotOneIdentityError) as error:
            found.named(name)
        assert (error.value.is_known, len(error.value.candidates)) == (is_known, count)
