"""The users, groups and roles of a source."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Generic, TypeVar

from multitool_lint.formats.result import TEMPLATE
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from multitool_lint.formats.extract import Extractor
    from multitool_lint.formats.result import ReadResult
    from multitool_lint.policy.identities import AppliedPolicy, Identity

T = TypeVar("T")


def identities_of(extractor: Extractor, found: ReadResult) -> tuple[Identity, ...]:
    """The identities of a template."""
    if found.format != TEMPLATE:
        return ()
    from multitool_lint.formats.cloudformation.identities import identities

    return tuple(identities(extractor, found))


def under(applied: AppliedPolicy, given: Mapping[str, bool]) -> Iterator[AppliedPolicy]:
    """A policy that applies with further conditions; nothing if these exclude its own."""
    merged = tuple(
        {**case, **given}
        for case in applied.cases or ({},)
        if all(case.get(name, holds) == holds for name, holds in given.items())
    )
    if merged:
        yield applied._replace(cases=merged if given else applied.cases)


class InOrder(Generic[T]):
    """What is at spans of a file, in their order."""

    def __init__(self, found: Iterable[tuple[Span, T]]) -> None:
        self._found = sorted(found, key=lambda entry: entry[0])
        self._starts = [span.start for span, _ in self._found]

    def within(self, span: Span) -> list[T]:
        """What begins in a span."""
        first = bisect_left(self._starts, span.start)
        last = bisect_left(self._starts, max(span.end, span.start + 1))
        return [item for _, item in self._found[first:last]]
