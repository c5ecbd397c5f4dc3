"""Cases of templates from public repositories: what is read, found and changed in them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from multitool_lint.cli import main

FILE = Path(__file__).parents[2] / "shared" / "template-cases.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text("utf-8"))} if FILE.is_file() else {}
LINES = "--format=lines"
Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.skipif(not CASES, reason="no file of cases here")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command of a case, with options, in a folder with its files."""

    def run_case(id_: str, *options: str) -> tuple[int, str, str]:
        case = CASES[id_]
        for name, text in case["files"].items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        code = main([*case["cmd"], *options])
        return code, *capsys.readouterr()

    return run_case


@pytest.mark.parametrize("id_", ["14", "22", "23", "24", "25", "26", "38", "43", "44", "45", "55"])
def test_the_unknown_action_is_found_once(id_: str, run: Run) -> None:
    code, out, _ = run(id_, LINES)
    assert code == 1
    assert out.count("[unknown-action]") == 1
    assert out.partition(" policies of ")[0].count("error[") == 1
    assert "not read" not in out


def test_arguments_of_a_module_get_no_version(run: Run) -> None:
    assert run("13")[:2] == (0, "")


def test_a_sid_of_two_merged_documents_is_found(run: Run) -> None:
    code, out, _ = run("27", LINES)
    assert code == 1
    assert out.count("[duplicate-sid]") == 1


def test_a_nested_stack_in_the_run_is_read(run: Run) -> None:
    code, out, _ = run("50", LINES)
    assert code == 0
    assert "not read" not in out


def test_a_resource_that_is_never_made_is_linted(run: Run) -> None:
    code, out, _ = run("54", LINES)
    assert code == 1
    assert out.count("[unknown-action]") == 2


@pytest.mark.parametrize(
    "id_", ["19", "20", "21", "28", "29", "30", "31", "32", "33", "37", "42", "43"]
)
def test_a_policy_is_read_or_its_file_is_refused(id_: str, run: Run) -> None:
    code, out, _ = run(id_, "--format=json")
    report = json.loads(out)
    errors = [found["rule"] for found in report["findings"] if found["severity"] == "error"]
    if CASES[id_]["name"] == "terragrunt-named":
        assert "json-syntax-error" not in errors
        assert errors or code == 2
    else:
        assert (errors, code) == (["unknown-action"], 1)
        assert not report["summary"]["unread"]


@pytest.mark.parametrize(("id_", "expected"), [("15", True), ("16", False), ("17", True)])
def test_a_version_is_added_where_that_is_safe(id_: str, run: Run, *, expected: bool) -> None:
    _, _, notes = run(id_)
    assert ("[missing-version]" in notes) is expected
    assert ("nothing to change" in notes) is not expected


@pytest.mark.parametrize(
    ("id_", "code", "expected"),
    [
        ("11", 0, "No findings"),
        ("12", 0, "nothing to change"),
        ("46", 1, "public-access"),
        ("47", 1, "unrestricted-service-principal"),
    ],
)
def test_a_permission_is_a_statement(id_: str, code: int, expected: str, run: Run) -> None:
    found, out, notes = run(id_)
    assert (found, expected in out + notes) == (code, True)


def test_a_finding_in_an_escaped_text_has_its_place(run: Run) -> None:
    _, out, _ = run("39")
    (text,) = CASES["39"]["files"].values()
    start = json.loads(out.splitlines()[0])["start"]
    line = text.splitlines()[start["line"] - 1]
    assert line[start["column"] - 1 :].startswith('\\"s3:GetObjekt')


@pytest.mark.parametrize("id_", ["40", "41"])
def test_a_fix_of_a_text_keeps_its_form(id_: str, run: Run) -> None:
    _, out, _ = run(id_, "--keep-wildcards")
    assert '-        "Statement": [' in out or '-        {"Version"' in out
    assert '"Action": ["s3:Get*"]' in out


def test_a_fix_removes_an_empty_line_once(run: Run) -> None:
    _, out, _ = run("56", "--keep-wildcards")
    removed = [line for line in out.splitlines() if line.startswith("-") and "---" not in line]
    assert removed.count("-") == 1
