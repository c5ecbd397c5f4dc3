"""What expressions of Terraform come to in the module that a file is a part of."""

from pathlib import Path

import pytest

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.hcl.expressions import Expression
from multitool_lint.syntax.hcl.parsing import parse
from multitool_lint.syntax.source import Source

STATEMENT = """
data "aws_iam_policy_document" "d" {{
  {more}
  statement {{
    actions   = {actions}
    resources = {resources}
  }}
}}
"""


def statement(actions: str = '["s3:GetObject"]', resources: str = '["*"]', more: str = "") -> str:
    return STATEMENT.format(actions=actions, resources=resources, more=more)


def shown(expression: Expression) -> str:
    """An expression with parentheses around each conditional."""
    if expression.kind != "conditional":
        return str(expression.parts[0])
    return "({} ? {} : {})".format(*map(shown, expression.parts))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a ? 1 : b ? 2 : c ? 3 : 4", "(a ? 1 : (b ? 2 : (c ? 3 : 4)))"),
        ("(a ? b : c) ? 2 : d ? 3 : 4", "((a ? b : c) ? 2 : (d ? 3 : 4))"),
        ("a ? b ? 1 : 2 : c ? 3 : 4", "(a ? (b ? 1 : 2) : (c ? 3 : 4))"),
        ("(a) ? 1 : b ? 2 : 3", "(a ? 1 : (b ? 2 : 3))"),
    ],
)
def test_a_conditional_is_the_last_part_of_the_one_before_it(text: str, meaning: str) -> None:
    expression = parse(f"x = {text}\n").attributes["x"]
    assert shown(expression) == meaning
    assert (expression.start, expression.end) == (4, 4 + len(text))


def test_a_conditional_of_thousands_of_parts_is_not_known() -> None:
    assert _read_conditional(": ", "") == ({"data-exposure"}, 1)


def test_conditionals_in_thousands_of_parentheses_are_an_error() -> None:
    assert _read_conditional(": (", ")") == ({"hcl-syntax-error"}, 0)


def _read_conditional(separator: str, end: str) -> tuple[set[str], int]:
    """The rules with findings, and how many policies are not read whole."""
    links = [f'var.a{number} ? "s3:Get{number}" ' for number in range(3_000)]
    text = separator.join(links) + ': "s3:GetObjekt"' + end * (len(links) - 1)
    report = lint_source(Source("main.tf", statement(f'[{text}, "s3:GetObject"]')))
    return {finding.rule for finding in report.findings}, len(report.unresolved)


def places(text: str, rule: str, path: str = "main.tf") -> list[str]:
    """The texts of the file at which a rule has findings."""
    found = lint_source(Source(path, text)).findings
    return [text[slice(*finding.span)] for finding in found if finding.rule == rule]


@pytest.mark.parametrize(
    "actions",
    [
        'var.x ? ["s3:GetObjekt"] : var.y ? ["s3:ListBucket"] : []',
        '[for a in ["s3:GetObjekt", "s3:GetObject"] : a if a != "s3:GetObject"]',
        'slice(["s3:GetObject", "s3:GetObjekt"], 1, 2)',
        'setsubtract(["s3:GetObjekt", "s3:GetObject"], ["s3:GetObject"])',
        'jsondecode("[\\"s3:GetObjekt\\"]")',
        'compact([var.a, "s3:GetObjekt"])',
    ],
)
def test_an_action_that_an_expression_comes_to_is_found(actions: str) -> None:
    [place] = places(statement(actions), "unknown-action")
    assert "GetObjekt" in place


@pytest.mark.parametrize(
    ("more", "actions"),
    [
        ('for_each = { a = ["s3:GetObjekt"], b = ["s3:GetObject"] }', "each.value"),
        ('for_each = toset(["GetObject", "GetObjekt"])', '["s3:${each.key}"]'),
        ("count = 2", '[["s3:GetObject", "s3:GetObjekt"][count.index]]'),
        ('for_each = var.x ? { a = ["s3:GetObjekt"] } : {}', "each.value"),
    ],
)
def test_each_instance_of_a_block_has_its_values(more: str, actions: str) -> None:
    text = statement(actions, more=more)
    assert len(places(text, "unknown-action")) == 1
    assert lint_source(Source("main.tf", text)).policy_count == 1


def test_instances_whose_number_is_not_known_are_read_once() -> None:
    text = statement("each.value.actions", more="for_each = var.roles")
    [entry] = read_source(Source("main.tf", text)).policies
    assert "each of var.roles" not in entry.policy.source.text
    assert lint_source(Source("main.tf", text)).unresolved


@pytest.mark.parametrize(
    ("resource", "is_name"),
    [
        ("aws_s3_bucket.b.id", True),
        ('"${aws_s3_bucket.b.id}/*"', True),
        ("aws_iam_role.r.name", True),
        ("aws_sqs_queue.q.url", True),
        ('"arn:aws:s3:::${aws_s3_bucket.b.id}/*"', False),
        ("aws_s3_bucket.b.tags.arn", False),
        ("aws_kinesis_stream.s.id", False),
    ],
)
def test_the_name_of_a_resource_is_not_an_arn(resource: str, is_name: bool) -> None:  # noqa: FBT001
    found = places(statement('["s3:GetObject"]', f"[{resource}]"), "invalid-arn")
    assert found == ([resource] if is_name else [])


def test_the_name_of_a_resource_may_be_the_value_of_a_condition() -> None:
    condition = (
        'condition {\ntest = "StringEquals"\nvariable = "aws:x"\nvalues = [aws_s3_bucket.b.id]\n}'
    )
    text = statement().replace("  }\n}", f"  {condition}\n  }}\n}}", 1)
    [entry] = read_source(Source("main.tf", text)).policies
    assert "{{ aws_s3_bucket.b.id }}" in entry.policy.source.text


@pytest.mark.parametrize("argument", ['var.x ? ["*"] : ["s3:GetObject"]', 'concat(var.a, ["*"])'])
def test_each_case_of_the_argument_of_a_local_module_is_found(
    tmp_path: Path, argument: str
) -> None:
    (tmp_path / "m").mkdir()
    policy = 'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    module = 'variable "actions" {}\n' + policy + statement("var.actions")
    (tmp_path / "m" / "main.tf").write_text(module)
    path = tmp_path / "main.tf"
    path.write_text(f'module "m" {{\n  source  = "./m"\n  actions = {argument}\n}}\n')
    source = reading.read(str(path))
    found = [
        source.text[slice(*finding.span)]
        for finding in lint_source(source).findings
        if finding.rule == "full-admin-access"
    ]
    assert found == ['"*"']


def test_a_file_of_the_folder_has_values(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"acts": ["s3:GetObjekt"]}')
    path = tmp_path / "main.tf"
    path.write_text(statement('jsondecode(file("a.json")).acts'))
    source = reading.read(str(path))
    [finding] = [f for f in lint_source(source).findings if f.rule == "unknown-action"]
    assert source.text[slice(*finding.span)] == 'jsondecode(file("a.json")).acts'
    assert finding.fixes == ()


@pytest.mark.parametrize(("over", "shown"), [
    ("distinct(var.urls)", "each of distinct(var.urls)"),
    ('[for url in var.urls : url if url != ""]', "each of var.urls"),
    ("[for url in compact(var.urls) : lower(url)]", "lower(each of compact(var.urls))"),
])  # fmt: skip
def test_an_item_of_a_loop_is_shown_as_what_it_is_made_of(over: str, shown: str) -> None:
    text = f"""
data "aws_iam_policy_document" "d" {{
  dynamic "statement" {{
    for_each = {over}
    content {{
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {{
        type        = "Federated"
        identifiers = ["arn:aws:iam::111122223333:oidc-provider/${{statement.value}}"]
      }}
    }}
  }}
}}
"""
    (finding,) = lint_source(Source("main.tf", text)).findings
    assert f'Any token of "${{{shown}}}" allows' in finding.title
