"""Conditions and functions of Terraform's language in the elements of statements."""

import json

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.formats import read_source
from multitool_lint.limits import MAX_BRANCH_VALUES, MAX_CONDITION_CASES
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.report import Report
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source


def policy(elements: str, more: str = "") -> str:
    return f"""{more}
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      {elements}
    }}]
  }})
}}
"""


def lint(text: str, path: str = "main.tf") -> Report:
    return lint_source(Source(path, text))


def found(text: str, rule: str, path: str = "main.tf") -> list[str]:
    """The texts of the file at which a rule has findings."""
    return [
        text[slice(*finding.span)] for finding in lint(text, path).findings if finding.rule == rule
    ]


REST = 'Resource = "arn:aws:s3:::b/*"'


@pytest.mark.parametrize(
    ("elements", "rule", "places"),
    [
        (
            f'Effect = "Allow"\n Action = var.x ? ["s3:GetObjekt"] : ["s3:GetObject"]\n {REST}',
            "unknown-action",
            ['"s3:GetObjekt"'],
        ),
        (
            f'Effect = local.deny ? "Deni" : "Allow"\n Action = "s3:GetObject"\n {REST}',
            "invalid-effect",
            ['"Deni"'],
        ),
        (
            'Effect = "Allow"\n Action = "iam:PassRole"\n Resource = var.r == null ? "*" : var.r',
            "pass-role-any-resource",
            ['"iam:PassRole"'],
        ),
        (
            (
                f'Effect = "Allow"\n Action = "s3:GetObject"\n {REST}\n Condition = merge('
                '{ Bool = { "aws:SecureTransport" = "true" } }, '
                'var.x ? { StringEqals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } } : {})'
            ),
            "unknown-condition-operator",
            ["StringEqals"],
        ),
        (
            f'Effect = "Allow"\n Action = "s3:${{var.x ? "Get" : "Got"}}Object"\n {REST}',
            "unknown-action",
            ['"s3:${var.x ? "Get" : "Got"}Object"'],
        ),
        (
            f'Effect = title("deni")\n Action = "s3:GetObject"\n {REST}',
            "invalid-effect",
            ['title("deni")'],
        ),
        (
            f'Effect = "Allow"\n Action = coalesce(var.a, "s3:GetObjekt")\n {REST}',
            "unknown-action",
            ['"s3:GetObjekt"'],
        ),
        (
            f'Effect = "Allow"\n Action = lookup(var.a, "b", "s3:GetObjekt")\n {REST}',
            "unknown-action",
            ['"s3:GetObjekt"'],
        ),
        (
            f'Effect = try(var.effect, "Alow")\n Action = "s3:GetObject"\n {REST}',
            "invalid-effect",
            ['"Alow"'],
        ),
        (
            'Effect = "Allow"\n Action = "s3:GetObject"\n Resource = format("arn:aws:s3:%s", "b")',
            "invalid-arn",
            ['format("arn:aws:s3:%s", "b")'],
        ),
        (
            f'Effect = "Allow"\n Action = split(",", "s3:GetObject,s3:GetObjekt")\n {REST}',
            "unknown-action",
            ['split(",", "s3:GetObject,s3:GetObjekt")'],
        ),
        (
            f'Effect = "Allow"\n Action = formatlist("s3:%sObject", ["Get", "Got"])\n {REST}',
            "unknown-action",
            ['formatlist("s3:%sObject", ["Get", "Got"])'],
        ),
        (
            f'Effect = "Allow"\n Action = values({{ a = "s3:GetObjekt" }})\n {REST}',
            "unknown-action",
            ['"s3:GetObjekt"'],
        ),
        (
            (
                f'Effect = "Allow"\n Action = [for a in ["b"] : var.x ? "s3:GetObjekt" : "s3:*"]\n'
                f" {REST}"
            ),
            "unknown-action",
            ['"s3:GetObjekt"'],
        ),
    ],
)
def test_each_branch_has_its_findings_at_its_place(
    elements: str, rule: str, places: list[str]
) -> None:
    text = policy(elements)
    assert found(text, rule) == places
    assert lint(text).policy_count == 1


FORMS = {
    "block": (
        "main.tf",
        """
data "aws_iam_policy_document" "d" {
  statement {
    effect    = "Allow"
    actions   = var.x ? ["s3:GetObjekt"] : ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/*"]
  }
}
""",
    ),
    "heredoc": (
        "main.tf",
        """
resource "aws_iam_policy" "p" {
  policy = <<EOF
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::b/*",
 "Action": "${var.x ? "s3:GetObjekt" : "s3:GetObject"}"}]}
EOF
}
""",
    ),
    "module": (
        "main.tf",
        """
module "m" {
  source     = "./m"
  statements = [{
    effect    = "Allow"
    actions   = var.x ? ["s3:GetObjekt"] : ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/*"]
  }]
}
""",
    ),
    "permission": (
        "main.tf",
        """
resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFuncton"
  function_name = "f"
  principal     = var.x ? "123456789012" : "111122223333"
}
""",
    ),
    "json": (
        "main.tf.json",
        json.dumps(
            {
                "data": {
                    "aws_iam_policy_document": {
                        "d": {
                            "statement": {
                                "actions": ['${var.x ? "s3:GetObjekt" : "s3:GetObject"}'],
                                "resources": ["arn:aws:s3:::b/*"],
                            }
                        }
                    }
                }
            }
        ),
    ),
    "packer": (
        "x.pkr.hcl",
        """
source "amazon-ebs" "s" {
  temporary_iam_instance_profile_policy_document {
    Statement {
      Effect   = "Allow"
      Action   = var.x ? ["s3:GetObjekt"] : ["s3:GetObject"]
      Resource = ["arn:aws:s3:::b/*"]
    }
    Version = "2012-10-17"
  }
}
""",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_branches_are_read_in_each_form_of_a_policy(form: str) -> None:
    path, text = FORMS[form]
    report = lint(text, path)
    assert [f.rule for f in report.findings].count("unknown-action") == 1
    assert (report.policy_count, report.unresolved) == (1, ())


@pytest.mark.parametrize(
    "elements",
    [
        f'Effect = var.x ? var.y : var.z\n Action = "s3:GetObject"\n {REST}',
        f'Effect = "Allow"\n Action = replace(var.a, "b", "c")\n {REST}',
        f'Effect = "Allow"\n Action = lookup(var.a, "b", var.c)\n {REST}',
    ],
)
def test_what_cannot_be_resolved_is_counted_as_unresolved(elements: str) -> None:
    report = lint(policy(elements))
    assert len(report.unresolved) == 1


@pytest.mark.parametrize(
    "elements",
    [
        # In no case has one branch without the other.
        (
            'Effect = "Allow"\n Action = var.x ? "iam:PassRole" : "s3:GetObject"\n '
            'Resource = var.x ? "arn:aws:iam::123456789012:role/r" : "*"'
        ),
        (
            'Effect = "Allow"\n Action = var.x ? "iam:PassRole" : "s3:GetObject"\n '
            'Resource = !var.x ? "*" : "arn:aws:iam::123456789012:role/r"'
        ),
        (
            'Effect = "Allow"\n Action = var.e == "a" ? "iam:PassRole" : "s3:GetObject"\n '
            'Resource = var.e == "b" ? "*" : "arn:aws:iam::123456789012:role/r"'
        ),
        (
            'Effect = "Allow"\n Action = var.e != "a" ? "s3:GetObject" : "iam:PassRole"\n '
            'Resource = var.e == "a" ? "arn:aws:iam::123456789012:role/r" : "*"'
        ),
        # An empty text is that of a policy that is not made, and so is null.
        'Effect = "Allow"\n Action = "s3:GetObject"\n Resource = try(var.r, [], "")',
        (
            'Effect = "Allow"\n Action = "s3:GetObject"\n Resource = "*"\n Condition = var.x ? '
            '{ StringEquals = { "aws:SourceVpc" = "vpc-1" } } : null'
        ),
        'Effect = "Allow"\n Action = "s3:GetObject"\n Resource = var.x ? aws_s3_bucket.b.arn : ""',
    ],
)
def test_cases_that_are_impossible_have_no_findings(elements: str) -> None:
    rules = {finding.rule for finding in lint(policy(elements)).findings}
    assert not rules & {"pass-role-any-resource", "invalid-arn", "empty-element", "wrong-json-type"}


BLOCKS = """
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.statements
    content {
      sid         = try(statement.value.sid, null)
      effect      = try(statement.value.effect, null)
      actions     = try(statement.value.actions, null)
      not_actions = try(statement.value.not_actions, null)
      resources   = try(statement.value.resources, ["arn:aws:s3:::b/*"])
    }
  }
  statement {
    sid         = null
    effect      = var.x ? "Deny" : null
    actions     = var.x ? ["s3:GetObject"] : null
    not_actions = var.x ? null : ["s3:GetObject"]
    resources   = ["arn:aws:s3:::b/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [try(var.organisation, null)]
    }
  }
}
"""


def test_null_is_not_a_value_of_an_attribute() -> None:
    grammar = {"missing-element", "wrong-json-type", "empty-element", "conflicting-elements"}
    assert not {finding.rule for finding in lint(BLOCKS).findings} & {
        *grammar,
        "conflicting-elements",
    }
    read = [
        sorted(member.key for member in statement.members)
        for entry in read_source(Source("main.tf", BLOCKS)).cases
        for statement in entry.policy.statements
        if statement.effect
    ]
    assert ["Action", "Condition", "Effect", "Resource"] in read
    assert ["Condition", "Effect", "NotAction", "Resource"] in read


def test_a_condition_on_the_value_of_a_loop_is_another_one_for_each_value() -> None:
    loop = (
        "[for s in [var.a, var.b] : "
        '{ Effect = s.deny ? "Deny" : "Allow", Action = "s3:GetObject", Resource = s.arn }]'
    )
    text = f'locals {{\n p = jsonencode({{ Version = "2012-10-17", Statement = {loop} }})\n}}\n'
    effects = [
        [statement.effect for statement in entry.policy.statements]
        for entry in read_source(Source("main.tf", text)).cases
    ]
    assert sorted(map(str, effects)) == sorted(
        str([first, second]) for first in ("Allow", "Deny") for second in ("Allow", "Deny")
    )


def test_a_fix_elsewhere_in_the_policy_is_made_once() -> None:
    text = policy(
        'Effect = var.x ? "Allow" : "Deny"\n Action = ["s3:GetObject", "s3:GetObject"]\n ' + REST
    )
    fixed = fix(Source("main.tf", text)).text
    assert fixed == text.replace('"s3:GetObject", "s3:GetObject"', '"s3:GetObject"')
    assert fix(Source("main.tf", fixed)).text == fixed


@pytest.mark.slow
def test_no_more_cases_are_read_than_are_allowed() -> None:
    values = ", ".join(f'var.x{n} ? "s3:GetObject" : "s3:PutObject"' for n in range(20))
    loaded = read_source(
        Source("main.tf", policy(f'Effect = "Allow"\n Action = [{values}]\n {REST}'))
    )
    assert len(loaded.cases) == MAX_CONDITION_CASES
    many = policy(f'Effect = "Allow"\n Action = ["s3:GetObject"]\n {REST}').replace(
        '"s3:GetObject"',
        ", ".join([*['"s3:GetObject"'] * MAX_BRANCH_VALUES, 'var.x ? "a:b" : "c:d"']),
    )
    [entry] = read_source(Source("main.tf", many)).cases
    assert entry.part == ""


def changed(old: str, new: str) -> tuple[list[str | None], list[str]]:
    sides = [Source("alone/main.tf", policy(text)) for text in (old, new)]
    found = changes_of_sources(sides, bundled())
    gained = [name for name, changes in found if changes.gained]
    return gained, [entry.reason for _, changes in found for entry in changes.unknown]


@pytest.mark.slow
def test_each_case_is_compared_with_the_same_case() -> None:
    choice = (
        'Effect = var.x ? "Deny" : "Allow"\n '
        f'Action = var.x ? ["s3:GetObject"] : ["s3:PutObject"]\n {REST}'
    )
    assert changed(choice, choice) == ([], [])
    gained: tuple[list[str | None], list[str]] = (["aws_iam_policy.p"], [])
    assert changed(choice, choice.replace('["s3:PutObject"]', '["s3:PutObjectAcl"]')) == gained
    assert changed(choice, choice.replace('["s3:GetObject"]', "[]"))[0]  # less is denied
    assert changed(choice, choice.replace('"Deny" : "Allow"', '"Allow" : "Deny"')) == gained
    assert changed(choice, choice.replace("var.x", "var.y"))[0]
    fewer = choice.replace('["s3:PutObject"]', '["s3:PutObject", "s3:PutObjectAcl"]')
    assert changed(fewer, choice) == ([], [])
    last_of_many = "Effect = " + "".join(f'var.e == "{n}" ? "Deny" : ' for n in range(6))
    many = f'{last_of_many}"Allow"\n Action = "s3:GetObject"\n {REST}'
    assert changed(many, many) == ([], [])
    assert changed(many, many.replace("GetObject", "PutObject"))[0]


@pytest.mark.parametrize(
    "statement", ["[merge({}, {})]", "merge({}, {})", "concat([merge({}, {})], [])"]
)
@pytest.mark.parametrize(
    ("more", "count"),
    [
        ('var.x ? { Condition = { StringEquals = { "aws:PrincipalOrgID" = var.x } } } : {}', 1),
        ("var.x ? null : { Principal = { AWS = var.x } }", 1),
        ('var.x ? { Sid = "a" } : {}, var.y ? { Principal = { AWS = var.x } } : {}', 1),
        ('{ Principal = { AWS = var.x } }, var.y ? { Sid = "a" } : {}', 0),
        ("var.x", 0),
    ],
)
def test_a_statement_that_a_condition_adds_to_is_read_in_both_cases(
    statement: str, more: str, count: int
) -> None:
    certain = '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }'
    merged = statement.replace("{}, {}", f"{certain}, {more}")
    text = f"""
resource "aws_iam_role" "r" {{
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = {merged}
  }})
}}
"""
    assert found(text, "public-access") == ['"*"'] * count
