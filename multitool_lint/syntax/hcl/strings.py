"""What strings and heredocs of Terraform's language say, with the way back to the file.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.decoded_text import DecodedText
from multitool_lint.syntax.hcl.tree import significant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.tree import File

_QUOTED_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([$%])\4\{')
_HEREDOC_ESCAPE = re.compile(r"()()()([$%])\4\{")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_HIGHEST = 0x10FFFF


class Part(NamedTuple):
    """A part of a template: what the text says from `start` to `end`, or an expression there."""

    start: int
    end: int
    expression: Syntax | None


def template(value: Syntax) -> Syntax | None:
    """The string or heredoc that an expression is, if it is one."""
    while value.type in ("expression", "literal_value", "template_expr"):
        parts = significant(value)
        if len(parts) != 1:
            return None
        value = parts[0]
    return value if value.type in ("string_lit", "quoted_template", "heredoc_template") else None


def wrapped(syntax: Syntax) -> Syntax | None:
    """The expression of a string that is nothing but one, as in `"${var.x}"`."""
    inner = [
        child for child in syntax.named_children if not child.type.startswith("quoted_template_")
    ]
    if syntax.type != "quoted_template" or len(inner) != 1:
        return None
    return _expression(inner[0]) if inner[0].type == "template_interpolation" else None


def has_directives(syntax: Syntax) -> bool:
    """Whether a template decides with `%{ if }` or `%{ for }` what is there at all."""
    return any(child.type == "template_directive" for child in syntax.named_children)


def text_of(file: File, syntax: Syntax, known: Callable[[Syntax], str]) -> DecodedText:
    """What a template says; `known` tells what an expression in it comes to."""
    heredoc = syntax.type == "heredoc_template"
    escape = _HEREDOC_ESCAPE if heredoc else _QUOTED_ESCAPE
    writer = _Writer(file.source.text, *_inside(file, syntax))
    for child in syntax.named_children:
        if child.type == "template_interpolation":
            start, end = file.span(child)
            writer.plain(start, escape)
            expression = _expression(child)
            writer.put("" if expression is None else known(expression), end)
    writer.plain(writer.end, escape)
    return DecodedText("".join(writer.pieces), ((writer.starts, writer.shifts),))


def _expression(interpolation: Syntax) -> Syntax | None:
    if interpolation.type != "template_interpolation":
        return None
    parts = [part for part in significant(interpolation) if part.type == "expression"]
    return parts[0] if parts else None


def _inside(file: File, syntax: Syntax) -> tuple[int, int]:
    """Where the text of a template begins and ends."""
    start, end = file.span(syntax)
    if syntax.type != "heredoc_template":
        return start + 1, end - 1
    names = [child for child in syntax.named_children if child.type == "heredoc_identifier"]
    line_end = file.source.text.find("\n", file.span(names[0]).end) + 1
    return (line_end, max(line_end, file.span(names[-1]).start)) if line_end else (end, end)


class _Writer:
    """What a template says, put together piece by piece, and the way back to the file."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.end = end
        self.pieces: list[str] = []
        self.starts = [0]
        self.shifts = [start]
        self.length = 0

    def plain(self, end: int, escape: re.Pattern[str]) -> None:
        """Take over what stands there up to an offset, escapes resolved."""
        for match in escape.finditer(self.text, self.at, end):
            self._copy(match.start())
            self.put(_meant(match), match.end())
        self._copy(end)

    def _copy(self, end: int) -> None:
        if end > self.at:
            self.pieces.append(self.text[self.at : end])
            self.length += end - self.at
            self.at = end

    def put(self, text: str, end: int) -> None:
        """Put a text in the place of what stands there up to an offset."""
        # Its characters all stand where the whole of it begins, but for the last: it ends there.
        for number in range(len(text)):
            self.starts.append(self.length + number)
            self.shifts.append(self.at - self.length - number)
        self.pieces.append(text)
        self.length += len(text)
        self.at = end
        self.starts.append(self.length)
        self.shifts.append(end - self.length)


def _meant(match: re.Match[str]) -> str:
    letter, short, long, sign = match.groups()
    if sign:
        return f"{sign}{{"
    if letter:
        return _LETTERS.get(letter, letter)
    number = int(short or long, 16)
    surrogate = 0xD800 <= number <= 0xDFFF  # noqa: PLR2004 - as Unicode has them
    return "\N{REPLACEMENT CHARACTER}" if surrogate or number > _HIGHEST else chr(number)
