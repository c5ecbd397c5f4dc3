"""The shortest list of patterns that match certain actions of a service and none of its others.

A pattern is worth its length: the list is a weighted set cover, found greedily and then improved by
taking parts of it apart. The same actions always give the same list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from multitool_lint.aws.patterns import covers, has_wildcard, matches
from multitool_lint.rewrite.shrink.patterns import ANY, Limits, separating

_ROUNDS = 30
_QUOTES_AND_COMMA = 3


class _Candidate(NamedTuple):
    """A pattern, what it takes, and a bit for each of the wanted actions that it matches."""

    actions: int
    cost: int
    pattern: str


def shorten(
    prefix: str,
    wanted: Collection[str],
    others: Collection[str],
    limits: Limits = ANY,
    written: Collection[str] = (),
) -> list[str]:
    """Find patterns, sorted, that match all the wanted names of a service's actions and no others.

    The names come without the service and are distinct in any case. `prefix` is the service's,
    which each pattern in a policy has before it; the patterns have not. `written` are patterns that
    match all the wanted and none of the others: they come back where nothing shorter is found, and
    each of them may stay, whatever the limits. A wildcard among them goes only for one that matches
    whatever it matches, actions of the future included.
    """
    names = sorted(wanted, key=str.lower)
    overhead = len(prefix) + 1 + _QUOTES_AND_COMMA
    candidates = _candidates(names, sorted(map(str.lower, others)), limits, overhead)
    texts = sorted(written or names, key=_in_any_case)
    # From what is found the search goes on, so that it ends where it would begin another time.
    while (shorter := _shorter(texts, names, candidates, overhead)) != texts:
        texts = shorter
    return texts


def _shorter(
    texts: list[str], names: Sequence[str], candidates: Sequence[_Candidate], overhead: int
) -> list[str]:
    """A shorter list than this one, which comes back where none is found."""
    # A wildcard is something to match like the names: what covers it matches all that it does.
    names = [name.lower() for name in names]
    wildcards = [text.lower() for text in texts if has_wildcard(text)]
    known = {candidate.pattern.lower(): candidate.actions for candidate in candidates}
    matched = {text: known.get(text) or _bits(text, names) for text in wildcards}
    bits = {name: 1 << at for at, name in enumerate((*names, *wildcards))}

    def whole(candidate: _Candidate) -> _Candidate:
        pattern, actions = candidate.pattern.lower(), candidate.actions
        for text, within in matched.items():
            if not within & ~candidate.actions and covers(pattern, text):
                actions |= bits[text]
        return _Candidate(actions, candidate.cost, candidate.pattern)

    if wildcards:
        candidates = [whole(candidate) for candidate in candidates]
    current = [
        whole(_Candidate(matched.get(lower) or bits[lower], len(text) + overhead, text))
        for text, lower in ((text, text.lower()) for text in texts)
    ]
    found = _searched(candidates, current, (1 << len(bits)) - 1)
    if _cost(found) >= _cost(current):
        return texts
    return sorted((candidate.pattern for candidate in found), key=_in_any_case)


def _bits(pattern: str, names: Sequence[str]) -> int:
    return sum(1 << at for at, name in enumerate(names) if matches(pattern, name))


def _candidates(
    names: Sequence[str], barred: Sequence[str], limits: Limits, overhead: int
) -> list[_Candidate]:
    """The shortest pattern for each set of actions that one pattern can match."""
    found = {1 << at: name for at, name in enumerate(names)}
    for pattern, actions in separating(names, barred, limits):
        known = found.get(actions)
        if known is None or (len(pattern), pattern) < (len(known), known):
            found[actions] = pattern
    return sorted(
        _Candidate(actions, len(pattern) + overhead, pattern) for actions, pattern in found.items()
    )


def _in_any_case(text: str) -> tuple[str, str]:
    return text.lower(), text


def _searched(
    candidates: Sequence[_Candidate], current: Sequence[_Candidate], target: int
) -> list[_Candidate]:
    """The best of what is found from nothing, from what there is, and from parts of that."""
    candidates = [*candidates, *current]
    best = min(_cover(candidates, target, current), _cover(candidates, target, ()), key=_cost)
    tried: set[tuple[_Candidate, ...]] = set()
    for number in range(_ROUNDS if len(best) > 2 else 0):  # noqa: PLR2004  # two are soon tried
        kept = tuple(candidate for place, candidate in enumerate(best) if _stays(place, number))
        if kept in tried:  # of a few patterns, most rounds keep the same
            continue
        tried.add(kept)
        again = _cover(candidates, target, kept)
        if _cost(again) < _cost(best):
            best = again
    return best


def _stays(place: int, number: int) -> bool:
    """Whether a pattern is kept in a round: about two of three are, each time others."""
    return (place * 7919 + number * 104729) % 1009 % 3 > 0


def _cost(chosen: Iterable[_Candidate]) -> int:
    return sum(candidate.cost for candidate in chosen)


def _cover(
    candidates: Sequence[_Candidate], target: int, start: Iterable[_Candidate]
) -> list[_Candidate]:
    """Add the candidates that are worth most, until there is nothing left to match."""
    chosen = list(start)
    for candidate in chosen:
        target &= ~candidate.actions
    worth = [
        (-common.bit_count() / candidate.cost, at)
        for at, candidate in enumerate(candidates)
        if (common := candidate.actions & target)
    ]
    heapify(worth)
    while target:
        # What a candidate is worth only ever gets less.
        before, at = heappop(worth)
        candidate = candidates[at]
        now = -(candidate.actions & target).bit_count() / candidate.cost
        if now == before:
            chosen.append(candidate)
            target &= ~candidate.actions
        elif now:
            heappush(worth, (now, at))
    return _without_needless(chosen)


def _without_needless(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Drop, the dearest first, what the others match as well."""
    left = sorted(chosen, key=lambda candidate: (-candidate.cost, candidate.pattern))
    place = 0
    while place < len(left):
        once = more = 0
        for candidate in left:
            more |= once & candidate.actions
            once |= candidate.actions
        while place < len(left) and left[place].actions & ~more:
            place += 1
        del left[place : place + 1]
    return left
