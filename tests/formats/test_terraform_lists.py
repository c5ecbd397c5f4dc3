"""Lists of Terraform's language of which it is unknown how many items they have, or if any."""

from typing import Any

import pytest
from support.plain_values import plain

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

ARN = "arn:aws:s3:::b"
BUCKET = "aws_s3_bucket.b"


def data_source(inner: str) -> str:
    """A data source with a statement that has more in it."""
    return f"""data "aws_iam_policy_document" "d" {{
  statement {{
    actions   = ["s3:*"]
    {inner}
  }}
}}
"""


def dynamic(collection: str, block: str = "condition") -> str:
    content = {
        "condition": 'test = "StringEquals"\nvariable = "aws:SourceVpc"\nvalues = ["vpc-1"]',
        "principals": f'type = "AWS"\nidentifiers = [{block}.value]',
        "statement": f'actions = ["s3:GetObject"]\nresources = [{block}.value]',
    }[block]
    return f'dynamic "{block}" {{\nfor_each = {collection}\ncontent {{\n{content}\n}}\n}}\n'


def of_cases(text: str) -> list[tuple[dict[str, bool], list[Any]]]:
    """The statements of each case with the conditions of it."""
    return [
        (dict(*entry.cases), plain(entry.policy.root)["Statement"])
        for entry in read_source(Source("main.tf", text)).cases
    ]


@pytest.mark.parametrize("collection", ["concat(var.l, [])", "concat([], var.l)",
    "flatten([var.l, []])", "concat([for x in var.l : x], [])", "toset(concat(var.l, []))",
    "concat(var.x ? null : [], [])",
])  # fmt: skip
def test_a_block_of_each_item_of_an_unknown_list_is_not_certain(collection: str) -> None:
    text = f'data "aws_iam_policy_document" "d" {{\n{dynamic(collection, "statement")}}}\n'
    ((conditions, _),) = of_cases(text)
    assert list(conditions.values()) == [True]


def test_a_statement_of_each_item_of_an_unknown_list_is_not_certain() -> None:
    made = f'{{ Effect = "Allow", Action = a, Resource = "{ARN}" }}'
    loop = f'[for a in concat(var.l, ["s3:*"]) : {made}]'
    text = f'locals {{\n p = jsonencode({{ Version = "2012-10-17", Statement = {loop} }})\n}}\n'
    assert [len(statements) for _, statements in of_cases(text)] == [1, 2]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (f'[element(concat(["{ARN}"], ["*"]), 1)]', ["*"]),
        (f'[element(concat(var.l, ["{ARN}"]), 1)]', ["?"]),
        (f'[concat(var.l, ["{ARN}"])[0]]', ["?"]),
        (f'flatten([[["{ARN}"]], [[["*"]]]])', [ARN, "*"]),
        (f'flatten(["{ARN}", "*"])', [ARN, "*"]),
        (f'compact(["", "{ARN}", null])', [ARN]),
        (f'[for i, a in concat(var.l, ["{ARN}"]) : "{ARN}-${{i}}"]', ["?", "?"]),
        (f'[for i, a in concat(["{ARN}"], var.l) : "{ARN}-${{i}}"]', [f"{ARN}-0", "?"]),
        ("[local.all[0]]", [ARN]),
        ("[local.all[2]]", ["?"]),
    ],
)
def test_items_are_known_if_those_before_them_are(resources: str, expected: list[str]) -> None:
    more = f'locals {{\n all = concat(["{ARN}"], var.l, ["*"])\n}}\n'
    ((_, (statement,)),) = of_cases(more + data_source(f"resources = {resources}"))
    found = [value if isinstance(value, str) else "?" for value in statement["Resource"]]
    assert ["?" if "${" in value else value for value in found] == expected


@pytest.mark.parametrize("collection", ["var.x ? [1] : []", "var.x ? { a = 1 } : {}",
    "!var.x ? [] : [var.y]", "concat(var.x ? [1] : [], [])", "toset(var.x ? [var.y] : [])",
])  # fmt: skip
def test_a_condition_that_is_there_in_some_cases_is_read_in_each(collection: str) -> None:
    text = data_source(f'resources = ["{ARN}"]\n{dynamic(collection)}')
    found = [(conditions, "Condition" in statement) for conditions, (statement,) in of_cases(text)]
    assert found == [({"var.x": True}, True), ({"var.x": False}, False)]


def test_a_principal_that_is_there_in_some_cases_is_read_in_each() -> None:
    blocks = dynamic('var.x ? ["*"] : ["arn:aws:iam::123456789012:root"]', "principals")
    text = data_source(f'resources = ["{ARN}"]\n{blocks}')
    findings = lint_source(Source("main.tf", text)).findings
    assert [f.rule for f in findings if f.rule == "public-access"] == ["public-access"]


@pytest.mark.parametrize("collection", ['[{ c = "x" }]', "var.statements"])
def test_what_a_value_of_a_loop_decides_is_not_a_case(collection: str) -> None:
    inner = dynamic("s.value.c == null ? [] : [s.value.c]")
    head = f'dynamic "statement" {{\nfor_each = {collection}\niterator = s\ncontent {{\n'
    ((_, (statement,)),) = of_cases(
        f'data "aws_iam_policy_document" "d" {{\n{head}{inner}}}\n}}\n}}\n'
    )
    assert not isinstance(statement["Condition"], dict)


@pytest.mark.parametrize(
    ("resources", "others"),
    [
        (f'[try({BUCKET}[0].arn, "*")]', ["*"]),
        (f'[try({BUCKET}["a"].arn, "*")]', ["*"]),
        (f'try([{BUCKET}[0].arn], ["*"])', ["*"]),
        (f'[coalesce(one({BUCKET}[*].arn), "*")]', ["*"]),
        (f'[coalesce(join("", {BUCKET}.*.arn), "*")]', ["*"]),
        (f'coalescelist({BUCKET}[*].arn, ["*"])', ["*"]),
        (f'[try({BUCKET}.arn, "*")]', None),
        (f'[coalesce({BUCKET}[0].arn, "*")]', None),
        (f'[try(one({BUCKET}[*].arn), "*")]', None),
        (f"[try({BUCKET}[0].arn)]", None),
    ],
)
def test_what_is_used_if_a_resource_is_not_there_is_a_case(
    resources: str, others: list[str] | None
) -> None:
    found = of_cases(data_source(f"resources = {resources}"))
    assert all("${" in str(statements[0]["Resource"]) for _, statements in found[:1])
    assert [statements[0]["Resource"] for _, statements in found[1:]] == (
        [others] if others else []
    )
