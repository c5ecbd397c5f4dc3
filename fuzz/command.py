"""The command line, run in this process."""

from __future__ import annotations

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli import main

if TYPE_CHECKING:
    from pathlib import Path


class Ran(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


def run_command(folder: Path, *arguments: str) -> Ran:
    """Run a command in a folder, and see that it ends as it should."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace") for _ in range(2))
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main([*arguments])
    ran = Ran(code, *(stream.detach().getvalue().decode() for stream in (out, err)))
    assert code in (0, 1, 2), code
    for word in ("internal error", "[internal-error]", "Traceback"):
        assert word not in ran.out + ran.err, ran
    assert code != 2 or "error" in ran.out + ran.err, f"no reason for the exit code: {ran}"  # noqa: PLR2004
    return ran
