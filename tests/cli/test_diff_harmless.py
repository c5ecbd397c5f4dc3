"""Changes that `diff --staged` passes because they grant nothing, and others that grant."""

import pytest
from support.staged_files import Files, code

pytestmark = pytest.mark.usefixtures("repository")

PUBLIC = '"*"'
OF_SERVICE = '{ Service = "cloudfront.amazonaws.com" }'
SOURCE = 'StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.x.arn }'


def bucket(action: str, principal: str, condition: str = "") -> Files:
    """A bucket with a policy for its objects."""
    return {
        "m.tf": f"""
            variable "name" {{}}
            resource "aws_s3_bucket" "b" {{
              bucket = "x-${{var.name}}"
            }}
            resource "aws_s3_bucket_policy" "p" {{
              bucket = aws_s3_bucket.b.id
              policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
                Effect = "Allow", Action = "{action}", Principal = {principal},
                Resource = "arn:aws:s3:::${{aws_s3_bucket.b.id}}/*", Condition = {{ {condition} }}
              }}] }})
            }}
        """
    }


def service(role: str, action: str) -> Files:
    """A service of the Serverless Framework, with the settings of its role."""
    settings = role.replace("ACTION", action)
    return {"serverless.yml": f"service: x\nprovider:\n  name: aws\n{settings}"}


STATEMENTS = "[{Effect: Allow, Action: ACTION, Resource: '*'}]"
FLAT = f"  iamRoleStatements: {STATEMENTS}\n  iamManagedPolicies: [x]\n"
GROUPED = f"""\
  iam:
    role:
      statements: {STATEMENTS}
      managedPolicies: [x]
"""


def made_of_items(bucket: str, note: str, condition: str = "true") -> Files:
    """A policy that is there for some items, about an attribute of the first one."""
    return {
        "m.tf": f"""
            variable "names" {{}}
            locals {{
              items = flatten([for n in var.names : [
                {{ bucket = {bucket}, note = "{note}" }}
              ] if {condition}])
            }}
            resource "aws_iam_policy" "p" {{
              count  = length(local.items) > 0 ? 1 : 0
              policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
                Effect = "Allow", Action = "s3:GetObject",
                Resource = "arn:aws:s3:::${{lookup(local.items[0], "bucket", "x")}}/*"
              }}] }})
            }}
        """
    }


def merged(action: str, description: str) -> Files:
    """A policy that is a member of an object over one that is not known."""
    return {
        "m.tf": f"""
            variable "given" {{}}
            locals {{
              one = merge(var.given, {{ name = "x" }}, {{
                policy      = jsonencode({{ Version = "2012-10-17", Statement = [{{
                  Effect = "Allow", Action = "{action}", Resource = "*"
                }}] }})
                description = "{description}"
              }})
            }}
            resource "aws_iam_policy" "p" {{
              name   = local.one.name
              policy = lookup(local.one, "policy", null)
            }}
            resource "aws_iam_policy" "q" {{
              name   = lookup(local.one, "name")
              policy = local.one.policy
            }}
        """
    }


def of_a_key(user: str, action: str) -> Files:
    """A user with a policy that is one of several by a key, and a document that is so."""
    return {
        "m.tf": f"""
            variable "stages" {{}}
            data "aws_iam_policy_document" "d" {{
              for_each = toset(var.stages)
              statement {{
                actions   = ["{action}"]
                resources = ["arn:aws:s3:::${{each.key}}/*"]
              }}
            }}
            resource "aws_iam_policy" "p" {{
              for_each = toset(var.stages)
              policy   = data.aws_iam_policy_document.d[each.value].json
            }}
            {user}
        """
    }


KEYED = """
    resource "aws_iam_user_policy_attachment" "a" {
      for_each   = var.users
      user       = each.key
      policy_arn = aws_iam_policy.p[each.value.stage].arn
    }
"""
POLICY = """
    resource "aws_iam_policy" "NAME" {
      policy = jsonencode({ Version = "2012-10-17", Statement = [{
        Sid = "SID", Effect = "Allow", Action = ACTION, Resource = "*"
      }] })
    }
"""


def renamed(name: str, sid: str, action: str) -> Files:
    """A policy by its name, and the name of its statement."""
    text = POLICY.replace("NAME", name).replace("SID", sid).replace("ACTION", action)
    return {"m.tf": text}


def denied_to_root(*actions: str) -> Files:
    """A policy that denies actions on the root user."""
    statement = {"Effect": "Deny", "Action": actions, "Resource": "arn:aws:iam::*:root"}
    return {"scp.json": {"Version": "2012-10-17", "Statement": [statement]}}


def page(above: str, name: str) -> Files:
    """A page with a block of code that cannot be read."""
    policy = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })'
    code = f'module "m" {{\n  ...\n  {name} = {policy}\n}}'
    return {"page.md": f"# {above}\n\n```hcl\n{code}\n```\n"}


def broken(above: str, action: str) -> Files:
    """A page with a policy that lacks a comma."""
    policy = f'{{"Statement": [{{"Effect": "Allow" "Action": "{action}", "Resource": "*"}}]}}'
    return {"page.md": f"# {above}\n\n```json\n{policy}\n```\n"}


@pytest.mark.parametrize(
    ("files", "harmless", "harmful"),
    [
        (
            bucket("s3:GetObject", PUBLIC),
            bucket("s3:GetObject", OF_SERVICE, SOURCE),
            bucket("s3:PutObject", OF_SERVICE, SOURCE),
        ),
        (
            of_a_key(KEYED, "s3:GetObject"),
            of_a_key("", "s3:GetObject"),
            of_a_key(KEYED, "s3:PutObject"),
        ),
        (
            renamed("old", "A", '"s3:GetObject"'),
            renamed("new", "B", '["s3:GetObject"]'),
            renamed("new", "B", '["s3:GetObject", "s3:PutObject"]'),
        ),
        (page("old", "policy"), page("new", "policy"), page("old", "trust")),
        (broken("old", "s3:GetObject"), broken("new", "s3:GetObject"), broken("old", "s3:*")),
        (
            denied_to_root("iam:CreateAccessKey", "iam:CreateRole"),
            denied_to_root("iam:CreateAccessKey"),
            denied_to_root("iam:CreateRole"),
        ),
        (
            merged("s3:Get*", "old"),
            merged("s3:GetObject", "new"),
            merged("s3:PutObject", "old"),
        ),
        (
            made_of_items("n", "old"),
            made_of_items("n", "new"),
            made_of_items('"*"', "old"),
        ),
        (
            made_of_items("n", "old", "n != 1"),
            made_of_items("n", "new", "n != 1"),
            made_of_items("n", "old", "n != 2"),
        ),
        (
            service(FLAT, "s3:GetObject"),
            service(GROUPED, "s3:GetObject"),
            service(GROUPED, "s3:PutObject"),
        ),
        (
            service(FLAT, "s3:GetObject"),
            service(GROUPED, "s3:GetObject"),
            service(GROUPED.replace("[x]", "[y]"), "s3:GetObject"),
        ),
    ],
)
def test_harmless_changes(files: Files, harmless: Files, harmful: Files) -> None:
    assert code(files, harmless) == 0
    assert code(files, harmful) == 1


def with_default(default: str, count: str = "1") -> Files:
    """A policy whose actions are a variable with a default."""
    return {
        "m.tf": f"""
            variable "x" {{
              default = {default}
            }}
            resource "aws_iam_policy" "p" {{
              count  = {count}
              policy = jsonencode({{ Version = "2012-10-17", Statement = [
                {{ Effect = "Allow", Action = try(toset(var.x), "s3:GetObject"), Resource = "*" }}
              ] }})
            }}
        """
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (with_default('["s3:GetObject", "s3:PutObject"]'), with_default('["s3:GetObject"]'), 0),
        (with_default('["s3:GetObject"]'), with_default('["s3:GetObject", "s3:PutObject"]'), 1),
        (with_default("true", "var.x ? 1 : 0"), with_default("false", "var.x ? 1 : 0"), 0),
        (with_default("false", "var.x ? 1 : 0"), with_default("true", "var.x ? 1 : 0"), 1),
        (with_default("false", "var.x ? 0 : 1"), with_default("true", "var.x ? 0 : 1"), 0),
        (with_default("true", "var.x ? 1 : 0"), with_default("false", "var.x ? 1 : 1"), 1),
    ],
)
def test_a_default_counts_where_no_value_is_given(old: Files, new: Files, expected: int) -> None:
    assert code(old, new) == expected


DENY = 'Effect = "Deny", Action = "s3:*", Principal = "*", Resource = "*"'


def guarded(name: str, *guards: str) -> str:
    """A bucket with what restricts the access to it."""
    return f"""
        resource "aws_s3_bucket" "{name}" {{
          bucket = "x-{name}"
        }}
    """ + "".join(guards).replace("NAME", name)


BLOCK = """
    resource "aws_s3_bucket_public_access_block" "NAME" {
      bucket              = aws_s3_bucket.NAME.id
      block_public_policy = true
    }
"""
DENIAL = f"""
    resource "aws_s3_bucket_policy" "NAME" {{
      bucket = aws_s3_bucket.NAME.id
      policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ {DENY} }}] }})
    }}
"""


@pytest.mark.parametrize("guard", [BLOCK, DENIAL], ids=["block", "denial"])
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("ab", "a", 0), ("ab", "ab-", 1), ("b", "", 0), ("b", "c-", 1)],
    ids=["with-bucket", "alone", "last", "renamed"],
)
def test_what_guards_a_bucket_may_go_with_it(old: str, new: str, expected: int, guard: str) -> None:
    """`-` leaves the bucket before it without its guard."""
    texts = (
        "".join(
            guarded(name, *(() if names[at + 1 : at + 2] == "-" else (guard,)))
            for at, name in enumerate(names)
            if name != "-"
        )
        for names in (old, new)
    )
    files: list[Files] = [{"m.tf": f"# a\n{text}"} for text in texts]
    assert code(files[0], files[1]) == expected


def of_user(effect: str) -> Files:
    """A policy of a user that is made elsewhere."""
    return {
        "m.tf": f"""
            resource "aws_iam_user_policy" "p" {{
              user   = "bob"
              policy = jsonencode({{ Version = "2012-10-17", Statement = [
                {{ Effect = "{effect}", Action = "s3:GetObject", Resource = "*" }}
              ] }})
            }}
        """
    }


@pytest.mark.parametrize(("effect", "expected"), [("Allow", 0), ("Deny", 1)])
def test_a_denial_of_a_user_of_elsewhere_does_not_go(effect: str, expected: int) -> None:
    assert code(of_user(effect), {"m.tf": "locals {}"}) == expected


TEMPLATE = """\
  NAME:
    Type: AWS::S3::Bucket
  PolicyNAME:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref NAME
      PolicyDocument: {Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*'}]}
"""
ALONE = TEMPLATE.partition("  Policy")[0]
QUEUE = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"


@pytest.mark.parametrize(
    ("new", "expected"), [("", 0), (ALONE.replace("NAME", "B"), 1), (ALONE.replace("NAME", "C"), 1)]
)
def test_the_policy_of_a_bucket_of_a_template_may_go_with_it(new: str, expected: int) -> None:
    old = {"t.yaml": QUEUE + TEMPLATE.replace("NAME", "B")}
    assert code(old, {"t.yaml": QUEUE + new}) == expected
