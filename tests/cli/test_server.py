"""The command that starts the language server, without what it needs."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_extra_is_named_where_it_is_missing(tmp_path: Path) -> None:
    for name in ("pygls", "lsprotocol"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ModuleNotFoundError(name={name!r})\n", encoding="utf-8"
        )
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "server"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.endswith(': pip install "multitool-lint[lsp]"\n')
    assert done.stdout == ""
