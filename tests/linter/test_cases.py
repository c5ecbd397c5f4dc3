"""What one case of a policy needs is not reported as redundant in another one."""

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

RULES = {"cancelled-statement", "redundant-action", "redundant-resource", "redundant-statement"}


def redundant(path: str, text: str) -> list[str]:
    found = lint_source(Source(path, text)).findings
    return [finding.rule for finding in found if finding.rule in RULES]


def terraform(statements: str) -> list[str]:
    policy = f'jsonencode({{\n Version = "2012-10-17"\n Statement = {statements}\n}})'
    return redundant("main.tf", f'resource "aws_iam_policy" "p" {{\n policy = {policy}\n}}\n')


def statement(actions: str, resource: str, effect: str = '"Allow"') -> str:
    return f"{{\n Effect = {effect}\n Action = {actions}\n Resource = {resource}\n}}"


GET = '"s3:GetObject"'
OBJECT = '"arn:aws:s3:::b/x"'
ALL = '"arn:aws:s3:::b/*"'
PUBLIC = '"arn:aws:s3:::public/*"'


@pytest.mark.parametrize(
    "statements",
    [
        [statement('["s3:GetObject", var.x ? "s3:GetObject*" : "s3:PutObject"]', OBJECT)],
        [statement(GET, f"[{OBJECT}, var.x ? {ALL} : {PUBLIC}]")],
        [statement(GET, OBJECT), statement(GET, f"var.x ? {ALL} : {PUBLIC}")],
        [statement(GET, OBJECT), statement(GET, ALL, 'var.x ? "Deny" : "Allow"')],
    ],
)
def test_what_one_case_needs_is_not_redundant(statements: list[str]) -> None:
    assert terraform(f"[{', '.join(statements)}]") == []


def test_a_statement_that_is_needed_without_a_chosen_one_is_not_redundant() -> None:
    always, chosen = statement(GET, OBJECT), statement(GET, ALL)
    assert terraform(f"concat([{always}], var.x ? [{chosen}] : [])") == []
    assert terraform(f"concat([{chosen}], var.x ? [{always}] : [])") == ["redundant-statement"]


@pytest.mark.parametrize(
    ("statements", "rule"),
    [
        (
            [statement('var.x ? ["s3:Get*", "s3:GetObject"] : ["s3:PutObject"]', OBJECT)],
            "redundant-action",
        ),
        (
            [statement('["s3:Get*", var.x ? "s3:GetObject" : "s3:PutObject"]', OBJECT)],
            "redundant-action",
        ),
        ([statement(GET, f"[{ALL}, var.x ? {OBJECT} : {PUBLIC}]")], "redundant-resource"),
        (
            [statement(GET, OBJECT), statement(GET, ALL), statement(GET, f"var.x ? {PUBLIC} : 1")],
            "redundant-statement",
        ),
        (
            [statement(GET, OBJECT), statement(GET, f'var.x ? {ALL} : "*"')],
            "redundant-statement",
        ),
    ],
)
def test_what_no_case_needs_is_redundant(statements: list[str], rule: str) -> None:
    assert terraform(f"[{', '.join(statements)}]") == [rule]


TEMPLATE = """\
Conditions: {{C: !Equals [!Ref X, "y"]}}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: s3:GetObject
          Resource: [{first}, !If [C, {second}, {third}]]
"""
TAGGED = """\
{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource":
[{first}, %{{ if x }}{second}%{{ else }}{third}%{{ endif }}]
}}]}}
"""


@pytest.mark.parametrize(("path", "template"), [("t.yaml", TEMPLATE), ("p.tftpl", TAGGED)])
@pytest.mark.parametrize(
    ("resources", "rules"),
    [([OBJECT, ALL, PUBLIC], []), ([ALL, OBJECT, PUBLIC], ["redundant-resource"])],
)
def test_cases_of_other_formats(
    path: str, template: str, resources: list[str], rules: list[str]
) -> None:
    first, second, third = resources
    assert redundant(path, template.format(first=first, second=second, third=third)) == rules
