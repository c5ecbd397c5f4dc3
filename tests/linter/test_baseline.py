"""Baselines: what they take in, what they let through, and how they shrink."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import DIRECTORY
from multitool_lint.linter.baseline import BaselineError, parse, render

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((Path(DIRECTORY) / "schemas" / "baseline.json").read_text(encoding="utf-8"))
RULES = "--select=redundant-action,old-version"
FILE = "baseline.json"


def policy(*actions: list[str], version: str = "2008-10-17") -> str:
    statements = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in actions]
    return json.dumps({"Version": version, "Statement": statements}, indent=1)


STORE = ["s3:Get*", "s3:GetObject"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "p").mkdir()
    write("a", policy(STORE))
    write("b", policy(STORE, ["sqs:Send*", "sqs:SendMessage"]))
    return tmp_path


def write(name: str, text: str) -> None:
    Path(f"p/{name}.json").write_text(text, encoding="utf-8")


def entries(file: str = FILE) -> list[dict[str, Any]]:
    document = json.loads(Path(file).read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(document)
    return [*document["findings"]]


def brief(file: str = FILE) -> list[str]:
    return [f"{entry['path']} {entry['rule']} {entry['count']}" for entry in entries(file)]


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_what_is_written_is_not_reported_any_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["p", RULES]) == 1
    assert main(["p", RULES, "--write-baseline", FILE]) == 0
    assert f"{FILE} written: 5 findings\n" in capsys.readouterr().err
    assert brief() == [
        "p/a.json old-version 1",
        "p/a.json redundant-action 1",
        "p/b.json old-version 1",
        "p/b.json redundant-action 1",
        "p/b.json redundant-action 1",
    ]
    assert main(["p", RULES, "--baseline", FILE]) == 0
    out = capsys.readouterr()
    assert out.out == "No findings in 2 policies of 2 files; 5 suppressed.\n"
    assert out.err == ""


def test_a_quiet_run_says_nothing_of_a_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["p", RULES, "--write-baseline", FILE, "--quiet"]) == 0
    write("a", policy(["sns:Publish"]))
    assert main(["p", RULES, "--baseline", FILE, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_second_writing_changes_no_byte_and_leaves_the_file_alone() -> None:
    main(["p", RULES, "--write-baseline", FILE])
    before = Path(FILE).read_bytes(), Path(FILE).stat().st_mtime_ns
    assert main(["p", RULES, "--write-baseline", FILE]) == 0
    assert (Path(FILE).read_bytes(), Path(FILE).stat().st_mtime_ns) == before
    text = before[0].decode()
    assert render(parse(text)) == text
    assert len(text.splitlines()) == 5 + 5, "one line a finding"


def test_unrelated_edits_keep_findings_out_and_a_new_one_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["p", RULES, "--write-baseline", FILE])
    document = json.loads(policy(["sns:Publish"], STORE, ["ec2:RunInstances"]))
    Path("p/a.json").write_text(json.dumps(document, indent=4, sort_keys=True), encoding="utf-8")
    assert main(["p", RULES, "--baseline", FILE]) == 0
    write("a", policy(["s3:Put*", "s3:PutObject"], STORE))
    capsys.readouterr()
    assert main(["p", RULES, "--baseline", FILE]) == 1
    [line] = [line for line in capsys.readouterr().out.splitlines() if "[redundant-action]" in line]
    assert '"s3:Put*" makes "s3:PutObject" redundant' in line


def test_of_two_equal_findings_where_one_is_known_one_is_reported() -> None:
    main(["p/a.json", RULES, "--write-baseline", FILE])
    write("a", policy(STORE, STORE))
    assert main(["p/a.json", RULES, "--baseline", FILE]) == 1
    assert main(["p/a.json", RULES, "--write-baseline", FILE]) == 0
    assert brief() == ["p/a.json old-version 1", "p/a.json redundant-action 2"]
    assert main(["p/a.json", RULES, "--baseline", FILE]) == 0


def test_what_is_fixed_is_reported_and_removed_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["p", RULES, "--write-baseline", FILE])
    write("a", policy(["s3:GetObject"], version="2012-10-17"))
    write("b", policy(STORE, ["sqs:SendMessage"]))
    capsys.readouterr()
    before = Path(FILE).read_bytes()
    assert main(["p", RULES, "--baseline", FILE]) == 0
    note = f"{FILE}: 3 findings no longer found; remove with --write-baseline {FILE}\n"
    assert capsys.readouterr().err == note
    assert Path(FILE).read_bytes() == before
    assert main(["p", RULES, "--write-baseline", FILE]) == 0
    assert brief() == ["p/b.json old-version 1", "p/b.json redundant-action 1"]


def test_only_what_was_looked_for_can_be_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["p", RULES, "--write-baseline", FILE])
    write("a", policy(["s3:GetObject"], version="2012-10-17"))
    write("b", policy(["s3:GetObject"], version="2012-10-17"))
    capsys.readouterr()
    assert main(["p/b.json", "--select=old-version", "--write-baseline", FILE]) == 0
    assert brief() == [
        "p/a.json old-version 1",
        "p/a.json redundant-action 1",
        "p/b.json redundant-action 1",
        "p/b.json redundant-action 1",
    ]
    assert main(["p/b.json", RULES, "--write-baseline", FILE]) == 0
    assert brief() == ["p/a.json old-version 1", "p/a.json redundant-action 1"]


def test_entries_of_files_that_are_gone_or_hold_no_policy_go_too() -> None:
    write("c", policy(STORE))
    main(["p", RULES, "--write-baseline", FILE])
    Path("p/a.json").unlink()
    write("c", '{"Statement": "none"}')
    assert main(["p", RULES, "--write-baseline", FILE]) == 0
    assert {entry["path"] for entry in entries()} == {"p/b.json"}


def test_a_file_that_cannot_be_linted_keeps_its_entries_and_the_run_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["p", RULES, "--write-baseline", FILE])
    before = brief()
    write("a", policy(STORE)[:-1])
    assert main(["p", RULES, "--write-baseline", FILE]) == 2
    assert brief() == before
    assert "[json-syntax-error]" in capsys.readouterr().out


def test_paths_are_from_the_folder_of_the_baseline_wherever_the_run_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Path("ci").mkdir()
    main(["p/a.json", RULES, "--write-baseline", "ci/known.json"])
    assert {entry["path"] for entry in entries("ci/known.json")} == {"../p/a.json"}
    monkeypatch.chdir(tmp_path / "p")
    assert main(["a.json", RULES, "--baseline", "../ci/known.json"]) == 0
    assert main([str(tmp_path / "p" / "a.json"), RULES, "--baseline", "../ci/known.json"]) == 0
    assert main(["b.json", RULES, "--baseline", "../ci/known.json"]) == 1


def test_a_fix_leaves_what_is_known_and_fixes_what_is_new() -> None:
    main(["p/a.json", RULES, "--write-baseline", FILE])
    write("a", policy(STORE, ["sqs:Send*", "sqs:SendMessage"]))
    assert main(["p/a.json", RULES, "--baseline", FILE, "--fix"]) == 0
    assert Path("p/a.json").read_text(encoding="utf-8").count('"sqs:') == 1
    assert Path("p/a.json").read_text(encoding="utf-8").count('"s3:') == 2


def test_unused_entries_of_the_configuration_can_be_in_it() -> None:
    Path("multitool-lint.toml").write_text(
        '[[ignore]]\nrule = "old-version"\nsid = "Gone"\nreason = "x"\n', encoding="utf-8"
    )
    assert main(["p/a.json", "--write-baseline", FILE]) == 0
    assert "multitool-lint.toml unused-ignore 1" in brief()
    assert main(["p/a.json", "--baseline", FILE]) == 0


def test_what_the_configuration_suppresses_is_not_taken_in() -> None:
    Path("multitool-lint.toml").write_text(
        '[[ignore]]\nrule = "old-version"\nreason = "x"\n', encoding="utf-8"
    )
    assert main(["p/a.json", RULES, "--write-baseline", FILE]) == 0
    assert brief() == ["p/a.json redundant-action 1"]


@pytest.mark.slow
def test_many_files_from_processes_and_cache_are_known_again(tmp_path: Path) -> None:
    for number in range(30):
        write(f"c{number}", policy(STORE))
    many = ["p", RULES, "--jobs=2", f"--cache-dir={tmp_path / '.cache'}"]
    assert main([*many, "--write-baseline", FILE]) == 0
    for _ in range(2):
        assert main([*many, "--baseline", FILE]) == 0
    assert main(many) == 1


GOOD = '{"path": "a", "rule": "r", "fingerprint": "0", "count": 1, "title": "m"}'
WITH = '{"version": 1, "findings": [GOOD]}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: expecting value"),
        ('{\n"version": 1\n"findings"}', "3:1: "),
        ("[]", '1:1: not a baseline: expected an object with a "version"'),
        ('{"version": 2, "findings": []}', "1:1: version 2; this release reads 1"),
        ('{"version": 1}', '1:1: "findings" is not a list'),
        ('{"version": 1, "findings": [1]}', "finding 1: no object"),
        (WITH.replace("GOOD", f"{GOOD}, {{}}"), 'finding 2: "path" is not a string'),
        (WITH.replace("GOOD", GOOD.replace("1,", "0,")), '"count" is less than 1'),
        (WITH.replace("GOOD", GOOD.replace("1,", "true,")), '"count" is not a number'),
        ("[" * 100_000, "1:1: nested too deep"),
    ],
)
def test_a_file_that_is_not_a_baseline_is_reported_and_left_alone(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(FILE).write_text(text, encoding="utf-8")
    for option in ("--baseline", "--write-baseline"):
        assert main(["p", option, FILE]) == 2
        out = capsys.readouterr()
        assert out.err.startswith(f"error: {FILE}:")
        assert message in out.err
        assert out.out == ""
    assert Path(FILE).read_text(encoding="utf-8") == text
    with pytest.raises(BaselineError):
        parse(text)


def test_a_baseline_that_is_not_there_names_the_option_that_makes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["p", "--baseline", FILE]) == 2
    assert f"{FILE}: no such file or directory; --write-baseline" in capsys.readouterr().err


def test_options_that_contradict_each_other_are_errors() -> None:
    assert main(["p", "--diff", "--write-baseline", FILE]) == 2
    assert not Path(FILE).exists()


def test_two_branches_that_each_brought_a_line_count_it_once() -> None:
    main(["p/a.json", RULES, "--write-baseline", FILE])
    lines = Path(FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    Path(FILE).write_text("".join([*lines[:4], *lines[3:]]), encoding="utf-8")
    write("a", policy(STORE, version="2012-10-17").replace("2012", "2008"))
    assert main(["p/a.json", RULES, "--baseline", FILE]) == 0
    assert main(["p/a.json", RULES, "--write-baseline", FILE]) == 0
    assert len(entries()) == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("ro").mkdir(mode=0o500)
    assert main(["p", RULES, "--write-baseline", "ro/known.json"]) == 2
    assert "error: ro/known.json: not written: " in capsys.readouterr().err


def test_a_folder_in_its_place_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.json").mkdir()
    assert main(["p", RULES, "--write-baseline", "known.json"]) == 2
    assert "error: known.json: is a directory" in capsys.readouterr().err


@pytest.mark.parametrize("format_", ["lines", "json"])
def test_findings_are_reported_where_the_baseline_could_not_be_written(
    format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["p", RULES, "--format", format_])
    expected = capsys.readouterr()
    assert main(["p", RULES, "--format", format_, "--write-baseline", "none/known.json"]) == 2
    out = capsys.readouterr()
    assert out.out == expected.out
    assert out.err == (
        "error: none/known.json: not written: no such file or directory\n" + expected.err
    )


def test_a_baseline_that_changes_during_the_run_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["p/a.json", RULES, "--write-baseline", FILE])
    theirs = Path(FILE).read_text(encoding="utf-8") + "\n"

    def change(_: object) -> None:
        Path(FILE).write_text(theirs, encoding="utf-8")

    monkeypatch.setattr(os, "fsync", change)
    assert main(["p", RULES, "--write-baseline", FILE]) == 2
    assert f"error: {FILE}: not written: changed since it was read" in capsys.readouterr().err
    assert Path(FILE).read_text(encoding="utf-8") == theirs


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_the_old_baseline_or_the_new_one() -> None:
    for number in range(6):
        write(f"d{number}", policy(STORE))
    main(["p", RULES, "--write-baseline", FILE])
    new = Path(FILE).read_bytes()
    main(["p/a.json", RULES, "--write-baseline", "old.json"])
    old = Path("old.json").read_bytes()
    command = [sys.executable, "-m", "multitool_lint", "p", RULES, "--write-baseline", FILE]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seen = set()
    for delay in range(20):
        Path(FILE).write_bytes(old)
        with subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as process:
            time.sleep(delay * 0.015)
            process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        seen.add(Path(FILE).read_bytes())
    assert seen <= {old, new}
