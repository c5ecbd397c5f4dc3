from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pygls")

from support.editor import edited

if TYPE_CHECKING:
    from support.editor import Editor

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["sqs:List*", "sqs:ListQueues", "sqs:ListQueues"], "Resource": "*"},
  {"Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction"], "Resource": "*"}
]}
"""
YAML = """\
Version: 2012-10-17
Statement:
- Effect: Allow
  Action:
  - sqs:*Queue
  - iam:PassRole
  - lambda:CreateFunction
  Resource: '*'
"""
HCL = """\
data "aws_iam_policy_document" "a" {
  statement {
    actions   = ["sqs:List*", "ec2:RunInstances"]
    resources = ["*"]
  }
}
"""
SUPPRESS = "Suppress pass-role-any-resource here, with a reason"


def test_every_fix_is_a_code_action(editor: Editor) -> None:
    editor.open("fix.json", POLICY)
    actions = editor.actions("fix.json", 1, 60)
    [fix] = [title for title in actions if title.startswith("Remove the ")]
    assert "sqs:ListQueues" not in edited(POLICY, actions[fix].edit)
    assert actions[fix].diagnostics


def test_all_safe_fixes_are_one_action(editor: Editor) -> None:
    text = POLICY.replace('"sqs:List*", ', "")
    editor.open("all.json", text)
    [action] = editor.actions("all.json", 0, 0, "source.fixAll").values()
    assert edited(text, action.edit).count("sqs:ListQueues") == 1
    assert (
        editor.actions("fix.json", 1, 60, "refactor").keys()
        < editor.actions("fix.json", 1, 60).keys()
    )


def test_a_wildcard_becomes_what_it_matches(editor: Editor) -> None:
    editor.open("wide.yaml", YAML)
    actions = editor.actions("wide.yaml", 4, 6)
    expand = next(a for title, a in actions.items() if "that it matches" in title)
    assert "  - sqs:CreateQueue\n  - sqs:DeleteQueue\n" in edited(YAML, expand.edit)
    editor.open("wide.tf", HCL)
    actions = editor.actions("wide.tf", 2, 20)
    assert '"sqs:ListQueues"' in edited(
        HCL, next(a for title, a in actions.items() if "that it matches" in title).edit
    )
    after = edited(HCL, actions["Sort the actions (access unchanged)"].edit)
    assert '["ec2:RunInstances", "sqs:List*"]' in after


def test_a_wildcard_is_tightened_by_level(editor: Editor) -> None:
    text = HCL.replace("sqs:List*", "sqs:*")
    editor.open("level.tf", text)
    actions = editor.actions("level.tf", 2, 20)
    [title] = [title for title in actions if title.endswith("actions at List and Read")]
    after = edited(text, actions[title].edit)
    assert '"sqs:ListQueues"' in after
    assert "sqs:DeleteQueue" not in after
    assert any("without Permissions management" in title for title in actions)


def test_passing_roles_is_limited_to_services(editor: Editor) -> None:
    editor.open("pass.yaml", YAML)
    action = editor.actions("pass.yaml", 5, 6)["Limit iam:PassRole to lambda.amazonaws.com"]
    after = edited(YAML, action.edit)
    assert after.endswith("StringEquals:\n      iam:PassedToService: lambda.amazonaws.com\n")
    assert "  - sqs:*Queue\n  - lambda:CreateFunction\n  Resource: '*'\n" in after


def test_a_finding_is_suppressed_with_a_reason(editor: Editor) -> None:
    editor.open("ignore.yaml", YAML)
    after = edited(YAML, editor.actions("ignore.yaml", 5, 6)[SUPPRESS].edit)
    assert "- iam:PassRole # multitool-lint: ignore[pass-role-any-resource] TODO" in after
    editor.open("ignore.json", POLICY)
    edit = editor.actions("ignore.json", 2, 36)[SUPPRESS].edit
    assert edit.document_changes[-1].text_document.uri == editor.uri("multitool-lint.toml")
    before = (editor.folder / "multitool-lint.toml").read_text(encoding="utf-8")
    after = edited(before, edit)
    assert after.startswith(before)
    assert 'rule = "pass-role-any-resource"\npath = "ignore.json"\n' in after


def test_what_cannot_be_changed_says_why(editor: Editor) -> None:
    text = HCL.replace('"ec2:RunInstances"', "var.more")
    editor.open("unknown.tf", text)
    actions = editor.actions("unknown.tf", 2, 20)
    assert all(action.edit or action.disabled for action in actions.values())
