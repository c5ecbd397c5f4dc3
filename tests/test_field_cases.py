"""Cases from repositories of others: what stays clean in a file, and what is found there."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main

FILE = Path(__file__).parents[2] / "shared" / "field-cases-2.json"
CASES = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else []
RANKS = ["suggestion", "warning", "security", "error"]
Found = dict[str, Any]


def run(
    case: dict[str, Any],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> list[Found]:
    """The findings in the file of a case, as a user who lints its folder has them."""
    path = folder / case["filename"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(case["text"], encoding="utf-8")
    monkeypatch.chdir(folder)
    main(["--no-cache", "--no-config", "--format=json", "."])
    found: list[Found] = json.loads(capsys.readouterr().out)["findings"]
    return found


def clean(*, expected: bool) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if (case["expect"] == "clean") is expected]
    return pytest.mark.parametrize("case", chosen, ids=[case["id"] for case in chosen])


@clean(expected=True)
def test_what_is_right_stays_clean(
    case: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lowest = RANKS.index(case["min_severity"])
    found = run(case, tmp_path, monkeypatch, capsys)
    reported = [finding for finding in found if RANKS.index(finding["severity"]) >= lowest]
    assert reported == [], case["why"]


@clean(expected=False)
def test_what_is_wrong_is_found(
    case: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [
        finding
        for finding in run(case, tmp_path, monkeypatch, capsys)
        if finding["severity"] in case["severity_in"]
        and any(word.lower() in json.dumps(finding).lower() for word in case["keywords"])
    ]
    assert found, case["why"]
    if "line" in case:
        assert any(finding["start"]["line"] in case["line"] for finding in found), case["why"]
