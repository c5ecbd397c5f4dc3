"""What families are made of: a text of any size, names that all begin alike, and actions."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.catalog.catalog import bundled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Family(NamedTuple):
    """Texts of a file; with a command line of its own where the others are not measured on it."""

    path: str
    text: Callable[[int], Any]
    command: tuple[str, ...] = ()
    others: Mapping[str, str | bytes] = {}


def word(number: int) -> str:
    """A word for a number, which begins as all of them do."""
    number = number * 2_654_435_761 % 26**6
    letters = []
    for _ in range(6):
        number, letter = divmod(number, 26)
        letters.append(chr(ord("a") + letter))
    return "zq" + "".join(letters)


@cache
def actions(pattern: str = "*:*") -> tuple[str, ...]:
    """Actions of the catalog, neighbours of different services."""
    catalog = bundled()
    names = sorted(catalog.names(catalog.match(pattern)))
    return tuple(sorted(names, key=lambda name: int.from_bytes(name.encode()) % 1_000_003))


def quoted(number: int) -> str:
    """A word in quotes."""
    return f'"{word(number)}"'


def bucket(number: int) -> str:
    """The ARN of a bucket in quotes."""
    return f'"arn:aws:s3:::{word(number)}"'


def action(number: int, pattern: str = "*:*") -> str:
    """One of the actions of the catalog that match a pattern."""
    names = actions(pattern)
    return names[number % len(names)]


def filled(size: int, piece: Callable[[int], str], joint: str = ",") -> str:
    """As many pieces as there is room for."""
    pieces: list[str] = []
    length = 0
    for number in count():
        pieces.append(piece(number))
        length += len(pieces[-1]) + len(joint)
        if length >= size:
            return joint.join(pieces)
    raise AssertionError
