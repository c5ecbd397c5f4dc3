"""Mistakes in JSON with one correction do not hide the rest."""

import json

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.json.repair import overwritten, repairs
from multitool_lint.syntax.source import Source


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2,], }', {"a": [1, 2]}),
        ('{"a": 1 // one\n, "b": 2 /* two\nlines */ }', {"a": 1, "b": 2}),
        ('# first\n["x"\n"y"]', ["x", "y"]),
        ('{"a": {}\n"b": [] []}', None),
        ('{"a": [{} {} []]}', {"a": [{}, {}, []]}),
        ('{"a": 1,}\nNotes: {}', {"a": 1}),
        ('{"a": 1}} {"b": 2}', {"a": 1}),
    ],
)
def test_plain_mistakes_are_overwritten(text: str, value: object) -> None:
    found = repairs(text)
    assert bool(found) == (value is not None)
    if not found:
        return
    written = overwritten(text, found)
    assert json.loads(written) == value
    assert len(written) == len(text)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": b}', '["a""b"]', "{'a': 1}", '{"a" 1}', "[1] [2]", "[" + "1," * 30 + "]"],
)
def test_others_are_left(text: str) -> None:
    found = repairs(text)
    assert not found or json.loads(overwritten(text, found))


def test_no_more_mistakes_than_the_limit() -> None:
    assert repairs("[" + "[1,]," * 9 + "0]")
    assert not repairs("[" + "[1,]," * 19 + "0]")


def test_the_policy_is_linted_without_fixes() -> None:
    text = """{
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*",}
  ]
}"""
    report = lint_source(Source("policy.json", text))
    found = [(finding.rule, finding.source.text == text) for finding in report.findings]
    assert found == [
        ("json-syntax-error", True),
        ("missing-version", True),
        ("unknown-action", True),
    ]
    assert not any(finding.fixes for finding in report.findings)
    assert [finding.span.start for finding in report.findings][2] == text.index('"s3:GetObjekt"')


_MISTAKEN = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::b/*"},
    // a comment
    {"Effect": "Allow" "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:queue"},
  ]
}"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("page.md", f"```json\n{_MISTAKEN}\n```\n"),
        ("main.tf", f'resource "aws_iam_policy" "p" {{\n  policy = <<EOT\n{_MISTAKEN}\nEOT\n}}\n'),
        ("deploy.sh", f"cat > policy.json <<'EOF'\n{_MISTAKEN}\nEOF\n"),
        ("task.yml", "- policy: |\n" + "".join(f"    {x}\n" for x in _MISTAKEN.split("\n"))),
    ],
)
def test_a_mistake_in_a_part_of_a_file_does_not_hide_the_rest_of_it(path: str, text: str) -> None:
    before = _MISTAKEN.replace("    // a comment\n", "").replace('w" "A', 'w", "A')
    right = lint_source(Source("p.json", before.replace("},\n  ]", "}\n  ]")))
    report = lint_source(Source(path, text))
    assert [finding.rule for finding in report.findings] == [
        "json-syntax-error",
        *(finding.rule for finding in right.findings),
    ]
    assert {finding.source.text for finding in report.findings} == {text}
    assert not any(finding.fixes for finding in report.findings)
    places = {finding.rule: text[slice(*finding.span)] for finding in report.findings}
    assert places["unknown-action"].strip('"') == "s3:GetObjekt"


def test_what_was_read_next_to_a_mistake_is_reported_once() -> None:
    statement = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}'
    good = f'{{"Version": "2012-10-17", "Statement": {statement}}}'
    text = f"```json\n{good}\n```\n\n```json\n{good[:-1]},}}\n```\n"
    report = lint_source(Source("page.md", text))
    assert [finding.rule for finding in report.findings].count("unknown-action") == 2
    assert report.policy_count == 2
