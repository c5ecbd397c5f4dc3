"""Edits made one after the other, each to the text that the one before has left."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from multitool_lint.rewrite.draft import Remark
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(slots=True)
class Steps:
    """What a source becomes step by step, and what was done, at places of the source as it was."""

    source: Source
    now: Source
    applied: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    _taken: list[_Taken] = field(default_factory=list)

    def take(self, edits: Iterable[Edit]) -> None:
        """Edit the text."""
        edits = tuple(sorted(edits, key=lambda edit: edit.span))
        if edits:
            self.now = Source(self.source.path, apply_edits(self.now.text, edits))
            self._taken.append(_Taken(edits))

    def say(self, span: Span, message: str) -> None:
        """Say what is done at a place of the text as it is now."""
        self.applied.append(self.remark(span, message))

    def note(self, span: Span, message: str) -> None:
        """Say what one should know of a place of the text as it is now."""
        self.notes.append(self.remark(span, message))

    def remark(self, span: Span, message: str) -> Remark:
        """Say something about a place of the text as it is now."""
        start = span.start
        for edits in reversed(self._taken):
            start = edits.before(start)
        return Remark(self.source, Span(start, start), message)

    def whole(self) -> tuple[Edit, ...]:
        """All that was done, as one edit of the source."""
        old, new = self.source.text, self.now.text
        if old == new:
            return ()
        start = _shared(old, new)
        behind = _shared(old[start:][::-1], new[start:][::-1])
        return (Edit(Span(start, len(old) - behind), new[start : len(new) - behind]),)


class _Taken:
    """Edits that were made, and where each of their texts has come to stand."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._starts: list[int] = []
        grown = 0
        for edit in edits:
            self._starts.append(edit.span.start + grown)
            grown += len(edit.text) - (edit.span.end - edit.span.start)

    def before(self, offset: int) -> int:
        """Where something stood before; of a text that was put in, where it was put."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return offset
        edit, into = self._edits[at], offset - self._starts[at]
        return edit.span.start if into < len(edit.text) else edit.span.end + into - len(edit.text)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with that are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[:middle]):
            low = middle
        else:
            high = middle - 1
    return low
