"""Values that are written in a file, with where they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple


class Origin(NamedTuple):
    """Where a value is written: the path of a file, and offsets in its text.

    A string of a JSON text that is written there is `within` it: that text, and offsets in it.
    """

    path: str
    start: int
    end: int
    within: tuple[str, int, int] = ("", 0, 0)

    def offsets(self, text: str) -> tuple[int, int]:
        """The offsets in the text of the file, those of the JSON text if it is written otherwise.

        A string is found by counting the same strings before it.
        """
        json_text, first, last = self.within
        at, string = self.start, json_text[first:last]
        for _ in range(json_text.count(string, 0, last) if string else 0):
            found = text.find(string, at, self.end)
            if found < 0:
                return self.start, self.end
            at = found + len(string)
        return (at - len(string), at) if string else (self.start, self.end)


REFERENCE: Final = ("", -1, -1)
"""What the place of a reference is `within`, to a value that is written in another file."""


class Piece(NamedTuple):
    """A part of a text that is written elsewhere: offsets in the part of a number of the text."""

    number: int
    start: int
    end: int
    origin: Origin


class Literal(str):
    """A text that is written in a file, but for some pieces."""

    __slots__ = ("origin", "pieces")

    origin: Origin
    pieces: tuple[Piece, ...]

    @classmethod
    def at(cls, text: str, origin: Origin, pieces: tuple[Piece, ...] = ()) -> Literal:
        """A text with its origin, and those of its pieces."""
        made = cls(text)
        made.origin, made.pieces = origin, pieces
        return made


class Listed(list[Any]):
    """A list that is written in a file; the `places` are the offsets of its items."""

    __slots__ = ("origin", "places")

    origin: Origin
    places: Sequence[tuple[int, int]]

    @classmethod
    def at(cls, items: list[object], origin: Origin, places: Sequence[tuple[int, int]]) -> Listed:
        """A list with its origin, and where its items are."""
        made = cls(items)
        made.origin, made.places = origin, places
        return made


class Mapped(dict[object, Any]):
    """An object that is written in a file; the `places` are the offsets of its values."""

    __slots__ = ("origin", "places")

    origin: Origin
    places: Mapping[object, tuple[int, int]]

    @classmethod
    def at(
        cls,
        members: Mapping[object, object],
        origin: Origin,
        places: Mapping[object, tuple[int, int]],
    ) -> Mapped:
        """An object with its origin, and where its values are."""
        made = cls(members)
        made.origin, made.places = origin, places
        return made
