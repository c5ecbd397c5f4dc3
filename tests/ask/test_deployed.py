"""The identities of files, with the policies that apply to each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from multitool_lint.ask.deployed import Deployed, NotOneIdentityError
from multitool_lint.ask.identities import DeployedIdentity
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.policy.identities import IdentityKind

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
    return Deployed(map(str, paths), bundled())


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
    found = Deployed(MODULE, bundled())
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


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def planned(address: str, *unknown: str, **values: object) -> dict[str, object]:
    type_, _, name = address.partition(".")
    after = {"after": values, "after_unknown": dict.fromkeys(unknown, True)}
    facts = {"mode": "managed", "type": type_, "name": name}
    return {"address": address, **facts, "change": {"actions": ["create"], **after}}


READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SET_ARN = {"permission_set_arn": ["aws_ssoadmin_permission_set.s.arn"]}
PLANNED = [
    planned("aws_iam_role.r", "arn", name="app", permissions_boundary=READ_ONLY),
    planned("aws_iam_role_policy.known", name="x", role="app", policy=document("s3:GetObject")),
    planned("aws_iam_role_policy.later", "policy", name="y", role="app"),
    planned("aws_iam_role_policy.of_any", "role", name="z", policy=document("sns:Publish")),
    planned("aws_iam_role_policy.other", role="other", policy=document("sqs:SendMessage")),
    planned("aws_iam_policy.p", "arn", policy=document("dynamodb:GetItem")),
    planned("aws_iam_role_policy_attachment.p", "policy_arn", role="app"),
    planned("aws_iam_user.u", name="ada"),
    planned("aws_iam_user_group_membership.u", user="ada", groups=["elsewhere"]),
    planned("aws_ssoadmin_permission_set.s", "arn", name="Read"),
    planned(
        "aws_ssoadmin_permission_set_inline_policy.s",
        "permission_set_arn",
        inline_policy=document("ec2:StartInstances"),
    ),
    planned(
        "aws_ssoadmin_customer_managed_policy_attachment.s",
        "permission_set_arn",
        customer_managed_policy_reference=[{"name": "other", "path": "/"}],
    ),
    planned(
        "aws_ssoadmin_managed_policy_attachment.other",
        permission_set_arn="arn:aws:sso:::permissionSet/ssoins-1/ps-1",
        managed_policy_arn=READ_ONLY,
    ),
    planned("aws_ssoadmin_permissions_boundary_attachment.s", "permission_set_arn"),
]
REFERENCES: dict[str, dict[str, list[str]]] = {
    "aws_iam_role_policy.of_any": {"role": ["var.role"]},
    "aws_iam_role_policy_attachment.p": {"policy_arn": ["aws_iam_policy.p.arn"]},
    "aws_ssoadmin_permission_set_inline_policy.s": SET_ARN,
    "aws_ssoadmin_customer_managed_policy_attachment.s": SET_ARN,
    "aws_ssoadmin_permissions_boundary_attachment.s": SET_ARN,
}


def plan_of() -> str:
    configured = [
        {
            "address": address,
            "expressions": {name: {"references": names} for name, names in expressions.items()},
        }
        for address, expressions in REFERENCES.items()
    ]
    root = {"root_module": {"resources": configured}}
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": PLANNED}
    return json.dumps({**plan, "configuration": root}, indent=1)


def test_a_plan() -> None:
    found = deployed(plan__json=plan_of())
    assert [*allowed(found.named("app"))] == [("s3:GetObject", "dynamodb:GetItem", "?")]
    (case,) = found.named("app").policies().cases
    assert case.policies.boundary
    [later] = [place for policy in case.policies.identity for place in policy.unknown]
    assert later.reason == "a policy that is known after apply"
    other = found.named("arn:aws:sso:::permissionSet/ssoins-1/ps-1")
    assert other.kind is IdentityKind.PERMISSION_SET
    assert [*allowed(found.named("other"))] == [("sqs:SendMessage", "?")]
    assert [*allowed(found.named("aws_iam_role_policy.of_any"))] == [("sns:Publish",)]
    assert [*allowed(found.named("ada"))] == [("?",)]
    assert found.named("Read").kind is IdentityKind.PERMISSION_SET
    assert [*allowed(found.named("Read"))] == [("ec2:StartInstances", "?")]
    (case,) = found.named("Read").policies().cases
    assert [len(limit.unknown) for limit in case.policies.boundary] == [1]


def test_a_plan_next_to_its_module() -> None:
    module = 'resource "aws_iam_role" "r" { name = "app" }'
    assert deployed(main__tf=module, plan__json=plan_of()).named("app").path == "main.tf"
    assert deployed(plan__json=plan_of()).named("app").path == "plan.json"


def test_a_state() -> None:
    values = {
        "aws_iam_user": {"name": "ada", "arn": "arn:aws:iam::111122223333:user/ada"},
        "aws_iam_user_policy": {"user": "ada", "name": "x", "policy": document("s3:GetObject")},
    }
    resources = [
        {"mode": "managed", "type": t, "name": "x", "instances": [{"attributes": v}]}
        for t, v in values.items()
    ]
    state = json.dumps(
        {"version": 4, "terraform_version": "1.9.0", "serial": 1} | {"resources": resources}
    )
    found = deployed(terraform__tfstate=state)
    assert [*allowed(found.named("ada"))] == [("s3:GetObject",)]


def test_permission_sets_of_a_template() -> None:
    text = """Resources:
  Set:
    Type: AWS::SSO::PermissionSet
    Properties:
      Name: Start
      ManagedPolicies: [arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess]
      InlinePolicy: {Statement: {Effect: Allow, Action: "ec2:StartInstances", Resource: "*"}}
      CustomerManagedPolicyReferences: [{Name: other}]
      PermissionsBoundary: {CustomerManagedPolicyReference: {Name: limit}}
"""
    identity = deployed(t__yaml=text).named("Start")
    assert identity.kind is IdentityKind.PERMISSION_SET
    assert [*allowed(identity)] == [("sqs:GetQueueAttributes", "ec2:StartInstances", "?")]
    (case,) = identity.policies().cases
    assert [len(limit.unknown) for limit in case.policies.boundary] == [1]


def test_what_is_attached_to_has_the_kind_of_the_attachment() -> None:
    module = """
resource "aws_iam_user_policy" "u" {
  user   = module.user.name
  policy = jsonencode({ Statement = [] })
}
resource "aws_iam_policy_attachment" "m" {
  users      = [module.other.name]
  groups     = ["devs"]
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_user" "u" { name = "ada" }
resource "aws_iam_user_group_membership" "u" {
  user   = aws_iam_user.u.name
  groups = [var.group]
}
resource "aws_iam_role" "r" {
  for_each = var.names
  name     = each.key
}
resource "aws_iam_role_policy_attachment" "r" {
  for_each   = local.attached
  role       = aws_iam_role.r[each.value.role].name
  policy_arn = each.value.arn
}
"""
    found = deployed(main__tf=module)
    titles = [identity.title for identity in found.identities]
    assert 'user "${module.user.name}"' in titles
    assert 'user "${module.other.name}"' in titles
    assert 'group "devs"' in titles
    assert 'role "aws_iam_role.r"' in titles
    (case,) = found.named("ada").policies().cases
    [unknown] = [place for policy in case.policies.identity for place in policy.unknown]
    assert "those of the group ${var.group}" in unknown.reason


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


def test_a_cluster_of_eksctl() -> None:
    text = f"""apiVersion: eksctl.io/v1alpha5
iam:
  serviceAccounts:
    - metadata: {{name: reader}}
      attachPolicyARNs: [{READ_ONLY.replace("ReadOnly", "AmazonSQSReadOnly")}]
      wellKnownPolicies: {{autoScaler: true}}
"""
    identity = deployed(cluster__yaml=text).named("reader")
    assert [*allowed(identity)] == [("sqs:GetQueueAttributes", "?")]
