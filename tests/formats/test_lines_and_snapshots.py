"""Policies in JSON Lines, in notebooks and in snapshots of Jest are read at their places."""

import json

import pytest

from multitool_lint.formats import read_source
from multitool_lint.formats.snapshots import values
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"}'
POLICY = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
DOCUMENT = {
    "data": {
        "aws_iam_policy_document": {
            "p": {"statement": [{"actions": ["s3:GetObjct"], "resources": ["arn:aws:s3:::b/*"]}]}
        }
    }
}
TEXTS = """\
"T": "{"a":"b\\\\n"}",
"U": "a
  b","""
DASHBOARD = """\
"B": "{
  "widgets": [
    {
      "label": "SUCCESS",
      "id": "success"
    }
  ]
}",
"L": Array [
  "a",
  Object {
    "Ref": "b",
  },
],"""
CODE = """\
"R": "[^\\\\s@]+",
"S": "a = '\\\\n'  # "b"
return "c",
    d","""
MAPPING = r""""M": "
  {
    \\"first\\": \\"a\\",
    \\"last\\": {
      \\"b\\": \\"c\\"
    }
  }
",
"C": "@\\"\\\\","""
MAPPINGS = f"{MAPPING}\n{MAPPING.replace('M', 'N')}"
SNAPSHOT = """\
// Jest Snapshot v1

exports[`role \\`a\\` 1`] = `
Object {
  "Resources": Object {
    "P": Object {
      "Properties": Object {
        "PolicyDocument": Object {
          "Statement": Array [
            Object {
              "Action": "s3:GetObjct",
              "Effect": "Allow",
              "Resource": "arn:aws:s3:::b/\\${aws:username}, }",
            },
          ],
          "Version": "2012-10-17",
        },
      },
      "Type": "AWS::IAM::ManagedPolicy",
    },
  },
}
`;

exports[`other 1`] = `"text"`;
"""


def found_in(source: Source) -> list[str]:
    """The texts of the unknown actions, each on its own."""
    report = lint_source(source)
    return [
        source.text[slice(*finding.span)].strip('\\"')
        for finding in report.findings
        if finding.rule == "unknown-action"
    ]


def notebook(*cells: tuple[str, str]) -> Source:
    value = [{"cell_type": kind, "source": text.splitlines(keepends=True)} for kind, text in cells]
    return Source("n.ipynb", json.dumps({"cells": value, "nbformat": 4}, indent=1))


@pytest.mark.parametrize(
    "source",
    [
        Source("a.jsonl", f'{{"id": 1}}\n{{"a": {POLICY}}}\n'),
        Source("a.ndjson", f"{POLICY}\r\n{{}}\r\n"),
        Source("a.jsonl", f"{json.dumps({'é': POLICY})}\n"),
        notebook(("markdown", f"# P\n\n```json\n{POLICY}\n```\n")),
        notebook(("code", f"%%bash\ncat > p.json <<EOF\n{POLICY}\nEOF\n")),
        Source("a.snap", SNAPSHOT),
        Source("a.snap", SNAPSHOT.replace('"P": ', f'{TEXTS}\n"P": ')),
        Source("a.snap", SNAPSHOT.replace('"P": ', f'{CODE}\n"P": ')),
        Source("a.snap", SNAPSHOT.replace('"P": ', f'{DASHBOARD}\n"P": ')),
        Source("a.snap", SNAPSHOT.replace('"P": ', f'{MAPPINGS}\n"P": ')),
        Source("a.snap", SNAPSHOT.replace('"P": ', '"C": "from: ""\n",\n"P": ')),
        Source("a.snap", SNAPSHOT.replace('"P": ', '"R": "[^\\\\s@]+",\n"P": ')),
        Source("a.snap", SNAPSHOT.replace('"P": ', '"C:\\\\W\\\\b": {},\n"P": ')),
        Source("a.snap", f'exports[`a`] = `\n"{json.dumps(DOCUMENT, indent=2)}"\n`;\n'),
    ],
    ids=lambda source: source.path,
)
def test_a_policy_is_linted_at_its_place(source: Source) -> None:
    assert found_in(source) == ["s3:GetObjct"]
    assert not any(skipped.unread for skipped in read_source(source).skipped)


def test_policies_of_lines_are_named_by_them_and_changed_there() -> None:
    policy = POLICY.replace('"s3:GetObjct"', '["s3:GetObject", "s3:GetObject"]')
    source = Source("a.jsonl", f'{{"a": {POLICY}}}\n\n{{"b": {policy}}}\n')
    assert [policy.name for policy in lint_source(source).policies] == ["line 1/a", "line 3/b"]
    fixed = fix(source).text.splitlines()
    assert fixed[0] == source.text.splitlines()[0]
    assert json.loads(fixed[2])["b"]["Statement"][0]["Action"] in (["s3:GetObject"], "s3:GetObject")


@pytest.mark.parametrize(
    "source",
    [
        Source("a.jsonl", f'{{"a": {POLICY[:-1]}\n{{}}\n'),
        notebook(("code", f"p = {POLICY.replace('}]', '}, ]')}\nprint(\n    p)\n")),
        Source("a.snap", SNAPSHOT.replace('"Allow"', "Allow")),
        Source("a.snap", SNAPSHOT.replace("exports", "other")),
    ],
    ids=lambda source: source.path,
)
def test_what_cannot_be_read_is_listed(source: Source) -> None:
    report = lint_source(source)
    assert not report.findings
    assert any(skipped.unread for skipped in report.skipped)


def test_a_snapshot_and_a_notebook_are_not_changed() -> None:
    for source in (Source("a.snap", SNAPSHOT), notebook(("markdown", f"```json\n{POLICY}\n```\n"))):
        assert fix(source, unsafe=True).text == source.text


@pytest.mark.parametrize("texts", [TEXTS, CODE, DASHBOARD, MAPPINGS])
def test_the_objects_of_a_snapshot_are_json(texts: str) -> None:
    first, _ = values(SNAPSHOT.replace('"P": ', f'{texts}\n"P": '))
    assert "P" in json.loads(first[0].text)["Resources"]
