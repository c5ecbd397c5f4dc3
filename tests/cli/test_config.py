"""`multitool-lint config`: what applies to a file, and where it comes from."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import command_parser, main
from multitool_lint.cli.options.settings import Settings
from multitool_lint.diagnostics.rule import UNJUDGED, rules

CONFIG = """\
ignore = [
  "redundant-action",
  {rule = "public-access", path = "a/**", sid = "X", action = ["s3:Get*"], reason = "known"},
  {rule = "old-version", path = "b/**", reason = "old", expires = 2001-01-01},
]
extend-select = ["unscoped-resource"]
fail-on = "security"
exclude = ["build/", "!x.json", "x*.json"]
catalog = "bundled"
extra-services = ["hidden"]

[severity]
unknown-service = "error"

[per-path-ignores]
"**/b.json" = ["old-version"]
"a/**" = ["duplicate-sid", "old-version"]

[[policies]]
path = "a/**"
type = "scp"

[[policies]]
path = "**"
resource-type = "AWS::S3::Bucket"
"""
DEFAULT = {"option": None, "path": None, "line": None}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "multitool-lint.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def facts(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    def of(*arguments: str) -> dict[str, Any]:
        assert main(["config", "--format", "json", *arguments]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["version"] == 1
        first: dict[str, Any] = answer["files"][0]
        return first

    return of


def line(number: int) -> dict[str, Any]:
    return {"option": None, "path": "multitool-lint.toml", "line": number}


def option(name: str) -> dict[str, Any]:
    return {"option": name, "path": None, "line": None}


def rule(facts: dict[str, Any], id_: str) -> tuple[bool, str, dict[str, Any]]:
    entry = next(each for each in facts["rules"] if each["id"] == id_)
    return entry["runs"], entry["by"], entry["from"]


def test_each_setting_says_where_it_comes_from(facts: Any) -> None:  # noqa: ANN401
    said = facts("a/p.json")
    assert said["configuration"] == "multitool-lint.toml"
    assert said["type"] == {"value": "scp", "from": line(21)}
    assert said["resource_type"] == {"value": None, "from": DEFAULT}
    assert said["fail_on"] == {"value": "security", "from": line(7)}
    assert said["catalog"]["from"] == line(9)
    assert said["catalog"]["extra_services"] == ["hidden"]
    assert said["excluded"] == {"value": False, "from": DEFAULT}
    assert said["severities"] == [
        {"rule": "unknown-service", "severity": "error", "instead_of": "warning", "from": line(13)}
    ]
    assert [(each["rule"], each["sid"], each["from"]) for each in said["ignores"]] == [
        ("public-access", "X", line(3))
    ]
    assert said["ignores"][0]["path"] == "a/**"
    assert rule(said, "redundant-action") == (False, "ignore", line(2))
    assert rule(said, "unscoped-resource") == (True, "extend-select", line(6))
    assert rule(said, "old-version") == (False, "per-path-ignores", line(17))
    assert rule(said, "duplicate-key") == (True, "default", DEFAULT)
    assert rule(said, "scp-action-wildcard") == (False, "default", DEFAULT)
    other = facts("c/b.json")
    assert other["type"] == {"value": None, "from": DEFAULT}
    assert other["resource_type"] == {"value": "AWS::S3::Bucket", "from": line(25)}
    assert rule(other, "old-version") == (False, "per-path-ignores", line(16))
    assert rule(other, "duplicate-sid") == (True, "default", DEFAULT)
    assert other["ignores"] == []


def test_options_are_said_to_decide(facts: Any) -> None:  # noqa: ANN401
    said = facts(
        *("a/p.json", "--ignore", "duplicate-key", "--fail-on", "never", "--type", "rcp"),
        *("--resource-type", "AWS::S3::Bucket", "--extend-select", "scp-action-wildcard"),
        *("--exclude", "p*"),
    )
    assert rule(said, "duplicate-key") == (False, "ignore", option("--ignore"))
    assert rule(said, "scp-action-wildcard") == (True, "extend-select", option("--extend-select"))
    assert said["fail_on"] == {"value": "never", "from": option("--fail-on")}
    assert said["type"] == {"value": "rcp", "from": option("--type")}
    assert said["resource_type"]["from"] == option("--resource-type")
    assert said["excluded"] == {"value": True, "from": option("--exclude")}
    selected = facts("a/p.json", "--select", "redundant-action,old-version")
    running = {each["id"] for each in selected["rules"] if each["runs"]}
    assert running == {"redundant-action", "old-version"} | UNJUDGED
    assert rule(selected, "old-version") == (True, "select", option("--select"))
    assert rule(selected, "duplicate-sid") == (False, "select", option("--select"))


def test_without_a_configuration_all_is_by_default(facts: Any) -> None:  # noqa: ANN401
    said = facts("--no-config", "a/p.json")
    assert said["configuration"] is None
    assert said["fail_on"] == {"value": "suggestion", "from": DEFAULT}
    running = {each["id"] for each in said["rules"] if each["runs"]}
    assert running == {id_ for id_, each in rules().items() if each.default}


@pytest.mark.parametrize(
    ("path", "at"), [("build/p.json", 8), ("x1.json", 8), ("a/x.json", 8), ("y.json", None)]
)
def test_what_is_excluded(facts: Any, path: str, at: int | None) -> None:  # noqa: ANN401
    said = facts(path)
    assert said["excluded"] == {"value": at is not None, "from": line(at) if at else DEFAULT}
    assert [each["pattern"] for each in said["exclude"]] == ["build/", "!x.json", "x*.json"]


@pytest.mark.parametrize("path", ["a/p.json", "c/b.json", "p.json"])
@pytest.mark.parametrize("options", [[], ["--select", "ALL"], ["--ignore", "old-version"]])
def test_it_says_what_check_does(facts: Any, path: str, options: list[str]) -> None:  # noqa: ANN401
    said = facts(path, *options)
    settings = Settings(command_parser("check").parse_args([path, *options])).of(path)
    assert {each["id"] for each in said["rules"] if each["runs"]} == {*settings.enabled} | UNJUDGED
    assert said["type"]["value"] == (settings.type and settings.type.value)
    assert said["resource_type"]["value"] == settings.resource_type
    severities = {each["id"]: each["severity"] for each in said["rules"]}
    assert severities["unknown-service"] == dict(settings.severities)["unknown-service"].value


def test_a_folder_shows_all_paths(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("the files in .\n  configuration: multitool-lint.toml\n")
    for text in (
        "    **: AWS::S3::Bucket (multitool-lint.toml:23)\n",
        "    a/**: duplicate-sid, old-version (multitool-lint.toml:17)\n",
        "    public-access, path a/**, sid X, action s3:Get*: known (multitool-lint.toml:3)\n",
        "    old-version, path b/**, expired on 2001-01-01: old (multitool-lint.toml:4)\n",
        "    extend-select (multitool-lint.toml:6): unscoped-resource\n",
        "    ignore (multitool-lint.toml:2): redundant-action\n",
        "    unknown-service: error instead of warning (multitool-lint.toml:13)\n",
        "  fail-on: security (multitool-lint.toml:7)\n",
    ):
        assert text in said


def test_several_files_and_a_pyproject(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a" / "pyproject.toml").write_text(
        '[project]\nselect = []\n[tool.multitool-lint]\n\nselect = ["old-version"]\n',
        encoding="utf-8",
    )
    assert main(["config", "a/p.json", "p.json"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert "    select (a/pyproject.toml:5): old-version\n" in first
    assert "    not in select (a/pyproject.toml:5): allow-not-action, " in first
    assert second.startswith("p.json\n  configuration: multitool-lint.toml\n")


def test_a_wrong_configuration_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("multitool-lint.toml").write_text("x = 1\ny = 1\n", encoding="utf-8")
    assert main(["config"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [each[:30] for each in captured.err.splitlines()] == [
        "error: multitool-lint.toml:1: ",
        "error: multitool-lint.toml:2: ",
    ]
