"""Surroundings that lack what a run usually finds: a home, a known user, a folder, a stream."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from multitool_lint.aws.catalog.tables import BUNDLED

ROOT = Path(__file__).parents[2]
WIDE = '{"Statement": {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}}'
COMMANDS = [
    ["check", ".", "--select=redundant-action"],
    ["fix", "p0.json", "--diff"],
    ["diff", "p0.json", "p1.json"],
    ["query", "s3:GetObject"],
    ["catalog"],
    ["config", "p0.json"],
    ["--version"],
]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="users and descriptors of POSIX")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with more files than are linted without the cache."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for number in range(12):
        (tmp_path / f"p{number}.json").write_text(WIDE, encoding="utf-8")
    return tmp_path


def run(
    *arguments: str,
    before: Callable[[], None] | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "multitool_lint", *arguments],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **(environment or {})},
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )


def become_unknown() -> None:
    """Take an identity that the system has no name and no home for, and keep the rights."""
    os.setreuid(54321, os.geteuid())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root becomes another user")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_unknown_user_without_a_home(command: list[str]) -> None:
    result = run(*command, before=become_unknown)
    assert result.stderr == run(*command, environment={"HOME": "/nonexistent"}).stderr
    assert "Traceback" not in result.stderr
    assert result.returncode in {0, 1}
    assert not Path("~").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root becomes another user")
def test_the_current_folder_is_not_a_home() -> None:
    """A checkout must not bring a catalog, or a cache, by the name of a folder."""
    update = Path("~/.local/share/multitool-lint/catalog-1/2999-01-01T000000Z-00000000")
    shutil.copytree(BUNDLED, update)
    result = run("catalog", before=become_unknown)
    assert f"in the package: {BUNDLED}\n" in result.stdout
    result = run("catalog", "update", "--url=http://127.0.0.1:1/", before=become_unknown)
    assert result.returncode == 2
    assert result.stderr.startswith("error: no home folder to store the update in; set")


@pytest.mark.parametrize("environment", [{"HOME": ""}, {"HOME": "relative"}, {"TMPDIR": "/proc"}])
def test_a_home_that_is_none(environment: dict[str, str]) -> None:
    result = run(
        "check", ".", "--select=redundant-action", "--output=out.txt", environment=environment
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert Path("out.txt").exists()
    assert not Path("relative").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_current_folder_that_is_gone(command: list[str], folder: Path) -> None:
    place = folder / "gone"
    place.mkdir()
    os.chdir(place)
    result = run(*command, before=place.rmdir, environment={"HOME": str(folder)})
    assert "Traceback" not in result.stderr
    if result.returncode:
        assert result.returncode == 2
        assert result.stderr == "error: the current folder: no such file or directory\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_stream_that_is_closed(command: list[str], number: int) -> None:
    result = run(*command, before=lambda: os.close(number), environment={"HOME": "/nonexistent"})
    assert "Traceback" not in result.stderr
    assert result.returncode in {0, 1}
