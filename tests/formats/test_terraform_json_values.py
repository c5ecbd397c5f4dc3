"""Policies, statements and references in Terraform's configuration as JSON."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.formats import ReadResult, read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

STATEMENT = {"effect": "Allow", "actions": ["s3:GetObjekt"], "resources": ["*"]}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "${local.arn}"}],
}


def read(configuration: Any, path: str = "main.tf.json") -> ReadResult:  # noqa: ANN401 - JSON
    return read_source(Source(path, json.dumps(configuration)))


def names(loaded: ReadResult) -> list[str | None]:
    return [entry.policy.name for entry in loaded.policies]


@pytest.mark.parametrize(
    ("configuration", "path", "name"),
    [
        (
            {"module": {"a": {"policy_statements": [STATEMENT]}}},
            "main.tf.json",
            "module.a.policy_statements",
        ),
        (
            {"module": {"a": [{"permissions": {"x": STATEMENT}}]}},
            "main.tf.json",
            "module.a.permissions",
        ),
        ({"locals": {"some": {"x": STATEMENT}}}, "main.tf.json", "local.some.x"),
        ({"locals": [{"policy": POLICY}]}, "main.tf.json", "local.policy"),
        ({"module": {"a": {"policy": POLICY}}}, "main.tofu.json", "module.a.policy"),
        ({"variable": {"a": {"default": [STATEMENT]}}}, "main.tf.json", "variable.a.default"),
        ({"statements": [STATEMENT]}, "a.tfvars.json", "var.statements"),
        ({"policy": json.dumps(POLICY)}, "a.tfvars.json", "var.policy"),
    ],
)
def test_statements_and_policies_are_read_where_they_are(
    configuration: dict[str, Any], path: str, name: str
) -> None:
    source = Source(path, json.dumps(configuration, indent=1))
    assert names(read_source(source)) == [name]
    [finding] = [f for f in lint_source(source).findings if f.rule == "unknown-action"]
    assert "s3:GetObjekt" in source.text[slice(*finding.span)]
    assert finding.fixes == ()
    assert not [f for f in lint_source(source).findings if f.rule.startswith("missing-")]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("${local.arn}", "arn:aws:s3:::reports/*"),
        ("${local.bucket_arn}/*", "arn:aws:s3:::reports/*"),
        ('${local.arns["a"]}', "arn:aws:s3:::a/*"),
        ("${local.arns.a}", "arn:aws:s3:::a/*"),
        ('${join("", ["x"])}', "x"),
        ('${join(",", [var.x])}', "?"),
        ("${local.missing}", "?"),
        ("${local.broken}", "?"),
        ("${local.of_the_folder}", "arn:aws:s3:::folder/*"),
    ],
)
def test_local_values_are_resolved(resource: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "locals.tf").write_text('locals {\n  of_the_folder = "arn:aws:s3:::folder/*"\n}\n')
    configuration = {
        "locals": {
            "arn": "${local.bucket_arn}/*",
            "bucket_arn": "arn:aws:s3:::reports",
            "arns": {"a": "arn:aws:s3:::a/*"},
            "broken": "${(}",
        },
        "data": {
            "aws_iam_policy_document": {
                "x": {"statement": [{"actions": ["s3:GetObject"], "resources": [resource]}]}
            }
        },
    }
    path = str(tmp_path / "main.tf.json")
    [entry] = read(configuration, path).policies
    [statement] = entry.policy.statements
    assert [*statement.resource_names] == ([] if expected == "?" else [expected])


def test_a_text_where_a_list_should_be_is_one_of_the_list() -> None:
    statement = {"actions": ['${"*"}'], "resources": '${"*"}'}
    data = {"aws_iam_policy_document": {"x": {"statement": statement}}}
    source = Source("main.tf.json", json.dumps({"data": data}))
    assert "full-admin-access" in {finding.rule for finding in lint_source(source).findings}


def test_a_policy_of_a_local_value_is_not_listed_as_unread() -> None:
    resource = {"aws_iam_policy": {"p": {"policy": "${jsonencode(local.policy)}"}}}
    loaded = read({"locals": {"policy": POLICY}, "resource": resource})
    assert names(loaded) == ["local.policy"]
    assert not [skipped for skipped in loaded.skipped if skipped.unread]
    missing = read({"locals": {"policy": {"a": 1}}, "resource": resource})
    assert [skipped for skipped in missing.skipped if skipped.unread]


def test_local_values_of_local_values_are_cut_short() -> None:
    local: dict[str, object] = {
        f"l{number}": [f"${{local.l{number + 1}}}"] * 10 for number in range(9)
    }
    local["l9"] = "s3:GetObject"
    statement = {"actions": "${local.l0}", "resources": ["*"]}
    data = {"aws_iam_policy_document": {"x": {"statement": [statement]}}}
    [problem] = read({"locals": local, "data": data}).problems
    assert "values" in problem.message


BLOCKS: dict[str, Any] = {
    "condition": {
        "test": "StringEquals",
        "variable": "aws:PrincipalTag/${condition.key}",
        "values": ["${condition.value}"],
    },
    "principals": {"type": "${p.key}", "identifiers": ["${p.value}"]},
    "statement": {"actions": ["s3:GetObject"], "resources": ["${statement.value}"]},
}
OUTER = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]}


def as_hcl(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value of Terraform's JSON in its own language."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {as_hcl(inner)}' for key, inner in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_hcl, value))}]"
    expression = isinstance(value, str) and re.fullmatch(r"\$\{([^}]*)\}", value)
    return expression[1] if expression else json.dumps(value)


def body(attributes: dict[str, Any]) -> str:
    return "".join(f"{name} = {as_hcl(value)}\n" for name, value in attributes.items())


def read_cases(path: str, text: str) -> list[tuple[list[bool], str]]:
    return [
        (
            [holds for case in entry.cases for holds in case.values()],
            re.sub(r'"\{\{.*?\}\}"', '"?"', entry.policy.source.text),
        )
        for entry in read_source(Source(path, text)).cases
    ]


@pytest.mark.parametrize("name", list(BLOCKS))
@pytest.mark.parametrize(
    "values",
    [
        ["a", "*"],
        {"AWS": "111122223333", "Service": "ec2.amazonaws.com"},
        [],
        "${var.values}",
        "${var.x ? [1] : []}",
        '${toset(["a", "b"])}',
        ["${var.x}"],
    ],
    ids=json.dumps,
)
def test_dynamic_blocks_are_those_of_the_language(name: str, values: Any) -> None:  # noqa: ANN401
    content, iterator = BLOCKS[name], "p" if name == "principals" else name
    dynamic = {"for_each": values, "iterator": iterator, "content": [content]}
    block = {"dynamic": [{name: dynamic}]}
    document = block if name == "statement" else {"statement": [{**OUTER, **block}]}
    made = {"data": {"aws_iam_policy_document": {"d": document}}}
    inner = f"content {{\n{body(content)}}}"
    text = f'dynamic "{name}" {{\nfor_each = {as_hcl(values)}\niterator = {iterator}\n{inner}\n}}\n'
    text = text if name == "statement" else f"statement {{\n{body(OUTER)}{text}}}\n"
    hcl = f'data "aws_iam_policy_document" "d" {{\n{text}}}\n'
    expected = read_cases("main.tf", hcl)
    assert expected
    assert read_cases("main.tf.json", json.dumps(made)) == expected


@pytest.mark.parametrize(
    ("repeats", "cases"),
    [
        ({"count": "${var.on ? 1 : 0}"}, [True]),
        ({"count": "${var.on ? 0 : 1}"}, [False]),
        ({"for_each": '${var.on ? toset(["a"]) : []}'}, [True]),
        ({"count": "${var.other ? 1 : 0}"}, [True, False]),
        ({"count": 1}, [True, False]),
        ({}, [True, False]),
    ],
)
def test_a_condition_of_the_count_holds_where_the_policy_is_there(
    repeats: dict[str, Any], cases: list[bool]
) -> None:
    resource = '${var.on ? "arn:aws:s3:::reports" : "nothing"}'
    statement = {"actions": ["s3:ListBucket"], "resources": [resource]}
    data = {"aws_iam_policy_document": {"d": {**repeats, "statement": statement}}}
    found = [policy.cases[0] for policy in read({"data": data}).policies if policy.cases]
    assert [case["var.on"] for case in found] == cases
