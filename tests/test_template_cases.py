"""Cases of templates from public repositories: what is read, found and changed in them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main

FILE = Path(__file__).parents[2] / "shared" / "template-cases.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text("utf-8"))} if FILE.is_file() else {}
Run = Callable[[str], tuple[int, str]]

pytestmark = pytest.mark.skipif(not CASES, reason="no file of cases here")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command of a case in a folder with its files."""

    def run_case(id_: str) -> tuple[int, str]:
        case: dict[str, Any] = CASES[id_]
        for name, text in case["files"].items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        lines = ["--format=lines"] if case["cmd"][0] == "check" else []
        code = main([*case["cmd"], *lines])
        return code, capsys.readouterr().out

    return run_case


@pytest.mark.parametrize("id_", ["14", "22", "23", "24", "25", "26", "38", "43", "44", "45", "55"])
def test_the_unknown_action_is_found_once(id_: str, run: Run) -> None:
    code, out = run(id_)
    assert code == 1
    assert out.count("[unknown-action]") == 1
    assert out.partition("Checked")[0].count("error[") == 1
    assert "not read" not in out


def test_arguments_of_a_module_get_no_version(run: Run) -> None:
    assert run("13") == (0, "")


def test_a_sid_of_two_merged_documents_is_found(run: Run) -> None:
    code, out = run("27")
    assert code == 1
    assert out.count("[duplicate-sid]") == 1


def test_a_nested_stack_in_the_run_is_read(run: Run) -> None:
    code, out = run("50")
    assert code == 0
    assert "not read" not in out


def test_a_resource_that_is_never_made_is_linted(run: Run) -> None:
    code, out = run("54")
    assert code == 1
    assert out.count("[unknown-action]") == 2
