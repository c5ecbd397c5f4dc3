"""A real editor: Neovim without a screen."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pygls")

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}
]}
"""
START = """
vim.lsp.start({{name = "multitool-lint",
               cmd = {{{python!r}, "-m", "multitool_lint", "server", "--stdio"}},
               root_dir = vim.fn.getcwd()}})
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
for _, found in ipairs(vim.diagnostic.get(0)) do print(found.lnum, found.col, found.code) end
local document = vim.lsp.util.make_text_document_params(0)
local at = {{line = 1, character = 50}}
local function ask(method, about)
  about.textDocument = document
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, about, 20000)) do
    return answer.result
  end
end
print(ask("textDocument/hover", {{position = at}}).contents.value)
local range = {{start = at, ["end"] = at}}
local actions = ask("textDocument/codeAction", {{range = range, context = {{diagnostics = {{}}}}}})
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
print(vim.api.nvim_buf_get_lines(0, 1, 2, true)[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nvim"), reason="no Neovim")
def test_findings_hovers_and_fixes_reach_neovim(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "start.lua").write_text(START.format(python=sys.executable), encoding="utf-8")
    command = ("nvim", "--headless", "-u", "NONE", "policy.json", "-c", "luafile start.lua")
    done = subprocess.run(
        [*command, "-c", "qa!"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "1 33 redundant-action" in done.stderr
    assert "access level: Read" in done.stderr
    assert '"Action": ["s3:Get*"], "Resource"' in done.stderr
