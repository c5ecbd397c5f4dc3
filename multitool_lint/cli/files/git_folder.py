"""What is known of a repository without running git: where it is, and which files it tracks.

A repository's own settings can have git run programs, and finding files must not run them.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from multitool_lint.limits import MAX_PATH_CHARACTERS
from multitool_lint.syntax import source as reading

_HASHES = (20, 32)
"""The bytes of an object's id: SHA-1, SHA-256."""
_VERSIONS = (2, 3, 4)
_COMPRESSED = 4
_LONG_NAME = 0xFFF
_EXTENDED = 0x4000


def git_folder(root: str) -> Path:
    """The folder of git's own files of a working tree; that of a submodule is named in a file.

    Git: https://git-scm.com/docs/gitrepository-layout
    """
    git = Path(root, ".git")
    return git if git.is_dir() else Path(root, _line(git).removeprefix("gitdir: "))


def common_folder(root: str) -> Path:
    """The folder of what all working trees of a repository share."""
    git = git_folder(root)
    return git / _line(git / "commondir")


def _line(file: Path) -> str:
    """The first line of a file of git; empty if it cannot be read."""
    try:
        data = reading.read_bytes(str(file))
    except (OSError, ValueError):
        return ""
    return os.fsdecode(data.split(b"\n", 1)[0].removesuffix(b"\r"))


class TrackedFiles:
    """The files that a working tree has in its index, which is read when it is first needed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.error: str | None = None

    def has(self, path: str) -> bool:
        """Whether a file is tracked, or any file in a folder; the path is absolute."""
        below = path[len(self.root.rstrip(os.sep)) + 1 :]
        below = below if os.sep == "/" else below.replace(os.sep, "/")
        return self._first(below) == below or self._first(f"{below}/").startswith(f"{below}/")

    def _first(self, path: str) -> str:
        """The first path that is not before another one; empty for none."""
        place = bisect_left(self._paths, path)
        return self._paths[place] if place < len(self._paths) else ""

    @cached_property
    def _paths(self) -> list[str]:
        """The paths in order; none, and `error`, if they are not known."""
        try:
            return sorted(_tracked(git_folder(self.root), "index"))
        except FileNotFoundError:
            return []  # nothing was ever added
        except (OSError, ValueError, struct.error) as error:
            reason = reading.reason(error) if isinstance(error, OSError) else str(error)
            self.error = f"the git index cannot be read, and so not which files it has: {reason}"
            return []


def _tracked(git: Path, name: str) -> list[str]:
    """The paths in an index, and in the one that it shares with others.

    Git: https://git-scm.com/docs/index-format

    Raises:
        OSError: it cannot be read.
        ValueError, struct.error: it is damaged, or of a version that is not known.
    """
    data = reading.read_bytes(str(git / name))
    for size in _HASHES:
        try:
            paths, shared = _read(data, size)
            break
        except (ValueError, struct.error):
            if size == _HASHES[-1]:
                raise
    if shared.strip("0"):
        try:
            paths += _tracked(git, f"sharedindex.{shared}")
        except FileNotFoundError as error:
            raise ValueError(f"no file sharedindex.{shared}") from error
    # A folder that is not checked out is an entry itself, with a slash.
    return [path.removesuffix("/") for path in paths if path]


def _read(data: bytes, size: int) -> tuple[list[str], str]:
    """The paths in the text of an index, and the id of the one that it is split from."""
    signature, version, count = struct.unpack_from(">4sLL", data)
    if signature != b"DIRC" or version not in _VERSIONS:
        raise ValueError("not an index of a known version")
    entries = _Entries(data, size, version)
    paths = list(entries.read(count))
    position, end, shared = entries.position, len(data) - size, ""
    while position < end:
        extension, length = struct.unpack_from(">4sL", data, position)
        if extension == b"link":
            shared = data[position + 8 : position + 8 + size].hex()
        position += 8 + length
    if position != end:
        raise ValueError("damaged")
    return os.fsdecode(b"\0".join(paths)).split("\0"), shared


class _Entries:
    """The entries of an index; `position` is where the next one begins."""

    def __init__(self, data: bytes, size: int, version: int) -> None:
        self.position = 12
        self._data = data
        self._size = size
        self._compressed = version == _COMPRESSED

    def read(self, count: int) -> Iterator[bytes]:
        """The paths of so many entries."""
        data, path = self._data, b""
        for _ in range(count):
            start = self.position
            (flags,) = struct.unpack_from(">H", data, start + 40 + self._size)
            self.position = start + 42 + self._size + (2 if flags & _EXTENDED else 0)
            path = path[: len(path) - self._number()] if self._compressed else b""
            end = data.index(b"\0", self.position)
            path += data[self.position : end]
            known = min(len(path), _LONG_NAME) == flags & _LONG_NAME
            if not known or len(path) > MAX_PATH_CHARACTERS:
                raise ValueError("damaged")
            # Without compression, entries are filled up to a multiple of eight bytes.
            self.position = end + 1 if self._compressed else start + ((end - start) // 8 + 1) * 8
            yield path

    def _number(self) -> int:
        """A number of as many bytes as it needs: how much of the path before is not repeated."""
        byte = self._data[self.position]
        number = byte & 127
        while byte & 128:
            self.position += 1
            byte = self._data[self.position]
            number = ((number + 1) << 7) | (byte & 127)
        self.position += 1
        return number
