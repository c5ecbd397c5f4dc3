"""Fixes and rewrites of policies in Terraform's language."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.interop import interop
from support.terraform_writing import data_source, encoded, heredoc, normal, strings
from support.yaml_writing import Example, as_json, examples_of_pages, with_every_example

from multitool_lint import tighten
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.source import Source, apply_edits

EXAMPLES = examples_of_pages()


def forms(example: Example) -> list[tuple[str, str]]:
    """An example in Terraform's language, each form with the JSON that it means."""
    as_text = as_json(example.root)
    value = json.loads(as_text)
    if (
        any(map(has_placeholder, strings(value)))
        or json.dumps(value, separators=(",", ":")) != as_text
    ):
        return []  # a template, or keys that are there twice
    document = normal(value)
    made = [(encoded(value), as_text), (heredoc(as_text), as_text)]
    return made if document is None else [*made, (data_source(document), json.dumps(document))]


def findings(path: str, text: str, example: Example, type_: PolicyType | None) -> list[Finding]:
    report = lint_source(
        Source(path, text), type=type_, resource_type=example.resource_type, enabled=rules()
    )
    return sorted(
        report.findings, key=lambda finding: (finding.rule, finding.pointer, finding.title[:30])
    )


def type_of(example: Example) -> PolicyType | None:
    policies = read_source(Source("p.json", example.text)).json_policies
    return PolicyType(example.type) if example.type else policies[0].type if policies else None


@with_every_example
def test_a_fix_makes_of_the_policy_what_it_makes_of_its_json(example: Example) -> None:
    type_ = type_of(example)
    texts = []
    for text, as_text in forms(example):
        mine = findings("policy.tf", text, example, type_)
        expected = findings("policy.json", as_text, example, type_)
        for finding, its in zip(mine, expected, strict=True):
            assert (finding.rule, finding.pointer) == (its.rule, its.pointer)
            wanted = {as_json.title: as_json for as_json in its.fixes}
            for offered in finding.fixes:
                after = apply_edits(text, offered.edits)
                texts.append(after)
                (written,) = read_source(Source("policy.tf", after), type=type_).policies
                rewritten = json.loads(written.policy.source.text)
                fixed = json.loads(apply_edits(as_text, wanted[offered.title].edits))
                if text.startswith("data"):
                    rewritten, fixed = normal(rewritten), normal(fixed)
                assert rewritten == fixed, after
    for after in texts:
        if "<<-" not in after and "$${" not in after:
            interop("hcl2").loads(after)


@pytest.mark.exhaustive
def test_most_fixes_are_given_to_jsonencode_and_heredocs() -> None:
    given = unavailable = 0
    for example in EXAMPLES:
        for text, _ in forms(example)[:2]:
            found = findings("p.tf", text, example, type_of(example))
            given += sum(bool(finding.fixes) for finding in found)
            unavailable += sum(
                " fix is offered here " in note for finding in found for note in finding.notes
            )
    assert given > 150
    assert unavailable < given / 10


def test_a_dropped_item_takes_its_comma_and_its_line_and_no_comment_of_others() -> None:
    text = """\
data "aws_iam_policy_document" "reader" {
  statement {
    actions = [
      # all reads
      "s3:Get*",
      "s3:GetObject", # covered
      # and this
      "s3:PutObject",
      "s3:GetBucketPolicy"
    ]
    resources = ["arn:aws:s3:::reports/*"]
  }
}
"""
    assert fix(Source("p.tf", text), keep_wildcards=True).text == text.replace(
        '      "s3:GetObject", # covered\n', ""
    ).replace('      "s3:GetBucketPolicy"\n', "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["s3:Get*", "s3:GetObject"]', '["s3:Get*"]'),
        ('["s3:GetObject", "s3:Get*"]', '["s3:Get*"]'),
        ('["s3:GetObject", "s3:Get*", "s3:GetBucketAcl",]', '["s3:Get*",]'),
        ('["s3:GetObject",\n "s3:Get*"]', '[\n "s3:Get*"]'),
        ('["s3:Get*",\r\n "s3:GetObject"\r\n]', '["s3:Get*",\r\n]'),
        ('[var.x, "s3:Get*", "s3:GetObject"]', '[var.x, "s3:Get*"]'),
        ('["😀:x", "s3:Get*", "s3:GetObject"]', '["😀:x", "s3:Get*"]'),
    ],
)
def test_items_are_dropped_whatever_the_style(before: str, after: str) -> None:
    head = 'data "aws_iam_policy_document" "x" {\n  statement {\n    actions = '
    tail = '\n    resources = ["arn:aws:s3:::reports/*"]\n  }\n}\n'
    assert (
        fix(Source("p.tf", head + before + tail), keep_wildcards=True).text == head + after + tail
    )


def test_what_is_used_elsewhere_too_is_reported_and_not_changed() -> None:
    text = """\
locals {
  reads = ["s3:Get*", "s3:GetObject"]
}
data "aws_iam_policy_document" "x" {
  statement {
    actions   = local.reads
    resources = ["*"]
  }
}
"""
    source = Source("p.tf", text)
    assert fix(source, keep_wildcards=True).text == text
    (finding,) = (
        finding for finding in lint_source(source).findings if finding.rule == "redundant-action"
    )
    assert source.position(finding.span.start) == (2, 12)
    assert finding.notes[-1] == (
        "no fix is offered here (not written as plain values that serve only this policy): Remove "
        'the redundant action and keep "s3:Get*" (access unchanged, with fix --keep-wildcards)'
    )


def test_a_variable_of_iam_keeps_the_way_it_is_written() -> None:
    for sign, form in (("&{", 'resources = ["{}"]'), ("$${", 'resources = ["{}"]')):
        old = f"arn:aws:s3:::home/{sign}aws:username }}"
        attribute = form.replace("{}", old)
        text = (
            'data "aws_iam_policy_document" "x" {\n  statement {\n'
            f'    actions = ["s3:GetObject"]\n    {attribute}\n  }}\n}}\n'
        )
        done = fix(Source("p.tf", text), unsafe=True).text
        assert f'"arn:aws:s3:::home/{sign}aws:username}}"' in done


def test_json_in_a_heredoc_is_changed_as_json() -> None:
    text = """\
resource "aws_iam_policy" "x" {
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Action": ["s3:Get*", "s3:GetObject"],
        "Resource": "arn:aws:s3:::${var.bucket}/$${aws:username}"
      }
    }
  EOF
}
"""
    after = fix(Source("p.tf", text), keep_wildcards=True).text
    assert after == text.replace(', "s3:GetObject"', "")
    (written,) = read_source(Source("p.tf", after)).policies
    assert json.loads(written.policy.source.text)["Statement"]["Action"] == ["s3:Get*"]


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "multitool_lint", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_wildcards_are_written_out_each_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    text = (
        'data "aws_iam_policy_document" "x" {\n  statement {\n'
        '    actions = ["sqs:*", "s3:PutObject"]'
        '\n    resources = ["*"]\n  }\n}\n'
    )
    path.write_text(text, encoding="utf-8")
    done = run(tmp_path, "tighten", "--access-level", "read", "--write", "main.tf")
    assert done.returncode == 0, done.stderr
    after = path.read_text(encoding="utf-8")
    assert '    actions = [\n      "sqs:GetQueueAttributes",\n' in after
    assert after.endswith('      "s3:PutObject",\n    ]\n    resources = ["*"]\n  }\n}\n')
    (policy,) = read_source(Source("main.tf", after)).policies
    assert policy.policy.statements[0].services == {"s3", "sqs"}


@pytest.mark.parametrize(
    ("written", "resources"),
    [
        ('["${local.arn}/*"]', '["${local.arn}/*", local.arn]'),
        ("[local.arn]", '[local.arn, "${local.arn}/*"]'),
        ("[ local.arn, ]", '[ local.arn, "${local.arn}/*", ]'),
        ("[local.arn /* all */]", None),
        ('["arn:aws:s3:::a"]', '["arn:aws:s3:::a", "arn:aws:s3:::a/*"]'),
    ],
)
def test_an_expression_is_added_to_as_it_is_written(written: str, resources: str | None) -> None:
    text = """locals { arn = "arn:aws:s3:::a" }
data "aws_iam_policy_document" "d" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = {}
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
"""
    source = Source("main.tf", text.replace("{}", written))
    fixed = fix(source, unsafe=True).text
    assert fixed == (text.replace("{}", resources) if resources else source.text)


def limited(text: str) -> str:
    (after,) = tighten(Source("main.tf", text), pass_role_to=["ec2.amazonaws.com"]).policies
    again = tighten(Source("main.tf", str(after)), pass_role_to=["ec2.amazonaws.com"])
    assert again.policies == (after,)
    return str(after)


def test_a_condition_and_a_statement_are_written_as_blocks() -> None:
    text = """data "aws_iam_policy_document" "all" {
  statement {
    sid       = "Run"
    effect    = "Allow"
    actions   = ["ec2:RunInstances", "iam:PassRole"] # until March
    resources = ["*", aws_iam_role.job.arn]
  } # the first one
}

data "aws_iam_policy_document" "one" {
  statement {
    actions   = ["iam:PassRole"]
    resources = ["*"]
  }
}
"""
    condition = """
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }"""
    expected = text.replace(', "iam:PassRole"]', "]").replace(
        "  } # the first one",
        """  }

  statement {
    sid       = "RunPassRole"
    effect    = "Allow"
    actions   = ["iam:PassRole"]
    resources = ["*", "${aws_iam_role.job.arn}"]
"""
        + condition
        + " # the first one",
    )
    place = expected.rindex("  }\n}")
    assert limited(text) == f"{expected[:place]}{condition}{expected[place + 3 :]}"
    windows = text.replace("\n", "\r\n")
    assert limited(windows) == limited(text).replace("\n", "\r\n")


@pytest.mark.parametrize(
    "block",
    [
        'statement { actions = ["iam:PassRole"] }',
        """dynamic "statement" {
    for_each = [1]
    content {
      actions   = ["iam:PassRole"]
      resources = ["*"]
    }
  }""",
        'statement = [{\n  actions = ["iam:PassRole"]\n  resources = ["*"]\n}]',
        'statement {\n  actions = ["iam:PassRole", "s3:Get*"]\n  resources = var.arns\n}',
    ],
)
def test_a_block_of_another_form_stays(block: str) -> None:
    text = f'data "aws_iam_policy_document" "p" {{\n{block}\n}}\n'
    assert limited(text) == text


def test_what_a_statement_is_split_into_comes_after_it() -> None:
    text = """resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["ec2:RunInstances", "iam:PassRole"]
        Resource = "*"
      },
    ]
  })
}
"""
    added = """
      {
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = "*"
        Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
      },"""
    expected = text.replace(', "iam:PassRole"]', "]").replace("      },", f"      }},{added}")
    assert limited(text) == expected


def test_a_statement_of_one_action_gets_the_condition_and_its_help_names_the_command() -> None:
    text = """data "aws_iam_policy_document" "one" {
  statement {
    actions   = ["iam:PassRole"]
    resources = ["*"]
  }
}
"""
    report = lint_source(Source("main.tf", text))
    (finding,) = (f for f in report.findings if f.rule == "pass-role-any-resource")
    assert "multitool-lint tighten --pass-role-to SERVICE main.tf" in finding.help
    assert limited(text) != text
