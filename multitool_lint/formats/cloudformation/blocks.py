"""The members of an object in a text of YAML with tags, as they are indented."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from multitool_lint.syntax.tag_kinds import Tag

_KEY = re.compile(r"""([ ]*)(["']?)([\w:.-]+)\2[ \t]*:(?:[ \t].*)?""")


class IndentedMember(NamedTuple):
    """A member: its key, and its lines with what follows them."""

    key: str
    span: Span


def blocks(
    text: str, span: Span, tags: Sequence[Tag], *, outermost: bool = False
) -> Iterator[IndentedMember]:
    """The members below the first line of a part, or of a text where they are the outermost.

    A line that begins within a tag, or is one, belongs to the member that precedes it.
    """
    starts = [tag.span.start for tag in tags]
    indent, key, start = 0 if outermost else -1, "", span.start
    at = span.start if outermost else text.find("\n", *span) + 1 or span.end
    while at < span.end:
        begin, end = at, text.find("\n", at, span.end) + 1 or span.end
        line, at = text[begin:end], end
        found = _KEY.fullmatch(line.rstrip())
        first = begin + len(line) - len(line.lstrip())
        last = bisect_right(starts, first) - 1
        is_within = last >= 0 and first < tags[last].span.end
        if found is None or is_within:
            continue
        indent = len(found[1]) if indent < 0 else indent
        if len(found[1]) == indent:
            if key:
                yield IndentedMember(key, Span(start, begin))
            key, start = found[3], begin
    if key:
        yield IndentedMember(key, Span(start, span.end))
