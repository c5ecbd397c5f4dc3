"""Expressions of HCL without the differences that white space makes, and calls that make texts."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_EXPRESSION_DEPTH
from multitool_lint.syntax.hcl.tree import HclFile, significant, tokens_of
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

_OPENS_TEXT = frozenset({"quoted_template_start", "template_interpolation_end", "template_literal"})
_ENDS_TEXT = frozenset({"quoted_template_end", "template_interpolation_start", "template_literal"})
_WITHOUT_SPACE_AFTER = frozenset({"(", "[", "{", ".", "!", "template_interpolation_start"})
_WITHOUT_SPACE_BEFORE = frozenset(
    {")", "]", "}", ".", ",", "[*]", ".*", "...", "template_interpolation_end"}
)
_IS_CLOSED = frozenset({"identifier", "]", ")"})
_KEPT = frozenset({"comment", "heredoc_identifier", "template_directive_start"})
_MAKERS = ("format(", "join(")
_LITERAL = re.compile(r'"((?:[^"\\$%]|\\.|%[^{])*)"')
_VERB = re.compile(r"(%.)")
_TEMPLATE = re.compile(r'"(?:[^"\\{}]|\\.|\$\{[^"{}]*\})*"')
_ONLY_PART = re.compile(r'"\$\{([^"{}]*)\}"')


@lru_cache(maxsize=4096)
def canonical(expression: str) -> str:
    """The same text for expressions that differ in white space only; else the text as it is.

    A text that `format` or `join` puts together is a template with the same parts.
    """
    file = HclFile(Source("", f"x = {expression}\n"))
    is_call = expression.startswith(_MAKERS) and expression.count("(") <= MAX_EXPRESSION_DEPTH
    template = _made_text(file) if is_call else None
    if template is not None:
        return canonical(template)
    tokens = list(tokens_of(file.root))
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


def _made_text(file: HclFile) -> str | None:
    """The template that is the same as a call of a function that puts texts together.

    Terraform: https://developer.hashicorp.com/terraform/language/functions/format
    """
    attributes = list(file.attributes(file.root))
    calls = significant(attributes[0].value) if len(attributes) == 1 else []
    if file.root.has_error or [call.type for call in calls] != ["function_call"]:
        return None
    name, *arguments = significant(calls[0])
    parts = significant(arguments[0]) if arguments else []
    plain = all(part.type == "expression" for part in parts)
    given = [file.text(part) for part in parts] if plain else []
    literal = _LITERAL.fullmatch(given[0]) if given else None
    if literal is None:
        return None
    if file.text(name) == "join":
        items = _items(file, parts[1:])
        made = literal[1].join(map(_part, items)) if items else None
    else:
        pieces = _VERB.split(literal[1])
        verbs, values = pieces[1::2], list(map(_part, given[1:]))
        if any(verb not in ("%s", "%%") for verb in verbs) or verbs.count("%s") != len(values):
            return None
        rest = iter(values)
        filled = [next(rest) if verb == "%s" else "%" for verb in verbs]
        made = "".join(
            text for pair in zip(pieces[::2], [*filled, ""], strict=True) for text in pair
        )
    return None if made is None else f'"{made}"'


def _items(file: HclFile, arguments: list[Syntax]) -> list[str]:
    """The items of a list that is the only argument, as they are written."""
    syntax = _unwrapped(arguments[0]) if len(arguments) == 1 else None
    if syntax is None or syntax.type != "tuple":
        return []
    return [file.text(item) for item in significant(syntax) if item.type == "expression"]


def _unwrapped(syntax: Syntax) -> Syntax:
    """What an expression, or what is in parentheses, consists of."""
    while syntax.type in {"expression", "collection_value"}:
        parts = significant(syntax)
        if len(parts) != 1:
            break
        syntax = parts[0]
    return syntax


def _part(expression: str) -> str:
    """An expression as a part of a template."""
    written = canonical(expression)
    is_text = written.startswith('"') and _TEMPLATE.fullmatch(written) is not None
    return written[1:-1] if is_text else f"${{{written}}}"


def _has_space(before: str, after: str) -> bool:
    is_joined = before in _IS_CLOSED and after in {"(", "["}
    return not (is_joined or before in _WITHOUT_SPACE_AFTER or after in _WITHOUT_SPACE_BEFORE)
