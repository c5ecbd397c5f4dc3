"""Patterns that match some names and none of others, each as short as it can be."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.source import common_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    _Tails = Sequence[tuple[int, str, str]]
    """The ends of names, each with its bit, as AWS writes it and in lower case."""

_AFTER_ANY_NAME = "\U0010ffff"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+|_")


class Limits(NamedTuple):
    """What patterns may be like.

    `min_prefix` is the number of characters, after the service, that precede a wildcard;
    `max_wildcards` how many wildcards a pattern has, of which there are never more than two. With
    `whole_words`, a pattern is the beginning of several names up to the end of a word, and one
    wildcard: `DescribeInstance*` but not `DescribeInst*`.
    """

    min_prefix: int = 0
    max_wildcards: int = 2
    whole_words: bool = False


ANY = Limits()


def separating(
    names: Sequence[str], barred: Sequence[str], limits: Limits
) -> Iterator[tuple[str, int]]:
    """List patterns that match none of the barred, each with the bits of the names it matches.

    The names are sorted in any case, the barred in lower case.
    """
    if not limits.max_wildcards:
        return
    lower = [name.lower() for name in names]
    if limits.whole_words:
        yield from _whole_words(names, lower, barred, limits.min_prefix)
        return
    for group in _groups(lower, barred, limits.min_prefix):
        begin = names[group.start][: group.depth]
        if group.first == group.last:
            yield f"{begin}*", (1 << group.end) - (1 << group.start)
        else:
            behind = "".join(
                f"{name[group.depth :]}\n" for name in barred[group.first : group.last]
            )
            tails = [
                (1 << at, names[at][group.depth :], lower[at][group.depth :])
                for at in range(group.start, group.end)
            ]
            for end, actions in _ends(tails, behind):
                yield f"{begin}*{end}", actions
            for part, actions in _parts(tails, behind) if limits.max_wildcards > 1 else ():
                yield f"{begin}*{part}*", actions


def _whole_words(
    names: Sequence[str], lower: Sequence[str], barred: Sequence[str], least: int
) -> Iterator[tuple[str, int]]:
    """The shortest beginnings of two names or more, up to the end of a word in one of them."""
    if not barred and not least:
        yield "*", (1 << len(names)) - 1
    for name in names:
        for end in (word.end() for word in _WORD.finditer(name)):
            first, last = _beginning(barred, name[:end].lower())
            if end >= least and first == last:
                first, last = _beginning(lower, name[:end].lower())
                if last - first > 1:
                    yield f"{name[:end]}*", (1 << last) - (1 << first)
                break


def _beginning(names: Sequence[str], text: str, start: int = 0) -> tuple[int, int]:
    """The range of the sorted names that begin with a text."""
    first = bisect_left(names, text, start)
    return first, bisect_left(names, text + _AFTER_ANY_NAME, first)


class _Group(NamedTuple):
    """Those of the names, and of the barred, whose first `depth` characters are the same."""

    start: int
    end: int
    first: int
    last: int
    depth: int


def _groups(lower: Sequence[str], barred: Sequence[str], least: int) -> Iterator[_Group]:
    """List the groups of names that begin alike, each at the first depth that distinguishes it.

    A group that has none of the barred is not divided any further.
    """
    waiting = [_Group(0, len(lower), 0, len(barred), 0)]
    while waiting:
        group = waiting.pop()
        ends = [lower[group.start], lower[group.end - 1]]
        if group.first < group.last:
            ends += barred[group.first], barred[group.last - 1]
        common = common_prefix(min(ends), max(ends))
        depth = max(group.depth, least)
        if depth <= common:
            yield group._replace(depth=depth)
            if group.first == group.last:
                continue
        start = group.start
        while start < group.end:
            begin = lower[start][: common + 1]
            if len(begin) <= common:
                start += 1
                continue
            start, end = _beginning(lower, begin, start)
            waiting.append(_Group(start, end, *_beginning(barred, begin, group.first), common + 1))
            start = end


def _ends(tails: _Tails, barred: str) -> Iterator[tuple[str, int]]:
    """The shortest ends that none of the barred lines has."""
    found: dict[str, tuple[str, int]] = {}
    is_barred = cache(barred.__contains__)
    for bit, written, tail in tails:
        for start in range(len(tail) - 1, -1, -1):
            end = tail[start:]
            if not is_barred(f"{end}\n"):
                text, actions = found.get(end, (written[start:], 0))
                found[end] = text, actions | bit
                break
    return iter(found.values())


def _parts(tails: _Tails, barred: str) -> Iterator[tuple[str, int]]:
    """The shortest parts that none of the barred lines has."""
    found: dict[str, tuple[str, int]] = {}
    is_barred = cache(barred.__contains__)
    for bit, written, tail in tails:
        end = 1
        for start in range(len(tail)):
            # A part that begins later cannot end sooner.
            while end <= len(tail):
                part = tail[start:end]
                if not is_barred(part):
                    break
                end += 1
            else:
                break
            if is_barred(tail[start + 1 : end]):
                text, actions = found.get(part, (written[start:end], 0))
                found[part] = text, actions | bit
    return iter(found.values())
