"""Standard input, output and error of all kinds: files, pipes, and none."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.cli_folder import COMMAND, ONE, POLICY

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("samples")


@pytest.mark.parametrize(
    ("word", "environment", "coloured"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("option", ["--color", "--colour"])
def test_colour(
    option: str,
    word: str,
    environment: dict[str, str],
    coloured: bool,  # noqa: FBT001 - a parameter of a test
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["bad.json", ONE, option, word])
    assert ("\033[" in capsys.readouterr().out) == coloured


def test_standard_error_has_only_what_is_not_a_result() -> None:
    done = subprocess.run(
        [*COMMAND, "missing.json", "bad.json", ONE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "error: missing.json: no such file or directory\n"
    assert done.stdout.startswith("suggestion[redundant-action]: ")


def test_what_a_terminal_cannot_show_is_escaped(samples: Path) -> None:
    (samples / "é.json").write_text(
        POLICY.replace('"Action"', '"Sid2": "\u20ac", "Action"'), encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    for options in ([], ["--format=json"]):
        done = subprocess.run(
            [*COMMAND, "é.json", "missing-é.json", ONE, *options],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
        if options:
            assert json.loads(done.stdout.decode("utf-8"))["findings"][0]["path"] == "é.json"
        else:
            assert rb"\xe9.json:1:" in done.stdout
            assert rb"\u20ac" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals, pipes and devices")
class TestStreams:
    @pytest.mark.slow
    def test_a_reader_that_goes_away(self, samples: Path) -> None:
        for number in range(2000):
            (samples / f"{number}.json").write_text(POLICY, encoding="utf-8")
        run = subprocess.Popen([*COMMAND, ".", ONE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert run.stdout
        assert run.stderr
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
        run.stderr.close()
        assert run.wait() == 2

    @pytest.mark.parametrize(
        ("redirections", "code"), [("<&-", 1), (">&-", 1), ("2>&-", 1), ("<&- >&- 2>&-", 1)]
    )
    def test_closed_streams(self, redirections: str, code: int) -> None:
        command = f"exec '{sys.executable}' -m multitool_lint bad.json {ONE} {redirections}"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert done.stderr == ""

    def test_closed_standard_input_that_is_asked_for(self) -> None:
        command = f"exec '{sys.executable}' -m multitool_lint - {ONE} <&-"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "error: <stdin>: standard input is closed\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    def test_a_full_disk(self) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "bad.json", ONE], stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 2
        assert done.stderr == b"error: standard output: no space left on device\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    @pytest.mark.parametrize("results_too", [False, True])
    def test_messages_that_cannot_be_written_fail_the_run(self, *, results_too: bool) -> None:
        command = [*COMMAND, "bad.json", "missing.json"]
        with Path("/dev/full").open("wb") as full:
            out = full if results_too else subprocess.DEVNULL
            done = subprocess.run(command, stdout=out, stderr=full, check=False)
        assert done.returncode == 2

    @pytest.mark.parametrize("arguments", [["bad.json", "missing.json"], ["--version"], []])
    def test_nobody_reads_results_and_messages(self, arguments: list[str]) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            done = subprocess.run([*COMMAND, *arguments], stdout=pipe, stderr=pipe, check=False)
        assert done.returncode == 2

    def test_an_interrupt(self) -> None:
        run = subprocess.Popen(
            [*COMMAND, "bad.json", "-", "missing.json", ONE, "--format=lines"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert run.stdout
        run.stdout.readline()  # now it waits for standard input
        run.send_signal(signal.SIGINT)
        _, err = run.communicate()
        assert run.returncode == 130
        assert err == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has other streams")
@pytest.mark.parametrize("redirection", [">&-", "| true", "> /dev/full"])
def test_a_lost_stream_does_not_lose_the_other_reports(samples: Path, redirection: str) -> None:
    for number in range(40):
        (samples / f"{number}.json").write_text(POLICY, encoding="utf-8")
    run = f"'{sys.executable}' -m multitool_lint . {ONE} --output json=report.json"
    command = f"{{ {run} --output html=report.html; echo $? >code; }} {redirection}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    report = json.loads((samples / "report.json").read_text(encoding="utf-8"))
    assert len(report["findings"]) == 42
    assert "</html>" in (samples / "report.html").read_text(encoding="utf-8")
    assert (samples / "code").read_text(encoding="utf-8") == "2\n"
    assert "Traceback" not in done.stderr
