"""`multitool-lint config`: what applies to a file, and where it comes from."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import command_parser, main
from multitool_lint.cli.options.settings import Settings
from multitool_lint.diagnostics.rule import UNCHECKED, rules

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


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "multitool-lint.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_the_type_that_the_name_of_a_file_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    Path("multitool-lint.toml").write_text("", encoding="utf-8")
    assert main(["config", "x/scps/leave.json", "x/leave.json", "x/scp.json", "--type", "rcp"]) == 0
    assert "its name" not in capsys.readouterr().out
    assert main(["config", "x/scps/leave.json", "x/leave.json"]) == 0
    scp, other = capsys.readouterr().out.split("x/leave.json")
    assert "type: scp (file name, if the content allows it)" in scp
    assert "its name" not in other


@pytest.fixture
def facts(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    def of(*arguments: str) -> dict[str, Any]:
        assert main(["config", "--format", "json", *arguments]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["version"] == 1
        first: dict[str, Any] = answer["files"][0]
        return first

    return of


def line(number: int) -> str:
    return f"multitool-lint.toml:{number}"


def settings(facts: dict[str, Any]) -> set[tuple[str, str, str | None]]:
    return {(setting["name"], setting["value"], setting["source"]) for setting in facts["settings"]}


def rule(facts: dict[str, Any], id_: str) -> tuple[bool, str, str | None]:
    entry = next(rule for rule in facts["rules"] if rule["id"] == id_)
    return entry["runs"], entry["by"], entry["source"]


def test_each_setting_has_its_line(facts: Any) -> None:  # noqa: ANN401
    found = facts("a/p.json")
    rest = {setting for setting in settings(found) if setting[0] not in {"catalog", "exclude"}}
    assert rest == {
        ("configuration", "multitool-lint.toml", None),
        ("type", "scp", line(21)),
        ("fail-on", "security", line(7)),
        ("extra-services", "hidden", line(10)),
        ("severity of unknown-service", "error", line(13)),
        ("ignore", "public-access: known", line(3)),
    }
    assert rule(found, "redundant-action") == (False, "ignore", line(2))
    assert rule(found, "unscoped-resource") == (True, "extend-select", line(6))
    assert rule(found, "old-version") == (False, "per-path-ignores", line(17))
    assert rule(found, "duplicate-key") == (True, "default", None)
    assert rule(found, "scp-action-wildcard") == (False, "default", None)
    other = facts("c/b.json")
    assert ("resource-type", "AWS::S3::Bucket", line(25)) in settings(other)
    assert rule(other, "old-version") == (False, "per-path-ignores", line(16))
    assert rule(other, "duplicate-sid") == (True, "default", None)
    assert "type" not in {setting["name"] for setting in other["settings"]}
    assert ("ignore", "old-version (expired): old", line(4)) in settings(facts("b/x.json"))


def test_options_are_named_as_what_decides(facts: Any) -> None:  # noqa: ANN401
    found = facts(
        *("a/p.json", "--ignore", "duplicate-key", "--fail-on", "never", "--type", "rcp"),
        *("--resource-type", "AWS::S3::Bucket", "--extend-select", "scp-action-wildcard"),
        *("--exclude", "p*"),
    )
    assert rule(found, "duplicate-key") == (False, "ignore", "--ignore")
    assert rule(found, "scp-action-wildcard") == (True, "extend-select", "--extend-select")
    assert settings(found) >= {
        ("fail-on", "never", "--fail-on"),
        ("type", "rcp", "--type"),
        ("resource-type", "AWS::S3::Bucket", "--resource-type"),
        ("exclude", "p*", "--exclude"),
        ("excluded", "yes, unless the file is named", "--exclude"),
    }
    selected = facts("a/p.json", "--select", "redundant-action,old-version")
    running = {rule["id"] for rule in selected["rules"] if rule["runs"]}
    assert running == {"redundant-action", "old-version"} | UNCHECKED
    assert rule(selected, "old-version") == (True, "select", "--select")
    assert rule(selected, "duplicate-sid") == (False, "select", "--select")


def test_without_a_configuration_all_is_by_default(facts: Any) -> None:  # noqa: ANN401
    found = facts("--no-config", "a/p.json")
    assert settings(found) >= {("configuration", "none", None), ("fail-on", "suggestion", None)}
    running = {rule["id"] for rule in found["rules"] if rule["runs"]}
    assert running == {id_ for id_, rule in rules().items() if rule.default}


@pytest.mark.parametrize(
    ("path", "excluded"),
    [("build/p.json", True), ("x1.json", True), ("a/x.json", True), ("y.json", False)],
)
def test_what_is_excluded(facts: Any, path: str, *, excluded: bool) -> None:  # noqa: ANN401
    found = settings(facts(path))
    assert (("excluded", "yes, unless the file is named", line(8)) in found) is excluded
    assert ("exclude", "x*.json", line(8)) in found


@pytest.mark.parametrize("path", ["a/p.json", "c/b.json", "p.json"])
@pytest.mark.parametrize("options", [[], ["--select", "ALL"], ["--ignore", "old-version"]])
def test_it_agrees_with_check(facts: Any, path: str, options: list[str]) -> None:  # noqa: ANN401
    found = facts(path, *options)
    used = Settings(command_parser("check").parse_args([path, *options])).of(path)
    assert {rule["id"] for rule in found["rules"] if rule["runs"]} == {*used.enabled} | UNCHECKED
    values = {name: value for name, value, _ in settings(found)}
    assert values.get("type") == (used.type and used.type.value)
    assert values.get("resource-type") == used.resource_type
    assert values["severity of unknown-service"] == dict(used.severities)["unknown-service"].value


def test_the_current_folder_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(".\n  configuration: multitool-lint.toml\n")
    for expected in (
        "    extend-select (multitool-lint.toml:6): unscoped-resource\n",
        "    ignore (multitool-lint.toml:2): redundant-action\n",
        "  severity of unknown-service: error (multitool-lint.toml:13)\n",
        "  fail-on: security (multitool-lint.toml:7)\n",
    ):
        assert expected in text


def test_several_files_and_a_pyproject(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a" / "pyproject.toml").write_text(
        '[project]\nselect = []\n[tool.multitool-lint]\n\nselect = ["old-version"]\n',
        encoding="utf-8",
    )
    assert main(["config", "a/p.json", "p.json"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert "    select (a/pyproject.toml:5): old-version\n" in first
    assert "    not in select (a/pyproject.toml:5): all-actions-on-service, " in first
    assert second.startswith("p.json\n  configuration: multitool-lint.toml\n")


def test_a_wrong_configuration_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("multitool-lint.toml").write_text("x = 1\ny = 1\n", encoding="utf-8")
    assert main(["config"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line[:30] for line in captured.err.splitlines()] == [
        "error: multitool-lint.toml:1: ",
        "error: multitool-lint.toml:2: ",
    ]
