"""Finding names in a sorted list: by wildcard pattern, in linear time, and by likeness."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, chain

from multitool_lint.aws.patterns import matches
from multitool_lint.lazy_pattern import lazy_pattern

_WILDCARD = lazy_pattern(r"[*?]")
_AFTER_ANY_NAME = "~"
_BORDER = "\n"
_TOO_FEW_TO_COMPILE = 32
"""A regular expression pays from more names on: compiling takes as long as so many comparisons."""
_FEW = 8
"""Bits that are sooner taken one by one than found in all of them."""
_LIKENESS = 0.6
_MARGIN = 0.15
"""What is less like a name than the best one, by as much, was not meant."""
MOST = 3
"""How many names are given as close to one."""


def fold(text: str) -> str:
    """The text in lower case, as AWS compares names; only ASCII, for no name has other letters."""
    return text.lower() if text.isascii() else text


def matching(pattern: str, names: tuple[str, ...]) -> int:
    """The bits of the names that match; pattern and names in lower case, the names sorted."""
    literal = _WILDCARD.split(pattern, maxsplit=1)[0]
    start = bisect_left(names, literal)
    if literal == pattern:
        return 1 << start if names[start : start + 1] == (literal,) else 0
    end = bisect_left(names, literal + _AFTER_ANY_NAME, start)
    if not pattern[len(literal) :].strip("*"):
        return (1 << end) - (1 << start)
    if len(pattern) - pattern.count("*") > max(map(len, names[start:end]), default=0):
        return 0
    if literal:
        return sum(1 << at for at in _fitting(pattern, names[start:end], range(start, end)))
    return sum(1 << at for at in _joined(names).fitting(pattern))


class Joined:
    """Names in one text, in whatever order they are, which says at once what holds a literal."""

    __slots__ = ("_names", "_starts", "_text")

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._text = "".join(f"{_BORDER}{name}" for name in names)
        self._starts = [0, *accumulate(len(name) + 1 for name in names)][: len(names)]

    def fitting(self, pattern: str) -> Sequence[int]:
        """The places of the names that match; pattern and names in lower case."""
        first, *others = _WILDCARD.split(pattern)
        # One literal that a name must have rules out nearly all of them, at the speed of a search.
        piece = max((f"{_BORDER}{first}", *others), key=len)
        if piece == _BORDER:
            return _fitting(pattern, self._names, range(len(self._names)))
        found = self._containing(piece)
        if pattern == f"*{piece}*":
            return found
        return _fitting(pattern, [self._names[at] for at in found], found)

    def _containing(self, piece: str) -> list[int]:
        """The places of the names with a text in them, each after a border."""
        text, starts = self._text, self._starts
        found = []
        at = text.find(piece)
        while at >= 0:
            place = bisect_right(starts, at)
            found.append(place - 1)
            at = text.find(piece, starts[place]) if place < len(starts) else -1
        return found


@lru_cache(maxsize=512)
def _joined(names: tuple[str, ...]) -> Joined:
    return Joined(names)


def _fitting(pattern: str, names: Sequence[str], at: Sequence[int]) -> list[int]:
    """The places of the names that match, given for each name."""
    if len(names) <= _TOO_FEW_TO_COMPILE:
        return [place for place, name in zip(at, names, strict=True) if matches(pattern, name)]
    fits = _compiled(pattern).fullmatch
    return [place for place, name in zip(at, names, strict=True) if fits(name)]


def positions(bits: int) -> list[int]:
    """The places of the bits that are set."""
    if bits.bit_count() <= _FEW:
        found = []
        while bits:
            low = bits & -bits
            found.append(low.bit_length() - 1)
            bits ^= low
        return found
    return [at for at, bit in enumerate(f"{bits:b}"[::-1]) if bit == "1"]


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Between stars the leftmost fit is always good enough: an atomic group keeps it, and nothing is
    # tried twice.
    first, *others = (
        "".join("." if char == "?" else re.escape(char) for char in part)
        for part in re.split(r"\*+", pattern)
    )
    if not others:
        return re.compile(first)
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    return re.compile(f"{first}{middle}.*{others[-1]}")


def common_length(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def close(name: str, names: tuple[str, ...]) -> tuple[int, ...]:
    """The places of the names that are most like a name, the best first; all in lower case.

    None that is much less like it than the best one: of `RunInstance`, that is `RunInstances` only.
    """
    pairs = _pairs(name)
    index = _by_pair(names)
    shared = Counter(chain.from_iterable(index.get(pair, ()) for pair in pairs))
    scored = (
        (2 * common / (len(name) + len(names[at]) + 2), -at)
        for at, common in shared.items()
        if common >= _LIKENESS * len(name) / 2
    )
    best = sorted((score for score in scored if score[0] >= _LIKENESS), reverse=True)[:MOST]
    return tuple(-at for score, at in best if score >= best[0][0] - _MARGIN)


@lru_cache(maxsize=32)
def _by_pair(names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    index: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        for pair in _pairs(name):
            index.setdefault(pair, []).append(at)
    # Tuples of numbers are nothing that the garbage collector has to look through again.
    return {pair: tuple(found) for pair, found in index.items()}


def _pairs(name: str) -> set[str]:
    framed = f"^{name}$"
    return {framed[at : at + 2] for at in range(len(framed) - 1)}
