"""Source, Span and Edit: a text, and where things are in it."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate, chain, count
from operator import add

from multitool_lint.limits import MAX_FILE_BYTES
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.unsaved import unsaved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO
    from typing import BinaryIO, Final


BYTE_ORDER_MARK = "\ufeff"

_POINTER = "version https://git-lfs.github.com/spec/"
_LONG = 1_000_000
_CHUNK = 1 << 20

_BINARY: int = getattr(os, "O_BINARY", 0)
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)


class Span(NamedTuple):
    """A half-open range of character offsets in a text.

    A named tuple rather than a dataclass: a policy has hundreds, and a tuple is made in a third of
    the time.
    """

    start: int
    end: int


class Edit(NamedTuple):
    """Replace the text of `span` by `text`.

    An insertion has an empty span, a deletion an empty text.
    """

    span: Span
    text: str

    def moved(self, by: int) -> Edit:
        """The same edit of a text that begins so many characters earlier or later."""
        return Edit(Span(self.span.start + by, self.span.end + by), self.text)


class Source:
    """A text and the path that messages show for it (`<stdin>` for standard input).

    `text` is the whole file, line endings and byte order mark included, so that offsets are also
    those of the file.
    """

    __slots__ = ("path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path: Final = path
        self.text: Final = text

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and (self.path, self.text) == (other.path, other.text)

    def __hash__(self) -> int:
        return hash((self.path, self.text))

    def __repr__(self) -> str:
        return f"Source(path={self.path!r}, text={self.text!r})"

    def with_text(self, text: str, path: str | None = None) -> Source:
        """The source with another text, or path, among the same files."""
        return Source(path or self.path, text)

    def part(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def position(self, offset: int, *, utf16: bool = False) -> tuple[int, int]:
        """Line and column of an offset, both from 1.

        Columns are in characters, or in code units of UTF-16, as editors and SARIF count them; a
        byte order mark does not count.
        """
        starts = line_starts(self.text)
        line = bisect_right(starts, offset)
        start = starts[line - 1]
        column = offset - start + 1
        if line == 1 and self.text.startswith(BYTE_ORDER_MARK):
            column = max(column - 1, 1)
        if utf16 and (pairs := _surrogate_pairs(self.text)):
            column += bisect_left(pairs, offset) - bisect_left(pairs, start)
        return line, column

    def offset(self, line: int, column: int, *, utf16: bool = False) -> int:
        """The offset of a line and column, as `position` has them.

        A column after the end of the line is its end, a line after the last one the end of the
        text.
        """
        starts = line_starts(self.text)
        if line > len(starts):
            return len(self.text)
        start, end = self.line_span(max(line, 1))
        text = self.text[start:end]
        units = column - 1
        if utf16 and not text.isascii():
            ends = accumulate(1 + (character > "\uffff") for character in text)
            units = sum(end <= units for end in ends)
        return start + min(max(units, 0), len(text))

    def display_line(self, offset: int) -> int:
        """The line of an offset (from 1) as messages name it."""
        return self.position(offset)[0]

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line ending and without a byte order mark."""
        return self.text[slice(*self.line_span(number))]

    def line_span(self, number: int) -> Span:
        """The span of the text of a line (from 1), which programs may print with megabytes."""
        starts = line_starts(self.text)
        start = starts[number - 1]
        end = starts[number] if number < len(starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start + self.text.startswith(BYTE_ORDER_MARK, start, end), end)


@lru_cache(maxsize=16)
def line_starts(text: str) -> Sequence[int]:
    """The offsets at which the lines of a text begin."""
    if len(text) < _LONG and "\r" not in text:
        # Nearly all texts: this takes a quarter of the time.
        return [0, *map(add, accumulate(map(len, text.split("\n"))), count(1))][:-1]
    starts = (match.end() for match in re.finditer(r"\r\n|\n|\r", text))
    if len(text) < _LONG:
        return [0, *starts]
    # A list would take as much memory as a text of short lines itself.
    from array import array

    return array("Q", chain((0,), starts))


@lru_cache(maxsize=16)
def _surrogate_pairs(text: str) -> list[int]:
    """The offsets of the characters that are two code units in UTF-16."""
    if text.isascii():
        return []
    return [match.start() for match in re.finditer("[\U00010000-\U0010ffff]", text)]


def apply_edits(text: str, edits: tuple[Edit, ...]) -> str:
    """The text after the edits.

    Raises:
        ValueError: two edits overlap, so that their order would decide.
    """
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < position:
            raise ValueError(f"overlapping edits at offset {edit.span.start}")
        parts += text[position : edit.span.start], edit.text
        position = edit.span.end
    return "".join([*parts, text[position:]])


def position_of(source: Source, span: Span) -> str:
    """The path, line and column of a place in a source, as messages name it."""
    line, column = source.position(span.start)
    return f"{source.path}:{line}:{column}"


def common_prefix(one: str, other: str) -> int:
    """How many characters are the same at the start of two texts."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableError(ValueError):
    """A file that is not text in UTF-8; the message is a phrase that says why."""


class TooLargeError(UnreadableError):
    """A file of more bytes than are read."""

    def __init__(self) -> None:
        super().__init__(f"larger than {MAX_FILE_BYTES:,} bytes, the most that is read")


def read(path: str) -> Source:
    """The source at a path.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: it is not a regular file, too large, or not text in UTF-8.
    """
    return decode(read_bytes(path), path)


def read_bytes(path: str) -> bytes:
    """The bytes of the file at a path.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: it is not a regular file.
        TooLargeError: it is larger than what is read.
    """
    if (content := unsaved(path)) is not None:
        return content
    # Opening a FIFO would wait for a writer that may never come, and a device may do anything.
    _check_regular(os.stat(path))  # noqa: PTH116 - for each of many files
    descriptor = os.open(path, os.O_RDONLY | _NONBLOCK | _BINARY)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        _check_regular(status)
        if status.st_size > MAX_FILE_BYTES:
            raise TooLargeError
        return read_stream(file, status.st_size)


def state(path: str, status: os.stat_result) -> tuple[int, int]:
    """The size of a file, and what changes with its content."""
    if (content := unsaved(path)) is not None:
        return len(content), hash(content)
    return status.st_size, status.st_mtime_ns


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableError("is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError("not a regular file; use - to read standard input")


def read_stream(stream: BinaryIO | FileIO, expected: int = 0) -> bytes:
    """The bytes of a stream, which may have more than are expected: a system's file says nothing.

    Raises:
        OSError: the stream cannot be read.
        TooLargeError: it has more than what is read.
    """
    pieces: list[bytes] = []
    left = MAX_FILE_BYTES
    while piece := stream.read(expected + 1 if expected and not pieces else _CHUNK):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            raise TooLargeError
    return b"".join(pieces)


def decode(data: bytes, path: str) -> Source:
    """The source of a file's bytes; a byte order mark stays in its text.

    Raises:
        UnreadableError: the bytes are not text in UTF-8.
    """
    if data.startswith(UTF16_MARKS) or b"\0" in data[:2]:
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
    """A phrase that explains why a file could not be read or written."""
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return str(error)


def is_pointer(text: str) -> bool:
    """Whether a text is a pointer of Git LFS, and not the file itself."""
    return text.startswith(_POINTER)
