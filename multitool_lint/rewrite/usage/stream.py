"""JSON values out of a stream, one at a time: a file takes as much memory as its largest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUE_AT_MOST = 1 << 28
"""Characters of one value; CloudTrail cuts its records at 256 KB."""

_CHUNK = 1 << 20
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_LISTS = re.compile(r'\{\s*"(?:Records|Events)"\s*:\s*\[')
_HEAD = 4096
_PARTIAL = 16  # characters at the end of a text in which a value may be cut off
_decode = json.JSONDecoder().raw_decode


class Readable(Protocol):
    """What text can be read from."""

    def read(self, size: int, /) -> str:
        """Read about as many characters, none at the end."""


class MistakeError(ValueError):
    """A text that is no JSON: the line and the column (both from 1), and what is wrong there."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def values(stream: Readable) -> Iterator[tuple[int, object]]:
    """The values of a stream, each with the line where it begins.

    One document or several, one behind the other (as in NDJSON). In the place of a list, and of an
    object that begins with a list of `Records` or of `Events`, come its items; what such an object
    has besides is a value of its own, the last.

    Raises:
        MistakeError: the text is no JSON.
    """
    text = _Text(stream)
    while first := text.peek():
        if first == "[" or (first == "{" and text.skip(_LISTS)):
            if first == "[":
                text.expect("[")
            yield from _items(text)
            if first == "{":
                yield text.line, _rest(text)
        else:
            yield text.line, text.value()


def _items(text: _Text) -> Iterator[tuple[int, object]]:
    if text.peek() == "]":
        text.expect("]")
        return
    while True:
        text.peek()
        yield text.line, text.value()
        if text.expect(",]") == "]":
            return


def _rest(text: _Text) -> dict[str, object]:
    """What comes behind the first member of an object."""
    members: dict[str, object] = {}
    while text.expect(",}") == ",":
        text.peek()
        key = text.value()
        text.expect(":")
        text.peek()
        members[str(key)] = text.value()
    return members


class _Text:
    """A stream, as far as it is read; `line` is where the next value begins, after a peek."""

    def __init__(self, stream: Readable) -> None:
        self.line = 1
        self._stream = stream
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._column = 1

    def peek(self) -> str:
        """The next character that is not blank; none at the end."""
        while True:
            blank = _BLANK.match(self._buffer, self._at)
            self._advance(blank.end() if blank else self._at)
            if self._at < len(self._buffer) or self._ended:
                return self._buffer[self._at : self._at + 1]
            self._fill()

    def skip(self, pattern: re.Pattern[str]) -> bool:
        """Go past a pattern if it comes next."""
        while len(self._buffer) - self._at < _HEAD and not self._ended:
            self._fill()
        match = pattern.match(self._buffer, self._at)
        if match:
            self._advance(match.end())
        return match is not None

    def expect(self, characters: str) -> str:
        """Go past one of some characters, which must come next."""
        found = self.peek()
        if not found or found not in characters:
            wanted = " or ".join(f'"{each}"' for each in characters)
            raise MistakeError(self.line, self._column, f"not JSON: {wanted} expected")
        self._advance(self._at + 1)
        return found

    def value(self) -> object:
        """The value that comes next; nothing blank may be before it."""
        while True:
            try:
                found, end = _decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._is_cut_off(error):
                    raise self._mistake(error.pos, f"not JSON: {error.msg.lower()}") from None
            except (RecursionError, ValueError):
                raise self._mistake(self._at, "not readable: nested too deep") from None
            else:
                # A number near the end of what is read may go on.
                behind = len(self._buffer) - end
                if self._ended or behind > _PARTIAL or not isinstance(found, (int, float)):
                    self._advance(end)
                    return found
            if len(self._buffer) - self._at > VALUE_AT_MOST:
                raise self._mistake(self._at, "a value that is too large to be read")
            self._fill()

    def _is_cut_off(self, error: json.JSONDecodeError) -> bool:
        return error.pos > len(self._buffer) - _PARTIAL or error.msg.startswith("Unterminated")

    def _fill(self) -> None:
        self._buffer = self._buffer[self._at :]
        self._at = 0
        # Twice as much each time: a long value is not looked at often.
        read = self._stream.read(max(_CHUNK, len(self._buffer)))
        self._buffer += read
        self._ended = not read

    def _advance(self, end: int) -> None:
        self.line, self._column = self._place(end)
        self._at = end

    def _place(self, offset: int) -> tuple[int, int]:
        breaks = self._buffer.count("\n", self._at, offset)
        if not breaks:
            return self.line, self._column + offset - self._at
        return self.line + breaks, offset - self._buffer.rfind("\n", self._at, offset)

    def _mistake(self, offset: int, message: str) -> MistakeError:
        return MistakeError(*self._place(offset), message)
