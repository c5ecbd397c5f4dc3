"""The files of a deployment as one text, so that a policy may have places in several of them."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.syntax.written import Origin


class JoinedFiles:
    """The texts of files, by their paths, one after the other."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._paths = list(texts)
        lengths = (len(text) + 1 for text in texts.values())
        self._starts = [0, *accumulate(lengths)]
        self._start = dict(zip(self._paths, self._starts, strict=False))
        self.source = Source("", "\n".join(texts.values()))

    def span(self, origin: Origin) -> Span | None:
        """The place in the whole of something that is written in a file; None in any other."""
        text, first = self._texts.get(origin.path), self._start.get(origin.path, 0)
        if text is None:
            return None
        start, end = origin.offsets(text)
        return Span(first + start, first + end)

    def in_file(self, span: Span) -> tuple[str, Span]:
        """The path of the file that a place of the whole is in, and the place in it."""
        number = bisect_right(self._starts, span.start) - 1
        first = self._starts[number]
        return self._paths[number], Span(span.start - first, span.end - first)

    def text(self, path: str) -> str:
        """The text of a file."""
        return self._texts[path]
