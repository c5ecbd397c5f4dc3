"""Comments for this tool in documentation and scripts, and the blocks of code that they cover.

One on a line of its own covers the block that follows, as an HTML comment does in Markdown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from multitool_lint.diagnostics.ignore_comment import is_ours
from multitool_lint.formats.result import Comment
from multitool_lint.syntax.source import Span


class Syntax(NamedTuple):
    """How a format has comments, and which lines may be between one and the block it covers."""

    comment: re.Pattern[str]
    between: re.Pattern[str]


def _syntax(comment: str, between: str, before: str = r"[ \t]*+") -> Syntax:
    return Syntax(
        re.compile(rf"{comment}(?P<text>[ \t]*+multitool-lint\b[^\r\n]*+)", re.MULTILINE),
        # The first line is the end of that of the comment.
        re.compile(rf"(?:(?:{between})?[ \t]*+(?:\r\n|\n|\r))*+{before}"),
    )


SHELL = _syntax(
    r"(?:^|(?<=[ \t]))#", r"[ \t]*+#[^\r\n]*+|[^\r\n]*?(?:\\|<<[^\r\n]*+)", r"[^\r\n]*+"
)
ASCIIDOC = _syntax(r"^//", r"//[^\r\n]*+|\.[^.\s][^\r\n]*+|\[[^\r\n]*+|-{2,}|\.{4,}|`{3,}\w*+")
RESTRUCTURED_TEXT = _syntax(
    r"^[ \t]*+\.\.", r"[ \t]*+(?:\.\.[ \t][^\r\n]*+|:[\w-]++:[^\r\n]*+)|[^\r\n]*?::"
)


def comments(text: str, within: Span, blocks: Sequence[Span], syntax: Syntax) -> Iterator[Comment]:
    """The comments for this tool in a part of a text, outside of its blocks.

    One covers the block after it, and at the end of a line that has a part of a block, that line.
    """
    starts = [block.start for block in blocks]
    after: tuple[int, Span | None] = (within.end, None)
    for match in reversed(list(syntax.comment.finditer(text, *within))):
        start, end = match.span()
        number = bisect_right(starts, start)
        last = blocks[number - 1].end if number else 0
        if start < last or not is_ours(match["text"]):
            continue
        line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        if number < len(blocks) and starts[number] <= after[0]:
            after = starts[number], blocks[number]
        if line < last:
            covers: Span | None = Span(line, start)
        else:
            covers = after[1] if syntax.between.fullmatch(text, end, after[0]) else None
        after = start, covers
        yield Comment(Span(start, end), match["text"], covers)
