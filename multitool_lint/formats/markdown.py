"""Policies in the fenced code blocks of Markdown files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats import excerpts, extract, recognize
from multitool_lint.formats import json as json_
from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
from multitool_lint.formats.result import Comment, Problem, ReadResult, Skipped, collect
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.decoded_text import DecodedText
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Source, Span
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

    from multitool_lint.formats.extract import Extractor, Found

FORMAT: Final = "Markdown"
NO_POLICY: Final = "no code block with a policy"
NOT_CHANGED: Final = "a policy within the JSON of a code block"
NOT_JSON: Final = "the code block has comments, escapes or parts left out, which JSON does not have"

# The word may be in an attribute list, as in `{.json}`, and be followed by a title.
_JSON_TAG: Final = re.compile(r"\{?\s*\.?(json[c5]?)(?=[\s,:;{}(\[=]|$)", re.IGNORECASE)
# What readers see between two blocks of code. HTML is not among it: a block may be folded by it.
_CONTENT: Final = frozenset({"paragraph_open", "heading_open", "code_block", "hr"})
_LINE: Final = re.compile(r"([^\r\n]*+)(?:\r\n|\n|\r|\Z)")


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of a Markdown file, which are numbered if there are several."""
    extractor = extractor._replace(prose=True)
    text = extractor.source.text
    otherwise = Skipped(Span(0, len(text)), NO_POLICY)
    if not recognize.may_be_policy(text):
        return collect([otherwise], FORMAT)
    blocks, comments = _blocks(text)
    results = [(block, block.read()) for block in blocks]
    roots = sum(isinstance(result, Node) for _, result in results)
    found: list[Policy | Found] = []
    number = 0
    for block, result in results:
        if isinstance(result, Node):
            number += 1
            name = f"policy {number}" if roots > 1 else None
            found.append(block.policy(extractor, result, name))
        else:
            nested = [*_nested(extractor, block)] if isinstance(result, Skipped) else []
            found += nested or [result]
    return collect(found, FORMAT, otherwise=otherwise, comments=comments)


def _nested(extractor: Extractor, block: _Block) -> Iterator[Policy | Found]:
    """What a block has that is JSON and not a policy, as in a file of its own."""
    source = Source(extractor.source.path, block.text.text)
    if not (recognize.may_nest_policies(source.text) and _is_json(source.text)):
        return
    read = json_.read_source(extractor._replace(source=source))
    found = [*read.policies, *read.normalized, *read.problems, *read.skipped, *read.stream]
    if any(not isinstance(item, Skipped) or item.unread for item in found):
        for item in found:
            yield _in_file(item, extractor.source, block)


def _is_json(text: str) -> bool:
    try:
        fast.read(text, literal=True)
    except MistakeError:
        return False
    return True


def _in_file(item: Policy | Found, source: Source, block: _Block) -> Policy | Found:
    """What was read in a block, at its place in the file, where it is not changed."""
    place = block.text.span
    if isinstance(item, Policy):
        root = item.root.moved(place)
        return Policy(source, root, item.type, item.resource_type, item.name)
    if isinstance(item, Embedded):
        text = DecodedText(item.text.text, (*item.text.steps, *block.text.steps))
        return item._replace(source=source, text=text, unchanged=NOT_CHANGED)
    if isinstance(item, NormalizedPolicy):
        return item._replace(
            source=source,
            original=item.original.moved(place),
            places={inner: place(outer) for inner, outer in item.places.items()},
            fixed=(block.whole,),
            functions=(),
            unchanged=NOT_CHANGED,
        )
    return item._replace(span=place(item.span)) if item else None


class _Block(NamedTuple):
    """A code block: its text without the `>` and the indents before its lines, and its tag.

    One that is not `written` as JSON has the text that it means.
    """

    text: DecodedText
    whole: Span
    tag: str
    written: bool

    def read(self) -> Node | Problem | Skipped | None:
        """The root of a policy, or what is reported instead."""
        text = self.text.text.lstrip()
        begins = text.startswith(("{", "["))
        if not self.tag and not (begins and recognize.resembles_policy(text)):
            return None
        found = extract.read(self.text, self.whole, extract.Certainty.KEY, unread=False)
        if isinstance(found, Node):
            return found
        not_json = isinstance(found, Problem) or (found and found.reason == extract.NOT_JSON)
        if not_json and text.startswith('"'):
            return Skipped(self.whole, "an excerpt that begins with a key")
        if isinstance(found, Problem) and self.tag not in ("", "json"):
            reason = f"the block is tagged {self.tag}, but AWS reads only JSON"
            return found._replace(message=f"{found.message} ({reason})")
        return found

    def policy(self, extractor: Extractor, root: Node, name: str | None) -> Policy | Embedded:
        """The policy with this root, which is changed only where it is written as JSON."""
        if self.written:
            return extractor.policy(root.moved(self.text.span), name)
        inner = Source(extractor.source.path, self.text.text)
        policy = extractor.policy(root, name, source=inner)
        return Embedded(policy, extractor.source, self.text, unchanged=NOT_JSON)


def _text(token: Token, lines: list[Span]) -> DecodedText:
    """The text of a code block."""
    first = token.map[0] if token.map else 0
    starts, shifts = [], []
    start = 0
    for number, line in enumerate(token.content.removesuffix("\n").split("\n"), first + 1):
        place = lines[number]
        # A line of the block ends a line of the file. What is before it may be shorter than it
        # seems: of a tab that is partly indent, the rest comes as spaces.
        for extra in range(len(line) - (place.end - place.start)):
            starts.append(start + extra)
            shifts.append(place.start - start - extra)
        starts.append(start + max(0, len(line) - (place.end - place.start)))
        shifts.append(place.end - len(line) - start)
        start += len(line) + 1
    if token.content.endswith("\n"):
        starts.append(start)
        shifts.append(place.end - start)
    return DecodedText(token.content, ((starts, shifts),))


def _blocks(text: str) -> tuple[list[_Block], tuple[Comment, ...]]:
    """Find the fenced blocks that are tagged as JSON or not at all, and the comments for us."""
    # It takes longer to import than all the rest of a run that needs no Markdown.
    from markdown_it import MarkdownIt

    # Neither rule decides where a block begins.
    parser = MarkdownIt("commonmark").disable(["inline", "reference"])
    lines = _lines(text)
    blocks: list[_Block] = []
    comments: list[Comment] = []
    waiting = 0  # the number of last comments that precede whatever comes next
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
                word = tag[1].lower() if tag else ""
                written = _text(token, lines)
                meant = excerpts.as_read(written)
                blocks.append(_Block(meant, _span(token, lines), word, meant is written))
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
