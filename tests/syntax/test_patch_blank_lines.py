"""Removed parts leave one empty line between what is left, and none at the edges."""

from __future__ import annotations

import json

import pytest

from multitool_lint.formats import read_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source, apply_edits

ACTIONS = ["s3:GetObject", "sqs:SendMessage", "sns:Publish", "ecs:RunTask"]


def blocks(actions: list[str]) -> str:
    inner = "\n".join(
        f'  statement {{\n    actions   = ["{action}"]\n    resources = ["*"]\n  }}\n'
        for action in actions
    )
    return f'data "aws_iam_policy_document" "it" {{\n{inner}}}\n'


def items(actions: list[str]) -> str:
    inner = "\n".join(
        f'      {{ Effect = "Allow", Action = "{action}", Resource = "*" }},\n'
        for action in actions
    )
    return (
        'resource "aws_iam_policy" "it" {\n  policy = jsonencode({\n    Version = "2012-10-17"\n'
        f"    Statement = [\n{inner}    ]\n  }})\n}}\n"
    )


def dashes(actions: list[str]) -> str:
    inner = "\n".join(
        f"- Effect: Allow\n  Action: {action}\n  Resource: '*'\n" for action in actions
    )
    return f"Version: '2012-10-17'\nStatement:\n{inner}"


@pytest.mark.parametrize(
    ("path", "write"), [("main.tf", blocks), ("main.tf", items), ("policy.yaml", dashes)]
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("kept", ["0", "1", "3", "01", "03", "12", "23", "012", "013", "123"])
def test_statements(path: str, write: object, line_break: str, kept: str) -> None:
    assert callable(write)
    text, expected = (
        write(actions).replace("\n", line_break)
        for actions in (ACTIONS, [ACTIONS[int(number)] for number in kept])
    )
    (found,) = read_source(Source(path, text)).policies
    policy = json.loads(found.policy.source.text)
    policy["Statement"] = [policy["Statement"][int(number)] for number in kept]
    patch = found.patch()
    assert patch is not None
    edits = patch.edits(fast.read(json.dumps(policy), literal=True))
    assert edits is not None
    assert apply_edits(text, edits) == expected


def test_an_empty_line_before_another_key_stays() -> None:
    text = f"{dashes(['s3:*', 's3:GetObject'])}\nId: access\n"
    fixed = fix(Source("policy.yaml", text), keep_wildcards=True).text
    assert fixed == f"{dashes(['s3:*'])}\nId: access\n"
