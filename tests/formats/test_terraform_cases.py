"""Statements that conditions and loops of Terraform's language make."""

import json
import re

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.limits import MAX_CONDITION_CASES, MAX_TEMPLATE_VALUES
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

UNKNOWN = re.compile(r'"\{\{(?:[^"\\]|\\.)*\}\}"')
A = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }'
B = '{ Effect = "Deny", Action = "s3:PutObject", Resource = "*" }'
C = '{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }'


def policy(statements: str, more: str = "") -> str:
    return f"""{more}
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{ Version = "2012-10-17", Statement = {statements} }})
}}
"""


def read(text: str) -> ReadResult:
    return read_source(Source("main.tf", text))


def of_resource(loaded: ReadResult) -> list[FoundPolicy]:
    return [entry for entry in loaded.policies if entry.policy.name == "aws_iam_policy.p.policy"]


def actions(loaded: ReadResult) -> list[list[object]]:
    """The actions of each policy, `?` for an unknown statement."""
    found = []
    for entry in of_resource(loaded):
        statements = json.loads(UNKNOWN.sub('"?"', entry.policy.source.text))["Statement"]
        found.append([s if s == "?" else s["Action"] for s in statements])
    return found


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (f"var.x ? [{A}] : []", [["s3:GetObject"]]),
        (f"var.x ? [{A}] : [{B}]", [["s3:GetObject"], ["s3:PutObject"]]),
        (f"var.x ? {A} : {B}", [["s3:GetObject"], ["s3:PutObject"]]),
        (f"[{A}, var.x ? {B} : null]", [["s3:GetObject"], ["s3:GetObject", "s3:PutObject"]]),
        (
            f"concat([{A}], var.x ? [{B}] : [], var.y ? [{C}] : [])",
            [
                ["s3:GetObject"],
                ["s3:GetObject", "s3:PutObject"],
                ["s3:GetObject", "s3:ListBucket"],
            ],
        ),
        (
            f"var.x ? (var.y ? [{A}] : [{B}]) : [{C}]",
            [["s3:GetObject"], ["s3:PutObject"], ["s3:ListBucket"]],
        ),
        (f"var.x ? (var.x ? [{A}] : [{B}]) : [{C}]", [["s3:GetObject"], ["s3:ListBucket"]]),
        (f"true ? [{A}] : [{B}]", [["s3:GetObject"]]),
        (
            f"flatten([[{A}], var.x ? [{B}] : []])",
            [["s3:GetObject"], ["s3:GetObject", "s3:PutObject"]],
        ),
        (f"[for b in var.buckets : {A}]", [["s3:GetObject"]]),
        (f"flatten([for b in var.buckets : [{A}, {B}]])", [["s3:GetObject", "s3:PutObject"]]),
        (f'[for b in ["x"] : {A} if b != var.y]', [["s3:GetObject"]]),
        (
            (
                '[for a in ["GetObject", "PutObject"] : '
                '{ Effect = "Allow", Action = "s3:${a}", Resource = "*" }]'
            ),
            [["s3:GetObject", "s3:PutObject"]],
        ),
        (
            (
                '[for k, v in { GetObject = "b" } : '
                '{ Effect = "Allow", Action = "s3:${k}", Resource = "arn:aws:s3:::${v}/*" }]'
            ),
            [["s3:GetObject"]],
        ),
        (
            (
                '[{ Effect = "Allow", Action = [for a in toset(["Get", "Put"]) : "s3:${a}Object"], '
                'Resource = "*" }]'
            ),
            [[["s3:GetObject", "s3:PutObject"]]],
        ),
        ("local.conditional", [["s3:GetObject"], ["s3:PutObject"]]),
    ],
)
def test_each_branch_is_read(statements: str, expected: list[list[object]]) -> None:
    more = f"locals {{\n  conditional = var.x ? [{A}] : [{B}]\n}}\n"
    loaded = read(policy(statements, more))
    assert not loaded.skipped
    assert actions(loaded) == expected
    cases = [entry.case for entry in of_resource(loaded)]
    assert cases == [number > 0 for number in range(len(expected))]


@pytest.mark.parametrize(
    "statements",
    [
        "var.statements",
        f"[{A}, var.statement]",
        f"concat([{A}], var.statements)",
        f"concat([{A}], module.x.statements)",
        f"var.x ? var.statements : [{A}]",
        "[for s in var.statements : s]",
        '[for s in var.statements : merge(s, { Resource = "*" })]',
        "yamldecode(var.statements)",
    ],
)
def test_what_cannot_be_resolved_is_listed_as_not_read(statements: str) -> None:
    assert any(skipped.unread for skipped in read(policy(statements)).skipped)


def test_a_policy_of_several_cases_counts_once_and_is_not_changed() -> None:
    bad = A.replace("GetObject", "GetObjekt")
    source = Source("main.tf", policy(f"[{bad}, var.x ? {B} : null, var.y ? {C} : null]"))
    report = lint_source(source)
    assert report.policy_count == 1
    [finding] = [finding for finding in report.findings if finding.rule == "unknown-action"]
    assert finding.fixes == ()


def test_too_many_cases_are_not_a_pass() -> None:
    choices = ", ".join(f"var.x{number} ? {A} : null" for number in range(MAX_CONDITION_CASES + 2))
    loaded = read(policy(f"[{choices}]"))
    assert len(loaded.policies) == MAX_CONDITION_CASES
    assert [skipped.unread for skipped in loaded.skipped] == [True]


@pytest.mark.exhaustive
def test_loops_in_each_other_are_cut_short() -> None:
    ten = json.dumps([*range(10)])
    loops = "".join(f"for v{depth} in {ten} : [" for depth in range(8)).replace(": [for", ": [for")
    text = policy(f"flatten([{loops}{A}{']' * 9})")
    [problem] = read(text).problems
    assert f"{MAX_TEMPLATE_VALUES:,} values" in problem.message


def test_values_that_a_loop_makes_are_not_equal_for_the_same_text() -> None:
    """One statement for each of two unknown buckets: neither makes the other redundant."""
    loop = (
        "[for b in [var.a, var.b] : "
        '{ Effect = "Allow", Action = "s3:GetObject", Resource = "${b}/*" }]'
    )
    rules = {finding.rule for finding in lint_source(Source("main.tf", policy(loop))).findings}
    assert not rules & {"redundant-statement", "redundant-resource"}


def test_a_variable_of_a_loop_is_known_in_the_loop_only() -> None:
    more = 'locals {\n  b = ["x"]\n  other = "arn:aws:s3:::${b}/*"\n}\n'
    loop = '[for b in local.b : { Effect = "Allow", Action = "s3:GetObject", Resource = RESOURCE }]'
    inside, outside = (
        read(policy(loop.replace("RESOURCE", value), more)).policies[0].policy.source.text
        for value in ('"arn:aws:s3:::${b}/*"', "local.other")
    )
    assert "arn:aws:s3:::x/*" in inside
    assert "arn:aws:s3:::x/*" not in outside


def changed(old: str, new: str) -> list[str]:
    sides = [Source("alone/main.tf", policy(text)) for text in (old, new)]
    found = changes_of_sources(sides, bundled())
    return [str(name) for name, changes in found if changes.gained or changes.unknown]


def test_cases_are_compared_with_the_same_case() -> None:
    choice = f"concat([{C}], var.x ? [{A}] : [{B}])"
    assert not changed(choice, choice)
    assert changed(choice, choice.replace("GetObject", "GetObjectAcl"))
    assert changed(choice, choice.replace("var.x", "var.y"))
    assert changed(f"[{C}]", f"concat([{C}], var.x ? [{A}] : [])")


COUNTED = """
resource "aws_kms_key" "k" {
  count = var.x ? 1 : 0
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = %s ? [1] : []
    content {
      actions   = ["kms:Decrypt"]
      resources = [%s]
    }
  }
}
"""
NUMBER = "length(aws_kms_key.k)"
KEY = "aws_kms_key.k[0].arn"


@pytest.mark.parametrize(
    "key",
    [
        f'{NUMBER} > 0 ? {KEY} : "none"',
        f'{NUMBER} == 1 ? {KEY} : "none"',
        f'{NUMBER} == 0 ? "none" : {KEY}',
        f'{NUMBER} != 0 ? {KEY} : "none"',
        'length(aws_kms_key.k[*].arn) >= 1 ? join("", aws_kms_key.k[*].arn) : "none"',
        'coalesce(one(aws_kms_key.k[*].arn), "none")',
        f'one(aws_kms_key.k) == null ? "none" : {KEY}',
        f'join("", aws_kms_key.k.*.arn) != "" ? {KEY} : "none"',
        f'try({KEY}, "") == "" ? "none" : {KEY}',
    ],
)
def test_a_resource_is_there_as_its_count_says(key: str) -> None:
    def rules(statement: str) -> list[str]:
        source = Source("main.tf", COUNTED % (statement, key))
        return [found.rule for found in lint_source(source).findings if found.title[:6] == '"none"']

    assert rules("var.x") == []
    assert rules("var.y") == ["invalid-arn"]
