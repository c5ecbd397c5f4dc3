"""Groups of rules by topic, which options and settings take as they take rules."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import TOPICS, UNCHECKED, rules

POLICY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:Get*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:PutObjekt", "Resource": "*"}
  ]
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.json").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def found(capsys: pytest.CaptureFixture[str]) -> "Found":
    return Found(capsys)


class Found:
    """The rules whose findings a run reports."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> set[str]:
        main(["--format", "json", *arguments, "a.json"])
        return {
            finding["rule"] for finding in json.loads(self._capsys.readouterr().out)["findings"]
        }


def configure(text: str) -> None:
    Path("multitool-lint.toml").write_text(text, encoding="utf-8")


def test_options_take_topics(found: Found) -> None:
    assert found("--select", "redundancy") == {"redundant-action"}
    assert found("--select", "actions") == {"redundant-action", "unknown-action"}
    assert found("--select", "actions", "--ignore", "redundancy") == {"unknown-action"}
    assert found("--select", "redundancy,style") == {
        "missing-sid",
        "redundant-action",
        "unsorted-actions",
    }
    assert found("--extend-select", "style") - found() == {"missing-sid", "unsorted-actions"}


def test_settings_take_topics(found: Found) -> None:
    configure('select = ["actions"]\nextend-select = ["style"]\nignore = ["redundancy"]\n')
    assert found() == {"unknown-action", "missing-sid", "unsorted-actions"}
    configure('select = ["actions", "style"]\n[per-path-ignores]\n"a.json" = ["style"]\n')
    assert found() == {"redundant-action", "unknown-action"}


def test_what_was_not_linted_is_reported_whatever_is_ignored(found: Found) -> None:
    Path("a.json").write_text('{"Statement": [}', encoding="utf-8")
    assert found("--ignore", "grammar,linting") == {"json-syntax-error"}


def test_a_topic_that_is_none_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--select", "conditons", "a.json"]) == 2
    assert 'unknown rule "conditons"; did you mean "conditions"?' in capsys.readouterr().err


@pytest.mark.parametrize("topic", TOPICS)
def test_the_rules_of_a_topic_are_listed(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--topic", topic]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [rule.id for rule in rules().values() if topic in rule.topics]
    assert listed


def test_config_says_which_topic_decides(capsys: pytest.CaptureFixture[str]) -> None:
    configure('extend-select = [\n  "style",\n]\nignore = [\n  "trust",\n  "redundancy",\n]\n')
    assert main(["config", "--format", "json", "--extend-select", "linting", "a.json"]) == 0
    facts = json.loads(capsys.readouterr().out)["files"][0]
    by_id = {rule["id"]: rule for rule in facts["rules"]}
    assert by_id["redundant-action"]["by"] == "ignore"
    assert by_id["redundant-action"]["source"] == "multitool-lint.toml:6"
    assert by_id["missing-sid"]["source"] == "multitool-lint.toml:2"
    assert by_id["unused-ignore"]["source"] == "--extend-select"
    assert all(by_id[id_]["by"] == "always" for id_ in UNCHECKED)
