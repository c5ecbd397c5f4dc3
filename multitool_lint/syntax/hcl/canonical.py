"""Expressions of HCL without the differences that white space makes."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from multitool_lint.syntax.hcl.tree import File
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

_OPENS_TEXT = frozenset({"quoted_template_start", "template_interpolation_end", "template_literal"})
_ENDS_TEXT = frozenset({"quoted_template_end", "template_interpolation_start", "template_literal"})
_WITHOUT_SPACE_AFTER = frozenset({"(", "[", "{", ".", "!", "template_interpolation_start"})
_WITHOUT_SPACE_BEFORE = frozenset(
    {")", "]", "}", ".", ",", "[*]", ".*", "...", "template_interpolation_end"}
)
_IS_CLOSED = frozenset({"identifier", "]", ")"})
_KEPT = frozenset({"comment", "heredoc_identifier", "template_directive_start"})
_ONLY_PART = re.compile(r'"\$\{([^"{}]*)\}"')


@lru_cache(maxsize=4096)
def canonical(expression: str) -> str:
    """The same text for expressions that differ in white space only; else the text as it is."""
    file = File(Source("", f"x = {expression}\n"))
    tokens = list(_tokens(file.root))
    if file.root.has_error or any(token.type in _KEPT for token in tokens):
        return expression
    parts: list[str] = []
    for before, token in pairwise(tokens[1:]):
        if token.type in {"]", ")"} and before.type == ",":
            parts.pop()
        elif before.type in _OPENS_TEXT and token.type in _ENDS_TEXT:
            parts.append(file.data[before.end_byte : token.start_byte].decode())
        elif _has_space(before.type, token.type) and before is not tokens[1]:
            parts.append(" ")
        parts.append(file.text(token))
    text = "".join(parts)
    only = _ONLY_PART.fullmatch(text)
    return only[1] if only else text


def _has_space(before: str, after: str) -> bool:
    is_joined = before in _IS_CLOSED and after in {"(", "["}
    return not (is_joined or before in _WITHOUT_SPACE_AFTER or after in _WITHOUT_SPACE_BEFORE)


def _tokens(syntax: Syntax) -> Iterator[Syntax]:
    if not syntax.children:
        yield syntax
    for child in syntax.children:
        yield from _tokens(child)
