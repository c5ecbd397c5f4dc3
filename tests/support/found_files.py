"""Files in a repository, and what a run finds of them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from multitool_lint.cli import main

ROOT = Path(__file__).parents[2]
POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}]}\n'
)
OPTIONS = ["--select=redundant-action", "--color=never"]

needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def new_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository the current folder, without the git settings of the user."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MULTITOOL_LINT_CACHE_DIR", str(tmp_path / "cache"))
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        if variable not in {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"}:
            monkeypatch.delenv(variable)
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    git("init", "--quiet")
    return repository


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, check=True)
    return os.fsdecode(done.stdout)


def write(path: str, content: str | bytes = POLICY) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


class Run:
    """What a run of the command came to: `linted` are the paths that had findings, in order."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main([*arguments, *OPTIONS])
        captured = capsys.readouterr()
        lines = captured.out.splitlines()
        found = (re.match(r" *--> (.+?):\d+:\d+", line) for line in lines)
        self.linted = [match[1].replace(os.sep, "/") for match in found if match]
        self.summary = lines[-1] if lines else ""
        self.errors = captured.err.splitlines()
