"""On which line of a TOML file each key and each value is, which the standard parser does not tell.

The grammar: https://toml.io/en/v1.0.0. The text has been parsed before, so it is known to be right.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress

Place = tuple[str | int, ...]
"""The keys and indices that lead from the root of a document to a value."""

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE_KEY = re.compile(r"[^\s.=\]\"']+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")


def lines(text: str) -> dict[Place, int]:
    """The lines of all keys and values of a document, counted from 1."""
    scan = _Scan(text)
    with suppress(RecursionError):  # some are enough
        scan.document()
    return scan.lines


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Place, int] = {}
        self._counted = 0
        self._line = 1
        self._tables: Counter[Place] = Counter()

    def document(self) -> None:
        """Scan it all: tables, and the keys in them."""
        table: Place = ()
        while self._skip():
            if self._takes("[["):
                table = self._header(many=True)
                self.at += 2
            elif self._takes("["):
                table = self._header(many=False)
                self.at += 1
            else:
                self._pair(table)

    def _skip(self) -> str:
        """Pass over space and comments, and return the character after them."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        return self.text[self.at : self.at + 1]

    def _takes(self, word: str) -> bool:
        taken = self.text.startswith(word, self.at)
        self.at += len(word) * taken
        return taken

    def _note(self, place: Place) -> None:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        self.lines.setdefault(place, self._line)

    def _header(self, *, many: bool) -> Place:
        self._skip()
        *above, last = self._key()
        table: Place = ()
        for name in above:
            table = (*table, name)
            self._note(table)
            table = self._entry(table)
        table = (*table, last)
        if many:
            self._note(table)
            self._tables[table] += 1
            table = self._entry(table)
        self._note(table)
        self._skip()
        return table

    def _entry(self, table: Place) -> Place:
        """The last table so far of those that are written with `[[...]]`; else the table itself."""
        count = self._tables[table]
        return (*table, count - 1) if count else table

    def _pair(self, table: Place) -> None:
        place = table
        for name in self._key():
            place = (*place, name)
            self._note(place)
        self._skip()
        self.at += len("=")
        self._value(place)

    def _key(self) -> list[str]:
        names = [self._name()]
        while self._skip() == ".":
            self.at += 1
            self._skip()
            names.append(self._name())
        return names

    def _name(self) -> str:
        start = self.at
        string = _STRING.match(self.text, start)
        word = string or _BARE_KEY.match(self.text, start)
        self.at = word.end() if word else len(self.text)
        name = self.text[start : self.at]
        if not string:
            return name
        if "\\" not in name or name.startswith("'"):
            return name[1:-1]
        import tomllib

        return str(tomllib.loads(f"key = {name}")["key"])

    def _value(self, place: Place) -> None:
        self._skip()
        self._note(place)
        if self._takes("["):
            self._array(place)
        elif self._takes("{"):
            while self._skip() != "}" and self.at < len(self.text):
                self._pair(place)
                self._skip()
                self._takes(",")
            self.at += 1
        else:
            value = _STRING.match(self.text, self.at) or _BARE_VALUE.match(self.text, self.at)
            self.at = value.end() if value else len(self.text)

    def _array(self, place: Place) -> None:
        index = 0
        while self._skip() != "]" and self.at < len(self.text):
            self._value((*place, index))
            index += 1
            self._skip()
            self._takes(",")
        self.at += 1
