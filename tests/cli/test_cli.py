"""The command as a user types it: options and exit codes."""

import json
import os
import platform
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from support.cli_folder import ONE, POLICY

import multitool_lint
from multitool_lint.cli import COMMANDS, command_parser, main
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter import plan
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report
from multitool_lint.linter.settings import FileSettings

pytestmark = pytest.mark.usefixtures("samples")


def test_without_a_command_files_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bad.json", ONE]) == 1
    without = capsys.readouterr()
    assert main(["check", "bad.json", ONE]) == 1
    assert capsys.readouterr() == without
    assert without.err == ""
    assert without.out.splitlines()[0].startswith(
        'suggestion[redundant-action]: "s3:Get*" makes "s3:GetObject" redundant'
    )
    assert without.out.endswith(
        "\n1 suggestion in 1 policy of 1 file; 1 fixable with --fix --unsafe-fixes.\n"
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
    assert "1 suggestion in 2 policies of 2 files" in capsys.readouterr().out


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


def test_a_check_that_fails_fails_the_run(
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
    assert "Not checked: 1 file with an error." in captured.out


@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit(0), SystemExit(1)])
@pytest.mark.parametrize("arguments", [["bad.json"], ["diff", "bad.json", "good.json"]])
def test_a_run_that_fails_does_not_pass(
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


def test_a_failure_whose_message_fails_does_not_pass(
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
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (samples / "empty").mkdir()
    assert main(["empty"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "Nothing was checked.\n"
    assert captured.err == "warning: no policy found\n"
    (samples / "empty" / "other.json").write_text("{}", encoding="utf-8")
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
    program, _, date = capsys.readouterr().out.partition(" (catalog of ")
    assert program == f"multitool-lint {multitool_lint.__version__}"
    assert len(date.rstrip(")\n").split("-")) == 3


def test_the_versions_for_a_bug_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    first = capsys.readouterr().out
    assert main(["version"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(first)
    assert f"\nPython {platform.python_version()} on " in out
    assert f"parliament {version('parliament')}, policy-sentry {version('policy-sentry')}\n" in out


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n  {command} " in out


@pytest.mark.parametrize("arguments", [[], ["check"]])
def test_without_files_the_current_folder_is_checked(
    arguments: list[str], samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (samples / "broken.json").unlink()
    assert main([*arguments, "--statistics"]) == 1
    assert "redundant-action" in capsys.readouterr().out
    (samples / "bad.json").unlink()
    (samples / "good.json").unlink()
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
        assert all(
            re.search(rf"(?<![\w-]){option}(?![\w-])", out) for option in action.option_strings
        )


@cache
def options_in_tests() -> frozenset[str]:
    files = Path(__file__).parents[1].rglob("test_*.py")
    texts = (path.read_text(encoding="utf-8") for path in files)
    return frozenset(option for text in texts for option in re.findall(r"(?<![\w-])-[\w-]+", text))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_a_test(command: str) -> None:
    """That it is documented as well is tested where the documentation is built."""
    for action in command_parser(command)._actions:  # noqa: SLF001 - as above
        assert options_in_tests().issuperset(action.option_strings)


@pytest.mark.parametrize(
    "arguments",
    [["bad.json", "--fromat=json"], ["rules", "x"]],
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
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (samples / "--fix").write_text(POLICY, encoding="utf-8")
    assert main(["good.json", ONE, "--", "--fix"]) == 1
    assert "--> --fix:1:84" in capsys.readouterr().out


def test_a_misspelt_command_is_not_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explian", "redundant-action"]) == 2
    assert 'did you mean "explain"?' in capsys.readouterr().err


def test_a_file_may_be_named_as_a_command(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (samples / "rules").write_text(POLICY, encoding="utf-8")
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
