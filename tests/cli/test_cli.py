"""The command as a user types it: options, exit codes, and streams of all kinds."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import multitool_lint
from multitool_lint.cli import COMMANDS, command_parser, main
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter import plan
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report
from multitool_lint.linter.settings import FileSettings

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "multitool_lint"]
STATEMENT = (
    '{"Sid": "A", "Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}'
)
POLICY = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}\n'
CLEAN = POLICY.replace('"s3:Get*", ', "")
REPEATED = CLEAN.replace('"s3:GetObject"', '"s3:GetObject", "s3:getobject"')
ONE = "--select=redundant-action"
"""The rule that the policy above breaks, so that what other rules say does not matter here."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "bad.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "good.json").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "broken.json").write_text(POLICY.replace("]", ""), encoding="utf-8")
    return tmp_path


def test_without_a_command_files_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bad.json", ONE]) == 1
    without = capsys.readouterr()
    assert main(["check", "bad.json", ONE]) == 1
    assert capsys.readouterr() == without
    assert without.err == ""
    assert without.out.splitlines()[0].startswith(
        'warning[redundant-action]: "s3:Get*" makes "s3:GetObject" redundant'
    )
    assert without.out.endswith(
        "\nChecked 1 file, 1 policy: 1 warning; 1 fixable with --fix --unsafe-fixes.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [ONE, "bad.json", "good.json"],
        ["bad.json", ONE, "good.json"],
        ["check", "bad.json", "good.json", ONE],
        ["--color", "never", "bad.json", "--no-config", "good.json", ONE],
        [ONE, "--", "bad.json", "good.json"],
        ["bad.json", ONE, "--", "good.json"],
    ],
)
def test_options_come_before_or_after_files(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert "Checked 2 files, 2 policies: 1 warning" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["good.json"], 0),
        (["bad.json"], 1),
        (["good.json", "bad.json"], 1),
        (["broken.json"], 2),
        (["missing.json"], 2),
        (["bad.json", "missing.json"], 2),
        (["missing.json", "bad.json"], 2),
    ],
)
def test_exit_code(files: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*files, ONE]) == code
    assert ("bad.json:1:" in capsys.readouterr().out) == ("bad.json" in files)


def test_a_syntax_error_is_reported_whatever_is_selected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["broken.json", "--select=duplicate-sid"]) == 2
    assert "[json-syntax-error]" in capsys.readouterr().out


def test_a_check_that_fails_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check = plan._check  # noqa: SLF001 - there is no public way to break a check

    def fail(rule: str) -> object:
        return broken if rule == "duplicate-sid" else check(rule)

    def broken(*_: object) -> object:
        raise RuntimeError("boom")

    monkeypatch.setattr(plan, "_check", fail)
    assert main(["bad.json", "--select=duplicate-sid,redundant-action"]) == 2
    out = capsys.readouterr().out
    assert "[internal-error]" in out
    assert "[redundant-action]" in out


def test_a_crash_on_one_file_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(source: multitool_lint.Source, settings: FileSettings) -> Report:
        if source.path == "good.json":
            raise RuntimeError("boom")
        return lint_with_settings(source, settings)

    monkeypatch.setattr("multitool_lint.cli.run.lint_file.lint_with_settings", fail)
    assert main(["good.json", "bad.json", ONE]) == 2
    captured = capsys.readouterr()
    assert captured.err == "error: good.json: internal error: RuntimeError: boom\n"
    assert "Checked 1 file, 1 policy (1 file could not be linted): 1 warn" in captured.out


@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit(0), SystemExit(1)])
@pytest.mark.parametrize("arguments", [["bad.json"], ["diff", "bad.json", "good.json"]])
def test_a_run_that_fails_is_no_pass(
    arguments: list[str],
    error: BaseException,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("multitool_lint.cli.options.settings.Settings.of", fail)
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: internal error: RuntimeError: ")


def test_a_failure_whose_message_fails_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class WordlessError(Exception):
        def __str__(self) -> str:
            raise ValueError

    def fail(*_: object) -> None:
        raise WordlessError

    monkeypatch.setattr("multitool_lint.cli.options.settings.Settings.of", fail)
    assert main(["bad.json"]) == 2
    assert "internal error: " in capsys.readouterr().err


def test_a_run_that_checks_nothing_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty").mkdir()
    assert main(["empty"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "Checked 0 files, 0 policies: nothing was checked.\n"
    assert captured.err == "warning: no policy found\n"
    (folder / "empty" / "other.json").write_text("{}", encoding="utf-8")
    assert main(["empty", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("warning: no policy found; --show-files --verbose lists")
    assert main(["--discovered", "empty/other.json"]) == 0
    assert capsys.readouterr().err.startswith("warning: no policy found")
    assert main(["empty/other.json"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: empty/other.json: no policy found: ")
    assert "no findings" not in captured.out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    version, _, date = capsys.readouterr().out.partition(" (catalog of ")
    assert version == f"multitool-lint {multitool_lint.__version__}"
    assert len(date.rstrip(")\n").split("-")) == 3


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n  {command} " in out


@pytest.mark.parametrize("arguments", [[], ["check"]])
def test_without_files_the_current_folder_is_checked(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.json").unlink()
    assert main([*arguments, "--statistics"]) == 1
    assert "redundant-action" in capsys.readouterr().out
    (folder / "bad.json").unlink()
    (folder / "good.json").unlink()
    assert main(arguments) == 0
    assert capsys.readouterr().err == "warning: no policy found\n"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_of_a_command(command: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, option])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: multitool-lint {command}")
    for action in command_parser(command)._actions:  # noqa: SLF001 - argparse has no other way
        assert action.help
        assert all(re.search(rf"(?<![\w-]){each}(?![\w-])", out) for each in action.option_strings)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_a_test(command: str) -> None:
    """That it is documented as well is tested where the documentation is built."""
    files = sorted(Path(__file__).parents[1].rglob("test_*.py"))
    tests = "\n".join(each.read_text(encoding="utf-8") for each in files)
    for action in command_parser(command)._actions:  # noqa: SLF001 - as above
        for option in action.option_strings:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", tests), option


@pytest.mark.parametrize(
    "arguments",
    [["bad.json", "--fromat=json"], ["explain", "redundant-action", "x"], ["rules", "x"]],
)
def test_arguments_that_nobody_takes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(f'error: "{arguments[-1].partition("=")[0]}" is not an ')
    assert err.count("\n") == 1


def test_what_follows_two_dashes_is_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "--fix").write_text(POLICY, encoding="utf-8")
    assert main(["good.json", ONE, "--", "--fix"]) == 1
    assert "--> --fix:1:84" in capsys.readouterr().out


def test_a_misspelt_command_is_no_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explian", "redundant-action"]) == 2
    assert 'did you mean "explain"?' in capsys.readouterr().err


def test_a_file_may_be_named_as_a_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rules").write_text(POLICY, encoding="utf-8")
    assert main([str(Path(os.curdir, "rules").absolute()), ONE]) == 1
    assert main(["check", "rules", ONE]) == 1
    assert "rules:1:84" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--select", "redundant-action"], True),
        (["--select", "duplicate-sid, redundant-action"], True),
        (["--select", "duplicate-sid", "--select", "redundant-action"], True),
        (["--select", "ALL"], True),
        (["--select", "duplicate-sid"], False),
        (["--select", "ALL", "--ignore", "redundant-action"], False),
        (["--ignore", "redundant-action"], False),
    ],
)
def test_selection(
    options: list[str],
    found: bool,  # noqa: FBT001 - a parameter of a test
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["bad.json", *options])
    assert ("[redundant-action]" in capsys.readouterr().out) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--select", "redundant_action"],
            'unknown rule "redundant_action"; did you mean "redundant-action"?',
        ),
        (["--ignore", "ALL"], 'unknown rule "ALL"'),
        (["--ignore", "json-syntax-error"], '"json-syntax-error" cannot be ignored'),
        (["--type", "bucket"], 'unknown policy type "bucket"; expected identity, resource'),
        (["--resource-type", "s3"], '"s3" is not a resource type such as AWS::S3::Bucket'),
        (["--resource-type", "AWS::S3::Bukket"], 'unknown resource type "AWS::S3::Bukket"; did'),
        (["--config", "none.toml"], "none.toml: no such file or directory"),
    ],
)
def test_options_that_cannot_be_followed(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["good.json", *options]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"error: {message}")
    assert captured.out == ""


class TestFixes:
    @pytest.fixture(autouse=True)
    def repeated(self, folder: Path) -> None:
        (folder / "bad.json").write_text(REPEATED, encoding="utf-8")

    def test_what_remains_is_reported(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["bad.json", ONE, "--fix"]) == 0
        assert capsys.readouterr().out == "Checked 1 file, 1 policy: no findings; 1 fixed.\n"
        fixed = (folder / "bad.json").read_text(encoding="utf-8")
        assert fixed == CLEAN
        assert main(["bad.json", ONE, "--fix"]) == 0
        assert capsys.readouterr().out == "Checked 1 file, 1 policy: no findings.\n"

    def test_a_diff_writes_nothing(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", "good.json", ONE, "--diff"]) == 1
        captured = capsys.readouterr()
        assert captured.out.startswith("--- bad.json\n+++ bad.json\n@@ ")
        assert captured.err.endswith("no findings; 1 fixable with --fix.\n")
        assert (folder / "bad.json").read_text(encoding="utf-8") == REPEATED

    def test_what_hides_a_wildcard_is_fixed_on_request(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "bad.json").write_text(POLICY, encoding="utf-8")
        for command in (["check", "--fix"], ["fix"]):
            main([*command, "bad.json", ONE])
            assert (folder / "bad.json").read_text(encoding="utf-8") == POLICY
        main(["check", "--diff", "--keep-wildcards", "bad.json", ONE])
        assert '-{"Version"' in capsys.readouterr().out
        assert main(["fix", "--keep-wildcards", "bad.json", ONE]) == 0
        kept = POLICY.replace(', "s3:GetObject"', "")
        assert (folder / "bad.json").read_text(encoding="utf-8") == kept
        (folder / "bad.json").write_text(POLICY, encoding="utf-8")
        assert main(["check", "--fix", "--unsafe-fixes", "bad.json", ONE]) == 0
        assert (folder / "bad.json").read_text(encoding="utf-8") == CLEAN

    def test_unsafe_fixes(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        policy = CLEAN.replace("s3:GetObject", "s3:ListAllMyBuckts")
        (folder / "typo.json").write_text(policy, encoding="utf-8")
        options = ["typo.json", "--select=unknown-action", "--fix"]
        assert main(options) == 1
        assert capsys.readouterr().out.endswith(": 1 error; 1 fixable with --fix --unsafe-fixes.\n")
        assert main([*options, "--unsafe-fixes"]) == 0
        assert (folder / "typo.json").read_text(encoding="utf-8") == policy.replace("kts", "kets")

    def test_a_file_that_cannot_be_written(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from multitool_lint.cli.files import write as writing

        def fail(*_: object) -> None:
            raise writing.WriteError("not written: no space left on device")

        monkeypatch.setattr(writing, "write", fail)
        assert main(["bad.json", ONE, "--fix"]) == 2
        captured = capsys.readouterr()
        assert captured.err == "error: bad.json: not written: no space left on device\n"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--unsafe-fixes", "bad.json"], "--unsafe-fixes needs --fix or --diff"),
            (["--fix", "-"], "--fix writes files; for standard input use"),
        ],
    )
    def test_options_that_do_not_go_together(
        self, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(options) == 2
        assert message in capsys.readouterr().err


def test_type_says_what_shape_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    main(["bad.json", ONE, "--type", "scp", "--format", "json"])
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["policy"] == {"name": None, "type": "scp"}
    main(["bad.json", ONE, "--type", "boundary", "--verbose"])
    assert " = note: policy type: boundary\n" in capsys.readouterr().out


def test_explain_knows_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of rules that are off by default among them."""
    for rule in rules().values():
        for code in rule.access_analyzer:
            assert main(["explain", code]) == 0
            assert f"{rule.id} ({rule.severity.value})\n" in capsys.readouterr().out


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(rules())
    assert main(["rules", "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert {entry["id"]: entry["summary"] for entry in entries} == {
        id_: rule.summary for id_, rule in rules().items()
    }


@pytest.mark.parametrize(
    ("word", "environment", "coloured"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("option", ["--color", "--colour"])
def test_colour(
    option: str,
    word: str,
    environment: dict[str, str],
    coloured: bool,  # noqa: FBT001 - a parameter of a test
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["bad.json", ONE, option, word])
    assert ("\033[" in capsys.readouterr().out) == coloured


def test_standard_error_holds_only_what_is_no_result() -> None:
    done = subprocess.run(
        [*COMMAND, "missing.json", "bad.json", ONE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "error: missing.json: no such file or directory\n"
    assert done.stdout.startswith("warning[redundant-action]: ")


def test_what_a_terminal_cannot_show_is_escaped(folder: Path) -> None:
    (folder / "é.json").write_text(
        POLICY.replace('"Action"', '"Sid2": "\u20ac", "Action"'), encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    for options in ([], ["--format=json"]):
        done = subprocess.run(
            [*COMMAND, "é.json", "missing-é.json", ONE, *options],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
        if options:
            assert json.loads(done.stdout.decode("utf-8"))["findings"][0]["path"] == "é.json"
        else:
            assert rb"\xe9.json:1:" in done.stdout
            assert rb"\u20ac" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals, pipes and devices")
class TestStreams:
    def test_a_reader_that_goes_away(self, folder: Path) -> None:
        for number in range(2000):
            (folder / f"{number}.json").write_text(POLICY, encoding="utf-8")
        run = subprocess.Popen([*COMMAND, ".", ONE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert run.stdout
        assert run.stderr
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
        run.stderr.close()
        assert run.wait() == 2

    @pytest.mark.parametrize(
        ("redirections", "code"), [("<&-", 1), (">&-", 1), ("2>&-", 1), ("<&- >&- 2>&-", 1)]
    )
    def test_closed_streams(self, redirections: str, code: int) -> None:
        command = f"exec '{sys.executable}' -m multitool_lint bad.json {ONE} {redirections}"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert done.stderr == ""

    def test_closed_standard_input_that_is_asked_for(self) -> None:
        command = f"exec '{sys.executable}' -m multitool_lint - {ONE} <&-"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "error: <stdin>: standard input is closed\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    def test_a_full_disk(self) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "bad.json", ONE], stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 2
        assert done.stderr == b"error: standard output: no space left on device\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    @pytest.mark.parametrize("results_too", [False, True])
    def test_messages_that_cannot_be_written_are_no_pass(self, *, results_too: bool) -> None:
        command = [*COMMAND, "bad.json", "missing.json"]
        with Path("/dev/full").open("wb") as full:
            out = full if results_too else subprocess.DEVNULL
            done = subprocess.run(command, stdout=out, stderr=full, check=False)
        assert done.returncode == 2

    @pytest.mark.parametrize("arguments", [["bad.json", "missing.json"], ["--version"], []])
    def test_nobody_reads_results_and_messages(self, arguments: list[str]) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            done = subprocess.run([*COMMAND, *arguments], stdout=pipe, stderr=pipe, check=False)
        assert done.returncode == 2

    def test_an_interrupt(self) -> None:
        run = subprocess.Popen(
            [*COMMAND, "bad.json", "-", "missing.json", ONE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert run.stdout
        run.stdout.readline()  # now it waits for standard input
        run.send_signal(signal.SIGINT)
        _, err = run.communicate()
        assert run.returncode == 130
        assert err == b""


class TestOptionsOfOtherLinters:
    @pytest.mark.parametrize("option", ["-f", "--format", "--output-format"])
    def test_the_format(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", ONE, option, "json"]) == 1
        assert json.loads(capsys.readouterr().out)["version"] == 1

    def test_the_output(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", ONE, "-f", "json", "-o", "report.json"]) == 1
        assert capsys.readouterr().out == ""
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        assert len(report["findings"]) == 1

    @pytest.mark.parametrize("option", ["-q", "--quiet"])
    def test_quiet(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", "missing.json", ONE, option]) == 2
        captured = capsys.readouterr()
        assert "--> bad.json:1:84" in captured.out
        assert "Checked" not in captured.out
        assert captured.err == "error: missing.json: no such file or directory\n"
        assert main(["good.json", ONE, option]) == 0
        assert capsys.readouterr() == ("", "")

    def test_statistics(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", "good.json", "--statistics"]) == 1
        counts = capsys.readouterr().out.splitlines()
        assert counts[-1].startswith("Checked 2 files")
        assert "1  warning     redundant-action" in counts
        assert main(["bad.json", ONE, "--statistics", "-f", "json"]) == 1
        captured = capsys.readouterr()
        rows = json.loads(captured.out)["statistics"]
        assert rows == [{"rule": "redundant-action", "severity": "warning", "count": 1}]
        assert captured.err.startswith("Checked 1 file")

    def test_exit_zero(self) -> None:
        assert main(["bad.json", ONE, "--exit-zero"]) == 0
        assert main(["bad.json", "missing.json", ONE, "--exit-zero"]) == 2

    def test_show_files(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "other.json").write_text("{}", encoding="utf-8")
        assert main(["--show-files", "--exclude", "good.json"]) == 0
        assert capsys.readouterr() == ("bad.json\nbroken.json\n", "")
        assert main(["--show-files", "--verbose", ".", "missing.json"]) == 2
        captured = capsys.readouterr()
        assert captured.out == "bad.json\nbroken.json\ngood.json\n"
        assert "other.json: skipped: no policy\n" in captured.err
        assert "error: missing.json: no such file or directory\n" in captured.err

    def test_help_and_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        for words, same in (
            (["version"], ["--version"]),
            (["help"], ["--help"]),
        ):
            assert main(words) == main(same) == 0
            out = capsys.readouterr().out
            assert out[: len(out) // 2] == out[len(out) // 2 :]
        assert main(["help", "fix"]) == 0
        assert capsys.readouterr().out.startswith("usage: multitool-lint fix ")

    def test_init(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["init"]) == 0
        path = folder / "multitool-lint.toml"
        written = path.read_text(encoding="utf-8")
        assert main(["good.json", ONE]) == 0
        assert main(["init"]) == 2
        assert capsys.readouterr().err.endswith("error: multitool-lint.toml already exists\n")
        assert path.read_text(encoding="utf-8") == written
        settings = re.sub(r'^# (?=[\w"*/-]+ = |\[|\]|  )', "", written, flags=re.MULTILINE)
        assert settings.count("\n#") < written.count("\n#")
        path.write_text(settings, encoding="utf-8")
        assert main(["config", "good.json"]) == 0, "every example is a valid setting"
        assert main(["init", "--pre-commit"]) == 0
        assert "      - id: multitool-lint\n" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="Windows has other streams")
@pytest.mark.parametrize("redirection", [">&-", "| true", "> /dev/full"])
def test_a_lost_stream_does_not_lose_the_other_reports(folder: Path, redirection: str) -> None:
    for number in range(40):
        (folder / f"{number}.json").write_text(POLICY, encoding="utf-8")
    run = f"'{sys.executable}' -m multitool_lint . {ONE} --output json=report.json"
    command = f"{{ {run} --output html=report.html; echo $? >code; }} {redirection}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert len(report["findings"]) == 42
    assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "code").read_text(encoding="utf-8") == "2\n"
    assert "Traceback" not in done.stderr
