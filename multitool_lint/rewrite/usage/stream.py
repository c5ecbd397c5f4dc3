"""JSON values out of a stream, one at a time: a file takes as much memory as its largest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from multitool_lint.limits import MAX_USAGE_DEPTH, MAX_USAGE_VALUE_BYTES

_LISTS = ("Records", "Events")
_STARTS = ("start_map", "start_array")
_ENDS = ("end_map", "end_array")
_CHUNK = 1 << 16
_LINE = re.compile(rb"[^\n]*\n?\s*")


class Readable(Protocol):
    """What bytes can be read from."""

    def read1(self, size: int, /) -> bytes:
        """Read up to as many bytes, none at the end."""


class StreamError(ValueError):
    """A text that is not JSON: the line (from 1), and what is wrong there."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Lines:
    """A stream that is read line by line, so that the parser is never ahead of `line`."""

    def __init__(self, stream: Readable, line: int = 1) -> None:
        self.line = line
        self._stream = stream
        self._pieces: Iterator[re.Match[bytes]] = iter(())
        self._breaks = 0
        self._since = 0

    def begin(self) -> None:
        """Count the bytes of the next value."""
        self._since = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """The lines, each with its number; some may be blank."""
        pieces: list[bytes] = []
        number = self.line
        while piece := self.read(_CHUNK):
            number = number if pieces else self.line
            pieces.append(piece)
            if b"\n" in piece:
                yield number, b"".join(pieces).decode()
                pieces.clear()
                self.begin()
        yield number, b"".join(pieces).decode()

    def read(self, size: int) -> bytes:
        """Read a line, or what the next chunk has of it, with the blank lines after it."""
        if not size:
            return b""  # the parser asks whether the stream is one of bytes
        self.line += self._breaks
        match = next(self._pieces, None)
        if not (match and match[0]):
            self._pieces = _LINE.finditer(self._stream.read1(_CHUNK))
            match = next(self._pieces)
        self._breaks = match[0].count(b"\n")
        self._since += len(match[0])
        if self._since > MAX_USAGE_VALUE_BYTES:
            raise StreamError(self.line, "a value that is too large to be read")
        return match[0]


def values(lines: Lines) -> Iterator[tuple[int, object]]:
    """The values of a text, each with the line where it begins.

    One document or several in sequence (as in NDJSON). The items of a list, and of the lists
    `Records` and `Events` in an object, are values of their own; the object follows without them.

    Raises:
        MistakeError: the text is not JSON.
    """
    from ijson import basic_parse
    from ijson.common import JSONError

    try:
        yield from _values(basic_parse(lines, multiple_values=True, use_float=True), lines)
    except (JSONError, ValueError) as error:
        if isinstance(error, StreamError):
            raise
        reason = str(error).partition("\n")[0].rstrip(".")[:100]
        raise StreamError(lines.line, f"not readable as JSON: {reason}") from None


def _values(events: Iterator[tuple[str, object]], lines: Lines) -> Iterator[tuple[int, object]]:
    from ijson.common import ObjectBuilder

    # The document is at level 0, and in it a list whose items are values of their own at `split`.
    builders: dict[int, tuple[int, ObjectBuilder]] = {}
    depth = split = 0
    key: object = None
    for event, value in events:
        depth -= event in _ENDS
        if split and depth < split:
            split = 0
        if split not in builders:
            builders[split] = lines.line, ObjectBuilder()
        builders[split][1].event(event, value)
        if event in _STARTS:
            depth += 1
            in_list = event == "start_array" and (depth == 1 or (depth == 2 and key in _LISTS))  # noqa: PLR2004
            split = depth if in_list and not split else split
            if depth > MAX_USAGE_DEPTH:
                raise StreamError(lines.line, "not readable: nested too deep")
        elif event == "map_key":
            key = value if depth == 1 else key
        elif depth == split:
            line, builder = builders.pop(split)
            lines.begin()
            if depth or event != "end_array":
                yield line, builder.value
