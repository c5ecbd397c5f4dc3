"""The former id of a renamed rule is accepted everywhere, with a warning that has the new id."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from multitool_lint import fix, lint, lint_many
from multitool_lint.checks import duplicate_sid
from multitool_lint.cli import main
from multitool_lint.diagnostics import rule
from multitool_lint.diagnostics.rule import FormerIdWarning
from multitool_lint.engines.parliament import finding_types
from multitool_lint.linter import plan

FORMER, TODAY = "duplicate-sid", "repeated-sid"
MESSAGE = f'rule "{FORMER}" is now called "{TODAY}"'

TWICE = [
    {
        "Sid": "One",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:*:*:{q}",
    }
    for q in ("a", "b")
]
POLICY = json.dumps({"Version": "2012-10-17", "Statement": TWICE}, indent=1)
COMMENTED = f"# multitool-lint: ignore[{FORMER}] known\n{POLICY}"


@pytest.fixture
def rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Renames a rule as a release would: its page, its entry in the index, its check module."""

    def forget() -> None:
        rule.rules.cache_clear()
        rule.former_ids.cache_clear()
        finding_types.answered.cache_clear()

    def renamed() -> None:
        entries = json.loads(Path(rule.INDEX).read_text("utf-8"))
        for entry in entries:
            if entry["id"] == FORMER:
                entry |= {"id": TODAY, "aliases": [FORMER]}
        folder = tmp_path / "rules"
        shutil.copytree(Path(rule.DIRECTORY) / "schemas", folder / "schemas")
        page = (Path(rule.DIRECTORY) / f"{FORMER}.md").read_text("utf-8")
        (folder / f"{TODAY}.md").write_text(page.replace(FORMER, TODAY), "utf-8")
        (folder / "index.json").write_text(json.dumps(entries), "utf-8")
        monkeypatch.setattr(rule, "DIRECTORY", folder)
        monkeypatch.setattr(rule, "INDEX", folder / "index.json")
        files = {*plan._check_names(), "repeated_sid"}  # noqa: SLF001 - the module has no file
        monkeypatch.setattr(plan, "_check_names", lambda: files)
        monkeypatch.setitem(sys.modules, "multitool_lint.checks.repeated_sid", duplicate_sid)
        forget()

    monkeypatch.chdir(tmp_path)
    Path("p.json").write_text(POLICY, "utf-8")
    yield renamed
    monkeypatch.undo()
    forget()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, list[str]]:
    """The exit code, the output, and the warnings."""
    code = main([*words, "--no-cache"] if words[0] == "check" else [*words])
    out, err = capsys.readouterr()
    return code, out, [line for line in err.splitlines() if line.startswith("warning:")]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        (f'select = ["{FORMER}"]', 1),
        (f'select = []\nextend-select = ["{FORMER}"]', 1),
        (f'select = ["style", "{TODAY}"]\nignore = ["{FORMER}"]', 0),
        (f'select = ["{TODAY}"]\n[per-path-ignores]\n"p.json" = ["{FORMER}"]', 0),
        (f'select = ["{TODAY}"]\nfail-on = "error"\n[severity]\n{FORMER} = "suggestion"', 0),
        (f'select = ["{TODAY}"]\n[[ignore]]\nrule = "{FORMER}"\nreason = "known"', 0),
        (f'select = ["{FORMER}"]\nignore = ["{FORMER}"]', 0),
    ],
)
def test_in_a_configuration(
    rename: Callable[[], None], capsys: pytest.CaptureFixture[str], config: str, code: int
) -> None:
    rename()
    Path("multitool-lint.toml").write_text(config, "utf-8")
    warning = f"warning: multitool-lint.toml: {MESSAGE}"
    found, out, warnings = run(capsys, "check", "p.json")
    assert (found, warnings) == (code, [warning]), out
    assert (f"[{TODAY}]" in out) == (code == 1 or "severity" in config)
    found, out, warnings = run(capsys, "config", "p.json")
    assert (found, warnings) == (0, [warning])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--select", FORMER), 1),
        (("--select", "style", "--extend-select", FORMER), 1),
        (("--select", TODAY, "--ignore", FORMER), 0),
    ],
)
def test_in_options(
    rename: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: int,
) -> None:
    rename()
    found, out, warnings = run(capsys, "check", *options, "p.json")
    assert (found, warnings) == (code, [f"warning: {MESSAGE}"])
    assert FORMER not in out


def test_in_comments_also_where_the_report_comes_from_the_cache(
    rename: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    rename()
    Path("p.yaml").write_text(COMMENTED, "utf-8")
    for _ in range(2):
        code = main(
            ["check", "--cache-dir", "cache", "--select", f"{TODAY},unused-ignore", "p.yaml"]
        )
        err = capsys.readouterr().err
        assert (code, err.count("warning:")) == (0, 1)
        assert f"warning: p.yaml: {MESSAGE}\n" in err
    assert run(capsys, "fix", "--write", "p.yaml")[2] == [f"warning: p.yaml: {MESSAGE}"]


def test_in_explain(rename: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    rename()
    code, out, warnings = run(capsys, "explain", FORMER)
    assert (code, warnings) == (0, [f"warning: {MESSAGE}"])
    assert out.startswith(f"{TODAY} (")
    assert f"Former ids: {FORMER}\n" in out


def test_a_baseline_from_before_the_renaming_stays_valid(
    rename: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    check = ("check", "--select", "redundancy,style,grammar", "p.json")
    assert main([*check, "--no-cache", "--write-baseline", "base.json"]) == 0
    before = Path("base.json").read_text("utf-8")
    assert f'"rule": "{FORMER}"' in before
    capsys.readouterr()
    rename()
    warning = f"warning: base.json: {MESSAGE}"
    assert run(capsys, *check, "--baseline", "base.json")[::2] == (0, [warning])
    pruned = run(capsys, *check, "--write-baseline", "base.json")
    assert pruned[::2] == (0, [warning])
    after = Path("base.json").read_text("utf-8")
    assert sorted(after.splitlines()) == sorted(before.replace(FORMER, TODAY).splitlines())
    assert run(capsys, *check, "--baseline", "base.json")[::2] == (0, [])


def test_in_the_library(rename: Callable[[], None], tmp_path: Path) -> None:
    rename()
    with pytest.warns(FormerIdWarning, match=MESSAGE):
        assert [finding.rule for finding in lint(POLICY, select=[FORMER])] == [TODAY]
    path = tmp_path / "p.yaml"
    path.write_text(COMMENTED, "utf-8")
    with pytest.warns(FormerIdWarning, match=MESSAGE):
        assert not lint(path, select=[TODAY])
    with pytest.warns(FormerIdWarning, match=MESSAGE):
        assert fix(path, select=[TODAY]) == COMMENTED
    with pytest.warns(FormerIdWarning, match=MESSAGE):
        assert [linted.findings for linted in lint_many([path], select=[TODAY])] == [[]]


def test_reports_name_former_ids(
    rename: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    rename()
    out = run(capsys, "check", "--select", TODAY, "--format", "sarif", "p.json")[1]
    descriptors = json.loads(out)["runs"][0]["tool"]["driver"]["rules"]
    assert [entry["deprecatedIds"] for entry in descriptors] == [[FORMER]]
    listed = json.loads(run(capsys, "rules", "--format", "json")[1])
    assert {entry["id"]: entry["aliases"] for entry in listed if entry["aliases"]} == {
        TODAY: [FORMER]
    }


def test_a_rule_of_a_configuration_cannot_have_a_former_id(
    rename: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    rename()
    entry = f'[[rules]]\nid = "{FORMER}"\nmessage = "no"\nforbid = {{actions = "s3:GetObject"}}\n'
    Path("multitool-lint.toml").write_text(entry, "utf-8")
    assert main(["check", "--no-cache", "p.json"]) == 2
    assert f'"{FORMER}" is a built-in rule' in capsys.readouterr().err
