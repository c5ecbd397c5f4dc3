"""Files without an end, devices and pipes: none is read without a limit, or waited for."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from multitool_lint import limits
from multitool_lint.cli import main
from multitool_lint.syntax import source as reading

pytestmark = pytest.mark.skipif(os.name == "nt", reason="devices and pipes of POSIX")

ROOT = Path(__file__).parents[2]
WIDE = '{"Statement": {"Effect": "Allow", "Action": ["sqs:*", "sqs:SendMessage"], "Resource": "*"}}'
REGULAR = "not a regular file"
LARGE = f"larger than {limits.MAX_FILE_BYTES:,} bytes, the most that is read"
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(WIDE, encoding="utf-8")
    return tmp_path


def sparse(name: str) -> None:
    """A file that is one byte too large and takes no room."""
    with Path(name).open("wb") as file:
        file.write(b"{")
        file.truncate(limits.MAX_FILE_BYTES + 1)


@pytest.mark.parametrize(
    ("arguments", "place", "reason"),
    [
        (["check", "large.json"], "large.json: ", LARGE),
        (["check", "."], "large.json: ", LARGE),
        (["fix", "--write", "large.json"], "large.json: ", LARGE),
        (["diff", "policy.json", "large.json"], "large.json: ", LARGE),
        (["check", "policy.json", "--config=large.json"], "large.json: ", LARGE),
        (["check", "policy.json", "--config=/dev/zero"], "/dev/zero: ", LARGE),
        (["check", "policy.json", "--baseline=large.json"], "large.json: ", LARGE),
        (["check", "policy.json", "--baseline=/dev/zero"], "/dev/zero: ", REGULAR),
        (["check", "policy.json", "--write-baseline=pipe"], "pipe: ", REGULAR),
        (["tighten", "policy.json", "--by-resource", "--arn=large.json"], "large.json: ", LARGE),
        (["tighten", "policy.json", "--by-resource", "--arn=pipe"], "pipe: ", REGULAR),
        (["tighten", "policy.json", "--used=/dev/zero"], "/dev/zero: ", REGULAR),
        (["tighten", "policy.json", "--used=pipe"], "pipe: ", REGULAR),
    ],
)
def test_what_has_no_end_is_an_error(
    arguments: list[str], place: str, reason: str, capsys: Output
) -> None:
    sparse("large.json")
    os.mkfifo("pipe")
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert f"{place}{reason}" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["multitool-lint.toml", ".gitignore", "pyproject.toml"])
@pytest.mark.parametrize("kind", ["device", "pipe", "large"])
def test_settings_in_the_checkout_without_an_end(name: str, kind: str, capsys: Output) -> None:
    Path(".git").mkdir()
    if kind == "device":
        Path(name).symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(name)
    else:
        sparse(name)
    code = main(["check", ".", "--select=redundant-action"])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    # A configuration that cannot be read is an error, and anything else leaves nothing out.
    if code == 2:
        assert captured.err.startswith(f"error: {name}: ")
    else:
        assert "redundant-action" in captured.out


def test_a_configuration_may_come_from_a_pipe(capsys: Output) -> None:
    read, written = os.pipe()
    os.write(written, b'select = ["missing-version"]\n')
    os.close(written)
    assert main(["check", "policy.json", f"--config=/dev/fd/{read}"]) == 1
    os.close(read)
    out = capsys.readouterr().out
    assert "missing-version" in out
    assert "redundant-action" not in out


def test_standard_input_without_an_end() -> None:
    with Path("/dev/zero").open("rb") as zeros:
        result = subprocess.run(
            [sys.executable, "-m", "multitool_lint", "check", "-"],
            stdin=zeros,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert result.returncode == 2
    assert f"error: <stdin>: {LARGE}" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="a file of Linux")
def test_a_file_of_the_system_says_nothing_of_its_size() -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    assert reading.read_bytes("/proc/self/status").startswith(b"Name:")
    stream = io.BytesIO(b"abc" * 10)
    assert reading.read_stream(stream, 5) == b"abc" * 10
