from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

types = pytest.importorskip("lsprotocol.types")

if TYPE_CHECKING:
    from support.editor import Editor

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}
]}
"""
REDUNDANT = "redundant-action"
OTHERS = {
    "policy.yaml": "Version: 2012-10-17\nStatement:\n- Effect: Allow\n  Action: s3:GetObjekt\n"
    "  Resource: '*'\n",
    "main.tf": 'data "aws_iam_policy_document" "a" {\n  statement {\n'
    '    actions   = ["s3:GetObjekt"]\n    resources = ["*"]\n  }\n}\n',
    "page.md": f"# A policy\n\n```json\n{POLICY.replace('s3:GetObject', 's3:GetObjekt')}```\n",
    "policy.jsonc": "// a note\n" + POLICY.replace("s3:GetObject", "s3:GetObjekt"),
}


def codes(diagnostics: list[object]) -> list[object]:
    return [getattr(diagnostic, "code", None) for diagnostic in diagnostics]


def test_findings_appear_as_one_types(editor: Editor) -> None:
    found, hint = (one for one in editor.open("policy.json", POLICY) if one.code == REDUNDANT)
    assert found.code_description.href.endswith("/rules/redundant-action.html")
    assert found.range.start == types.Position(1, 33)
    assert found.related_information[0].location.range == hint.range
    assert hint.tags == (types.DiagnosticTag.Unnecessary,)
    assert hint.range == types.Range(types.Position(1, 44), types.Position(1, 58))
    range_ = types.Range(types.Position(1, 42), hint.range.end)
    assert REDUNDANT not in codes(editor.change("policy.json", "", range_))


@pytest.mark.parametrize("name", OTHERS)
def test_every_format_is_linted(editor: Editor, name: str) -> None:
    assert "unknown-action" in codes(editor.open(name, OTHERS[name]))


def test_the_configuration_of_the_workspace_counts(editor: Editor) -> None:
    assert editor.open("old.json", POLICY.replace("2012-10-17", "2008-10-17")) != []
    assert "old-version" not in codes(editor.change("old.json", POLICY.replace("2012", "2008")))


def test_a_file_of_something_else_has_no_findings(editor: Editor) -> None:
    assert editor.open("tsconfig.json", '{\n  // options\n  "strict": true,\n}\n') == []


def test_columns_count_as_the_editor_counts(editor: Editor) -> None:
    text = POLICY.replace('"Effect"', '"Sid": "\N{PILE OF POO}", "Effect"')
    found = editor.open("sid.json", text)
    assert found[-1].range.start == types.Position(1, 44 + len('"Sid": "12", '))
    range_ = types.Range(types.Position(1, 11), types.Position(1, 13))
    found = editor.change("sid.json", "a", range_)
    assert found[-1].range.start == types.Position(1, 44 + len('"Sid": "1", '))


def test_what_is_open_counts_before_the_file(editor: Editor) -> None:
    call = 'module "a" {\n  source = "./a"\n  actions = ["s3:GetObjekt"]\n}\n'
    module = (
        'variable "actions" {}\ndata "aws_iam_policy_document" "a" {\n  statement {\n'
        '    actions   = var.actions\n    resources = ["*"]\n  }\n}\n'
        'resource "aws_iam_policy" "a" {\n'
        "  policy = data.aws_iam_policy_document.a.json\n}\n"
    )
    folder = editor.folder / "module"
    (folder / "a").mkdir(parents=True)
    (folder / "main.tf").write_text(call, encoding="utf-8")
    (folder / "a/main.tf").write_text(module, encoding="utf-8")
    assert "unknown-action" in codes(editor.open("module/main.tf", call))
    editor.open("module/a/main.tf", module.replace("var.actions", '["s3:GetObject"]'))
    assert "unknown-action" not in codes(editor.change("module/main.tf", f"{call}\n"))
    editor.close("module/a/main.tf")
    assert "unknown-action" in codes(editor.change("module/main.tf", f"{call}\n\n"))
