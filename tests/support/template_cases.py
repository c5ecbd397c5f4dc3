"""Cases of templates from repositories of others, which are not part of this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main

FILE = Path(__file__).parents[3] / "shared" / "template-cases.json"
Case = dict[str, Any]


def case(number: str) -> Case:
    """The case of a number; skips the test where there is none."""
    if not FILE.is_file():
        pytest.skip("the cases are not here")
    found: Case = next(case for case in json.loads(FILE.read_text("utf-8")) if case["id"] == number)
    return found


def run(
    case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The exit code and the output of the command of a case in a folder with its files."""
    for name, text in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    code = main(case["cmd"])
    printed = capsys.readouterr()
    return code, printed.out + printed.err
