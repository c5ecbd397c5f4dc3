"""The cells that several patterns cut the set of all texts into, each with a text that is in it.

A cell is a set of patterns that some text matches, and no other of the patterns. All patterns are
walked at once, over the characters that distinguish them and one that none of them names; what
holds for that one holds for all others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, count
from os.path import commonprefix

from multitool_lint.aws.patterns import literal_prefix
from multitool_lint.aws.policy_variables import OPENER, variables
from multitool_lint.limits import MAX_PATTERN_CELL_STEPS
from multitool_lint.named_tuple import NamedTuple

FIELDS = 6
_COLON = ":"
_ENDS = ":/"
"""What a wildcard may end at."""
_FRESH = "xyzqjkvw0123456789"
"""What the character that no pattern names may be, before those that no text has."""
_PRIVATE_USE = 0xE000
_POSITIONS = 500
"""Of more positions, a step takes longer."""


class TooManyCellsError(Exception):
    """There are more cells than are looked for."""


class TextPattern(NamedTuple):
    """A text in which `*` and `?` are `wildcards` or plain characters.

    `by_field`: a wildcard in one of the first five fields of an ARN does not match a colon; the
    text may be the rest of an ARN, of which some `colons` come before.
    """

    text: str
    wildcards: bool = True
    by_field: bool = False
    ignores_case: bool = False
    colons: int = 0

    @property
    def literal_prefix(self) -> str:
        """What every match begins with."""
        if self.ignores_case:
            return ""
        prefix = literal_prefix(self.text) if self.wildcards else self.text
        for special in () if prefix.isascii() else _SPECIAL:
            prefix = prefix.partition(special)[0]
        return prefix.partition(OPENER)[0]

    def after(self, prefix: str) -> TextPattern:
        """The pattern of what follows on a prefix that its text has."""
        return self._replace(text=self.text[len(prefix) :], colons=prefix.count(_COLON))


ANY_SEGMENT = "\ue010"
"""What a pattern has in the place of a part without slashes: no text has it."""
ANY_DIGIT, ANY_NAME_CHARACTER = "\ue011", "\ue012"
"""The same in the place of one digit, and of one character of such a part."""
ANY_ARN = TextPattern("arn:?*:?*:*:*:*", by_field=True)


class _Symbol(NamedTuple):
    """What one step of a pattern accepts: some characters, or any but those that it `ends_at`."""

    characters: str
    repeats: bool = False
    is_wildcard: bool = False
    ends_at: str = ""


_SPECIAL = {
    ANY_SEGMENT: _Symbol("", repeats=True, is_wildcard=True, ends_at=_ENDS),
    ANY_DIGIT: _Symbol("0123456789"),
    ANY_NAME_CHARACTER: _Symbol("", is_wildcard=True, ends_at=_ENDS),
}


def pattern_cells(
    patterns: Sequence[TextPattern],
    required: Sequence[TextPattern] = (),
    spend: Callable[[int], None] = lambda _: None,
) -> dict[int, str]:
    """The cells of the texts that all the required patterns match.

    A cell is a bit set of the patterns by number; it has a text that these and no others match.
    `spend` is called with the number of steps that were taken, and may end the comparisons.

    Raises:
        TooManyCellsError: there are too many.
    """
    numbers, beginning_alike, prefix = _beginning_alike(patterns, required)
    steps, cells = _pattern_cells(
        tuple(pattern.after(prefix) for pattern in beginning_alike),
        tuple(pattern.after(prefix) for pattern in required),
    )
    spend(steps)
    if cells is None:
        raise TooManyCellsError
    return {
        sum(1 << numbers[at] for at in range(len(numbers)) if cell >> at & 1): prefix + example
        for cell, example in cells
    }


def _beginning_alike(
    patterns: Sequence[TextPattern], required: Sequence[TextPattern]
) -> tuple[list[int], list[TextPattern], str]:
    """The patterns, by number, that may match what a required one matches, and how all begin."""
    begin = max((pattern.literal_prefix for pattern in required), key=len, default="")
    alike = [
        (number, pattern)
        for number, pattern in enumerate(patterns)
        if begin.startswith(prefix := pattern.literal_prefix) or prefix.startswith(begin)
    ]
    found = [pattern for _, pattern in alike]
    prefixes = (pattern.literal_prefix for pattern in (*found, *required))
    prefix = commonprefix([begin, *prefixes])  # noqa: RUF071 - of texts that are not paths
    return [number for number, _ in alike], found, prefix


@lru_cache(maxsize=256)
def _pattern_cells(
    patterns: tuple[TextPattern, ...], required: tuple[TextPattern, ...]
) -> tuple[int, tuple[tuple[int, str], ...] | None]:
    """The number of steps, and the cells; None if there are too many."""
    if sum(len(pattern.text) for pattern in (*patterns, *required)) > MAX_PATTERN_CELL_STEPS:
        return MAX_PATTERN_CELL_STEPS, None
    walk = _Walk((*patterns, *required))
    needed = walk.ranges[len(patterns) :]
    ends = walk.ends[len(patterns) :]
    bits = {end: 1 << at for at, end in enumerate(walk.ends[: len(patterns)])}
    all_ends = sum(bits)
    found: dict[int, str] = {}
    step = 1 + walk.start.bit_length() // _POSITIONS
    seen = {walk.start}
    waiting = deque([(walk.start, "")])
    while waiting:
        state, text = waiting.popleft()
        if all(state & end for end in ends):
            cell = sum(bits[end] for end in _bits_of(state & all_ends))
            if not found.get(cell):  # the empty text is the last choice
                found[cell] = text
        for character in walk.characters(state):
            after = walk.step(state, character)
            if after not in seen and all(after & range_ for range_ in needed):
                if len(seen) * step >= MAX_PATTERN_CELL_STEPS:
                    return MAX_PATTERN_CELL_STEPS, None
                seen.add(after)
                waiting.append((after, text + character))
    return len(seen) * step, tuple(found.items())


class _Walk:
    """All positions of all patterns, as the bits of one number."""

    def __init__(self, patterns: Sequence[TextPattern]) -> None:
        self.ends: list[int] = []
        self.ranges: list[int] = []
        self._literals: dict[str, int] = {}
        self._single = self._repeating = 0
        self._ending = dict.fromkeys(_ENDS, 0)
        self._absorbing: dict[int, int] = {}
        start = 0
        for pattern in patterns:
            offset = self.ends[-1].bit_length() if self.ends else 0
            symbols = list(_symbols(pattern))
            for at, symbol in enumerate(symbols, offset):
                self._add(symbol, 1 << at)
            end = 1 << (offset + len(symbols))
            self.ends.append(end)
            self.ranges.append((end << 1) - (1 << offset))
            if symbols and symbols[-1].repeats and not symbols[-1].ends_at:
                self._absorbing[end >> 1] = self.ranges[-1] & ~(end | end >> 1)
            start |= 1 << offset
        choices = chain(_FRESH, map(chr, count(_PRIVATE_USE)))
        self._absorbs = sum(self._absorbing)
        self._fresh = next(choice for choice in choices if choice not in self._literals)
        self.start = self._closed(start)

    def _add(self, symbol: _Symbol, bit: int) -> None:
        for character in symbol.characters:
            self._literals[character] = self._literals.get(character, 0) | bit
        if symbol.repeats:
            self._repeating |= bit
        elif symbol.is_wildcard:
            self._single |= bit
        for character in symbol.ends_at:
            self._ending[character] |= bit

    def characters(self, state: int) -> Iterator[str]:
        """The characters that may lead from here to different places; the fresh one first."""
        if state:
            yield self._fresh
            for character, bits in self._literals.items():
                if state & bits:
                    yield character
            for character, bits in self._ending.items():
                if state & bits and not state & self._literals.get(character, 0):
                    yield character

    def step(self, state: int, character: str) -> int:
        """The positions after one more character."""
        ending = self._ending.get(character, 0)
        single, repeating = self._single & ~ending, self._repeating & ~ending
        moved = (state & (self._literals.get(character, 0) | single)) << 1
        return self._closed(moved | state & repeating)

    def _closed(self, state: int) -> int:
        """The positions with those that a repetition leads to; where all is matched, only that."""
        state |= (state & self._repeating) << 1
        for bit in _bits_of(state & self._absorbs):
            state &= ~self._absorbing[bit]
        return state


def _bits_of(number: int) -> Iterator[int]:
    """The bits that are set, which are few of many."""
    while number:
        bit = number & -number
        yield bit
        number ^= bit


def _symbols(pattern: TextPattern) -> Iterator[_Symbol]:
    colons = pattern.colons
    before = ""
    for character, is_plain in _characters(pattern.text):
        ends_at = _COLON if pattern.by_field and colons < FIELDS - 1 else ""
        if symbol := _SPECIAL.get(character):
            yield symbol
            continue
        if pattern.wildcards and not is_plain and character in "*?":
            if character == "?" or before != "*":
                repeats = character == "*"
                yield _Symbol("", repeats=repeats, is_wildcard=True, ends_at=ends_at)
            before = character
            continue
        before = ""
        colons += character == _COLON
        both = character.lower() + character.upper()
        yield _Symbol("".join(dict.fromkeys(both)) if pattern.ignores_case else character)


def _characters(text: str) -> Iterator[tuple[str, bool]]:
    """The characters of a text, and whether one is to be taken literally, as in `${*}`."""
    at = 0
    for variable in variables(text) if OPENER in text else ():
        yield from ((character, False) for character in text[at : variable.start])
        yield from ((character, True) for character in variable.escaped or "")
        at = variable.end
    yield from ((character, False) for character in text[at:])
