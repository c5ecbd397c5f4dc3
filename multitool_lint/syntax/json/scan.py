"""From key to key through a JSON text, and the escapes of its strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.syntax.json import errors as json_mistakes
from multitool_lint.syntax.json.errors import Due, MistakeError
from multitool_lint.syntax.source import BYTE_ORDER_MARK

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


class Walk:
    """A text, how far it is read, the span of the last key, and the offsets of open brackets.

    Raises:
        MistakeError: what follows is not JSON.
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
        """The keys of the object that begins here; a caller that takes one reads the value too."""
        for _ in self.parts("}"):
            yield self.key()

    def key(self) -> str:
        """The key that is due here, after which its value is."""
        match = _KEY.match(self.text, self.at)
        if match is None:
            raise self.mistake(Due.KEY)
        self.at, self.key_span = match.end(), (match.start(), match.end(1) + 1)
        if not match[2]:
            raise self.mistake(Due.COLON)
        return unescape(match[1])

    def elements(self) -> Iterator[None]:
        """The elements of a list, none of another value; a caller that takes one reads it."""
        return self.parts("]") if self.mark == "[" else iter(())

    def parts(self, closer: str) -> Iterator[None]:
        """The members or elements of what begins here; a caller that takes one reads it."""
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

    def mistake(self, due: Due) -> MistakeError:
        """What is wrong here, where something else was due."""
        return json_mistakes.mistake(self.text, self.at, due, self._open)
