"""The configurations of docs/editors.md, in the editors themselves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pygls")

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = (Path(__file__).parents[2] / "docs/editors.md").read_text("utf-8")
POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}
]}
"""
WAIT_IN_NEOVIM = """
vim.cmd("edit policy.json")
vim.bo.filetype = "json"
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
for _, found in ipairs(vim.diagnostic.get(0)) do print(found.lnum, found.code) end
"""
WAIT_IN_EMACS = """
(require 'eglot)
(setq eglot-sync-connect 20)
(find-file "policy.json")
(js-json-mode)
(call-interactively #'eglot)
(with-timeout (20)
  (while (not eglot--diagnostics) (accept-process-output nil 0.1)))
(dolist (found eglot--diagnostics) (message "%s" (flymake-diagnostic-text found)))
"""


def configuration(heading: str, language: str, number: int = 0) -> str:
    """A block of code below a heading of the page."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks: list[str] = re.findall(rf"```{language}[^\n]*\n(.*?)```", section, re.DOTALL)
    return blocks[number]


def environment(folder: Path) -> dict[str, str]:
    """That of an editor in a folder with a policy, with the server on its path."""
    program = folder / "bin/multitool-lint"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m multitool_lint "$@"\n', "utf-8")
    program.chmod(0o755)
    (folder / "policy.json").write_text(POLICY, encoding="utf-8")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    python = os.environ.get("PYTHONPATH", "")
    return {"HOME": str(folder), "PATH": path, "PYTHONPATH": python, "TERM": "xterm-256color"}


def printed(folder: Path, *command: str) -> str:
    """What an editor without a screen prints."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr


@pytest.mark.exhaustive
@pytest.mark.skipif(not shutil.which("nvim"), reason="no Neovim")
@pytest.mark.parametrize("number", [0, 1], ids=["0.10", "0.11"])
def test_neovim(tmp_path: Path, number: int) -> None:
    code = configuration("Neovim", "lua", number)
    version = subprocess.run(["nvim", "--version"], capture_output=True, text=True, check=True)
    if "vim.lsp.config" in code and re.match(r"NVIM v0\.(\d|10)\.", version.stdout):
        pytest.skip("Neovim before 0.11")
    (tmp_path / "init.lua").write_text(code + WAIT_IN_NEOVIM, encoding="utf-8")
    found = printed(tmp_path, "nvim", "--headless", "-u", "init.lua", "-c", "qa!")
    assert "1 redundant-action" in found


@pytest.mark.exhaustive
@pytest.mark.skipif(not shutil.which("emacs"), reason="no Emacs")
def test_emacs(tmp_path: Path) -> None:
    code = configuration("Emacs", "elisp")
    (tmp_path / "init.el").write_text(code + WAIT_IN_EMACS, encoding="utf-8")
    found = printed(tmp_path, "emacs", "--batch", "--load", "init.el")
    assert "redundant" in found


@pytest.mark.exhaustive
@pytest.mark.skipif(not (shutil.which("hx") and shutil.which("tmux")), reason="no Helix or tmux")
def test_helix(tmp_path: Path) -> None:
    folder = tmp_path / ".config/helix"
    folder.mkdir(parents=True)
    (folder / "languages.toml").write_text(configuration("Helix", "toml"), encoding="utf-8")
    places = environment(tmp_path)

    def tmux(*words: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "socket"), *words]
        return subprocess.run(
            command, cwd=tmp_path, env=places, capture_output=True, check=True, text=True
        ).stdout

    tmux("new-session", "-d", "-x", "120", "-y", "30", "hx policy.json:2:50")
    try:
        wait_for(lambda: "redundant" in tmux("capture-pane", "-p"))
        tmux("send-keys", " ", "a")
        wait_for(lambda: "Remove the" in tmux("capture-pane", "-p"))
    finally:
        tmux("kill-server")


def wait_for(is_there: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_there():
        assert time.monotonic() < end
        time.sleep(0.1)
