"""Policies in the fenced code blocks of Markdown files."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from multitool_lint.formats import extract, recognize
from multitool_lint.formats.result import Comment, Problem, ReadResult, Skipped, collect
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from markdown_it.token import Token

    from multitool_lint.formats.extract import Extractor

FORMAT: Final = "Markdown"
NO_POLICY: Final = "no code block with a policy"

# The word may stand in an attribute list, as in `{.json}`, and have a title behind it.
_JSON_TAG: Final = re.compile(r"\{?\s*\.?(json[c5]?)(?=[\s,:;{}(\[=]|$)", re.IGNORECASE)
# What readers see between two blocks of code. HTML is not among it: a block may be folded by it.
_CONTENT: Final = frozenset({"paragraph_open", "heading_open", "code_block", "hr"})
_LINE: Final = re.compile(r"([^\r\n]*+)(?:\r\n|\n|\r|\Z)")


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of a Markdown file, which are numbered if there are several."""
    text = extractor.source.text
    otherwise = Skipped(Span(0, len(text)), NO_POLICY)
    if not recognize.may_be_policy(text):
        return collect([otherwise], FORMAT)
    blocks, comments = _blocks(text)
    results = [block.read() for block in blocks]
    roots = [result for result in results if isinstance(result, Node)]
    policies = [
        extractor.policy(root, f"policy {number}" if len(roots) > 1 else None)
        for number, root in enumerate(roots, 1)
    ]
    others = [result for result in results if not isinstance(result, Node)]
    return collect([*policies, *others], FORMAT, otherwise=otherwise, comments=comments)


class _Block:
    """A code block: its text without the `>` and the indents before it, and the way back."""

    __slots__ = ("begins", "ends", "shifts", "starts", "tag", "text", "whole")

    def __init__(self, token: Token, tag: str, lines: list[Span]) -> None:
        first = token.map[0] if token.map else 0
        contents = token.content.removesuffix("\n").split("\n")
        places = lines[first + 1 : first + 1 + len(contents)]
        self.text = token.content
        self.tag = tag
        self.whole = _span(token, lines)
        self.starts = list(accumulate((len(line) + 1 for line in contents), initial=0))[:-1]
        self.begins = [place.start for place in places]
        self.ends = [place.end for place in places]
        # A line of the block ends a line of the file. What is before it may be shorter than it
        # seems: of a tab that is partly indent, the rest comes as spaces.
        self.shifts = [
            place.end - len(line) - start
            for place, line, start in zip(places, contents, self.starts, strict=False)
        ]

    def read(self) -> Node | Problem | Skipped | None:
        """The root of a policy, with places in the file, or what is reported instead."""
        if not self.tag and not self.seems_untagged_policy():
            return None
        found = extract.read(self, self.whole, extract.Certainty.KEY, unread=False)
        if isinstance(found, Node):
            return found.moved(self.span)
        not_json = isinstance(found, Problem) or (found and found.reason == extract.NOT_JSON)
        if not_json and self.text.lstrip().startswith('"'):
            return Skipped(self.whole, "an excerpt that begins with a key")
        if isinstance(found, Problem) and self.tag not in ("", "json"):
            reason = f"the block is tagged {self.tag}, but AWS reads only JSON"
            return found._replace(message=f"{found.message} ({reason})")
        return found

    def seems_untagged_policy(self) -> bool:
        return self.text.lstrip().startswith("{") and recognize.resembles_policy(self.text)

    def offset_in_file(self, offset: int) -> int:
        """Translate an offset in the block's text to one in the file."""
        line = bisect_right(self.starts, offset) - 1
        return min(max(self.begins[line], offset + self.shifts[line]), self.ends[line])

    def span(self, span: Span) -> Span:
        """Translate a span of the block's text to one in the file."""
        return Span(self.offset_in_file(span.start), self.offset_in_file(span.end))


def _blocks(text: str) -> tuple[list[_Block], tuple[Comment, ...]]:
    """Find the fenced blocks that are tagged as JSON or not at all, and the comments for us."""
    # It takes longer to import than all the rest of a run that needs no Markdown.
    from markdown_it import MarkdownIt

    # Neither rule can tell where a block begins.
    parser = MarkdownIt("commonmark").disable(["inline", "reference"])
    lines = _lines(text)
    blocks: list[_Block] = []
    comments: list[Comment] = []
    waiting = 0  # so many of the last comments stand before whatever comes next
    for token in parser.parse(text.removeprefix(BYTE_ORDER_MARK)):
        if token.type == "html_block":
            found = _comments(token, text, lines)
            comments += found
            waiting += len(found)
        elif token.type == "fence":
            for number in range(len(comments) - waiting, len(comments)):
                comments[number] = comments[number]._replace(covers=_span(token, lines))
            waiting = 0
            info = token.info.strip()
            tag = _JSON_TAG.match(info)
            if tag or not info:
                blocks.append(_Block(token, tag[1].lower() if tag else "", lines))
        elif token.type in _CONTENT:
            waiting = 0
    return blocks, tuple(comments)


def _comments(token: Token, text: str, lines: list[Span]) -> list[Comment]:
    """Find the comments for us in a block of HTML; `text` may have `>` before its lines."""
    if "multitool-lint" not in token.content:
        return []
    from multitool_lint.diagnostics.ignore_comment import is_ours

    comment = re.compile("<!--(.*?)-->", re.DOTALL)
    places = comment.finditer(text, *_span(token, lines))
    comments = zip(comment.finditer(token.content), places, strict=False)
    return [Comment(Span(*at.span()), what[1]) for what, at in comments if is_ours(what[1])]


def _span(token: Token, lines: list[Span]) -> Span:
    """The lines of a block."""
    first, last = token.map or (0, 0)
    return Span(lines[first].start, lines[last - 1].end)


def _lines(text: str) -> list[Span]:
    """Find the lines of a text, without their endings."""
    return [Span._make(match.span(1)) for match in _LINE.finditer(text)]
