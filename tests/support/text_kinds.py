"""The kinds of texts that patterns distinguish: all patterns run over all texts at the same time.

The package under test is not imported.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from support.statements import NotEncodedError

MAX_STATES = 5_000
FIELDS = 6
"""The fields of an ARN."""


class Characters(NamedTuple):
    """A place of a pattern: which characters it matches, one of them or, `repeated`, any number."""

    chars: frozenset[str]
    negated: bool = False
    repeated: bool = False


Pattern = tuple[Characters, ...]


def text_pattern(
    text: str, *, wildcards: bool = True, any_case: bool = False, end: str = ""
) -> Pattern:
    """A text of a policy; its wildcards match all characters but those of `end`."""
    found: list[Characters] = []
    for part in re.findall(r"\$\{[*?$]\}|.", text, re.DOTALL):
        if wildcards and part in ("*", "?"):
            found.append(Characters(frozenset(end), negated=True, repeated=part == "*"))
        else:
            character = part[2:3] or part
            found.append(
                Characters(
                    frozenset(character.lower() + character.upper() if any_case else character)
                )
            )
    return tuple(found)


def arn_pattern(text: str) -> Pattern:
    """An ARN, whose wildcards end with the field that they are in."""
    *fields, last = text.split(":", FIELDS - 1)
    colon = text_pattern(":")
    whole = (place for field in fields for place in (*text_pattern(field, end=":"), *colon))
    return (*whole, *text_pattern(last))


ANY = text_pattern("*")
ANY_ARN = arn_pattern("arn:*:*:*:*:*")


@lru_cache(maxsize=1024)
def text_kinds(patterns: tuple[Pattern, ...], universe: Pattern = ANY) -> dict[int, str]:
    """Which patterns some text of a universe matches alone: a bit for each, with a shortest text.

    Raises:
        NotEncodedError: there are more states than MAX_STATES.
    """
    automaton = _Automaton((*patterns, universe))
    found: dict[int, str] = {}
    seen = {automaton.start: ""}
    waiting = [automaton.start]
    for state in waiting:
        matched = automaton.matched(state)
        if matched >> len(patterns):
            found.setdefault(matched & ~(1 << len(patterns)), seen[state])
        for character in automaton.distinguished(state):
            new = automaton.after(state, character)
            if new >= automaton.last_start and new not in seen:
                seen[new] = seen[state] + character
                waiting.append(new)
        if len(seen) > MAX_STATES:
            raise NotEncodedError("too many kinds of texts")
    return found


class _Automaton:
    """Patterns, one after another; a state has a bit for each place where a text may go on."""

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self._places: list[Characters | None] = []
        self._ends: list[int] = []
        starts = 0
        for pattern in patterns:
            self.last_start = 1 << len(self._places)
            starts |= self.last_start
            self._places += [*pattern, None]
            self._ends.append(len(self._places) - 1)
        named = frozenset().union(*(place.chars for place in self._places if place))
        self._another = next(c for c in map(chr, range(ord("0"), 0x10FFFF)) if c not in named)
        self._repeated = sum(
            1 << at for at, place in enumerate(self._places) if place and place.repeated
        )
        self._accepting: dict[str, int] = {}
        self.start = self._closed(starts)

    def _closed(self, state: int) -> int:
        """The state with the places after those that may match nothing."""
        while (new := state | (state & self._repeated) << 1) != state:
            state = new
        return state

    def matched(self, state: int) -> int:
        """The patterns that match what was read so far."""
        return sum(1 << at for at, end in enumerate(self._ends) if state >> end & 1)

    def distinguished(self, state: int) -> list[str]:
        """The characters that lead to different states, and one for all others."""
        found = {self._another}
        while state:
            lowest = state & -state
            if place := self._places[lowest.bit_length() - 1]:
                found |= place.chars
            state ^= lowest
        return sorted(found)

    def after(self, state: int, character: str) -> int:
        """The state after one more character."""
        if character not in self._accepting:
            self._accepting[character] = sum(
                1 << at
                for at, place in enumerate(self._places)
                if place and (character in place.chars) != place.negated
            )
        accepted = state & self._accepting[character]
        return self._closed((accepted & self._repeated) | (accepted & ~self._repeated) << 1)
