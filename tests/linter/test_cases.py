"""What one case of a policy needs is not reported as redundant in another one."""

import re

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

RULES = {"cancelled-statement", "redundant-action", "redundant-resource", "redundant-statement"}


NOTHING = {"empty-element", "missing-element"}


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


S3 = '{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*"}'
NO = "!Ref AWS::NoValue"


@pytest.mark.parametrize(
    ("statements", "notes"),
    [
        (f"[!If [A, {S3}, {NO}], !If [B, {S3}, {NO}]]", "A=false B=false"),
        (f"!If [A, [{S3}], []]", "A=false"),
        (f"!If [A, [{S3}], {NO}]", "A=false"),
        (f"[{{Effect: Allow, Action: !If [B, {NO}, 's3:*'], Resource: '*'}}]", "B=true"),
        (f"[{{Effect: Allow, Action: 's3:*', Resource: [!If [A, '*', {NO}]]}}]", "A=false"),
        (f"[!If [A, {S3}, {NO}], {{Effect: Allow, Resource: '*'}}]", ""),
        (f"[!If [A, {S3}, {NO}], !If [A, {NO}, {S3}]]", None),
    ],
)  # fmt: skip
def test_what_some_cases_lack_is_reported_with_their_conditions(
    statements: str, notes: str | None
) -> None:
    conditions = "".join(f'  {name}: !Equals [!Ref {name}{name}, "y"]\n' for name in "AB")
    head = TEMPLATE.replace('{{C: !Equals [!Ref X, "y"]}}', f"\n{conditions}".rstrip())
    text = head.partition("        Statement:")[0] + f"        Statement: {statements}\n"
    found = [f for f in lint_source(Source("t.yaml", text)).findings if f.rule in NOTHING]
    assert [
        " ".join(map("=".join, re.findall(r'"(\w)" is (\w+)', " ".join(finding.notes))))
        for finding in found
    ] == ([] if notes is None else [notes])


EMPTY_X, EMPTY_Y = '!Equals [!Ref X, ""]', '!Equals [!Ref Y, ""]'


@pytest.mark.parametrize(
    ("rule", "rules"),
    [
        (f"Assertions: [Assert: !Not [!And [{EMPTY_X}, {EMPTY_Y}]]]", []),
        (f"Assertions: [Assert: !And [!Contains [!RefAll T, t], !Not [{EMPTY_Y}]]]", []),
        ('Assertions: [Assert: !Not [!Contains [["", none], !Ref Y]]]', []),
        (f"RuleCondition: {EMPTY_X}, Assertions: [Assert: !Not [{EMPTY_Y}]]", []),
        (f"RuleCondition: !Not [{EMPTY_X}], Assertions: [Assert: !Not [{EMPTY_Y}]]", ["missing"]),
        ("Assertions: [Assert: !Contains [!RefAll X, !Ref Y]]", ["missing"]),
        (f"Assertions: [Assert: !Or [!Contains [!RefAll X, y], !Not [{EMPTY_Y}]]]", ["missing"]),
        ("Assertions: [Assert: !Not [!Equals [!Ref Other, o]]]", ["missing"]),
        (
            'Assertions: [Assert: !Equals [!Ref X, !Ref Z], Assert: !Equals [!Ref Z, ""]]',
            ["missing"],
        ),
        (f"Assertions: [Assert: {EMPTY_X}, Assert: !Not [{EMPTY_X}]]", ["missing"]),
    ],
)
def test_a_case_that_the_rules_of_a_template_refuse_is_none(rule: str, rules: list[str]) -> None:
    conditions = f"\n  A: !Not [{EMPTY_X}]\n  B: !Not [{EMPTY_Y}]"
    head = TEMPLATE.replace(' {{C: !Equals [!Ref X, "y"]}}', conditions)
    statements = f"[!If [A, {S3}, {NO}], !If [B, {S3}, {NO}]]"
    text = head.partition("        Statement:")[0] + f"        Statement: {statements}\n"
    found = lint_source(Source("t.yaml", f"Rules:\n  R: {{{rule}}}\n{text}")).findings
    assert [f.rule.partition("-")[0] for f in found if f.rule in NOTHING] == rules


@pytest.mark.parametrize(
    ("resource", "rules"), [(f"var.x ? [{OBJECT}] : []", []), ("[]", ["empty-element"])]
)
@pytest.mark.parametrize("source", ["policy", "data"])
def test_what_an_expression_lacks_that_need_not_be_used_is_not_reported(
    resource: str, rules: list[str], source: str
) -> None:
    if source == "policy":
        policy = f"jsonencode({{\n Statement = [{statement(GET, resource)}]\n}})"
        text = f'resource "aws_iam_policy" "p" {{\n policy = {policy}\n}}\n'
    else:
        inner = f"statement {{\n actions = [{GET}]\n resources = {resource}\n}}"
        text = f'data "aws_iam_policy_document" "p" {{\n{inner}\n}}\n'
        rules = ["missing-element" for _ in rules]
    found = lint_source(Source("main.tf", text)).findings
    assert [finding.rule for finding in found if finding.rule in NOTHING] == rules


@pytest.mark.parametrize(
    ("resource", "rules"),
    [('%{ if x }, "Resource": "*"%{ endif }', []), ("", ["missing-element"])],
)
def test_what_a_template_lacks_in_some_cases_is_not_reported(
    resource: str, rules: list[str]
) -> None:
    text = f'{{"Statement": [{{"Effect": "Allow", "Action": "s3:*"{resource}}}]}}'
    report = lint_source(Source("p.json.tftpl", text))
    assert [finding.rule for finding in report.findings if finding.rule in NOTHING] == rules


@pytest.mark.parametrize(("resource", "notes"), [
    ('var.x ? "*" : "arn:aws:iam::111122223333:role/app"', ['only if "var.x" is true']),
    ('"*"', []),
])  # fmt: skip
def test_access_of_some_cases_is_reported_with_their_conditions(
    resource: str, notes: list[str]
) -> None:
    made = statement('["sts:AssumeRole", "iam:AttachRolePolicy"]', resource)
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = {made} }})'
    text = f'resource "aws_iam_policy" "p" {{\n policy = {policy}\n}}\n'
    found = lint_source(Source("main.tf", text)).findings
    (escalation,) = [finding for finding in found if finding.rule == "privilege-escalation"]
    assert [note for note in escalation.notes if note.startswith("only if")] == notes


def test_what_no_case_lacks_is_not_reported() -> None:
    # The type of the policy depends on the action: only a trust policy needs no Resource.
    text = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = [var.pods ? "sts:AssumeRole" : "sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:role/app"]
    }
    dynamic "condition" {
      for_each = var.pods ? [] : [1]
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/team"
        values   = ["data"]
      }
    }
  }
}
"""
    assert not NOTHING.intersection(f.rule for f in lint_source(Source("main.tf", text)).findings)


def test_a_fix_that_breaks_another_case_is_not_offered() -> None:
    template = """
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["s3:HeadBucket"], Resource = [{}] }}]
  }})
}}
"""
    bucket, other = '"arn:aws:s3:::b"', '"arn:aws:s3express:eu-west-1:111122223333:bucket/b"'
    for resource, offered in ((bucket, True), (f"var.x ? {bucket} : {other}", False)):
        found = lint_source(Source("main.tf", template.format(resource))).findings
        (finding,) = (finding for finding in found if finding.rule == "unknown-action")
        assert bool(finding.fixes) is offered
