"""What is renamed with all that names it has the access that it had."""

import json

import pytest
from support.modules import has_new_access

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.syntax.tree_of_files import TreeOfTexts

ROLE = """
resource "aws_iam_role" "{label}" {{
  name               = "{label}-role"
  assume_role_policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole",
    Principal = {{ Service = "{service}.amazonaws.com" }} }}] }})
}}
resource "aws_iam_role_policy" "{label}" {{
  role   = aws_iam_role.{label}.id
  policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "*" }}]
  }})
}}
"""
STATEMENT = '{ Statement = [{ Effect = "Allow", Action = "%s", Resource = %s%s }] }'
PASSES = STATEMENT % ("iam:PassRole", "aws_iam_role.LABEL.arn", "")
BY_ROLE = STATEMENT % ("s3:*", '"*"', ", Principal = { AWS = aws_iam_role.LABEL.arn }")
NAMING = {
    "a profile": 'resource "aws_iam_instance_profile" "LABEL" {\n'
    " role = aws_iam_role.LABEL.name\n}\n",
    "a profile that stays": 'resource "aws_iam_instance_profile" "p" {\n'
    " role = aws_iam_role.LABEL.name\n}\n",
    "an association": 'resource "aws_eks_pod_identity_association" "LABEL" {\n'
    " role_arn = aws_iam_role.LABEL.arn\n}\n",
    "an alias": 'resource "aws_iot_role_alias" "LABEL" {\n role_arn = aws_iam_role.LABEL.arn\n}\n',
    "who may pass it": 'resource "aws_iam_role_policy" "x" {\n role = "x"\n'
    f" policy = jsonencode({PASSES})\n}}\n",
    "what it may use": 'resource "aws_s3_bucket_policy" "b" {\n bucket = "b"\n'
    f" policy = jsonencode({BY_ROLE})\n}}\n",
}


def module(
    naming: str, label: str, action: str = "s3:Get*", service: str = "ec2", more: str = ""
) -> dict[str, str]:
    role = ROLE.format(label=label, action=action, service=service)
    return {"main.tf": role + NAMING[naming].replace("LABEL", label) + more}


@pytest.mark.parametrize("naming", NAMING)
def test_what_names_a_role(naming: str) -> None:
    old = module(naming, "old")
    assert not has_new_access(old, module(naming, "new"))
    assert has_new_access(old, module(naming, "new", action="s3:*"))
    assert has_new_access(old, module(naming, "new", service="lambda"))
    stays = ROLE.format(label="old", action="s3:Get*", service="ec2")
    assert has_new_access(old, module(naming, "new", more=stays))


def test_what_names_a_role_that_is_written_in_another_way() -> None:
    old, new = (module("a profile", label) for label in ("old", "new"))
    old["main.tf"] = old["main.tf"].replace('Action = "', 'Sid = "", Action = "', 1)
    new["main.tf"] = new["main.tf"].replace('"sts:AssumeRole"', '["sts:AssumeRole"]')
    assert not has_new_access(old, new)
    assert has_new_access(new, {**old, "main.tf": old["main.tf"].replace("s3:Get*", "s3:*")})


@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        ({"o": "Get*", "p": "Get*"}, {"a": "Get*", "b": "Get*"}, False),
        ({"o": "Get*"}, {"a": "Get*", "b": "Get*"}, True),
        ({"o": "Get*", "p": "List*"}, {"a": "Get*", "b": "Get*"}, True),
        ({"o": "Get*", "p": "List*"}, {"a": "List*", "b": "Get*"}, False),
    ],
)
def test_what_has_gone_is_one_other(
    old: dict[str, str], new: dict[str, str], *, stops: bool
) -> None:
    sides = [
        {"main.tf": "".join(ROLE.format(label=k, action=f"s3:{v}", service="ec2") for k, v in side)}
        for side in (old.items(), new.items())
    ]
    assert has_new_access(*sides) is stops


USERS = """
resource "aws_iam_user" "u" {{
  for_each = toset({0})
  name     = each.key
}}
resource "aws_iam_user_policy" "u" {{
  for_each = toset({0})
  user     = aws_iam_user.u[each.key].name
  policy   = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = "*" }}] }})
}}
"""
KEYS = """
resource "aws_kms_key" "k" {{
  for_each = toset({0})
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "kms:*", Resource = "*",
    Principal = {{ AWS = "arn:aws:iam::123456789012:root" }} }}] }})
}}
"""


@pytest.mark.parametrize("block", [USERS, KEYS])
@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        ('["a"]', '["a", "b"]', True),
        ('["a"]', '["b", "c"]', True),
        ('["a", "b"]', '["b"]', False),
        ('["a", "b"]', '["c", "b"]', False),
        ('["a", "b"]', '["b", "a"]', False),
    ],
)
def test_one_more_instance(block: str, old: str, new: str, *, stops: bool) -> None:
    assert has_new_access({"main.tf": block.format(old)}, {"main.tf": block.format(new)}) is stops


USER = 'resource "aws_iam_user" "{0}" {{\n name = "{0}"\n}}\n'
KEY = 'resource "aws_iam_access_key" "k" {{\n user = aws_iam_user.{0}.name\n}}\n'


def test_a_user_whose_policies_are_not_here_is_another_one() -> None:
    old, new = ({"main.tf": (USER + KEY).format(name)} for name in ("a", "b"))
    assert has_new_access(old, new)


DOCUMENT = """
data "aws_iam_policy_document" "{}" {{
  statement {{
    actions = ["{}"]
    principals {{
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }}
  }}
}}
"""
TRUSTING = """
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.{}.json
}}
"""
OUTPUT = 'output "o" {{\n  value = data.aws_iam_policy_document.{}.json\n}}\n'


@pytest.mark.parametrize(
    ("label", "action", "more", "stops"),
    [
        ("old", "sts:AssumeRole", "", False),
        ("new", "sts:AssumeRole", "", False),
        ("new", "sts:*", "", True),
        ("new", "sts:AssumeRole", DOCUMENT.format("old", "a:B") + TRUSTING.format("old"), True),
    ],
)
def test_a_document_by_itself(label: str, action: str, more: str, *, stops: bool) -> None:
    old = DOCUMENT.format("old", "sts:AssumeRole") + TRUSTING.format("old")
    new = DOCUMENT.format(label, action) + OUTPUT.format(label) + more
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is stops


VARIABLE = 'variable "{}" {{\n  {}\n}}\n'
USING = """
resource "aws_iam_role_policy" "p" {{
  role   = "r"
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:{}",
    Resource = "arn:aws:s3:::${{var.{}}}/*" }}] }})
}}
"""
RULE = 'validation {\n    condition     = var.%s != "x"\n    error_message = "No."\n  }'
STRING, NUMBER, DEFAULT = "type = string", "type = number", 'default = "d"'


def using(name: str, keys: str = STRING, action: str = "Get*", more: str = "") -> dict[str, str]:
    return {"main.tf": VARIABLE.format(name, keys) + USING.format(action, name) + more}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(using("a"), using("b"), id="a name"),
        pytest.param(using("a", RULE % "a"), using("b", RULE % "b"), id="with a rule"),
        pytest.param(using("a", more=VARIABLE.format("c", "")), using("a"), id="one that is gone"),
    ],
)
def test_a_variable_that_must_be_given_a_value(old: dict[str, str], new: dict[str, str]) -> None:
    assert not has_new_access(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(using("a"), using("b", action="*"), id="more access"),
        pytest.param(using("a"), using("b", NUMBER), id="another type"),
        pytest.param(using("a"), using("b", DEFAULT), id="a default"),
        pytest.param(using("a", DEFAULT), using("b", DEFAULT), id="a default in both"),
        pytest.param(using("a", RULE % "a"), using("b"), id="a rule that is gone"),
        pytest.param(using("a"), using("b", more=VARIABLE.format("a", STRING)), id="still there"),
        pytest.param(using("a"), using("b", more=VARIABLE.format("c", STRING)), id="two new ones"),
        pytest.param(using("a", more=VARIABLE.format("c", STRING)), using("b"), id="two old ones"),
        pytest.param(
            {**using("a"), "terraform.tfvars": 'a = "x"\n'},
            {**using("b"), "terraform.tfvars": 'b = "y"\n'},
            id="with other values",
        ),
    ],
)
def test_a_variable_that_may_be_another_one(old: dict[str, str], new: dict[str, str]) -> None:
    assert has_new_access(old, new)


def test_a_parameter_of_a_template() -> None:
    def template(name: str, **keys: str) -> TemplateDeployment:
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": {"Ref": name}}
        properties = {"PolicyDocument": {"Statement": [statement]}}
        policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
        made = {"Parameters": {name: {"Type": "String", **keys}}, "Resources": {"P": policy}}
        return TemplateDeployment(TreeOfTexts({"t.json": json.dumps(made)}), "t.json")

    def stops(old: TemplateDeployment, new: TemplateDeployment) -> bool:
        found = DeploymentComparison(old, new, bundled()).changes()
        return any(change.changes.gained for change in found)

    assert not stops(template("A"), template("B"))
    assert stops(template("A"), template("B", Type="Number"))
    assert stops(template("A"), template("B", Default="*"))
