"""What is open in an editor, which counts before the files."""

from __future__ import annotations

import os

_BY_NAME: dict[str, dict[str, bytes]] = {}
"""The bytes by the last part of a real path, and that path."""


def hold(path: str, content: bytes) -> None:
    """From now on this counts, and not the file."""
    real = os.path.realpath(path)
    _BY_NAME.setdefault(os.path.basename(real), {})[real] = content  # noqa: PTH119 - a real path


def release(path: str) -> None:
    """From now on the file counts."""
    real = os.path.realpath(path)
    _BY_NAME.get(os.path.basename(real), {}).pop(real, None)  # noqa: PTH119


def release_all() -> None:
    """From now on all files count."""
    _BY_NAME.clear()


def unsaved(path: str) -> bytes | None:
    """What counts instead of a file; None if that is the file itself.

    Only a link has another name than what it leads to, and each other part of a path takes time.
    """
    if not _BY_NAME or not (os.path.basename(path) in _BY_NAME or os.path.islink(path)):  # noqa: PTH119, PTH114 - for each of many files
        return None
    real = os.path.realpath(path)
    return _BY_NAME.get(os.path.basename(real), {}).get(real)  # noqa: PTH119
