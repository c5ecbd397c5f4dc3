"""A repository of git, and the files and commits that tests make in it."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]

needs_posix = pytest.mark.skipif(os.name == "nt", reason="the planted programs are for a shell")
GATE = ["diff", "--staged", "--fail-on-new-access"]
LINT = ["check", "--select=redundant-action", "--color=never"]


def policy(*actions: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NARROW = policy("s3:GetObject")
WIDE = policy("s3:*", "s3:GetObject")
"""New access, and a finding of `redundant-action`."""


def new_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty repository the current folder, without the git settings of the user."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = a\n email = a@example.com\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MULTITOOL_LINT_CACHE_DIR", str(tmp_path / "cache"))
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    git("init", "--quiet", "--template=", "-b", "main")  # no examples of hooks
    return repository


def git(*arguments: str, code: int = 0) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    return os.fsdecode(done.stdout)


def write(path: str | Path, content: str | bytes = WIDE) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(**files: str) -> None:
    for name, text in files.items():
        write(name.replace("_", "."), text)
    git("add", "--all")
    git("commit", "--quiet", "--message=x")


def linted(capsys: Output, *arguments: str) -> list[str]:
    """The files in which findings are reported."""
    assert main([*LINT, *arguments]) in {0, 1}
    out = capsys.readouterr().out
    return sorted(set(re.findall(r"^ *--> (.+?):\d", out, re.MULTILINE)))
