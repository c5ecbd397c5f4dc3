from pathlib import Path

import pytest
from support.modules import deployment, value, write

from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.syntax.terms import Document, Encoded, Text, Unknown, identity, is_known, plain
from multitool_lint.syntax.tree_of_files import FileTree
from multitool_lint.values.json_texts import parse_json
from multitool_lint.values.terraform.definitions import local

MORE = """
locals {
  names  = ["a", "b"]
  byname = { a = 1, b = 2 }
  passed = var.v
}
resource "aws_s3_bucket" "b" {
  tags = { a = "1" }
}
resource "aws_s3_bucket" "n" {
  count = var.v ? 1 : 0
}
data "aws_caller_identity" "here" {}
data "aws_caller_identity" "also_here" {}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a-${1 + 2}"', "a-3"),
        ('concat(["a"], local.names)', ["a", "a", "b"]),
        ("[for name in local.names : upper(name)]", ["A", "B"]),
        ('[for name in local.names : name if name != "a"]', ["b"]),
        ("{ for name, number in local.byname : number => name }", {"1": "a", "2": "b"}),
        ('merge(local.byname, { "c" = 3 })["c"]', 3),
        ('format("%s/%d", local.names[0], 4)', "a/4"),
        ('join(",", local.names)', "a,b"),
        ('flatten([["a"], ["b", ["c"]]])', ["a", "b", "c"]),
        ("true ? local.names : []", ["a", "b"]),
        ('try(local.nothing, "otherwise")', "otherwise"),
        ('lookup(local.byname, "z", 9)', 9),
        ('yamldecode("a: [1, 2]")', {"a": [1, 2]}),
        (
            "<<-EOT\n    a\n      b\n  EOT",
            "  a\n    b\n".replace("  a", "a").replace("    b", "  b"),
        ),
        ('"%{ if true }yes%{ else }no%{ endif }"', "yes"),
        ('"$${aws:username}"', "${aws:username}"),
        (r'"\u00e9\U0001F600\UFFFFFFFF\ud800"', "\u00e9\U0001f600\ufffd\ufffd"),
        ('file("${path.module}/text.txt")', "text"),
        ('templatefile("t.tpl", { name = "b" })', "a-b"),
        ('sort(fileset(path.module, "*.t?t"))', ["text.txt"]),
        ("element(local.names, 3)", "b"),
        ("length(local.byname)", 2),
        ("slice(local.names, 1, 2)", ["b"]),
        ('substr("abcdef", -3, 2)', "de"),
        ('title("fooBar baz")', "FooBar Baz"),
    ],
)
def test_a_known_value(tmp_path: Path, expression: str, expected: object) -> None:
    files = {"more.tf": MORE, "text.txt": "text", "t.tpl": "a-${name}"}
    found = value(tmp_path, expression, files)
    assert is_known(found)
    assert plain(found) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("aws_s3_bucket.b.arn", '"${aws_s3_bucket.b.arn}"'),
        ("aws_s3_bucket.b[*].arn", "aws_s3_bucket.b.*.arn"),
        ("var.v", "local.passed"),
        ('"${var.v}/*"', 'format("%s/*", var.v)'),
        ('"${var.v}/*"', 'join("/", [var.v, "*"])'),
        ("var.v && var.w", "var.w && var.v"),
        ("var.v == 1", "1 == var.v"),
        ("!(!var.v)", "var.v"),
        ("length(aws_s3_bucket.n) > 0", "var.v"),
        ("length(aws_s3_bucket.n) == 0 || 1 != length(aws_s3_bucket.n)", "!var.v || !var.v"),
        ('(var.v ? "a" : "b") != "a"', "!var.v"),
        ('coalesce(one(aws_s3_bucket.n[*].arn), "z")', 'var.v ? aws_s3_bucket.n[0].arn : "z"'),
        ("one(aws_s3_bucket.n) != null", "var.v"),
        ("{ a = var.v, b = 1 }", "{ b = 1, a = var.v }"),
        ("var.v ? 1 : 1", "1"),
        (
            "data.aws_caller_identity.here.account_id",
            "data.aws_caller_identity.also_here.id",
        ),
        ("f( var.v ,1)", "f(var.v, 1)"),
        (
            'lookup({ a = { x = 1, y = 2 }, b = {} }[var.v], "x", 0)',
            'lookup({ a = { x = 1, y = 3 }, b = { z = 4 } }[var.v], "x", 0)',
        ),
    ],
)
def test_terms_are_equal_if_they_come_to_the_same(tmp_path: Path, one: str, other: str) -> None:
    first = value(tmp_path / "a", one, {"more.tf": MORE})
    second = value(tmp_path / "b", f"# a comment\n{other}", {"z.tf": MORE})
    assert identity(first) == identity(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("var.v", "var.w"),
        ("length(aws_s3_bucket.n) == 1", "var.w"),
        ('(var.v ? "a" : "b") == "a"', "!var.v"),
        ('(var.v ? "a" : var.w) == "a"', "var.v"),
        ("aws_s3_bucket.b.policy == null", "false"),
        ("one(aws_s3_bucket.n[*].policy) == null", "!var.v"),
        ("aws_s3_bucket.b.arn", "aws_s3_bucket.c.arn"),
        ("aws_s3_bucket.b.arn", "aws_s3_bucket.b.policy"),
        ("[var.v, 1]", "[1, var.v]"),
        ("var.v - var.w", "var.w - var.v"),
        ('"1"', "1"),
        ("f(var.v)", "g(var.v)"),
        (
            'lookup({ a = { x = 1 }, b = {} }[var.v], "x", 0)',
            'lookup({ a = { x = 1 }, b = { x = 1 } }[var.v], "x", 0)',
        ),
        (
            'lookup({ a = { x = 1 }, b = {} }[var.v], "x", 0)',
            'lookup({ a = { x = 1 }, b = {} }[var.w], "x", 0)',
        ),
    ],
)
def test_terms_differ_otherwise(tmp_path: Path, one: str, other: str) -> None:
    found = [value(tmp_path, text, {"more.tf": MORE}) for text in (one, other)]
    assert identity(found[0]) != identity(found[1])


def variable_of(folder: Path, text: str, values: str = "") -> object:
    files = {"main.tf": f"{text}\nlocals {{\n  x = var.a\n}}\n"}
    if values:
        files["terraform.tfvars"] = values
    return local(deployment(folder, files).root, "x")


@pytest.mark.parametrize(
    "expression",
    ["data.aws_iam_policy_document.d", "data.aws_iam_policy_document.counted[0]", "module.m.doc"],
)
def test_a_data_source_as_a_whole_has_its_attributes(tmp_path: Path, expression: str) -> None:
    document = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"""
    counted = document.replace('"d" {', '"counted" {\n  count = 1')
    passed = 'module "m" {\n  source = "./m"\n  doc    = data.aws_iam_policy_document.d\n}\n'
    module = 'variable "doc" {}\noutput "doc" { value = var.doc }\n'
    files = {"d.tf": document + counted + passed, "m/main.tf": module}
    found = value(tmp_path, f"{{ whole = {expression} }}.whole.json", files)
    assert isinstance(found, Document)
    assert identity(found) == identity(value(tmp_path, f"{expression}.json", files))


def test_a_default_is_part_of_a_variable_and_a_description_is_not(tmp_path: Path) -> None:
    plain_one = variable_of(tmp_path / "1", 'variable "a" { default = 1 }')
    described = variable_of(tmp_path / "2", 'variable "a" {\n default = 1\n description = "x"\n}')
    other = variable_of(tmp_path / "3", 'variable "a" { default = 2 }')
    assert identity(plain_one) == identity(described)
    assert identity(plain_one) != identity(other)


def test_a_file_of_values_gives_a_variable_its_value(tmp_path: Path) -> None:
    assert variable_of(tmp_path, 'variable "a" { default = 1 }', "a = 5\n") == 5


def test_a_cycle_is_one_mark(tmp_path: Path) -> None:
    files = {"main.tf": "locals {\n  x = local.y\n  y = [local.x]\n}\n"}
    found = local(deployment(tmp_path, files).root, "x")
    assert isinstance(found, list)
    assert isinstance(found[0], Unknown)
    assert found[0].operator == "cycle"


def test_a_text_with_an_unknown_part_keeps_where_it_is_written(tmp_path: Path) -> None:
    found = value(tmp_path, '"arn:${var.v}"')
    assert isinstance(found, Text)
    assert found.origin is not None
    text = (tmp_path / found.origin.path).read_text()
    assert text[found.origin.start : found.origin.end] == '"arn:${var.v}"'


PARAMETER = """
locals {{ x = aws_ssm_parameter.a.value }}
resource "aws_ssm_parameter" "a" {{
  value = "{value}"
  lifecycle {{ ignore_changes = {ignored} }}
}}
"""


@pytest.mark.parametrize("ignored", ["[value]", "[tags, value]", '["value"]', "all"])
def test_an_argument_may_be_another_one_where_its_changes_are_ignored(
    tmp_path: Path, ignored: str
) -> None:
    first, second = (
        {"main.tf": PARAMETER.format(value=value, ignored=ignored)} for value in ("a", "b")
    )
    found = local(deployment(tmp_path / "1", first).root, "x")
    assert isinstance(found, Unknown)
    assert identity(found) == identity(local(deployment(tmp_path / "2", first).root, "x"))
    assert identity(found) != identity(local(deployment(tmp_path / "3", second).root, "x"))


def test_an_argument_is_what_it_is_given_where_the_changes_of_others_are_ignored(
    tmp_path: Path,
) -> None:
    files = {"main.tf": PARAMETER.format(value="a", ignored="[tags]")}
    assert local(deployment(tmp_path, files).root, "x") == "a"


def test_changes_are_ignored_in_json_as_well(tmp_path: Path) -> None:
    parameter = '{"value": "a", "lifecycle": {"ignore_changes": ["value"]}}'
    text = f"""{{
      "locals": {{"x": "${{aws_ssm_parameter.a.value}}"}},
      "resource": {{"aws_ssm_parameter": {{"a": {parameter}}}}}
    }}"""
    found = local(deployment(tmp_path, {"main.tf.json": text}).root, "x")
    assert isinstance(found, Unknown)


def test_json_is_read_to_the_same(tmp_path: Path) -> None:
    hcl = value(tmp_path / "a", 'jsonencode({ a = ["${var.v}/*", 1] })')
    write(
        tmp_path / "b",
        {
            "main.tf.json": '{"variable": {"v": {}, "w": {}}, "locals":'
            ' {"x": "${jsonencode({ a = [\\"${var.v}/*\\", 1] })}"}}'
        },
    )
    found = local(ModuleDeployment(FileTree(str(tmp_path / "b")), "").root, "x")
    assert isinstance(found, Encoded)
    assert identity(found) == identity(hcl)


@pytest.mark.parametrize(
    "text",
    [
        'locals {\n  a0 = "xxxxxxxxxx"\n'
        + "".join(f'  a{n + 1} = "${{local.a{n}}}${{local.a{n}}}"\n' for n in range(60))
        + "  x = local.a60\n}\n",
    ],
)
def test_what_is_out_of_proportion_is_refused(tmp_path: Path, text: str) -> None:
    from multitool_lint.values.reading import TooMuchError

    root = deployment(tmp_path, {"main.tf": text}).root
    with pytest.raises(TooMuchError):
        local(root, "x")


def test_marks_that_a_file_has_are_text() -> None:
    text = '{"a": "\ue000abc123\ue001", "b": "'
    found = parse_json(Text((text, Unknown("x"), '"}')))
    assert found == {"a": "\ue000abc123\ue001", "b": Unknown("x")}
    assert parse_json('{"a": "\ue000abc123\ue001"}') == {"a": "\ue000abc123\ue001"}
