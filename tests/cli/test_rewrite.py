"""`expand`, `tighten` and `fix` as a user types them, and how files are written."""

import difflib
import io
import json
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.cli import main
from multitool_lint.cli.files import write as writing
from multitool_lint.cli.files.target import Target
from multitool_lint.linter.report import Report
from multitool_lint.rewrite.fix import Fixed
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parents[2]
WIDE = '{"Statement": {"Effect": "Allow", "Action": "sqs:*Permission", "Resource": "*"}}'
EXPANDED = WIDE.replace('"sqs:*Permission"', '["sqs:AddPermission", "sqs:RemovePermission"]')
READING = WIDE.replace("sqs:*Permission", "sqs:List*")
MIXED = WIDE.replace('"sqs:*Permission"', '["sqs:*Queues", "sqs:S*", "sqs:*"]')
KEEP = "--keep-wildcards"
DOUBLE = WIDE.replace('"sqs:*Permission"', '["s3:Get*", "s3:GetObject"]')
SINGLE = WIDE.replace('"sqs:*Permission"', '["s3:Get*"]')
ONE = "--select=redundant-action"
READ = "--access-level=read,list"

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"wide": WIDE, "reading": READING, "double": DOUBLE}.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    return tmp_path


def read(name: str) -> str:
    return Path(name).read_bytes().decode()


def target(name: str) -> Target:
    return Target(name, named=True, real=os.path.realpath(name))


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


@pytest.mark.parametrize("command", [["expand"], ["tighten", READ], ["fix", "--diff"]])
def test_the_other_files_are_still_rewritten(
    command: list[str], capsys: Output, folder: Path
) -> None:
    (folder / "broken.json").write_text(WIDE.replace("]", "").replace("}}", "}"))
    (folder / "array.json").write_text("[]")
    (folder / "more").mkdir()
    (folder / "more" / "array.json").write_text("[]")
    (folder / "more" / "wide.json").write_text(MIXED.replace("sqs:S*", "sqs:*"))
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


def test_tighten(folder: Path, capsys: Output) -> None:
    (folder / "mixed.json").write_text(MIXED)
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


def test_tighten_strictly(folder: Path) -> None:
    (folder / "named.json").write_text(
        WIDE.replace('"sqs:*P', '["sqs:ListQueues", "sqs:AddP').replace('n",', 'n"],')
    )
    assert main(["tighten", READ, "named.json"]) == 0
    assert main(["tighten", READ, "named.json", "--strict"]) == 1


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
    assert main(["fix", ONE, KEEP, "double.json"]) == 0
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
    main(["fix", "wide.json", *(["--unsafe-fixes"] if unsafe else [])])
    assert asked == [unsafe]


def test_write_keeps_the_mode_and_symbolic_links(folder: Path) -> None:
    link = folder / "link.json"
    link.symlink_to("wide.json")
    (folder / "wide.json").chmod(0o640)
    writing.write(target("link.json"), WIDE, "\ufeffé\r\n")
    assert link.is_symlink()
    assert (folder / "wide.json").read_bytes() == "\ufeffé\r\n".encode()
    assert stat.S_IMODE((folder / "wide.json").stat().st_mode) == 0o640
    assert sorted(path.name for path in folder.iterdir()) == [
        "double.json",
        "link.json",
        "reading.json",
        "wide.json",
    ]


def test_write_refuses_a_file_that_changed(folder: Path) -> None:
    (folder / "wide.json").write_text("mine")
    with pytest.raises(writing.WriteError, match="changed since it was read"):
        writing.write(target("wide.json"), WIDE, EXPANDED)
    assert read("wide.json") == "mine"


@pytest.mark.parametrize("command", [["fix", KEEP], ["check", "--fix", KEEP]])
def test_a_file_that_changes_between_the_check_and_the_rename_is_not_overwritten(
    command: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: Output
) -> None:
    def change(_: object) -> None:
        (folder / "double.json").write_text("mine")

    files = sorted(folder.iterdir())
    monkeypatch.setattr(os, "fsync", change)
    assert main([*command, ONE, "double.json"]) == 2
    assert "error: double.json: changed since it was read" in capsys.readouterr().err
    assert read("double.json") == "mine"
    assert sorted(folder.iterdir()) == files


def test_other_hard_links_of_a_file_are_reported(folder: Path, capsys: Output) -> None:
    os.link("double.json", "other.json")
    assert main(["fix", ONE, KEEP, "double.json"]) == 0
    place = folder / "double.json"
    assert f"note: {place}: its other hard links still have the old content\n" in (
        capsys.readouterr().err
    )
    assert read("double.json") == SINGLE
    assert read("other.json") == DOUBLE


def test_write_refuses_a_file_that_is_gone(folder: Path) -> None:
    (folder / "wide.json").unlink()
    with pytest.raises(writing.WriteError, match="not written: no such file"):
        writing.write(target("wide.json"), WIDE, EXPANDED)


def test_write_refuses_a_read_only_file(monkeypatch: pytest.MonkeyPatch) -> None:
    # The user who runs the tests may be allowed to write everything.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(writing.WriteError, match="read-only"):
        writing.write(target("wide.json"), WIDE, EXPANDED)


def fail(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("name", ["os.fsync", "os.fchmod", "os.replace"])
def test_a_write_that_fails_leaves_everything_as_it_was(
    name: str, monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: Output
) -> None:
    files = sorted(folder.iterdir())
    monkeypatch.setattr(name, fail)
    assert main(["expand", "--write", "wide.json", "reading.json"]) == 2
    assert "error: wide.json: not written: permission denied\n" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == files
    assert read("wide.json") == WIDE


def test_an_owner_that_cannot_be_kept_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fchown", fail)
    writing.write(target("wide.json"), WIDE, EXPANDED)
    assert read("wide.json") == EXPANDED
    monkeypatch.delattr(os, "fchown")
    writing.write(target("wide.json"), EXPANDED, WIDE)
    assert read("wide.json") == WIDE


TEXTS = st.lists(st.sampled_from(["a", "b\r", "\u2028", "\ufeff", "é\t", ""]), max_size=6).map(
    "\n".join
)


@given(TEXTS, TEXTS)
def test_patch_applies_a_diff(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str
) -> None:
    folder = tmp_path_factory.mktemp("patch")
    (folder / "file").write_bytes(before.encode())
    diff = writing.unified_diff("file", before, after, colour=False)
    if before == after:
        assert diff == ""
        return
    command = ["git", "apply", "--unidiff-zero", "-p0", "-"]
    subprocess.run(command, cwd=folder, input=diff.encode(), check=True)
    assert (folder / "file").read_bytes() == after.encode()


def test_a_diff_is_as_short_as_that_of_the_standard_library() -> None:
    policy = (ROOT / "fixtures" / "multitool.json").read_text(encoding="utf-8")
    for line in ('"apigateway:*",', '"iam:PassRole",', '"Version"'):
        for text in ("", "x", "x\n        y,\n        z", f"{line}\n{line}"):
            after = policy.replace(line, text)
            old, new = policy.splitlines(keepends=True), after.splitlines(keepends=True)
            expected = "".join(difflib.unified_diff(old, new, "a.json", "a.json"))
            assert writing.unified_diff("a.json", policy, after, colour=False) == expected


@pytest.mark.parametrize(("number", "pieces"), [(20_000, 1), (2_000, 2_000)])
def test_a_diff_of_many_places_takes_seconds(number: int, pieces: int) -> None:
    before = "".join(f"{{\n  {number}\n  wide\n  last\n}}\n" for number in range(number))
    after = before.replace("  wide\n", "  one\n  two\n")
    start = time.process_time()
    diff = writing.unified_diff("a.json", before, after, colour=False)
    assert diff.count("\n-") >= pieces
    assert diff.count("\n+") > 2 * pieces
    unlike = writing.unified_diff("a.json", before, "x\n" * 1000, colour=False)
    assert unlike.count("\n-") == 5 * number
    assert time.process_time() - start < 10


def test_a_coloured_diff_steers_no_terminal() -> None:
    before = '\t"\x1b[2J"\r\nsame\n"x"'
    diff = writing.unified_diff("a.json", before, before.replace("x", "y"), colour=True)
    assert diff == (
        "\033[1m--- a.json\033[0m\n\033[1m+++ a.json\033[0m\n\033[36m@@ -1,3 +1,3 @@\033[0m\n"
        '        "\\x1b[2J"\n same\n'
        '\033[31m-"x"\n\\ No newline at end of file\033[0m\n'
        '\033[32m+"y"\n\\ No newline at end of file\033[0m\n'
    )


def test_colour_is_asked_for(capsys: Output) -> None:
    assert main(["expand", "--color=always", "wide.json"]) == 1
    assert capsys.readouterr().out.startswith("\033[1m--- wide.json\033[0m\n")


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
