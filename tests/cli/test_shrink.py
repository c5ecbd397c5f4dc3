"""`shrink` as a user types it."""

import io
import json
import os
import re
import stat
import sys
from pathlib import Path

import pytest
from support.rewrites import CATALOG, policies

from multitool_lint.cli import main
from multitool_lint.policy.compare import Answer, equivalent

LONG = """\
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["sqs:AddPermission", "sqs:RemovePermission"],
    "Resource": "*"
  }
}
"""
SHORT = LONG.replace('["sqs:AddPermission", "sqs:RemovePermission"]', '["sqs:*n"]')
HUGE = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": list(CATALOG.names(CATALOG.match("ec2:*")))[at::9]}
        | {"Resource": f"arn:aws:ec2:*:*:*/{at}"}
        for at in range(9)
    ],
}

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "long.json").write_text(LONG, encoding="utf-8")
    (tmp_path / "huge.json").write_text(json.dumps(HUGE, indent=1), encoding="utf-8")
    return tmp_path


def read(name: str) -> str:
    return Path(name).read_bytes().decode()


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_it_prints_a_diff_and_writes_with_write(capsys: Output) -> None:
    assert main(["shrink", "long.json"]) == 1
    output = capsys.readouterr()
    assert '-    "Action": ["sqs:AddPermission", "sqs:RemovePermission"],\n' in output.out
    assert '+    "Action": ["sqs:*n"],\n' in output.out
    assert output.err == (
        "long.json:5:15: 2 items in 44 characters are now 1 in 10\n"
        "long.json:1:1: note: 90 characters without whitespace, 124 before\n"
        "long.json:5:15: note: an action that AWS adds later is allowed as well where a new "
        "wildcard matches it: statement of line 3; --whole-words makes patterns that can be "
        "reviewed\n1 file would change\n"
    )
    assert read("long.json") == LONG
    assert main(["shrink", "--write", "long.json"]) == 0
    assert read("long.json") == SHORT
    capsys.readouterr()
    assert main(["shrink", "--write", "long.json"]) == 0
    assert capsys.readouterr().err == "nothing to change\n"


@pytest.mark.parametrize(
    ("options", "action"),
    [
        (["--whole-words"], None),
        (["--max-wildcards", "0"], None),
        (["--min-prefix", "1"], '["sqs:A*", "sqs:R*n"]'),
        (["--min-prefix", "3", "--max-wildcards", "1"], '["sqs:Add*", "sqs:Rem*"]'),
    ],
)
def test_options(
    options: list[str], action: str | None, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    give(monkeypatch, LONG)
    assert main(["shrink", *options, "-"]) == 0
    expected = SHORT.replace('["sqs:*n"]', action) if action else LONG
    assert capsys.readouterr().out == expected


def test_standard_input_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    give(monkeypatch, LONG)
    assert main(["shrink", "--minify", "-"]) == 0
    assert capsys.readouterr().out == "".join(SHORT.split()) + "\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--split"], "error: --split needs --target-size\n"),
        (["--target-size", "0"], "the size must be at least 1"),
        (["--target-size", "-1"], '"-1" is not a number'),
        (["--max-wildcards", "many"], '"many" is not a number'),
    ],
)
def test_options_that_cannot_be_followed(options: list[str], message: str, capsys: Output) -> None:
    try:
        code = main(["shrink", *options, "long.json"])
    except SystemExit as error:
        code = int(str(error.code))
    assert code == 2
    assert message in capsys.readouterr().err
    assert read("long.json") == LONG


@pytest.mark.slow
def test_a_target_that_is_not_met_changes_nothing(capsys: Output) -> None:
    before = read("huge.json")
    assert main(["shrink", "--write", "--target-size", "1500", "huge.json", "long.json"]) == 1
    err = capsys.readouterr().err
    assert re.search(
        r"^huge.json:1:1: problem: left as it is: still [\d,]+ of 1,500 characters without ", err
    )
    assert err.endswith("\nnothing to change\n")
    assert read("huge.json") == before
    assert read("long.json") == LONG


@pytest.mark.exhaustive
def test_split_writes_policies_that_together_grant_the_same(capsys: Output) -> None:
    split = ["shrink", "--target-size", "1500", "--split"]
    assert main([*split, "huge.json"]) == 1
    output = capsys.readouterr()
    assert "+++ huge-1.json\n@@ -0,0 +1," in output.out
    assert names() == ["huge.json", "long.json"]
    assert main([*split, "--write", "huge.json"]) == 0
    written = [name for name in names() if "-" in name]
    assert len(written) > 2
    pieces = [read(name) for name in written]
    assert all(len("".join(piece.split())) <= 1500 for piece in pieces)
    before = policies(json.dumps(HUGE))
    assert equivalent(before, policies(*pieces), CATALOG).answer is Answer.YES
    assert json.loads(read("huge.json")) == HUGE
    assert stat.S_IMODE(Path(written[0]).stat().st_mode) & 0o600 == 0o600
    capsys.readouterr()
    assert main([*split, "--write", "huge.json"]) == 0
    assert capsys.readouterr().err.endswith("nothing to change\n")


@pytest.mark.slow
def test_split_overwrites_nothing(capsys: Output) -> None:
    Path("huge-2.json").write_text("mine", encoding="utf-8")
    command = ["shrink", "--write", "--target-size", "1500", "--split", "huge.json"]
    assert main(command) == 2
    assert 'error: huge.json: not split: "huge-2.json" already exists' in capsys.readouterr().err
    assert names() == ["huge-2.json", "huge.json", "long.json"]
    assert read("huge-2.json") == "mine"


@pytest.mark.slow
def test_split_overwrites_no_file_that_appears_during_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def appear(_: object) -> None:
        Path("huge-1.json").write_text("mine", encoding="utf-8")

    monkeypatch.setattr(os, "fsync", appear)
    command = ["shrink", "--write", "--target-size", "1500", "--split", "huge.json"]
    assert main(command) == 2
    assert 'error: huge.json: not split: "huge-1.json" already exists' in capsys.readouterr().err
    assert names() == ["huge-1.json", "huge.json", "long.json"]
    assert read("huge-1.json") == "mine"


def test_split_to_standard_output(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    give(monkeypatch, json.dumps(HUGE))
    assert main(["shrink", "--target-size", "1500", "--split", "-"]) == 0
    pieces = capsys.readouterr().out.splitlines()
    assert len(pieces) > 2
    found = equivalent(policies(json.dumps(HUGE)), policies(*pieces), CATALOG)
    assert found.answer is Answer.YES


def test_what_cannot_be_read_is_said_and_the_others_are_shrunk(capsys: Output) -> None:
    Path("broken.json").write_text(LONG.replace("]", ""), encoding="utf-8")
    Path("page.md").write_text(f"# A\n\n```json\n{LONG}```\n", encoding="utf-8")
    assert main(["shrink", "--write", "broken.json", "page.md", "gone.json"]) == 2
    err = capsys.readouterr().err
    assert re.search(r"^broken.json:\d+:\d+: error: ", err, re.MULTILINE)
    assert "error: gone.json: no such file or directory\n" in err
    assert read("page.md") == f"# A\n\n```json\n{SHORT}```\n"


def test_the_lines_that_are_named_are_those_of_the_file(capsys: Output) -> None:
    policy = LONG.replace("\n", "\n  ").rstrip()
    Path("list.json").write_text(f'{{"policies": [\n  {policy}\n]}}\n', encoding="utf-8")
    main(["shrink", "list.json"])
    assert "matches it: statement of line 4;" in capsys.readouterr().err
