"""Runs with `[[ignore]]` entries: what is reported and counted, and what of unused ones."""

import json
import re
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import DIRECTORY

STATEMENT = {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}
POLICY = json.dumps({"Version": "2008-10-17", "Statement": STATEMENT}, indent=1)
ENTRY = '[[ignore]]\nrule = "{}"\nreason = "known"\n'
RULES = "--select=redundant-action,old-version,unused-ignore"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(POLICY, encoding="utf-8")
    return tmp_path


def configure(text: str) -> None:
    Path("multitool-lint.toml").write_text(text, encoding="utf-8")


def reported(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> list[str]:
    """The findings of a run, one a line, and what it came to."""
    assert main([*arguments, "--format=lines"]) == code
    out = capsys.readouterr().out.splitlines()
    lines = (re.match(r"[^ ]+: (\w+)\[([\w-]+)\] ", line) for line in out)
    return [f"{line[0].split(' ')[0]} {line[2]}" for line in lines if line] + out[-1:]


def test_what_is_suppressed_is_counted_and_does_not_fail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(ENTRY.format("redundant-action") + ENTRY.format("old-version"))
    assert reported(capsys, "a.json", RULES, code=0) == [
        "No findings in 1 policy of 1 file; 2 suppressed."
    ]
    assert reported(capsys, "a.json", RULES, "--show-suppressed", code=1) == [
        "a.json:2:13: old-version",
        "a.json:6:4: redundant-action",
        (
            "2 suggestions in 1 policy of 1 file; 1 fixable with --fix; "
            "1 fixable with --fix --unsafe-fixes."
        ),
    ]


def test_an_entry_that_suppresses_nothing_is_reported_at_its_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(f'\n# ours\n{ENTRY.format("old-version")}sid = "Gone"\n')
    assert reported(capsys, "a.json", RULES, code=1) == [
        "a.json:2:13: old-version",
        "a.json:6:4: redundant-action",
        "multitool-lint.toml:3:1: unused-ignore",
        (
            "1 warning, 2 suggestions in 1 policy of 1 file; 1 fixable with --fix; "
            "1 fixable with --fix --unsafe-fixes."
        ),
    ]


def test_it_is_reported_in_pyproject_toml_too(capsys: pytest.CaptureFixture[str]) -> None:
    text = '[tool.multitool-lint]\nignore = [\n  "old-version",\n  {}\n]\n'
    entry = '{ rule = "redundant-action", reason = "known", action = "s3:*" },'
    Path("pyproject.toml").write_text(text.replace("{}", entry), encoding="utf-8")
    assert "pyproject.toml:4:3: unused-ignore" in reported(capsys, "a.json", code=1)[-2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["b.json", RULES, "--fail-on=error"],
        ["a.json", "--select=redundant-action,unused-ignore", "--fail-on=error"],
        ["a.json", "--select=old-version", "--fail-on=error"],
        ["a.json", RULES, "--show-suppressed", "--fail-on=error"],
        ["a.json", RULES, "--ignore=unused-ignore", "--fail-on=error"],
    ],
    ids=["not its file", "not its rule", "rule off", "no ignore", "told not to"],
)
def test_it_is_silent_where_nothing_can_be_said(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(f'{ENTRY.format("old-version")}path = "a.json"\nsid = "Gone"\n')
    assert not [line for line in reported(capsys, *arguments, code=0) if "unused-ignore" in line]


def test_it_has_nothing_about_a_file_that_could_not_be_linted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.json").write_text(POLICY[:-1], encoding="utf-8")
    configure(ENTRY.format("old-version"))
    assert "unused-ignore" not in str(reported(capsys, "a.json", RULES, code=2))


def test_one_file_that_needs_an_entry_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.json").write_text(POLICY.replace("2008", "2012"), encoding="utf-8")
    configure(ENTRY.format("old-version"))
    assert "unused-ignore" not in str(reported(capsys, ".", RULES, code=1))
    assert "unused-ignore" in str(reported(capsys, "b.json", RULES, code=1))


def test_an_expired_entry_suppresses_nothing_and_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(f"{ENTRY.format('old-version')}expires = 2020-02-29\n")
    assert main(["a.json", RULES, "--format=lines"]) == 1
    out = capsys.readouterr().out
    assert "a.json:2:13: suggestion[old-version] " in out
    assert 'The ignore entry for "old-version" expired: its last day was 2020-02-29' in out
    configure(f"{ENTRY.format('old-version')}expires = 2999-12-31\n")
    assert "1 suppressed" in reported(capsys, "a.json", RULES, code=1)[-1]


def test_unused_entries_have_the_configured_severity_and_every_format_shows_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(f'{ENTRY.format("old-version")}sid = "Gone"\n[severity]\nunused-ignore = "error"\n')
    assert main(["a.json", RULES, "--format=json", "--fail-on=error"]) == 1
    answer = json.loads(capsys.readouterr().out)
    [unused] = [finding for finding in answer["findings"] if finding["rule"] == "unused-ignore"]
    assert unused["severity"] == "error"
    assert unused["path"] == "multitool-lint.toml"
    assert unused["start"] == {"line": 1, "column": 1, "offset": 0}
    assert unused["fingerprint"]
    assert answer["summary"]["files"] == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_many_files_from_processes_and_cache_say_the_same(
    jobs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(40):
        Path(f"c{number:02}.json").write_text(POLICY.replace("Get", "Put"), encoding="utf-8")
    used = f'{ENTRY.format("redundant-action")}path = "c3?.json"\naction = "s3:Put*"\n'
    unused = f'{ENTRY.format("redundant-action")}path = "c0?.json"\naction = "s3:Get*"\n'
    configure(used + unused)
    many = (".", RULES, f"--jobs={jobs}", f"--cache-dir={tmp_path / '.cache'}")
    cold = reported(capsys, *many, code=1)
    assert [line for line in cold if line.endswith("unused-ignore")] == [
        "multitool-lint.toml:6:1: unused-ignore"
    ]
    assert "10 suppressed" in cold[-1]
    assert reported(capsys, *many, code=1) == cold
    configure(used)
    assert "unused-ignore" not in str(reported(capsys, *many, code=1))


def test_a_fix_leaves_what_is_suppressed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    configure(f'{ENTRY.format("redundant-action")}path = "a.json"\n')
    options = ("--fix", "--keep-wildcards", "--select=redundant-action")
    assert reported(capsys, *options, "a.json", "b.json", code=0) == [
        "No findings in 2 policies of 2 files; 1 suppressed; 1 fixed."
    ]
    assert Path("a.json").read_text(encoding="utf-8") == POLICY
    assert main(["fix", "--write", "--keep-wildcards", "a.json"]) == 0
    assert '"s3:GetObject"' in Path("a.json").read_text(encoding="utf-8")


def test_the_entry_on_the_page_of_the_rule_can_be_followed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (Path(DIRECTORY) / "unused-ignore.md").read_text(encoding="utf-8")
    entry = next(text for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[[" in text)
    configure(entry)
    Path("policies").mkdir()
    policy = POLICY.replace('"Effect"', '"Sid": "Deploy",\n  "Effect"')
    path = Path("policies/deploy.json")
    path.write_text(
        policy.replace("s3:Get*", "apigateway:*").replace("s3:GetObject", "apigateway:GET")
    )
    assert "1 suppressed" in reported(capsys, str(path), "--select=redundant-action", code=0)[-1]
