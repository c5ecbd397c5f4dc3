from __future__ import annotations

import pytest

pytest.importorskip("pygls")

from support.random_edits import files

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.server.analysis import Analysis, analysis_of, forget
from multitool_lint.server.texts import OpenDocument
from multitool_lint.server.workspace import EditorOptions

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject", "iam:PassRole"], "Resource": "*"}
]}
"""


def found(options: EditorOptions | None = None) -> Analysis:
    text = OpenDocument("file:///policy.json", POLICY, 1)
    return analysis_of(text, files(), options or EditorOptions())


def test_what_is_forgotten_is_read_again() -> None:
    before = found().diagnostics
    assert before
    forget(bundled())
    assert found().diagnostics == before


def test_an_editor_chooses_what_is_shown() -> None:
    assert found(EditorOptions.read({"diagnostics": False})).diagnostics == []
    ignoring = EditorOptions.read({"ignore": ["redundant-action"], "delay": 99, "hover": "no"})
    assert (ignoring.delay, ignoring.hover) == (10, True)
    assert "redundant-action" not in [one.code for one in found(ignoring).diagnostics]
    assert EditorOptions.read(None) == EditorOptions.read([]) == EditorOptions()
