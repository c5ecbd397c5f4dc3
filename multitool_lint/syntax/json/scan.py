"""From key to key through a JSON text, without keeping what is passed over.

What nobody looks into is read by the standard library's parser, which is written in C. It is told
to keep one bit for each object, so that it takes little memory as well.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.json import errors as json_mistakes
from multitool_lint.syntax.json.errors import Due, MistakeError, reject
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = r"[ \t\n\r]*+"
_BLANK = re.compile(_SPACE)
_CHARACTERS = r'[^"\\\x00-\x1f]*+'
STRING = rf'"({_CHARACTERS}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_CHARACTERS})*+)"'
_KEY = re.compile(rf"{STRING}{_SPACE}(:?){_SPACE}")
ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB]{HEX}{2})\\u([dD][c-fC-F]{HEX}{2})|u({HEX}{4})|(.))".replace(
        "{HEX}", "[0-9a-fA-F]"
    ),
    re.DOTALL,
)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def unescape(text: str) -> str:
    """The value of a JSON string, without its quotes."""
    return ESCAPE.sub(unescaped, text) if "\\" in text else text


def unescaped(match: re.Match[str]) -> str:
    """The character of an escape; half of a surrogate pair is not one and could not be printed."""
    high, low, code, letter = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if code:
        character = chr(int(code, 16))
        return REPLACEMENT if "\ud800" <= character <= "\udfff" else character
    return _ESCAPES.get(letter, letter)


# Digits are not turned into numbers: too many of them would be an error, and nobody asks.
_WHOLE = json.JSONDecoder(parse_constant=reject, parse_int=str, parse_float=str)
_SKIM = json.JSONDecoder(
    object_pairs_hook=bool, parse_constant=reject, parse_int=bool, parse_float=bool
)


class Walk:
    """A text, how far it is read, the span of the last key, and the offsets of open brackets.

    Raises:
        MistakeError: what comes next is no JSON.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 1 if text.startswith(BYTE_ORDER_MARK) else 0
        self.key_span = (0, 0)
        self._open: list[int] = []
        self.blank()

    @property
    def mark(self) -> str:
        """The character that comes next; none at the end."""
        return self.text[self.at : self.at + 1]

    @property
    def depth(self) -> int:
        """In how many brackets this place is."""
        return len(self._open)

    def blank(self) -> None:
        """Pass over white space."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; whoever takes one reads the value as well."""
        for _ in self._parts("}"):
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise self.mistake(Due.KEY)
            self.at, self.key_span = match.end(), (match.start(), match.end(1) + 1)
            if not match[2]:
                raise self.mistake(Due.COLON)
            yield unescape(match[1])

    def elements(self) -> Iterator[None]:
        """The elements of a list, none of another value; whoever takes one reads it."""
        return self._parts("]") if self.mark == "[" else iter(())

    def _parts(self, closer: str) -> Iterator[None]:
        self._open.append(self.at)
        self.at += 1
        self.blank()
        while self.mark != closer:
            yield
            self.blank()
            if self.mark == ",":
                self.at += 1
                self.blank()
                if self.mark == closer:
                    raise self.mistake(Due.VALUE)
            elif self.mark != closer:
                raise self.mistake(Due.DELIMITER)
        self.at += 1
        self._open.pop()

    def skim(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Read a value: exact for strings and constants, a truth value for any other."""
        return self._read(_SKIM)

    def whole(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Read a value, numbers as their digits."""
        return self._read(_WHOLE)

    def _read(self, decoder: json.JSONDecoder) -> Any:  # noqa: ANN401 - whatever JSON can say
        try:
            value, self.at = decoder.raw_decode(self.text, self.at)
        except RecursionError:
            raise json_mistakes.too_deep(self.at, MAX_TREE_DEPTH) from None
        except ValueError:
            raise self._broken_value() from None
        return value

    def _broken_value(self) -> MistakeError:
        from multitool_lint.syntax.json import parser as json_text

        if self.mark in ("", "]", "}"):
            return self.mistake(Due.VALUE)
        try:
            json_text.parse(self.text[self.at :])
        except MistakeError as mistake:
            start, end = mistake.span
            return MistakeError(Span(self.at + start, self.at + end), mistake.message)
        return MistakeError(Span(self.at, len(self.text)), "not JSON")

    def mistake(self, due: Due) -> MistakeError:
        """What is wrong here, where something else was due."""
        return json_mistakes.mistake(self.text, self.at, due, self._open)
