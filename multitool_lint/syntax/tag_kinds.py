"""What the tags of template engines do, by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from multitool_lint.syntax.source import Span

CLOSERS = {"{%": "%}", "{#": "#}", "<%": "%>", "{{": "}}"}
TRIM = "~-+ \t\r\n"
"""What the content of a tag may have around it."""
_OPENER = re.compile("|".join(map(re.escape, CLOSERS)))
_BRACE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|([{}])')
_KINDS = (
    ("nothing", r"!.*|/\*.*|(?:set\s+)?\$?[\w.]+\s*:?=[^=].*|(?:from|import|block)\s.*|endblock.*"),
    ("included", r"include\s.*"),
    ("else", r"else"),
    ("elif", r"(?:elif|elsif|else if)\b\s*(?P<condition>.+)"),
    ("unless", r"#?unless\b\s*(?P<condition>.+)|\^(?P<absent>.+)"),
    ("if", r"#?if\b\s*(?P<condition>.+)"),
    ("end", r"end(?:if|for|with|macro)?|/.*"),
    ("for", r"(?:#each|for|range|with|define|macro)\b.*|.*\bdo(?:\s*\|[^|]*\|)?"),
    ("if", r"#(?P<condition>.+)"),
)
"""What tags do, by what they begin with, in all of the languages."""


class Tag(NamedTuple):
    """A tag, and what it does: "" for one that is replaced by a value."""

    kind: str
    span: Span
    content: str


def tags_of(text: str) -> Iterator[Tag]:
    """The tags of a text that are not those of Terraform.

    Raises:
        ValueError: one is not closed.
    """
    at = 0
    while opener := _OPENER.search(text, at):
        start, at = opener.start(), tag_end(text, opener[0], opener.start())
        content = text[start + 2 : at - 2].strip(TRIM)
        kind = "nothing" if opener[0] == "{#" else tag_kind(content)[0]
        yield Tag("" if content.startswith("=") else kind, Span(start, at), content)


def tag_end(text: str, opener: str, start: int) -> int:
    """Where a tag ends."""
    if opener in CLOSERS:
        end = text.index(CLOSERS[opener], start + 2) + 2
        return end + (text.startswith("{{{", start) and text.startswith("}", end))
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1, None: 0}[brace[1]]
        if depth == 0 and brace[1]:
            return brace.end()
    raise ValueError("a tag is not closed")


def tag_kind(content: str) -> tuple[str, str]:
    """What a tag does, and on which condition; nothing for one that is not known."""
    for kind, pattern in _KINDS:
        match = re.fullmatch(pattern, content, re.DOTALL)
        if match:
            return kind, next(filter(None, match.groups()), "")
    return "", ""


def blank(text: str) -> str:
    """White space in the place of a text."""
    return re.sub(r"[^\r\n]", " ", text)
