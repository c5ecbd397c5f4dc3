"""Expressions of Terraform's language: what they come to, and what tells two of them apart."""

import pytest

from multitool_lint.formats import read_source
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import UNKNOWN, Node

LOCALS = """
locals {
  stage   = "test"
  first   = 0
  number  = 1
  buckets = { test = "reports-test", "1" = "reports-one" }
  names   = ["reports-a", "reports-b"]
}
"""


def resource(expression: str) -> object:
    """The value of a resource of a data source with some local values."""
    text = f"""
data "aws_iam_policy_document" "example" {{
  statement {{
    actions   = ["s3:GetObject"]
    resources = [{expression}]
  }}
}}
{LOCALS}"""
    read = read_source(Source("main.tf", text))
    assert not read.problems
    [policy] = read.normalized
    [statement] = policy.policy.statements
    [node] = statement.resources
    assert isinstance(node, Node)
    return node.value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("local.buckets[local.stage]", "reports-test"),
        ('local.buckets["${local.stage}"]', "reports-test"),
        ("local.buckets[(local.stage)]", "reports-test"),
        ("local.names[local.first]", "reports-a"),
        ("local.buckets[local.number]", "reports-one"),
        ('local.names["1"]', "reports-b"),
        ("local.names[true]", UNKNOWN),
        ("local.names[2]", UNKNOWN),
        ("local.stage[0]", UNKNOWN),
        ("local.buckets[var.stage]", UNKNOWN),
        ('local.buckets["${var.stage}"]', UNKNOWN),
        ('var.arns["${var.stage}"]', UNKNOWN),
        ("module.bucket[local.first].arn", UNKNOWN),
        ("aws_s3_bucket.reports[(var.number)].arn", UNKNOWN),
        ("var.arns[var.stages[var.numbers[local.first]]]", UNKNOWN),
        ('"${local.buckets[local.stage]}/${local.names[local.first]}"', "reports-test/reports-a"),
    ],
)
def test_an_index_is_an_expression_like_any_other(expression: str, value: object) -> None:
    assert resource(expression) == value


def test_indexes_in_each_other_stay_within_the_limit() -> None:
    index = "local.first"
    for _ in range(60):
        index = f"var.names[{index}]"
    text = (
        f'data "aws_iam_policy_document" "example" {{\n statement {{ actions = [{index}] }}\n}}\n'
    )
    [problem] = read_source(Source("main.tf", text)).problems
    assert "nested deeper" in problem.message
