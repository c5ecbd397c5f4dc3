"""Mistakes in JSON with one correction do not hide the rest."""

import json

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.json.repair import repaired
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
    written = repaired(text)
    if value is None:
        assert written is None
        return
    assert written is not None
    assert json.loads(written) == value
    assert len(written) == len(text)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": b}', '["a""b"]', "{'a': 1}", '{"a" 1}', "[1] [2]", "[" + "1," * 30 + "]"],
)
def test_others_are_left(text: str) -> None:
    written = repaired(text)
    assert written is None or json.loads(written)


def test_no_more_mistakes_than_the_limit() -> None:
    assert repaired("[" + "[1,]," * 9 + "0]") is not None
    assert repaired("[" + "[1,]," * 19 + "0]") is None


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
