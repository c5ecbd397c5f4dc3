"""From bytes to a Source: strictly UTF-8, line endings kept, with a reason where it cannot be."""

from __future__ import annotations

import stat
from pathlib import Path

from multitool_lint.syntax.source import Source

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableError(ValueError):
    """A file that is not text in UTF-8; the message is a phrase that says why."""


def read(path: str) -> Source:
    """The source at a path.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: it is no regular file, or no text in UTF-8.
    """
    return decode(read_bytes(path), path)


def read_bytes(path: str) -> bytes:
    """The bytes of the file at a path.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: it is no regular file.
    """
    # Opening a FIFO would wait for a writer that may never come.
    file = Path(path)
    if not stat.S_ISREG(file.stat().st_mode):
        raise UnreadableError("not a regular file; use - to read standard input")
    return file.read_bytes()


def decode(data: bytes, path: str) -> Source:
    """The source of a file's bytes; a byte order mark stays in its text.

    Raises:
        UnreadableError: the bytes are no text in UTF-8.
    """
    if data.startswith(_UTF16_MARKS) or b"\0" in data[:2]:
        raise UnreadableError("encoded in UTF-16 or UTF-32; save it as UTF-8")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"not UTF-8: {place} (line {line})") from None
    if "\0" in text:
        raise UnreadableError(f"binary: a NUL at offset {data.index(0)}")
    return Source(path, text)


def reason(error: OSError | UnreadableError) -> str:
    """The phrase that tells a person why a file could not be read or written."""
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return str(error)
