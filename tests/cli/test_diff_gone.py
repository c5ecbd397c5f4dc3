"""`diff --staged` where a file is gone: with what it restricted, or rewritten in another format."""

import json

import pytest
from support.staged_files import Files, code

pytestmark = pytest.mark.usefixtures("repository")

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
DENY = '{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*" }'
POLICY = f"""
resource "aws_s3_bucket_policy" "p" {{
  bucket = %s
  policy = jsonencode({{ Statement = [{DENY}] }})
}}
"""
BLOCK = """
resource "aws_s3_bucket_public_access_block" "p" {
  bucket            = %s
  block_public_acls = true
}
"""
OWN, OTHER = "aws_s3_bucket.b.id", '"other"'
CONTROL = f"""
resource "aws_organizations_policy" "p" {{
  name    = aws_s3_bucket.b.id
  content = jsonencode({{ Statement = [{DENY}] }})
}}
"""
TEMPLATE = """
Resources:
  B:
    Type: AWS::S3::Bucket
"""
DENYING = f"""{TEMPLATE}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: %s
      PolicyDocument:
        Statement:
          - {{Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*"}}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"m/m.tf": BUCKET + POLICY % OWN}, {}, 0, id="with its bucket"),
        pytest.param({"m/m.tf": BUCKET + BLOCK % OWN}, {}, 0, id="a block with its bucket"),
        pytest.param({"m/m.tf": BUCKET + POLICY % OTHER}, {}, 1, id="of a bucket elsewhere"),
        pytest.param({"m/m.tf": BUCKET + BLOCK % OTHER}, {}, 1, id="a block of one elsewhere"),
        pytest.param({"m/m.tf": BUCKET + CONTROL}, {}, 1, id="of an organization"),
        pytest.param(
            {"m/m.tf": BUCKET + POLICY % OWN}, {"n/n.tf": BUCKET}, 1, id="the bucket is moved"
        ),
        pytest.param(
            {"a/m.tf": BUCKET + POLICY % OWN, "n/n.tf": ""},
            {"n/n.tf": BUCKET},
            1,
            id="the bucket is moved to a module that was there",
        ),
        pytest.param(
            {"m/m.tf": BUCKET + POLICY % OWN, "n/n.tf": BUCKET},
            {"n/n.tf": f"# same\n{BUCKET}"},
            0,
            id="others stay",
        ),
        pytest.param({"t.yaml": DENYING % "!Ref B"}, {}, 0, id="a template"),
        pytest.param({"t.yaml": DENYING % "other"}, {}, 1, id="a template, of a bucket elsewhere"),
        pytest.param(
            {"t.yaml": DENYING % "!Ref B"}, {"u.yaml": TEMPLATE}, 1, id="to another template"
        ),
    ],
)
def test_what_it_restricted(old: Files, new: Files, expected: int) -> None:
    assert code(old, {**dict.fromkeys(old), **new}) == expected


ALLOW = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
IN_YAML = "Statement:\n  Effect: Allow\n  Action: %s\n  Resource: '*'\n"
ROLE = """{"Resources": {"P": {"Type": "AWS::IAM::RolePolicy", "Properties": {
  "RoleName": "r", "PolicyName": "p", "PolicyDocument": {"Statement": {
    "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}}}}"""
ROLE_IN_YAML = """
Resources:
  P:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: r
      PolicyName: p
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: %s
          Resource: "*"
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"p.json": ALLOW}, {"p.yaml": IN_YAML % "s3:GetObject"}, 0, id="to YAML"),
        pytest.param({"p.yml": IN_YAML % "s3:GetObject"}, {"p.json": ALLOW}, 0, id="to JSON"),
        pytest.param({"p.json": ALLOW}, {"p.yaml": IN_YAML % "s3:*"}, 1, id="with more access"),
        pytest.param({"p.json": ALLOW}, {"q.yaml": IN_YAML % "s3:GetObject"}, 1, id="another file"),
        pytest.param(
            {"p.json": ALLOW},
            {"p.yaml": IN_YAML % "s3:GetObject", "p.yml": IN_YAML % "s3:GetObject"},
            1,
            id="two new files",
        ),
        pytest.param({"t.json": ROLE}, {"t.yaml": ROLE_IN_YAML % "s3:GetObject"}, 0, id="template"),
        pytest.param(
            {"t.json": ROLE}, {"t.yaml": ROLE_IN_YAML % "s3:*"}, 1, id="template with more access"
        ),
    ],
)
def test_rewritten_in_another_format(old: Files, new: Files, expected: int) -> None:
    assert code(old, {**dict.fromkeys(old), **new}) == expected


FENCED = f"# A role\n\n```json\n{json.dumps(ALLOW)}\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a.md": FENCED}, {"a.md": "# A role\n"}, 0, id="from a page"),
        pytest.param(
            {"a.md": FENCED}, {"a.md": FENCED.replace("Object", "*")}, 1, id="wider on a page"
        ),
        pytest.param(
            {"a.md": FENCED}, {"a.md": FENCED.replace(",", "", 1)}, 1, id="not read on a page"
        ),
        pytest.param({"p.json": ALLOW}, {"p.json": {}}, 1, id="from a file"),
    ],
)
def test_the_only_policy(old: Files, new: Files, expected: int) -> None:
    assert code(old, new) == expected
