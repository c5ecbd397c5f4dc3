"""Severities of the user's own, and which findings make a run fail."""

import json
import pickle
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from multitool_lint.cli import command_parser, main
from multitool_lint.cli.options.settings import Settings
from multitool_lint.linter.settings import FileSettings

SUGGESTION = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObject"], '
    '"Resource": "arn:aws:s3:::b/*"}]}\n'
)
CONFIG = 'select = ["redundant-action"]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(SUGGESTION, encoding="utf-8")
    return tmp_path


def configure(content: str) -> None:
    Path("multitool-lint.toml").write_text(CONFIG + content, encoding="utf-8")


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("suggestion", 1), ("warning", 0), ("security", 0), ("error", 0), ("never", 0)],
)
def test_findings_below_fail_on_are_reported_and_do_not_fail(
    fail_on: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(f'fail-on = "{fail_on}"\n')
    assert main(["policy.json"]) == code
    assert "suggestion[" in capsys.readouterr().out
    configure("")
    assert main(["--fail-on", fail_on, "policy.json"]) == code


def test_the_option_counts_before_the_configuration() -> None:
    configure('fail-on = "never"\n')
    assert main(["--fail-on", "suggestion", "policy.json"]) == 1


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("warning", "warning", 1),
        ("warning", "security", 0),
        ("security", "warning", 1),
        ("error", "error", 1),
        ("suggestion", "warning", 0),
    ],
)
def test_a_severity_of_the_users_own_decides(
    severity: str, fail_on: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(f'fail-on = "{fail_on}"\n[severity]\nredundant-action = "{severity}"\n')
    assert main(["--format", "json", "policy.json"]) == code
    answer = json.loads(capsys.readouterr().out)
    assert [finding["severity"] for finding in answer["findings"]] == [severity]
    assert answer["summary"]["findings"][severity] == 1


def test_each_file_fails_by_its_own_configuration() -> None:
    for name, fail_on in (("a", "error"), ("b", "suggestion")):
        Path(name).mkdir()
        Path(name, "policy.json").write_text(SUGGESTION, encoding="utf-8")
        configure(f'fail-on = "{fail_on}"\n')
        Path("multitool-lint.toml").rename(f"{name}/multitool-lint.toml")
    assert main(["a"]) == 0
    assert main(["a", "b"]) == 1


def test_a_severity_holds_whatever_a_check_says(capsys: pytest.CaptureFixture[str]) -> None:
    # This check says itself how severe a finding is.
    policy = json.loads(SUGGESTION)
    policy["Statement"][0]["Action"] = "s3:*"
    policy["Statement"][0]["Condition"] = {"StringLike": {"aws:PrincipalArn": "*"}}
    policy["Statement"][0]["Sid"] = "x" * 7000
    Path("policy.json").write_text(json.dumps(policy), encoding="utf-8")
    configure('extend-select = ["oversized-policy"]\n[severity]\noversized-policy = "suggestion"\n')
    main(["--format", "json", "policy.json"])
    found = {
        finding["rule"]: finding["severity"]
        for finding in json.loads(capsys.readouterr().out)["findings"]
    }
    assert found == {"oversized-policy": "suggestion"}


@pytest.mark.parametrize("fail_on", ["error", "never"])
def test_what_was_not_linted_fails_the_run(fail_on: str) -> None:
    Path("policy.json").write_text(SUGGESTION.replace("]}]}", "]}]"), encoding="utf-8")
    Path("broken.json").write_text(SUGGESTION[:-4], encoding="utf-8")
    assert main(["--fail-on", fail_on, "broken.json"]) == 2


def test_an_unknown_severity_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fail-on", "info", "policy.json"]) == 2
    assert capsys.readouterr().err == (
        'error: unknown severity "info"; expected error, security, warning, suggestion or never\n'
    )


def test_commands_have_the_same_options_for_the_same_things() -> None:
    options = {
        name: {
            word: action.help
            for action in command_parser(name)._actions  # noqa: SLF001 - there is no other way
            for word in action.option_strings
        }
        for name in ("check", "fix", "expand", "tighten", "config")
    }
    of_files = ("--config", "--no-config", "--type", "--resource-type", "--catalog", "--exclude")
    of_rules = ("--select", "--extend-select", "--ignore")
    for words, names in (
        (of_files, ("check", "fix", "expand", "tighten", "config")),
        (of_rules, ("check", "fix", "config")),
        (("--fail-on",), ("check", "config")),
    ):
        for word in words:
            assert len({options[name][word] for name in names}) == 1


def settings(**options: object) -> Settings:
    defaults = vars(command_parser("check").parse_args(["policy.json"]))
    return Settings(Namespace(**(defaults | options)))


RICH = """
extra-actions = ["my-service:DoIt"]
ignore = [{rule = "old-version", path = "**/%s*.json", reason = "known", expires = 2999-01-01}]
[severity]
redundant-action = "error"
""" % ("a" * 250)


def test_settings_survive_the_way_to_another_process() -> None:
    configure(RICH)
    here = settings().of("policy.json")
    there = pickle.loads(pickle.dumps(here))  # noqa: S301  # our own
    assert there == here
    assert repr(there) == repr(here)
    assert there.catalog.action("my-service:DoIt")
    assert pickle.loads(pickle.dumps(here)).catalog is there.catalog  # noqa: S301


def test_settings_differ_where_findings_may() -> None:
    reprs = set()
    for content in (
        "",
        RICH,
        RICH.replace("aa*", "ab*"),
        RICH.replace("DoIt", "Do"),
        RICH.replace('"error"', '"warning"'),
        'extend-select = ["ALL"]\n',
    ):
        configure(content)
        reprs.add(repr(settings().of("policy.json")))
    for option in ({"type": "scp"}, {"resource_type": "AWS::S3::Bucket"}):
        reprs.add(repr(settings(**option).of("policy.json")))
    # The path of the entry does not cover the file, so its change makes no difference.
    assert len(reprs) == 7
    assert FileSettings({}) != settings().of("policy.json")


def test_the_same_settings_are_one_object() -> None:
    configure('[per-path-ignores]\n"b/**" = ["redundant-action"]\n')
    extended = settings()
    assert extended.of("a/1.json") is extended.of("a/2.json") is extended.of("c/1.json")
    assert extended.of("b/1.json") is extended.of("b/2.json")
    assert extended.of("b/1.json") != extended.of("a/1.json")


def test_the_repr_of_settings_is_the_same_in_every_process(folder: Path) -> None:
    configure(RICH.replace("**/", "*").replace("a" * 250, "p"))
    program = (
        "from multitool_lint.cli import command_parser\n"
        "from multitool_lint.cli.options.settings import *\n"
        "print(repr(Settings(command_parser('check').parse_args(['p.json'])).of('p.json')))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONHASHSEED": seed},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(printed) == 1
    assert "0x" not in printed.pop()
