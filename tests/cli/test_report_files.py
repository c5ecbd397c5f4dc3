"""Where reports go: --format, --output, several at once, and what keeps one from being written."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from support.report_samples import TEXT

from multitool_lint.cli import command_parser, main
from multitool_lint.cli.output.reports import Output
from multitool_lint.reporters.formats import FORMATS
from multitool_lint.reporters.summary import RunReporter

CLOSING = "1 suggestion in 1 policy of 1 file; 1 fixable with --fix.\n"
SELECT = "--select=redundant-action"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy in which there is something to find."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text(TEXT, encoding="utf-8")
    return tmp_path


def lint(*arguments: str) -> int:
    return main(["policy.json", SELECT, *arguments])


def test_one_run_gives_several_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint("--output", "sarif=a.sarif", "--output=junit=a.xml", "--output=lines=a=b.txt") == 1
    captured = capsys.readouterr()
    assert captured.out.endswith(CLOSING)
    assert captured.out.startswith("suggestion[redundant-action]: ")
    assert captured.err == ""
    log = json.loads(Path("a.sarif").read_text(encoding="utf-8"))
    assert len(log["runs"][0]["results"]) == 1
    assert ET.parse("a.xml").getroot().get("failures") == "1"  # noqa: S314 - it is ours
    assert Path("a=b.txt").read_text(encoding="utf-8").endswith(CLOSING)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_report_goes_to_a_file_instead(
    format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(f"--format={format_}") == 1
    printed = capsys.readouterr().out
    assert lint(f"--format={format_}", "--output=report.out") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(CLOSING)
    assert captured.err.count(" of 1 file") == 1
    assert Path("report.out").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("files", [["clean.json"], ["gone.json"], ["broken.json"], ["empty"]])
def test_every_format_can_report_every_run(
    format_: str, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty").mkdir()
    Path("clean.json").write_text('{"Version": "2012-10-17", "Statement": []}', encoding="utf-8")
    Path("broken.json").write_text(TEXT.replace("]", ""), encoding="utf-8")
    code = main([*files, f"--format={format_}", SELECT])
    assert code == (0 if files[0] in {"clean.json", "empty"} else 2)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    if files == ["gone.json"]:
        assert "error: gone.json: no such file or directory\n" in captured.err
        if format_ not in {"text", "lines", "jsonl", "access-analyzer"}:
            assert "no such file or directory" in captured.out


def test_a_file_may_take_the_report_and_standard_output_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert lint("--output=out.txt", "--output=gitlab=-") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)[0]["check_name"] == "redundant-action"
    assert captured.err == CLOSING
    assert Path("out.txt").read_text(encoding="utf-8").endswith(CLOSING)


def test_what_a_report_leaves_out_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy.json").write_text('{"Statement": {"Effect": "Allow"}}', encoding="utf-8")
    rule = "--select=full-admin-access,missing-version"
    assert main(["policy.json", rule, "--output=access-analyzer=a.json"]) == 2 - 1
    assert " of 1 file" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (
            ["sarf=a"],
            'error: --output: unknown format "sarf"; did you mean "sarif"? (for a file of ',
        ),
        (["a=b"], 'error: --output: unknown format "a" (for a file of this name use ./a=b)'),
        (["sarif="], 'error: --output: expected a file after "sarif="'),
        (["."], 'error: --output: "." is a folder'),
        (["new/"], 'error: --output: "new/" is a folder'),
        (["a", "b"], 'error: --output: "b" is a second file for the report of --format'),
        (["sarif=a", "junit=./a"], 'error: --output: two reports cannot be written to "./a"'),
        (["sarif=-"], "error: --output: two reports cannot be written to standard output"),
        (["./policy.json"], 'error: --output: "./policy.json" is an input file'),
    ],
)
def test_what_cannot_be_followed_is_reported_before_anything_is_done(
    outputs: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert lint(*(f"--output={output}" for output in outputs)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert sorted(folder.iterdir()) == before
    assert (folder / "policy.json").read_text(encoding="utf-8") == TEXT


def test_folders_are_made(folder: Path) -> None:
    assert lint("--output=reports/today/a.txt") == 1
    assert (folder / "reports/today/a.txt").is_file()
    assert lint(f"--output=json={folder}/b/c.json") == 1
    assert json.loads((folder / "b/c.json").read_text(encoding="utf-8"))["version"] == 1


def test_a_report_that_cannot_be_written_does_not_keep_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint("--output=json=policy.json/a.json", "--output=sarif=a.sarif") == 2
    captured = capsys.readouterr()
    assert captured.out.endswith(CLOSING)
    assert captured.err == "error: policy.json/a.json: report not written: not a directory\n"
    assert json.loads((folder / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert sorted(path.name for path in folder.iterdir()) == ["a.sarif", "policy.json"]


def test_a_name_that_is_too_long_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(f"--output={'x' * 300}") == 2
    assert "file name too long" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
def test_mode_and_link_of_a_file_stay(folder: Path) -> None:
    old = folder / "old.txt"
    old.write_text("old", encoding="utf-8")
    old.chmod(0o640)
    (folder / "link.txt").symlink_to("old.txt")
    mask = os.umask(0o027)
    try:
        assert lint("--output=link.txt", "--output=json=new.json") == 1
    finally:
        os.umask(mask)
    assert (folder / "link.txt").is_symlink()
    assert old.read_text(encoding="utf-8").endswith(CLOSING)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE((folder / "new.json").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="devices of POSIX")
def test_a_device_is_written_to_and_stays_one() -> None:
    before = Path(os.devnull).stat()
    assert lint(f"--output=json={os.devnull}") == 1
    after = Path(os.devnull).stat()
    assert stat.S_ISCHR(after.st_mode)
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("seconds", [0.05, 0.5, 1])
def test_an_interrupted_run_leaves_no_file(
    number: signal.Signals, seconds: float, folder: Path
) -> None:
    """Standard input, the second input, keeps the run waiting until it is interrupted.

    Python loses an interrupt that comes in a callback while it imports, so a second one is sent, as
    a person does.
    """
    (folder / "old.json").write_text("old", encoding="utf-8")
    outputs = ("json=old.json", "sarif=new.sarif", "lines=new/a.txt")
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "multitool_lint", "policy.json", "-"),
            *(f"--output={output}" for output in outputs),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(seconds)
        for _ in range(10):
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(3)
                break
        assert process.poll() is not None
    assert (folder / "old.json").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["old.json", "policy.json"]


def test_reports_in_the_folder_are_not_linted(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = [f"--output={format_}=report-{format_}.json" for format_ in FORMATS]
    command = [".", SELECT, "--output=report.md", *outputs]
    assert main(command) == 1
    first = capsys.readouterr().err
    contents = {path: path.read_bytes() for path in Path().iterdir()}
    assert len(contents) == len(FORMATS) + 2
    assert main(command) == 1
    assert capsys.readouterr().err == first
    assert {path: path.read_bytes() for path in Path().iterdir()} == contents


def test_with_diff_the_report_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    policy = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:getobject"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": policy}
    Path("policy.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    assert lint("--diff", "--output=json=a.json") == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("--- policy.json\n")
    assert " of 1 file" in captured.err
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))["findings"] == []


@pytest.mark.parametrize("format_", FORMATS)
def test_only_what_is_for_people_is_escaped_for_a_terminal(format_: str, folder: Path) -> None:
    (folder / "é.json").write_text(TEXT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "é.json", SELECT, f"--format={format_}"],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONIOENCODING": "ascii",
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    if format_ == "access-analyzer":
        return  # has no path for one file
    expected = {"text": b"\\xe9.json", "lines": b"\\xe9.json"}
    expected |= dict.fromkeys(("sarif", "code-scanning"), b"%C3%A9.json")
    assert expected.get(format_, "é.json".encode()) in done.stdout


def test_colour_is_for_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint("--output=lines=plain.txt") == 1
    assert lint("--color=always", "--output=lines=colour.txt") == 1
    assert "\033[" not in Path("plain.txt").read_text(encoding="utf-8")
    assert "\033[" in Path("colour.txt").read_text(encoding="utf-8")
    assert "\033[" in capsys.readouterr().out


def test_a_run_imports_no_reporter_that_it_does_not_use() -> None:
    code = (
        "import sys; from multitool_lint.cli import command_parser, main; main(['policy.json']);"
        "print(*[name for name in sys.modules if 'lint.reporters.' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    names = {name.rpartition(".")[2] for name in done.stdout.splitlines()[-1].split()}
    assert names == {"formats", "snippet", "summary", "text"}


def test_a_report_may_need_the_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    class Needy(RunReporter):
        needs_policies = True

    monkeypatch.setattr("multitool_lint.reporters.json.Reporter", Needy)
    arguments = command_parser("check").parse_args(["a.json"])
    assert not Output(arguments).needs_policies
    arguments.output = ["json=a.txt"]
    assert Output(arguments).needs_policies


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for format_ in FORMATS:
        assert format_ in text
    assert "--output FILE" in text
