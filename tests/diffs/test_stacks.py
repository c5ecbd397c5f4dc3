"""A stack with its template in an argument of Terraform is what its template deploys."""

import pytest
from support.modules import has_new_access

VARIABLES = 'variable "b" {}\nvariable "c" {}\n'
TABLE = """jsonencode({ Resources = { T = { Type = "AWS::Glue::Table",
  Properties = { DatabaseName = var.b, CatalogId = { Ref = "AWS::AccountId" } } } } })"""
STATEMENT = '{ Effect = "Allow", Action = "%s", Resource = "arn:aws:s3:::${%s}/*" }'
ROLE = """jsonencode({ Resources = { R = { Type = "AWS::IAM::ManagedPolicy",
  Properties = { PolicyDocument = { Statement = [STATEMENT] } } } } })"""
HEREDOC = """<<EOT
{"Resources": {"R": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {
  "Statement": [{"Effect": "Allow", "Action": "%s", "Resource": "arn:aws:s3:::${%s}/*"}]}}}}}
EOT"""
YAML = """<<EOT
Resources:
  R:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: "%s", Resource: "*"}]}
EOT"""
BY_PARAMETER = """jsonencode({ Parameters = { A = { Type = "String" } },
  Resources = { R = { Type = "AWS::IAM::ManagedPolicy", Properties = { PolicyDocument = {
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = { Ref = "A" } }] } } } } })"""
LIST = BY_PARAMETER.replace('"String"', '"CommaDelimitedList"')
CUSTOM = """jsonencode({ Resources = { R = { Type = "Custom::X",
  Properties = { A = "arn:aws:iam::aws:policy/AdministratorAccess" } } } })"""
MACRO = 'jsonencode({ Transform = "Foo", Resources = { R = { Type = "AWS::SNS::Topic" } } })'
IN_MODULE = f"""resource "aws_iam_policy" "p" {{
  policy = jsonencode({{ Statement = [{STATEMENT % ("s3:*", "var.b")}] }})
}}
"""


COMMAND = """resource "null_resource" "n" {
  provisioner "local-exec" {
    command = "aws iam attach-role-policy --role-name a --policy-arn b"
  }
}
"""


def stack(body: str, more: str = "") -> str:
    return (
        f'resource "aws_cloudformation_stack" "s" {{\n name = "s"\n {more}\n'
        f" template_body = {body}\n}}\n"
    )


def policy(action: str, bucket: str) -> str:
    return stack(ROLE.replace("STATEMENT", STATEMENT % (action, bucket)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", stack(TABLE), id="a stack without access"),
        pytest.param(stack(TABLE), stack(TABLE.replace("var.b", "var.c")), id="what it makes"),
        pytest.param(
            stack(TABLE), stack(TABLE, 'capabilities = ["CAPABILITY_IAM"]'), id="what is confirmed"
        ),
        pytest.param(
            stack(HEREDOC % ("s3:*", "var.b")), policy("s3:*", "var.b"), id="in another form"
        ),
        pytest.param(stack(YAML % "s3:*"), stack(YAML % "s3:Get*"), id="less"),
        pytest.param(policy("s3:*", "var.b"), IN_MODULE, id="the same of Terraform"),
        pytest.param(COMMAND, COMMAND + stack(TABLE), id="a command next to it"),
        pytest.param(
            stack(BY_PARAMETER, 'parameters = { A = "${var.b}" }'),
            stack(BY_PARAMETER, "parameters = { A = var.b }"),
            id="the same parameter",
        ),
    ],
)
def test_stacks_that_grant_nothing_new(old: str, new: str) -> None:
    assert not has_new_access({"main.tf": VARIABLES + old}, {"main.tf": VARIABLES + new})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", policy("s3:*", "var.b"), id="a new policy"),
        pytest.param("", stack(YAML % "s3:*"), id="one in YAML"),
        pytest.param(policy("s3:Get*", "var.b"), policy("s3:*", "var.b"), id="an action"),
        pytest.param(policy("s3:*", "var.b"), policy("s3:*", "var.c"), id="another bucket"),
        pytest.param(
            stack(BY_PARAMETER, 'parameters = { A = "a" }'),
            stack(BY_PARAMETER, 'parameters = { A = "b" }'),
            id="another parameter",
        ),
        pytest.param(
            stack(LIST, 'parameters = { A = "arn:aws:s3:::*" }'),
            stack(LIST, 'parameters = { A = "arn:aws:s3:::a,*" }'),
            id="one more of a list",
        ),
        pytest.param("", stack(CUSTOM), id="a policy of a custom resource"),
        pytest.param("", stack(MACRO), id="a macro"),
        pytest.param(stack(TABLE), stack(TABLE, "iam_role_arn = var.b"), id="a role"),
        pytest.param(stack(TABLE), stack("var.b"), id="a template that is not read"),
        pytest.param(
            stack(TABLE), stack(TABLE).replace("template_body", "template_url"), id="elsewhere"
        ),
    ],
)
def test_stacks_that_may_grant_something(old: str, new: str) -> None:
    assert has_new_access({"main.tf": VARIABLES + old}, {"main.tf": VARIABLES + new})


def test_what_a_stack_and_its_module_give_to_one_role() -> None:
    inline = """jsonencode({ Resources = { P = { Type = "AWS::IAM::Policy", Properties = {
      Roles = ["r"], PolicyDocument = { Statement = [STATEMENT] } } } } })"""
    own = 'resource "aws_iam_role_policy" "p" {\n  role = "r"\n  policy = jsonencode(%s)\n}\n'
    get, put = (STATEMENT % (action, "var.b") for action in ("s3:GetObject", "s3:PutObject"))
    both = stack(inline.replace("STATEMENT", get)) + own % f"{{ Statement = [{put}] }}"
    alone = own % f"{{ Statement = [{get}, {put}] }}"
    assert not has_new_access({"main.tf": VARIABLES + both}, {"main.tf": VARIABLES + alone})
    assert not has_new_access({"main.tf": VARIABLES + alone}, {"main.tf": VARIABLES + both})
