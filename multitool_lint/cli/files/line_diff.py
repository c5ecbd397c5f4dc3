"""Unified diffs in a time that grows with the length of the texts.

The standard library's takes minutes where thousands of places in a file of a megabyte change.
"""

from __future__ import annotations

from bisect import bisect_left
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = 3
RUN = 3
"""How many lines in a row tell that two texts go on alike: a bracket alone is everywhere."""

COMPARED_AT_MOST = 100_000
"""The pairs of lines up to which a changed region is looked through for lines that stay."""


class Region(NamedTuple):
    """Lines that are replaced, and those in their place, as half-open ranges."""

    start: int
    end: int
    new_start: int
    new_end: int


def unified(before: str, after: str, path: str) -> Iterator[str]:
    """The lines of the diff, of which the first two name the path."""
    old, new = _lines(before), _lines(after)
    hunks = _grouped(_regions(old, new))
    if hunks:
        yield f"--- {path}\n"
        yield f"+++ {path}\n"
    for hunk in hunks:
        yield from _hunk(old, new, hunk)


def _lines(text: str) -> list[str]:
    # Not `splitlines`, which ends lines at characters that JSON strings may hold.
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, f"{last}\n\\ No newline at end of file\n"] if last else lines


def _regions(old: Sequence[str], new: Sequence[str]) -> Iterator[Region]:
    places: dict[tuple[str, ...], list[int]] = {}
    for place in range(len(new)):
        places.setdefault(tuple(new[place : place + RUN]), []).append(place)
    at = new_at = 0
    while at < len(old) and new_at < len(new):
        if old[at] == new[new_at]:
            at, new_at = at + 1, new_at + 1
            continue
        end, new_end = _next_alike(old, places, at, new_at) or (len(old), len(new))
        yield from _refined(old, new, Region(at, end, new_at, new_end))
        at, new_at = end, new_end
    if at < len(old) or new_at < len(new):
        yield Region(at, len(old), new_at, len(new))


def _next_alike(
    old: Sequence[str], places: dict[tuple[str, ...], list[int]], at: int, new_at: int
) -> tuple[int, int] | None:
    """Where both texts go on alike after the fewest lines."""
    best: tuple[int, int] | None = None
    distance = len(old)
    ahead = at
    while ahead < len(old) and ahead - at < distance:
        found = places.get(tuple(old[ahead : ahead + RUN]), [])
        nearest = bisect_left(found, new_at)
        if nearest < len(found) and (
            best is None or ahead - at + found[nearest] - new_at < distance
        ):
            best = ahead, found[nearest]
            distance = ahead - at + found[nearest] - new_at
        ahead += 1
    return best


def _refined(old: Sequence[str], new: Sequence[str], region: Region) -> Iterator[Region]:
    start, end, new_start, new_end = region
    if (end - start) * (new_end - new_start) > COMPARED_AT_MOST:
        yield region
        return
    matcher = SequenceMatcher(None, old[start:end], new[new_start:new_end], autojunk=False)
    for tag, *(one, two, three, four) in matcher.get_opcodes():
        if tag != "equal":
            yield Region(start + one, start + two, new_start + three, new_start + four)


def _grouped(regions: Iterator[Region]) -> list[list[Region]]:
    """The regions of each hunk: those whose contexts touch."""
    groups: list[list[Region]] = []
    for region in regions:
        if groups and region.start - groups[-1][-1].end <= 2 * CONTEXT:
            groups[-1].append(region)
        else:
            groups.append([region])
    return groups


def _hunk(old: Sequence[str], new: Sequence[str], regions: Sequence[Region]) -> Iterator[str]:
    lead = min(regions[0].start, CONTEXT)
    trail = min(len(old) - regions[-1].end, CONTEXT)
    start, end = regions[0].start - lead, regions[-1].end + trail
    new_range = _range(regions[0].new_start - lead, regions[-1].new_end + trail)
    yield f"@@ -{_range(start, end)} +{new_range} @@\n"
    at = start
    for region in regions:
        yield from (f" {line}" for line in old[at : region.start])
        yield from (f"-{line}" for line in old[region.start : region.end])
        yield from (f"+{line}" for line in new[region.new_start : region.new_end])
        at = region.end
    yield from (f" {line}" for line in old[at:end])


def _range(start: int, end: int) -> str:
    """A range as diffs write it: lines from 1, and an empty range by the line before it."""
    if end - start == 1:
        return str(start + 1)
    return f"{start + (end > start)},{end - start}"
