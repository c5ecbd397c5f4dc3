"""Cases from repositories of others: what stays clean in a file, and what is found there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main

FILE = Path(__file__).parents[2] / "shared" / "field-cases-2.json"
CASES = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else []
RANKS = ["suggestion", "warning", "security", "error"]
Case = dict[str, Any]
Found = dict[str, Any]


@pytest.fixture
def findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Case], list[Found]]:
    """Gives the findings in the file of a case, as a user who lints its folder has them."""

    def found_in(case: Case) -> list[Found]:
        path = tmp_path / case["filename"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(case["text"], encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        main(["--no-cache", "--no-config", "--format=json", "."])
        found: list[Found] = json.loads(capsys.readouterr().out)["findings"]
        return found

    return found_in


def clean(*, expected: bool) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if (case["expect"] == "clean") is expected]
    return pytest.mark.parametrize("case", chosen, ids=[case["id"] for case in chosen])


@clean(expected=True)
def test_what_is_right_stays_clean(case: Case, findings: Callable[[Case], list[Found]]) -> None:
    lowest = RANKS.index(case["min_severity"])
    reported = [finding for finding in findings(case) if RANKS.index(finding["severity"]) >= lowest]
    assert reported == [], case["why"]


@clean(expected=False)
def test_what_is_wrong_is_found(case: Case, findings: Callable[[Case], list[Found]]) -> None:
    found = [
        finding
        for finding in findings(case)
        if finding["severity"] in case["severity_in"]
        and any(word.lower() in json.dumps(finding).lower() for word in case["keywords"])
    ]
    assert found, case["why"]
    if "line" in case:
        assert any(finding["start"]["line"] in case["line"] for finding in found), case["why"]
