"""`expand`, `tighten` and `fix` as a user types them, and how files are written."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.rewritten_files import DOUBLE, EXPANDED, SINGLE, WIDE, read

from multitool_lint.cli import main
from multitool_lint.linter.report import Report
from multitool_lint.rewrite.fix import Fixed
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parents[2]
MIXED = WIDE.replace('"sqs:*Permission"', '["sqs:*Queues", "sqs:S*", "sqs:*"]')
KEEP = "--keep-wildcards"
ONE = "--select=redundant-action"
READ = "--access-level=read,list"
Output = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("rewritable")


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


DIFF = f"""\
--- wide.json
+++ wide.json
@@ -1 +1 @@
-{WIDE}
\\ No newline at end of file
+{EXPANDED}
\\ No newline at end of file
"""


def test_expand_prints_a_diff(capsys: Output) -> None:
    assert main(["expand", "wide.json"]) == 1
    output = capsys.readouterr()
    assert output.out == DIFF
    note = '"sqs:*Permission": 2 actions (2 Permissions management)'
    assert output.err == f"wide.json:1:45: {note}\n1 file would change\n"
    assert read("wide.json") == WIDE


def test_expand_writes(capsys: Output) -> None:
    assert main(["expand", "--write", "wide.json"]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.endswith("\n1 file changed\n")
    assert read("wide.json") == EXPANDED
    assert main(["expand", "wide.json"]) == 0
    assert capsys.readouterr().err == "nothing to change\n"


def test_expand_one_pattern(capsys: Output) -> None:
    assert main(["expand", "--action", "sqs:Add*", "wide.json"]) == 0
    assert main(["expand", "--action", "SQS:*permission", "wide.json"]) == 1
    with pytest.raises(SystemExit, match="2"):
        main(["expand", "--action", "sqs:AddPermission", "wide.json"])
    assert '"sqs:AddPermission" does not contain a wildcard' in capsys.readouterr().err


def test_expand_a_service_that_there_is_not(capsys: Output) -> None:
    assert main(["expand", "--service", "dynamo", "wide.json"]) == 2
    assert capsys.readouterr().err.endswith('; did you mean "dynamodb"?\n')


def test_standard_input_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    text = f"\ufeff{WIDE}\r\n"
    give(monkeypatch, text)
    assert main(["expand", "--stdin-filename", "wide.json", "-"]) == 0
    assert capsys.readouterr().out == text.replace(WIDE, EXPANDED)
    assert read("wide.json") == WIDE
    give(monkeypatch, WIDE)
    assert main(["expand", "--stdin-filename", "wide.json", "--diff", "-"]) == 1
    assert capsys.readouterr().out == DIFF
    give(monkeypatch, '{"Statement": {"Effect": 1}')
    assert main(["expand", "-"]) == 2
    output = capsys.readouterr()
    assert output.out == '{"Statement": {"Effect": 1}'
    assert re.match(r"<stdin>:1:\d+: error: ", output.err)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "expected FILES, such as . for the current folder"),
        (["-", "wide.json"], "standard input (-) cannot be combined with files"),
    ],
)
@pytest.mark.parametrize("command", [["expand"], ["tighten", READ], ["fix"]])
def test_what_cannot_be_rewritten(
    command: list[str], files: list[str], message: str, capsys: Output
) -> None:
    assert main([*command, *files]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


@pytest.mark.parametrize("command", [["expand"], ["tighten", READ], ["fix"]])
def test_the_other_files_are_still_rewritten(
    command: list[str], capsys: Output, rewritable: Path
) -> None:
    (rewritable / "broken.json").write_text(WIDE.replace("]", "").replace("}}", "}"))
    (rewritable / "array.json").write_text("[]")
    (rewritable / "more").mkdir()
    (rewritable / "more" / "array.json").write_text("[]")
    (rewritable / "more" / "wide.json").write_text(MIXED.replace("sqs:S*", "sqs:*"))
    files = ["broken.json", "array.json", "gone.json", "more"]
    assert main([*command, *files]) == 2
    output = capsys.readouterr()
    assert f"+++ more{os.sep}wide.json" in output.out
    assert re.search(r"^broken.json:1:\d+: error: ", output.err, re.MULTILINE)
    assert "error: array.json: no policy found: " in output.err
    assert "error: gone.json: no such file or directory\n" in output.err
    assert f"more{os.sep}array.json" not in output.err


@pytest.mark.parametrize("command", [["expand"], ["tighten", READ], ["fix"]])
def test_a_crash_is_reported(
    command: list[str], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    for name in ("expand.expand", "tighten.tighten", "fix.fix"):
        monkeypatch.setattr(f"multitool_lint.rewrite.{name}", crash)
    assert main([*command, "wide.json"]) == 2
    assert "error: wide.json: internal error: RuntimeError: no\n" in capsys.readouterr().err


def test_tighten(rewritable: Path, capsys: Output) -> None:
    (rewritable / "mixed.json").write_text(MIXED)
    assert main(["tighten", READ, "mixed.json", "--write"]) == 0
    assert json.loads(read("mixed.json"))["Statement"]["Action"] == [
        "sqs:*Queues",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListMessageMoveTasks",
        "sqs:ListQueueTags",
        "sqs:ReceiveMessage",
    ]
    capsys.readouterr()
    assert main(["tighten", READ, "mixed.json", "--write"]) == 0
    assert capsys.readouterr().err == "nothing to change\n"


def test_tighten_says_what_it_could_not_do(capsys: Output) -> None:
    assert main(["tighten", READ, "wide.json", "--write"]) == 1
    message = "problem: left as it is: none of its actions is at List or Read"
    assert capsys.readouterr().err == f"wide.json:1:45: {message}\nnothing to change\n"
    assert read("wide.json") == WIDE


def test_tighten_strictly(rewritable: Path) -> None:
    (rewritable / "named.json").write_text(
        WIDE.replace('"sqs:*P', '["sqs:ListQueues", "sqs:AddP').replace('n",', 'n"],')
    )
    assert main(["tighten", READ, "named.json"]) == 0
    assert main(["tighten", READ, "named.json", "--all-actions"]) == 1


@pytest.mark.parametrize(
    "levels", [["list,Read"], ["LIST", "read"], ["list, read, permissions management"]]
)
def test_levels(levels: list[str]) -> None:
    options = [f"--access-level={level}" for level in levels]
    assert main(["tighten", *options, "reading.json"]) == 0


@pytest.mark.parametrize("options", [["--access-level=reed"], ["--access-level="]])
def test_levels_that_are_none(options: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["tighten", *options, "wide.json"])
    assert "--access-level" in capsys.readouterr().err


def test_fix_writes(capsys: Output) -> None:
    assert main(["fix", "--write", ONE, KEEP, "double.json"]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        'double.json:1:46: Remove the redundant action and keep "s3:Get*" (access unchanged, with '
        "fix --keep-wildcards) [redundant-action]\n"
        "1 finding fixed, 0 findings left\n1 file changed\n"
    )
    assert read("double.json") == SINGLE


def test_fix_prints_a_diff(capsys: Output) -> None:
    assert main(["fix", ONE, KEEP, "--diff", "double.json", "wide.json"]) == 1
    output = capsys.readouterr()
    assert output.out == DIFF.replace("wide", "double").replace(WIDE, DOUBLE).replace(
        EXPANDED, SINGLE
    )
    assert read("double.json") == DOUBLE


def test_fix_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    give(monkeypatch, DOUBLE)
    assert main(["fix", ONE, KEEP, "-"]) == 0
    assert capsys.readouterr().out == SINGLE


@pytest.mark.parametrize("unsafe", [False, True])
def test_unsafe_fixes_are_asked_for(unsafe: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    asked = []

    def fix(source: Source, **options: object) -> Fixed:
        asked.append(options["unsafe"])
        return Fixed(source, source.text, (), Report(source, (), (), (), 0))

    monkeypatch.setattr("multitool_lint.rewrite.fix.fix", fix)
    main(["fix", "--write", "wide.json", *(["--unsafe-fixes"] if unsafe else [])])
    assert asked == [unsafe]


@pytest.mark.parametrize("command", [["expand"], ["tighten", READ], ["fix"]])
def test_help_lists_the_exit_codes(command: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command[0], "--help"])
    assert "exit codes: 0 done, 1" in capsys.readouterr().out


def test_standard_output_is_utf_8_and_nothing_but_the_result() -> None:
    text = f"\ufeff{WIDE}\r\n".replace('"Resource"', '"Sid": "é", "Resource"')
    result = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "expand", "-"],
        input=text.encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )
    assert result.stdout.decode() == text.replace(
        '"sqs:*Permission"', '["sqs:AddPermission", "sqs:RemovePermission"]'
    )
