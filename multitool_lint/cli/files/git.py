"""Questions to git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from subprocess import CompletedProcess


class GitError(Exception):
    """Git cannot be run; the message says why."""


def ask(folder: str, *arguments: str) -> CompletedProcess[bytes]:
    """What git says in a folder, and with which exit code.

    Raises:
        GitError: it cannot be run there.
    """
    import subprocess

    # A program that the repository names for watching its files is not to be run.
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise GitError(f"git cannot be run: {reading.reason(error)}") from error
