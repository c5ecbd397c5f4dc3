"""`diff` compares the policies of a role or resource together, and what they are attached to."""

import json

import pytest
from support.compared_files import ALLOW, GOOD, READ, code, encoded, resource, template

Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("folder")
INLINE = """Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
"""


def inline(*statements: str) -> str:
    return INLINE + "".join(
        f"""        - PolicyName: p{number}
          PolicyDocument: {{Version: "2012-10-17", Statement: [{statement}]}}
"""
        for number, statement in enumerate(statements)
    )


def test_inline_policies_of_a_role_are_one(capsys: Output) -> None:
    one, two = ALLOW, "{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}"
    assert code("template.yaml", inline(one, two), inline(two, one)) == 0
    assert code("template.yaml", inline(one, two), inline(two)) == 0
    assert code("template.yaml", inline(one), inline(two, one)) == 1
    deny = "{Effect: Deny, Action: '*', Resource: '*'}"
    assert code("template.yaml", inline(two, deny), inline(one, deny)) == 0
    capsys.readouterr()
    assert code("template.yaml", inline(two), inline(two, deny)) == 0
    assert "(denied now)" in capsys.readouterr().out
    assert code("template.yaml", inline(two, deny), inline(two)) == 1


def test_a_deny_in_another_policy_hides_nothing(capsys: Output) -> None:
    deny = resource(encoded('{Effect = "Deny", Action = "*", Resource = "*"}'), "deny")
    wide = resource(encoded('{Effect = "Allow", Action = "*", Resource = "*"}'))
    assert code("main.tf", GOOD, wide + deny) == 1
    assert code("main.tf", GOOD + deny, GOOD) == 1
    assert "(no longer denied)" in capsys.readouterr().out
    assert code("main.tf", GOOD, GOOD + resource(encoded(READ), "new")) == 1
    assert code("main.tf", GOOD, resource(encoded(READ), "renamed")) == 0


def test_a_role_that_is_removed_takes_its_denials_along() -> None:
    statement = '{Effect = "Deny", Action = "*", Principal = "*"}'
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {encoded(statement)}\n}}\n'
    assert code("main.tf", GOOD + role, GOOD) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ManagedPolicyArns: [arn:aws:iam::111122223333:policy/NotHere]", ""),
        ("", "ManagedPolicyArns: [arn:aws-cn:iam::aws:policy/AdministratorAccess]"),
        ("PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess", ""),
        ("ManagedPolicyArns: [!Ref A]", "ManagedPolicyArns: [!Ref B]"),
    ],
)
def test_attachments_that_change(old: str, new: str, capsys: Output) -> None:
    before, after = (template(ALLOW, properties=text) for text in (old, new))
    assert code("template.yaml", before, before) == 0
    assert "access unchanged" in capsys.readouterr().out
    assert code("template.yaml", before, after) == 1
    assert "could not be compared" in capsys.readouterr().out


def test_a_reason_without_a_place_follows_at_once(capsys: Output) -> None:
    role = 'resource "aws_iam_role" "r" {{\n  assume_role_policy = {}\n}}\n'
    statement = '{{Effect = "Allow", Action = "sts:AssumeRole", Principal = {{{}}}}}'
    before = role.format(encoded(statement.format('Service = "ec2.amazonaws.com"')))
    after = role.format(encoded(statement.format("")))
    assert code("main.tf", before, after) == 1
    out = capsys.readouterr().out
    assert "could not be compared: " in out
    assert ": :" not in out


ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "!Sub 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess'"


@pytest.mark.parametrize(
    "resource",
    [
        {},
        {"PolicyName": "x", "Arn": "y", "DefaultVersionId": "v1"},  # as in the dump of an account
    ],
)
@pytest.mark.parametrize("name", ["R", "Resource", "Condition", "Statement"])
def test_no_spelling_hides_an_attached_policy(
    name: str, resource: dict[str, str], capsys: Output
) -> None:
    def text(*arns: str) -> str:
        properties = {**resource, "ManagedPolicyArns": [*arns]}
        role = {"Type": "AWS::IAM::Role", "Properties": properties}
        document = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
        return json.dumps({"Resources": {name: role}, "Role": document})

    hidden = text(ADMIN).replace("policy/", "p\\u006flicy/")
    assert code("template.json", text(), hidden) == 1
    assert "new permissions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (READ_ONLY, ADMIN, "iam:AddUserToGroup"),
        (ADMIN, READ_ONLY, "permissions removed"),
        ("", ADMIN, "new permissions"),
        (READ_ONLY, "arn:aws:iam::aws:policy/ReadOnlyAccess", "access unchanged"),
        (ADMIN, f"{READ_ONLY}, {ADMIN}", "access unchanged"),
        (ADMIN, f"{ADMIN}, arn:aws:iam::aws:policy/NotInTheCatalog", "which is not read"),
    ],
)
def test_managed_policies_of_aws_are_compared_by_what_they_say(
    old: str, new: str, expected: str, capsys: Output
) -> None:
    before, after = (
        template(ALLOW, properties=f"ManagedPolicyArns: [{arns}]") for arns in (old, new)
    )
    adds = expected not in ("access unchanged", "permissions removed")
    assert code("template.yaml", before, after) == adds
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('role = "a"\n policy_arn = "b"', 'role = "a"\n policy_arn = "c"'),
        ('role = "a"\n policy_arn = "b"', None),
        (None, 'role = "a"\n policy_arn = "b"'),
    ],
)
def test_attachments_of_terraform(old: str | None, new: str | None) -> None:
    def attached(body: str | None) -> str:
        head = 'resource "aws_iam_role_policy_attachment" "x"'
        return GOOD if body is None else f"{GOOD}{head} {{\n {body}\n}}\n"

    assert code("main.tf", attached(old), attached(old)) == 0
    assert code("main.tf", attached(old), attached(new)) == 1
    only = attached(new).removeprefix(GOOD)
    assert code("main.tf", only, only) == (2 if not only else 0)


def test_what_a_policy_is_attached_to() -> None:
    old = resource(
        encoded(READ), type_="aws_iam_role_policy", more="  role = aws_iam_role.small.id"
    )
    assert code("main.tf", old, old) == 0
    assert code("main.tf", old, old.replace("small", "large")) == 1
    assert code("main.tf", GOOD + old, GOOD) == 0


SET = """resource "aws_ssoadmin_permission_set" "s" { name = "S" }
resource "aws_ssoadmin_permission_set_inline_policy" "%s" {
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  inline_policy      = jsonencode({ Statement = [%s] })
}
"""
OF_SET = """resource "aws_ssoadmin_%s" "%s" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-1"
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  %s
}
"""
ARN = 'managed_policy_arn = "arn:aws:iam::aws:policy/%sAccess"'
ATTACHED = OF_SET % ("managed_policy_attachment", "%s", ARN)
LIMIT = OF_SET % (
    "permissions_boundary_attachment",
    "%s",
    f"permissions_boundary {{\n    {ARN}\n  }}",
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (SET % ("a", READ), SET % ("b", READ), 0),
        (SET % ("a", READ), SET % ("a", '{Effect = "Allow", Action = "*", Resource = "*"}'), 1),
        (ATTACHED % ("a", "Administrator"), ATTACHED % ("b", "ReadOnly"), 0),
        (ATTACHED % ("a", "ReadOnly"), ATTACHED % ("a", "Administrator"), 1),
        ("", LIMIT % ("a", "ReadOnly"), 0),
        (LIMIT % ("a", "ReadOnly"), "", 1),
    ],
)
def test_the_policies_of_a_permission_set_are_one(old: str, new: str, expected: int) -> None:
    own = "" if "permission_set_inline" in old else SET % ("own", READ)
    assert code("main.tf", own + old, own + new) == expected


def test_a_list_of_policies_without_a_resource_has_no_owner() -> None:
    def policies(*actions: str) -> str:
        statements = ({"Effect": "Allow", "Action": action, "Resource": "*"} for action in actions)
        documents = [{"Version": "2012-10-17", "Statement": [one]} for one in statements]
        return json.dumps({"roles": {"Policies": documents}})

    assert code("a.json", policies("iam:*", "sqs:*"), policies("sqs:*", "iam:*")) == 1
    assert code("a.json", policies("iam:*", "sqs:*"), policies("iam:*")) == 0
