"""IAM's wildcard patterns: `*` is any text, `?` any one character, everything else itself.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

No pattern makes a function slower than the product of the two lengths, times a small constant, and
of a product that no real policy has the answer is the one that reports less.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

from multitool_lint.limits import MAX_PATTERN_PRODUCT, MAX_PATTERN_STATES


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the whole text, case counting."""
    if "?" not in pattern:
        return _fits(pattern.split("*"), text)
    p = t = 0
    star = mark = -1
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark = p, t
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[t]):
            p += 1
            t += 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(character == "*" for character in pattern[p:])


def _fits(literals: list[str], text: str) -> bool:
    """Whether a text is the literals in this order, with anything between them."""
    first, *middle, last = [*literals, ""] if len(literals) == 1 else literals
    if len(literals) == 1:
        return text == first
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    # Where each is first is always good enough.
    for literal in middle:
        found = text.find(literal, at, end)
        if found < 0:
            return False
        at = found + len(literal)
    return True


def has_wildcard(pattern: str) -> bool:
    """Whether the pattern matches more than one text."""
    return "*" in pattern or "?" in pattern


def literal_prefix(pattern: str) -> str:
    """What every text that the pattern matches begins with."""
    return pattern.partition("*")[0].partition("?")[0]


def literal_end(pattern: str) -> str:
    """What every text that the pattern matches ends with."""
    return pattern.rpartition("*")[2].rpartition("?")[2]


def covers(wide: str, narrow: str) -> bool:
    """Whether `wide` matches every text that `narrow` matches: inclusion of the two languages.

    A wildcard of `narrow` matches characters that occur nowhere in `wide`: on them only
    wildcards of `wide` advance, and those advance on every other character as well, so what holds
    for them holds for all. If `wide` has only stars, one such character is as good as any number.
    Else its positions are walked that are possible after each symbol of `narrow`. Of the sets of
    positions that a `*` of `narrow` can lead to, each must come to the end; a set that contains
    another one adds nothing. Patterns with more such sets than any real one has are said not to
    cover.
    """
    if "?" not in wide and _FOREIGN not in wide:
        foreign = narrow.replace("*", _FOREIGN).replace("?", _FOREIGN)
        return _fits(wide.split("*"), foreign)
    if "*" not in narrow and "?" not in narrow:
        return matches(wide, narrow)
    # A literal of `wide` can be matched by a literal of `narrow` only, and that settles most pairs.
    if not all(literal in narrow for literal in wide.replace("?", "*").split("*")):
        return False
    return len(wide) * len(narrow) <= MAX_PATTERN_PRODUCT and _covers(wide, narrow)


def all_covered(
    narrow: Iterable[str], wide: Collection[str], covering: Callable[[str, str], bool] = covers
) -> bool:
    """Whether each of the patterns is covered by some of the others."""
    return all(any(covering(outer, inner) for outer in wide) for inner in narrow)


_FOREIGN = "\0"
"""A character that no pattern has; one that has it is not decided quickly."""


@lru_cache(maxsize=4096)
def _covers(wide: str, narrow: str) -> bool:
    reached = {_closure(wide, frozenset({0}))}
    for symbol in _without_repeated_stars(narrow):
        if symbol == "*":
            reached = _minimal(
                {after for states in reached for after in _after_any_run(wide, states)}
            )
        else:
            character = None if symbol == "?" else symbol
            reached = _minimal({_step(wide, states, character) for states in reached})
        if len(reached) > MAX_PATTERN_STATES or frozenset() in reached:
            return False
    return all(len(wide) in states for states in reached)


def _after_any_run(pattern: str, states: frozenset[int]) -> set[frozenset[int]]:
    """The sets of states after runs, of every length, of characters that the pattern has not."""
    runs = set()
    while states not in runs:
        runs.add(states)
        states = _step(pattern, states, None)
    return runs


def _minimal(sets: set[frozenset[int]]) -> set[frozenset[int]]:
    if len(sets) == 1:
        return sets
    return {set_ for set_ in sets if not any(other < set_ for other in sets)}


def _closure(pattern: str, states: frozenset[int] | set[int]) -> frozenset[int]:
    """The states with those that skipping a `*` reaches."""
    closed = set()
    for state in states:
        position = state
        closed.add(position)
        while position < len(pattern) and pattern[position] == "*":
            position += 1
            closed.add(position)
    return frozenset(closed)


def _step(pattern: str, states: frozenset[int], character: str | None) -> frozenset[int]:
    """The states after one character; None is a character that occurs nowhere in the pattern."""
    after: set[int] = set()
    for state in states:
        if state < len(pattern):
            if pattern[state] == "*":
                after.add(state)
            elif pattern[state] == "?" or pattern[state] == character:
                after.add(state + 1)
    return _closure(pattern, after)


def _without_repeated_stars(pattern: str) -> str:
    while "**" in pattern:
        pattern = pattern.replace("**", "*")
    return pattern


def intersects(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    if "*" not in one and "?" not in one:
        return matches(other, one)
    if "*" not in other and "?" not in other:
        return matches(one, other)
    ends = (literal_prefix(one), literal_prefix(other)), (literal_end(one), literal_end(other))
    (start, other_start), (end, other_end) = (sorted(pair, key=len) for pair in ends)
    if not other_start.startswith(start) or not other_end.endswith(end):
        return False
    return len(one) * len(other) > MAX_PATTERN_PRODUCT or _intersects(one, other)


@lru_cache(maxsize=4096)
def _intersects(one: str, other: str) -> bool:
    # row[j]: the symbols of `one` so far and the first j of `other` have a text in common.
    row = [True, *(other[: j + 1].strip("*") == "" for j in range(len(other)))]
    for symbol in one:
        before, row = row, [symbol == "*" and row[0]]
        for j, peer in enumerate(other):
            if "*" in (symbol, peer):
                row.append(before[j + 1] or row[j])
            else:
                row.append(before[j] and (symbol == peer or "?" in (symbol, peer)))
    return row[-1]
