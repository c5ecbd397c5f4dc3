"""Whatever is in a Terraform file, reading it neither fails nor points outside of it."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from multitool_lint.formats import read_source
from multitool_lint.formats.result import Problem, ReadResult, Skipped
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source, Span

SAMPLE = """\
# multitool-lint: ignore[unknown-action] \N{GRINNING FACE}
locals {
  names = ["s3:Get*", "\N{LATIN SMALL LETTER E WITH ACUTE}"]
  doc   = jsonencode({ "Version" : "2012-10-17", Statement = [{ Effect = "Allow" }, local.names] })
}
data "aws_iam_policy_document" "x" {
  source_policy_documents = [var.x]
  statement {
    actions   = concat(local.names, ["s3:${var.y}"])
    resources = ["arn:aws:s3:::${local.names[0]}/&{aws:username}"]
    dynamic "condition" {
      for_each = { a = 1 }
      content {
        test     = "StringEquals"
        variable = "aws:${condition.key}"
        values   = [condition.value, true]
      }
    }
  }
}
resource "aws_iam_role" "r" {
  assume_role_policy = <<-EOF
    {"Version": "2012-10-17", "Statement": [{"Action": ["${var.x["y"]}", "$${a}\\u00e9"]}]}
  EOF
  inline_policy {
    policy = "{\\"Statement\\": [{}], \\"Version\\": \\"\\U0001F600\\"}"
  }
}
"""
PLAN = json.dumps(
    {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": [
            {
                "address": "aws_iam_policy.x",
                "type": "aws_iam_policy",
                "change": {
                    "after": {"policy": '{"Statement": [{"Effect": "Allow"}]}', "tags": [{}]},
                    "after_unknown": {"arn": True, "policy": [True]},
                },
            }
        ],
    }
)
AS_JSON = json.dumps(
    {
        "resource": {"aws_iam_policy": {"x": {"policy": '{"Statement": [{"Action": "$${a}"}]}'}}},
        "data": {
            "aws_iam_policy_document": {
                "x": {
                    "statement": {"actions": ["a${b}"]},
                    "dynamic": {"statement": {"content": {"condition": [{"test": 1}]}}},
                }
            }
        },
        "locals": {"x": '${jsonencode({Statement = [{Effect = "Allow"}], "a" = "\N{SNOWMAN}"})}'},
    }
)
PIECES = st.sampled_from(
    [*'{}[]()"\\$%&=,:.#<>-+ \n\r\t\0a0', "${", "<<E\n", "\N{SNOWMAN}", "%{", "/*"]
)
EDITS = st.lists(
    st.tuples(st.integers(0, 2_000), st.integers(0, 30), st.lists(PIECES, max_size=3)), max_size=6
)


def changed(text: str, edits: list[tuple[int, int, list[str]]]) -> str:
    for start, length, pieces in edits:
        at = start % (len(text) + 1)
        text = text[:at] + "".join(pieces) + text[at + length :]
    return text


def spans(loaded: ReadResult) -> list[Span]:
    found: list[Any] = [*loaded.problems, *loaded.skipped, *loaded.comments]
    places = [candidate.span for candidate in found]
    for written in loaded.policies:
        places += [written.to_file(span) for span in getattr(written, "places", ())]
    for candidate in loaded.stream:
        if isinstance(candidate, Problem | Skipped):
            places.append(candidate.span)
        else:
            places.append(candidate.to_file(candidate.policy.root.span))
    return places


def check(path: str, text: str) -> None:
    loaded = read_source(Source(path, text))
    for start, end in spans(loaded):
        assert 0 <= start <= end <= len(text)


QUICKLY = settings(max_examples=150, database=None)


@pytest.mark.slow
@QUICKLY
@given(EDITS)
@example([(0, 19, []), (0, 30, [])])  # what is left of it without its mistakes has another one
def test_a_broken_file_does_not_crash(edits: list[tuple[int, int, list[str]]]) -> None:
    check("x.tf", changed(SAMPLE, edits))


@QUICKLY
@given(EDITS)
def test_broken_json_does_not_crash(edits: list[tuple[int, int, list[str]]]) -> None:
    check("x.tf.json", changed(AS_JSON, edits))


@QUICKLY
@given(EDITS)
def test_a_broken_plan_does_not_crash(edits: list[tuple[int, int, list[str]]]) -> None:
    check("plan.json", changed(PLAN, edits))


def test_the_samples_are_read_without_edits() -> None:
    assert len(read_source(Source("x.tf", SAMPLE)).policies) == 4
    assert len(read_source(Source("x.tf.json", AS_JSON)).policies) == 4
    assert list(read_source(Source("plan.json", PLAN)).stream)


POLICY = """\
resource "aws_iam_policy" "x" {
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]
}
EOF
}
"""


@pytest.mark.parametrize(
    "broken",
    [
        'resource "aws_s3_bucket" "b" {\n  bucket = = "x"\n}\n',
        'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n',
        'locals {\n  names = "not closed\n}\n',
        'module "m" {\n  source = "./m"\n  ...\n}\n',
        "<<<<<<< HEAD\nlocals {\n  a = 1\n}\n=======\nlocals {\n}\n>>>>>>> x\n",
    ],
)
def test_policies_after_a_broken_block_are_read(broken: str) -> None:
    text = f"{broken}\n{POLICY}"
    found = read_source(Source("main.tf", text))
    (problem,) = found.problems
    assert problem.rule == "hcl-syntax-error"
    assert problem.span.start <= len(broken) + 1
    (policy,) = found.policies
    assert policy.policy.name == "aws_iam_policy.x.policy"
    assert read_source(Source("main.tf", f"{POLICY}\n{broken}")).policies


def test_a_broken_policy_is_a_mistake() -> None:
    broken = POLICY.replace("EOF\n}", "EOF\n  = 1\n}")
    found = read_source(Source("main.tf", f"{broken}\n{POLICY}"))
    assert len(found.problems) == 1
    assert len(found.policies) == 1


@pytest.mark.parametrize("block", ["resource", "data", "module", 'resource "aws_iam_role"'])
def test_a_block_without_its_labels_hides_no_other(block: str) -> None:
    typo = '{ Statement = [{ Effect = "Allow", Action = "s3:GetObjekt", Resource = "*" }] }'
    policy = f"policy = jsonencode({typo})"
    text = f'{block} {{\n  {policy}\n}}\nresource "aws_iam_policy" "p" {{\n  {policy}\n}}\n'
    found = lint_source(Source("main.tf", text)).findings
    second = text.rindex("s3:GetObjekt")
    assert any(f.rule == "unknown-action" and f.span.start <= second < f.span.end for f in found)


@pytest.mark.parametrize(
    ("more", "tag"),
    [
        ("bucket = aws_s3_bucket.{{ name }}.id", "{{ name }}"),
        ('{% if kind == "web" %}\nbucket = 1\n{% endif %}', '{% if kind == "web" %}'),
        ('bucket = "{{ name }}" 1', None),
        ("bucket = [1 2 # {{ name }}", None),
        ('bucket = "${f("{{ name }}")}" 1', None),
        ("bucket = [1 2\nbody = <<EOT\n{{ name }}\nEOT\n", None),
        ("bucket = {{}}", None),
    ],
)
def test_a_template_of_another_engine_is_not_a_mistake(more: str, tag: str | None) -> None:
    block = f'resource "aws_s3_bucket_policy" "b" {{\n  {more}\n  policy = "{{}}"\n}}\n'
    text = f"# {{{{ name }}}} as \N{LATIN SMALL LETTER E WITH ACUTE}\n{block}{block}"
    found = read_source(Source("x.tf", text))
    tags = [text[slice(*skipped.span)] for skipped in found.skipped if skipped.unread]
    assert (tag in tags, bool(found.problems)) == (tag is not None, tag is None)
