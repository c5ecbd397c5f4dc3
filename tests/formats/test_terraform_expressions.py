"""Expressions of Terraform's language: what they come to, and what distinguishes two of them."""

import json

import pytest

from multitool_lint.aws import arn
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import quoted
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.compare import Answer, covers
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Source, apply_edits
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
    policy, *_ = read.policies  # of several, the first one has what is unknown
    [statement] = policy.policy.statements
    [node] = statement.resources
    assert isinstance(node, Node)
    return node.value


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('lower("TEST") == local.stage', "arn:aws:s3:::yes"),
        ('local.stage != "test" && var.x', "arn:aws:s3:::no"),
        ('!(local.stage == "prod") || var.x', "arn:aws:s3:::yes"),
        ("local.first < local.number && local.number >= 1.0", "arn:aws:s3:::yes"),
        ("length(local.names) > 2 || local.buckets == null", "arn:aws:s3:::no"),
        ("length(toset([local.stage, local.stage])) == 1", "arn:aws:s3:::yes"),
        ('contains(local.names, "reports-b")', "arn:aws:s3:::yes"),
        ('contains(keys(local.buckets), "prod")', "arn:aws:s3:::no"),
        (
            'startswith(local.names[0], "reports-") && !endswith(local.stage, "x")',
            "arn:aws:s3:::yes",
        ),
        ("local.number == null", "arn:aws:s3:::no"),
        ("local.stage == var.x", UNKNOWN),
        ('local.number == "1"', UNKNOWN),
        ('contains([var.x, "a"], "b")', UNKNOWN),
        ('startswith(var.x, "a")', UNKNOWN),
        ("length(concat(local.names, var.x)) > 2", UNKNOWN),
        ("aws_s3_bucket.b.arn == local.stage", UNKNOWN),
        ("local.names == []", "arn:aws:s3:::no"),
        ("length()", UNKNOWN),
        ("&&".join(["local.first == 0"] * 200), UNKNOWN),
    ],
)
def test_a_condition_is_evaluated_as_far_as_it_is_known(condition: str, expected: object) -> None:
    assert resource(f'{condition} ? "arn:aws:s3:::yes" : "arn:aws:s3:::no"') == expected


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
        ("aws_unknown.web[(var.number)].arn", UNKNOWN),
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
    assert "nested more" in problem.message


def resources_of(text: str, path: str = "main.tf") -> list[list[tuple[object, str]]]:
    """Of each statement of the policies of a file, its resources: value and text of the policy."""
    read = read_source(Source(path, text))
    assert not read.problems
    return [
        [
            (node.value, written.policy.source.text[slice(*node.span)])
            for node in statement.resources
        ]
        for written in read.policies
        if written.part != "branch"
        for statement in written.policy.statements
    ]


def data_source(body: str, name: str = "example") -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


def statement(resources: str) -> str:
    return f'statement {{\n actions = ["s3:GetObject"]\n resources = [{resources}]\n}}'


PAIRS = [
    ('local.accounts["a-test"]', 'local.accounts["a-production"]'),
    ('cidrhost("a", var.a)', 'cidrhost("b", var.a)'),
    ("var.a[0]", "var.a0"),
    ("var.a", "var.A"),
    ("var.a[*].id", "var.a.id"),
    ('var.x ? "a:b" : "c"', 'var.x ? "a" : "b:c"'),
    ('f("a  b")', 'f("a b")'),
    (f"var.{'a' * 80}1", f"var.{'a' * 80}2"),
    ("var.é", "var.è"),
    ('f({ a = "}" })', 'f({ a = "{" })'),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_expressions_are_the_same_only_if_their_texts_are(one: str, other: str) -> None:
    arns = [f'"arn:aws:s3:::${{{expression}}}/*"' for expression in (one, other, one)]
    policy = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [%s]}]}'
    texts = {
        "main.tf": [
            data_source(statement(", ".join(arns))),
            f"locals {{\n  policy = <<EOF\n{policy % ', '.join(arns)}\nEOF\n}}\n",
            f"locals {{\n  policy = jsonencode({policy % ', '.join(arns)})\n}}\n",
        ],
        "main.tf.json": [
            json.dumps({"locals": {"policy": policy % ", ".join(arns)}}),
            json.dumps(
                {
                    "data": {
                        "aws_iam_policy_document": {
                            "example": {
                                "statement": {
                                    "actions": ["s3:GetObject"],
                                    "resources": [arn[1:-1] for arn in arns],
                                }
                            }
                        }
                    }
                }
            ),
        ],
    }
    for path, sources in texts.items():
        for text in sources:
            [[(first, as_text), (_, other_text), (_, third_text)]] = resources_of(text, path)
            assert as_text == third_text != other_text
            if not isinstance(first, str):  # a string of JSON in JSON, of which ARNs are not read
                continue
            assert as_written(first) == f"arn:aws:s3:::${{{one}}}/*"
            assert arn.fields(first) == arn.Arn("aws", "s3", "", "", "*/*")
            report = lint_source(Source(path, text), enabled=rules())
            [found] = [
                finding for finding in report.findings if finding.rule == "redundant-resource"
            ]
            assert found.title.startswith(f"{quoted(f'arn:aws:s3:::${{{one}}}/*')} appears 2 times")


def test_an_escaped_interpolation_is_not_an_expression() -> None:
    text = data_source(statement('"arn:aws:s3:::${var.a}/*", "arn:aws:s3:::$${var.a}/*"'))
    [[(open_, _), (literal, _)]] = resources_of(text)
    assert open_ != literal
    assert literal == "arn:aws:s3:::${var.a}/*"
    assert as_written(str(open_)) == literal


@pytest.mark.parametrize("resource", ["statement.value", '"arn:aws:s3:::${statement.value}/*"'])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[var.a]", "[var.b]"),
        ("[var.a]", "[var.a, var.b]"),
        ("var.a", "var.b"),
        ("{ x = var.a }", "{ x = var.b }"),
        ("toset([var.a])", "toset([var.b])"),
    ],
)
def test_values_of_another_for_each_are_other_values(one: str, other: str, resource: str) -> None:
    def text(values: str) -> str:
        content = f'content {{\n actions = ["s3:GetObject"]\n resources = [{resource}]\n}}'
        return data_source(f'dynamic "statement" {{\n for_each = {values}\n {content}\n}}')

    def policies(values: str) -> list[Policy]:
        return [
            candidate.policy for candidate in read_source(Source("main.tf", text(values))).policies
        ]

    assert covers(policies(one), policies(one), bundled()).answer is Answer.YES
    assert covers(policies(one), policies(other), bundled()).answer is not Answer.YES
    report = lint_source(Source("main.tf", text(other)), enabled=rules())
    assert not {finding.rule for finding in report.findings} & {
        "redundant-statement",
        "redundant-resource",
    }


def test_messages_have_expressions_as_they_are_written() -> None:
    expression = 'join("", data.aws_partition.current[*].partition)'
    arns = [f'"arn:${{{expression}}}:s3:::{name}"' for name in ("a/*", "a/*")]
    text = data_source(statement(", ".join(arns)))
    report = lint_source(Source("main.tf", text), enabled=rules())
    texts = [
        part
        for finding in report.findings
        for part in (
            finding.title,
            *(related.label for related in finding.related),
            *(fix.title for fix in finding.fixes),
        )
    ]
    assert any(expression in part for part in texts)
    assert not any("${." in part for part in texts)


def test_an_expression_moves_with_its_value() -> None:
    text = """\
resource "aws_iam_policy" "example" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:*"], Resource = ["arn:aws:s3:::${local.a["x"]}/*"] },
      { Effect = "Allow", Action = ["s3:*"], Resource = ["arn:aws:s3:::b/*"] },
    ]
  })
}
"""
    [written] = read_source(Source("main.tf", text)).policies
    after = json.loads(written.policy.source.text)
    first, second = after["Statement"]
    second["Resource"] += first["Resource"]
    patch = written.patch()
    assert patch is not None
    edits = patch.edits(fast.read(json.dumps(after), literal=True))
    assert edits
    assert '["arn:aws:s3:::b/*", "arn:aws:s3:::${local.a["x"]}/*"]' in apply_edits(text, edits)


def test_a_small_part_of_a_large_local_value_is_read_each_time() -> None:
    large = "\n".join(
        f'    n{number} = {{ arn = "arn:aws:s3:::b{number}" }}' for number in range(500)
    )
    statements = "\n".join(
        f"""  statement {{
    actions   = ["s3:ListBucket"]
    resources = [local.large.n{number}.arn]
  }}"""
        for number in range(400)
    )
    text = f"""locals {{
  large = {{
{large}
  }}
}}
data "aws_iam_policy_document" "x" {{
{statements}
}}
"""
    read = read_source(Source("main.tf", text))
    assert not read.problems
    [policy] = read.policies
    assert [*policy.policy.statements[399].resource_names] == ["arn:aws:s3:::b399"]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ('{"Statement": []}', []),
        (
            '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}]}',
            ["unknown-action"],
        ),
    ],
)
def test_a_document_that_is_taken_apart_is_not_the_policy(document: str, found: list[str]) -> None:
    text = f"""
locals {{
  documents = [for item in var.items : jsondecode(item.on ? item.policy : {json.dumps(document)})]
}}
resource "aws_organizations_policy" "example" {{
  content = jsonencode({{
    Version   = "2012-10-17"
    Statement = flatten([for document in local.documents : document.Statement])
  }})
}}
"""
    report = lint_source(Source("main.tf", text))
    assert [finding.rule for finding in report.findings] == found
