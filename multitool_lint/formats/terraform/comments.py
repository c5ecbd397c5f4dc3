"""Comments for this tool, and what they precede or follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.ignore_comment import is_ours
from multitool_lint.formats.result import Comment
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.tree import HclFile

_MENTION = re.compile(rb"multitool-lint")
_LINE = re.compile(rb"[^\r\n]*")
_BLANK = re.compile(rb"\s*")
_OTHER = re.compile(rb"(?:(?:#|//)[^\r\n]*|/\*(?s:.*?)\*/)\s*")


def comments(file: HclFile) -> list[Comment]:
    """The comments that are for this tool.

    One after something covers its line, one before something all of that: a statement, a block.
    """
    found: list[Comment] = []
    # From the end, so that of several in a row each covers what the next one does.
    covered: dict[int, Span | None] = {}
    for match in reversed(list(_MENTION.finditer(file.data))):
        syntax = file.root.descendant_for_byte_range(*match.span())
        if syntax is None or syntax.type != "comment" or syntax.start_byte in covered:
            continue
        covered[syntax.start_byte] = _covered(file, syntax, covered)
        text = file.text(syntax)
        text = text[2:-2] if text.startswith("/*") else text.lstrip("#/")
        if is_ours(text):
            found.append(Comment(file.span(syntax), text.strip(), covered[syntax.start_byte]))
    return found[::-1]


def _covered(file: HclFile, syntax: Syntax, known: Mapping[int, Span | None]) -> Span | None:
    data = file.data
    start = (
        max(data.rfind(b"\n", 0, syntax.start_byte), data.rfind(b"\r", 0, syntax.start_byte)) + 1
    )
    if data[start : syntax.start_byte].strip():
        line = _LINE.match(data, start)
        return Span(
            file.offset_in_file(start), file.offset_in_file(line.end() if line else syntax.end_byte)
        )
    offset = _end(_BLANK, data, syntax.end_byte)
    while offset not in known:
        end = _end(_OTHER, data, offset)
        if end == offset:
            return _beginning(file, offset)
        offset = end
    return known[offset]


def _end(pattern: re.Pattern[bytes], data: bytes, offset: int) -> int:
    match = pattern.match(data, offset)
    return match.end() if match else offset


def _beginning(file: HclFile, offset: int) -> Span | None:
    """The largest thing that begins at a place, the whole body of a block or a file aside."""
    syntax = file.root.descendant_for_byte_range(offset, offset + 1)
    found = None
    while syntax is not None and syntax.start_byte == offset and syntax.type not in _WHOLES:
        found = syntax
        syntax = syntax.parent
    if found is None or found.type in ("}", "]", ")") or found.type.endswith("_end"):
        return None
    return file.span(found)


_WHOLES = frozenset({"body", "config_file", "function_arguments"})
