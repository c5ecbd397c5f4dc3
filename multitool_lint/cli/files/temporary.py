"""Temporary files of runs that were killed: the next run that writes in a folder removes them.

A run holds a lock on each file that it is about to put in place, which ends with it, however it
ends. What nobody holds was left behind.
"""

from __future__ import annotations

from contextlib import suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = ".multitool-lint-"
"""What the names of temporary files begin with."""

_cleared: set[Path] = set()


def claim(file: IO[bytes]) -> None:
    """Keep other runs from taking a temporary file for one that was left behind."""
    with suppress(OSError):
        _lock(file)


def remove_left_over(folder: Path) -> None:
    """Remove the temporary files that nobody holds from a folder, once in a run."""
    if folder in _cleared:
        return
    _cleared.add(folder)
    with suppress(OSError):
        for path in folder.glob(f"{PREFIX}*"):
            # One that is held, one that is gone already, one of somebody else: they are left.
            with suppress(OSError), path.open("rb") as file:
                _lock(file)
                path.unlink()


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed.

    Raises:
        OSError: another process has it.
    """
    try:
        import fcntl
    except ImportError:
        return  # Windows removes no file that is open
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
