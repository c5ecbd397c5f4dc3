"""Policies in the fenced code blocks of Markdown files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from multitool_lint.formats import quick_tests
from multitool_lint.formats.code import read_page
from multitool_lint.formats.code_blocks import CodeBlock, lines_of
from multitool_lint.formats.names import Around
from multitool_lint.formats.result import Comment, ReadResult, collect, not_policy
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import DecodedText, DecodingStep
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

    from multitool_lint.formats.extract import Extractor

FORMAT: Final = "Markdown"

# The word may be in an attribute list, as in `{.json}`, and be followed by a title.
_TAG: Final = re.compile(r"\{?\s*\.?([\w+#-]+)(?=[\s,:;{}(\[=]|$)")
# What readers see between two blocks of code. HTML is not among it: a block may be folded by it.
_CONTENT: Final = frozenset({"paragraph_open", "heading_open", "hr"})
# Blocks of Jekyll and of Hugo, which are fences: https://jekyllrb.com/docs/liquid/tags/
_HIGHLIGHT: Final = re.compile(
    r"^([ \t>]*)\{(?:%|\{[<%]) *highlight +\"?([\w+#-]+)[^\r\n]*[%>]\}+(?=[ \t]*[\r\n])",
    re.MULTILINE,
)
_HIGHLIGHT_END: Final = re.compile(
    r"^([ \t>]*)(?:\{% *endhighlight *%\}|\{\{[<%] */ *highlight *[%>]\}\})(?=[ \t]*(?:[\r\n]|\Z))",
    re.MULTILINE,
)
# Of MyST and of AWS's workshops: https://mystmd.org/guide/directives
_DIRECTIVE: Final = re.compile(
    r"^(?P<before>[ \t>]*)(?P<colons>:{3,})(?:\{code(?:-block)?\}[ \t]*(?P<word>[\w+#-]*)[^\r\n]*"
    r"|code\b(?:[^\r\n]*?\blanguage=[\"']?(?P<language>[\w+#-]+))?[^\r\n]*)(?P<eol>\r?\n)"
    r"(?P<code>(?:(?![ \t>]*(?P=colons)(?:[ \t]*\r?$|\{?code))[^\n]*\n)*+)"
    r"[ \t>]*(?P=colons)(?=[ \t]*\r?$)",
    re.MULTILINE,
)
# A tag after a fence, such as `</details>`, is one of the page: no language is in angle brackets.
_FENCE_WITH_HTML: Final = re.compile(
    r"^([ \t>]*(?:`{3,}|~{3,}))</?\w+>(?=[ \t]*\r?$)", re.MULTILINE
)
_RAW: Final = re.compile(r"^[ \t>]*\{% *(?:end)?raw *%\}(?=[ \t]*(?:[\r\n]|\Z))", re.MULTILINE)
_CONTAINER: Final = re.compile(r"^ *(?:!!!|\?\?\?[+-]?|===[!+]?) +[\w\"]", re.MULTILINE)


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of a Markdown file, which are numbered if there are several."""
    text = extractor.source.text
    if not quick_tests.may_be_code_with_policies(text):
        return collect([not_policy(Span(0, len(text)), Reason.NO_CODE_BLOCK)], FORMAT)
    blocks, comments = code_blocks(text)
    return read_page(extractor, blocks, FORMAT, comments)


def _text(token: Token, lines: list[Span]) -> DecodedText:
    """The text of a code block."""
    first = token.map[0] if token.map else 0
    starts, shifts = [], []
    start = 0
    first += token.type == "fence"
    for number, line in enumerate(token.content.removesuffix("\n").split("\n"), first):
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
    return DecodedText(token.content, (DecodingStep(starts, shifts),))


def code_blocks(text: str) -> tuple[list[CodeBlock], tuple[Comment, ...]]:
    """Find the blocks of code, and the comments for us."""
    # It takes longer to import than all the rest of a run that needs no Markdown.
    from markdown_it import MarkdownIt

    # Neither rule decides where a block begins.
    parser = MarkdownIt("commonmark").disable(["inline", "reference"])
    lines = lines_of(text)
    blocks: list[CodeBlock] = []
    comments: list[Comment] = []
    waiting = 0  # the number of last comments that precede whatever comes next
    around = Around()
    level = 0  # of a heading
    page = _with_fences(text.removeprefix(BYTE_ORDER_MARK))
    for token in parser.parse(_without_containers(page)):
        if token.type == "html_block":
            found = _comments(token, text, lines)
            comments += found
            waiting += len(found)
            if "<pre" in token.content:
                html = CodeBlock(_text(token, lines), _span(token, lines), "html", around=around)
                blocks.append(html)
        elif token.type in ("fence", "code_block"):
            whole = _span(token, lines)
            for number in range(len(comments) - waiting, len(comments)):
                comments[number] = comments[number]._replace(covers=whole)
            waiting = 0
            tag = _TAG.match(token.info.strip())
            word = tag[1].lower() if tag else ""
            blocks.append(CodeBlock(_text(token, lines), whole, word, around=around))
        elif token.type in _CONTENT:
            waiting = 0
            level = int(token.tag[1:]) if token.type == "heading_open" else 0
        elif token.type == "inline":
            around = around.below(token.content, level)
    return blocks, tuple(comments)


def _with_fences(text: str) -> str:
    """The lines of a text, with fences for what else begins and ends blocks of code."""
    if ":::" in text:
        text = _DIRECTIVE.sub(_fenced, text)
    text = _FENCE_WITH_HTML.sub(r"\1", text)
    if "highlight" not in text:
        return text
    opened, number = _HIGHLIGHT.subn(r"\1~~~~\2", text)
    return _RAW.sub("", _HIGHLIGHT_END.sub(r"\1~~~~", opened)) if number else text


def _fenced(directive: re.Match[str]) -> str:
    before, code = directive["before"], directive["code"]
    word = directive["word"] or directive["language"] or ""
    return f"{before}~~~~{word}{directive['eol']}{code}{before}~~~~"


def _without_containers(text: str) -> str:
    """The lines of a text, those of admonitions and tabs of MkDocs without their indents.

    Every line has the same end: only what is before it becomes less.
    https://squidfunk.github.io/mkdocs-material/reference/admonitions/
    """
    if not _CONTAINER.search(text):
        return text
    lines = []
    indents: list[int] = []
    for line in re.findall(r"[^\r\n]*+(?:\r\n|\n|\r)|[^\r\n]++\Z", text):
        indent = len(line) - len(line.lstrip(" \t"))
        while line.strip() and indents and indent <= indents[-1]:
            indents.pop()
        shown = re.sub(rf"(?: {{4}}| {{0,3}}\t){{0,{len(indents)}}}", "", line, count=1)
        if _CONTAINER.match(shown):
            indents.append(indent)
            shown = shown[len(shown.rstrip("\r\n")) :]
        lines.append(shown)
    return "".join(lines)


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
