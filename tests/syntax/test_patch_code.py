"""Fixes in the code of documentation and scripts: the file around the code stays as it is."""

import json

import pytest
from support.terraform_writing import encoded
from support.yaml_writing import Example, as_block, as_json, with_every_example

from multitool_lint.rewrite.fix import Fixed, fix
from multitool_lint.rewrite.shrink import shrink
from multitool_lint.syntax.source import Source

YAML = """Version: "2012-10-17"
Statement:
- Effect: Allow # read
  Action:
  - s3:GetObject
  - s3:GetObject

  Resource: "arn:aws:s3:::b/*"
- Effect: Allow
  Action: s3:GetObject
  Resource: "arn:aws:s3:::b/*"
"""
FIXED_YAML = """Version: "2012-10-17"
Statement:
- Effect: Allow # read
  Action:
  - s3:GetObject

  Resource: "arn:aws:s3:::b/*"
"""


FENCE = "```TAG\nCODE```\n"
HERE = "cat > a.TAG <<'EOF'\nCODEEOF\n"
PAGES = {
    "fence": ("page.md", "# A\n\n", "", FENCE, "\nB\n"),
    "admonition": ("page.md", '!!! note "A"\n\n', "    ", FENCE, "\nB\n"),
    "tab": ("page.md", '=== "A"\n\n    ??? tip\n\n', " " * 8, FENCE, "\nB\n"),
    "list": ("page.md", "1. A\n\n", "   ", FENCE, "\n2. B\n"),
    "quote": ("page.md", "> A\n>\n", "> ", FENCE, "\nB\n"),
    "asciidoc": ("page.adoc", "= A\n\n", "", "[source,TAG]\n----\nCODE----\n", "\nB\n"),
    "rst": ("page.rst", "A\n\n.. code-block:: TAG\n\n", "   ", "CODE", "\nB\n"),
    "script": ("a.sh", "set -e\n", "", HERE, "echo B\n"),
    "script with tabs": ("a.sh", "f() {\n", "\t", HERE.replace("<<", "<<-"), "}\n"),
    "script in a list": ("page.md", "* A\n\n", "  ", f"```sh\n{HERE}```\n", "\n* B\n"),
}
"""Files with code: the path, what is before the lines with code, before each of them, after."""


def write(page: str, tag: str, code: str) -> str:
    """The page with some code, of which no empty line gets white space."""
    _, head, before, block, tail = PAGES[page]
    lines = block.replace("CODE", code).splitlines()
    written = [f"{before}{line}" if line else before.rstrip() for line in lines]
    return (head + "".join(f"{line}\n" for line in written) + tail).replace("TAG", tag)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_only_the_code_is_changed(page: str, line_break: str) -> None:
    path = PAGES[page][0]
    text = write(page, "yaml", YAML).replace("\n", line_break)
    fixed = fix(Source(path, text)).text
    assert fixed == write(page, "yaml", FIXED_YAML).replace("\n", line_break)
    assert fix(Source(path, fixed)).text == fixed


@pytest.mark.parametrize("page", PAGES)
def test_terraform_is_changed_in_its_block(page: str) -> None:
    path = PAGES[page][0]
    code = """resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::b/*" }, # read
      { Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::b/*" },
    ]
  })
}
"""
    fixed = fix(Source(path, write(page, "tf", code))).text
    gone = '      { Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::b/*" },\n'
    assert fixed == write(page, "tf", code.replace(gone, ""))


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        (
            (
                "cat <<EOF > p.json\n"
                '{"Version": "2012-10-17", "Statement": [\n'
                '  {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "$A"},\n'
                '  {"Effect": "Allow", "Action": ["sqs:*", "sqs:SendMessage"], "Resource": "*"}]}\n'
                "EOF\n"
            ),
            (
                "cat <<EOF > p.json\n"
                '{"Version": "2012-10-17", "Statement": [\n'
                '  {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "$A"},\n'
                '  {"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}]}\n'
                "EOF\n"
            ),
        ),
    ],
)
def test_a_line_in_which_a_shell_expands_something_stays(code: str, fixed: str) -> None:
    assert fix(Source("a.sh", code), keep_wildcards=True).text == fixed


POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
    '"Action": ["s3:GetObject", "s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}]}'
)


@pytest.mark.parametrize(
    "text",
    [
        'aws iam create-policy --policy-document "{}"\n'.format(POLICY.replace('"', '\\"')),
        "aws iam create-policy --policy-document '{}'\n".format(POLICY.replace("b/*", "'$B'/*")),
        f"#!/bin/sh\n{POLICY}\n",
    ],
)
def test_a_text_that_a_shell_changes_and_what_a_command_prints_stay(text: str) -> None:
    result = fix(Source("a.sh", text))
    assert result.text == text
    [note] = [
        note
        for finding in result.remaining.findings
        if finding.rule == "redundant-action"
        for note in finding.notes
        if "no fix is offered here" in note
    ]
    assert "a policy in a command of a shell" in note


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", [None, 4])
def test_an_argument_in_single_quotes_is_changed(indent: int | None, line_break: str) -> None:
    before = json.loads(POLICY)
    before["Statement"].append(before["Statement"][0])
    after = json.loads(POLICY.replace('"s3:GetObject", ', ""))

    def script(policy: object) -> str:
        code = json.dumps(policy, indent=indent)
        text = f"aws iam create-policy --policy-document '{code}' \\\n  --policy-name 'it''s'\n"
        return text.replace("\n", line_break)

    fixed = fix(Source("a.sh", script(before))).text
    assert fixed == script(after)
    page = f"# A{line_break}```sh{line_break}%s```{line_break}"
    assert fix(Source("a.md", page % script(before))).text == page % script(after)


def test_other_rewrites_change_a_block_too() -> None:
    names = "Action: [s3:GetObject, s3:GetObjectAcl]"
    code = f"Version: 2012-10-17\nStatement:\n- Effect: Allow\n  {names}\n  Resource: '*'\n"
    text = write("list", "yaml", code)
    assert shrink(Source("page.md", text)).text == write(
        "list", "yaml", shrink(Source("a.yaml", code)).text
    )


@with_every_example
def test_the_code_is_fixed_as_in_a_file_of_its_own(example: Example) -> None:
    forms = {"yaml": as_block(example.root)}
    if isinstance(document := json.loads(as_json(example.root)), dict):
        forms["tf"] = encoded(document)
    for tag, code in forms.items():
        alone = fix(Source(f"a.{tag}", code), unsafe=True)
        for page in PAGES:
            path = PAGES[page][0]
            fixed = fix(Source(path, write(page, tag, code)), unsafe=True)
            if _applied(fixed) != _applied(alone):
                continue  # in documentation, more is a placeholder
            assert fixed.text == write(page, tag, alone.text), page
            assert fix(Source(path, fixed.text), unsafe=True).text == fixed.text


def _applied(fixed: Fixed) -> list[tuple[str, str]]:
    return [(applied.finding.rule, applied.fix.title) for applied in fixed.applied]
