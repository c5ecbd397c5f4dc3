"""The progress bar: on a terminal, in runs that take long, and gone before anything is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="Windows has no such terminals")

ROOT = Path(__file__).parents[2]
POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}]}\n'
)
SLOW = """
import time
import multitool_lint.linter.lint
judge = multitool_lint.linter.lint.lint_with_settings

def slow(source, settings):
    time.sleep(0.3)
    return judge(source, settings)

multitool_lint.linter.lint.lint_with_settings = slow
"""
BAR = re.compile(r"\[(#*)(-*)\] (\d+) of 6 files")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "sitecustomize.py").write_text(SLOW, encoding="utf-8")
    for number in range(6):
        (tmp_path / "files" / f"{number}.json").write_text(POLICY, encoding="utf-8")
    return tmp_path


def on_terminal(folder: Path, *arguments: str, **variables: str) -> tuple[str, str]:
    """What a run prints on standard output, and what a terminal gets as standard error."""
    primary, secondary = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "TERM"}}
    path = f"{folder}{os.pathsep}{ROOT}"
    with subprocess.Popen(
        [sys.executable, "-m", "multitool_lint", "files", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=secondary,
        env={**environment, "PYTHONPATH": path, **variables},
        text=True,
    ) as process:
        os.close(secondary)
        drawn = b""
        try:
            while part := os.read(primary, 10_000):
                drawn += part
        except OSError:
            pass  # the other side is closed
        assert process.stdout
        out = process.stdout.read()
    os.close(primary)
    return out, drawn.decode()


def test_a_long_run_shows_a_bar_and_takes_it_away(folder: Path) -> None:
    out, drawn = on_terminal(folder, "--select=redundant-action")
    assert out.count("[redundant-action]") == 6
    assert not BAR.search(out)
    shown = [(len(full), len(empty), int(done)) for full, empty, done in BAR.findall(drawn)]
    assert shown
    assert all(full + empty == 30 for full, empty, _ in shown)
    assert [done for *_, done in shown] == sorted(done for *_, done in shown)
    assert min(done for *_, done in shown) >= 1
    # Each bar is written over what is in the line, and the last thing is that the line is empty.
    assert re.fullmatch(r"(\r[^\r\n]*\033\[K)*\r\033\[K", drawn)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "variables"),
    [(["--no-progress"], {}), ([], {"CI": "true"}), ([], {"TERM": "dumb"})],
)
def test_nobody_who_does_not_want_it_gets_one(
    arguments: list[str], variables: dict[str, str], folder: Path
) -> None:
    assert on_terminal(folder, *arguments, **variables)[1] == ""


def test_a_short_run_shows_none(folder: Path) -> None:
    (folder / "sitecustomize.py").unlink()
    assert on_terminal(folder)[1] == ""
