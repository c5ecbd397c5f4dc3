"""Cases from repositories of others: policies in templates, documentation and scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main

FILE = Path(__file__).parents[2] / "shared" / "template-cases.json"
IDS = ("19", "20", "21", "28", "29", "30", "31", "32", "33", "37", "42", "43")
CASES = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["id"] in IDS], ids=lambda case: case["name"]
)
def test_a_policy_is_read_or_its_file_is_refused(
    case: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, text in case["files"].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = main([*case["cmd"], "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    errors = [found["rule"] for found in report["findings"] if found["severity"] == "error"]
    if case["name"] == "terragrunt-named":
        assert "json-syntax-error" not in errors
        assert errors or code == 2
    else:
        assert (errors, code) == (["unknown-action"], 1)
        assert not report["summary"]["unread"]
