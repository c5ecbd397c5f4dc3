"""A file takes the place of another: all of it or nothing, and in no folder but the intended one.

Where the system has descriptors of folders, everything is done by them: a folder or a file that is
replaced by a symbolic link meanwhile leads nowhere.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.output import streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

PREFIX = ".multitool-lint-"
_OURS = re.compile(rf"{re.escape(PREFIX)}[0-9a-f]{{16}}\.tmp")
"""The names of temporary files, and of no others: people name files with this prefix, too.

A run holds a lock on each of them until it is put in place, and the lock ends with the run, however
it ends. So the next run can remove those that a killed run left: nobody has them open.
"""

_BY_DESCRIPTOR = {os.open, os.rename, os.stat, os.unlink} <= os.supports_dir_fd
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)

_cleared: set[Path] = set()


class Anything(Enum):
    """What a file may contain that is replaced."""

    ANYTHING = 1


ANYTHING = Anything.ANYTHING


class ChangedError(OSError):
    """A file that is not what it was when it was read; it is left as it is."""

    def __init__(self) -> None:
        super().__init__(None, "changed since it was read; left as it is")


def replace(
    target: Path, content: bytes | bytearray, expected: bytes | Anything | None = ANYTHING
) -> None:
    """Put a file in place, with the mode of the one that it replaces, and its owner if possible.

    The folder of the target must be free of symbolic links. The target must contain what is
    expected right before it is replaced; None if it must not exist. A change that another program
    makes between that comparison and the rename is lost: no portable call does both.

    Raises:
        ChangedError: the target is not what is expected.
        OSError: it cannot be done; what was there before is still there.
    """
    with _folder(target.parent) as folder:
        _remove_left_over(folder)
        status = folder.status(target.name)
        # In the same folder: only within a file system does one file take another's place at once.
        temporary = f"{PREFIX}{secrets.token_hex(8)}.tmp"
        descriptor = folder.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            # Without a buffer, nothing is left to be written when it is closed.
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                claim(file)
                _fill(file, content, status, folder.path(temporary))
                if os.name == "nt":
                    file.close()  # what is open there cannot be moved
                folder.check(target.name, expected)
                folder.rename(temporary, target.name)
        except BaseException:
            folder.remove(temporary)
            raise
    if status and status.st_nlink > 1:
        streams.err(f"note: {target}: its other hard links still have the old content\n")


def _fill(
    file: FileIO, content: bytes | bytearray, status: os.stat_result | None, path: str
) -> None:
    """Write a temporary file, and give it the owner and the mode of the file that it replaces."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    if status and hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(file.fileno(), status.st_uid, status.st_gid)
    mode = status.st_mode & 0o777 if status else 0o666 & ~_mask()
    if hasattr(os, "fchmod"):
        os.fchmod(file.fileno(), mode)
    else:
        Path(path).chmod(mode)
    os.fsync(file.fileno())


class _Folder:
    """A folder that files are replaced in; `descriptor` is None where the system has no such."""

    def __init__(self, folder: Path, descriptor: int | None) -> None:
        self.folder = folder
        self.descriptor = descriptor

    def path(self, name: str) -> str:
        """What a file in it is called when the descriptor is given along."""
        return name if self.descriptor is not None else str(self.folder / name)

    def open(self, name: str, flags: int) -> int:
        """Open a file, which must not be a symbolic link, and does not wait for what is a pipe."""
        flags |= _NOFOLLOW | _NONBLOCK | _BINARY
        return os.open(self.path(name), flags, 0o600, dir_fd=self.descriptor)

    def status(self, name: str) -> os.stat_result | None:
        """The status of a file, None if there is none.

        Raises:
            ChangedError: it is a symbolic link, or not a regular file.
        """
        try:
            status = os.stat(self.path(name), dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            raise ChangedError
        return status

    def check(self, name: str, expected: bytes | Anything | None) -> None:
        """See that a file contains what is expected.

        Raises:
            ChangedError: it does not.
        """
        if expected is None and self.status(name) is not None:
            raise ChangedError
        if isinstance(expected, bytes):
            with os.fdopen(self.open(name, os.O_RDONLY), "rb") as file:
                if file.read(len(expected) + 1) != expected:
                    raise ChangedError

    def rename(self, old: str, new: str) -> None:
        """Let a file take the place of another."""
        where = self.descriptor
        os.replace(self.path(old), self.path(new), src_dir_fd=where, dst_dir_fd=where)

    def remove(self, name: str) -> None:
        """Remove a file if it exists."""
        with suppress(OSError):
            os.unlink(self.path(name), dir_fd=self.descriptor)


@contextmanager
def _folder(folder: Path) -> Iterator[_Folder]:
    """A folder for as long as files are replaced in it.

    Raises:
        OSError: it cannot be opened, or a symbolic link is on the way.
    """
    descriptor = _descriptor(folder.absolute()) if _BY_DESCRIPTOR else None
    try:
        yield _Folder(folder, descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _descriptor(folder: Path) -> int:
    flags = os.O_DIRECTORY | _NOFOLLOW
    # Linux: every part of the path is opened by itself, which takes no right to list it.
    if not hasattr(os, "O_PATH"):
        return os.open(folder, flags | getattr(os, "O_NOFOLLOW_ANY", 0))
    descriptor = os.open(folder.anchor, flags | os.O_PATH)
    for part in folder.parts[1:]:
        try:
            inner = os.open(part, flags | os.O_PATH, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def claim(file: FileIO) -> None:
    """Keep other runs from taking a temporary file for one that a killed run left."""
    with suppress(OSError):
        _lock(file)


def _remove_left_over(folder: _Folder) -> None:
    """Remove the temporary files of ours that nobody holds from a folder, once in a run."""
    if folder.folder in _cleared:
        return
    _cleared.add(folder.folder)
    try:
        names = [path.name for path in folder.folder.iterdir()]
    except OSError:
        return
    for name in filter(_OURS.fullmatch, names):
        # One that is held, one that is gone already, one of somebody else: they are left.
        with suppress(OSError):
            descriptor = folder.open(name, os.O_RDONLY)
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                if _is_ours(os.fstat(descriptor)):
                    _lock(file)
                    folder.remove(name)


def _is_ours(status: os.stat_result) -> bool:
    ours = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
    return ours and stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _lock(file: FileIO) -> None:
    """Lock a file until it is closed.

    Raises:
        OSError: another process has it.
    """
    try:
        import fcntl
    except ImportError:
        return  # Windows removes no file that is open
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _mask() -> int:
    """What the user takes from the mode of new files; it can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
