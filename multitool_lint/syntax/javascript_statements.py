"""The statements of JavaScript and TypeScript that are outside of all others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from multitool_lint.syntax.javascript import ScriptToken

_DECLARES = frozenset({"const", "let", "var"})
_BEFORE = 2
"""How many tokens before a name that is declared `export` is."""
_BRANCHES = frozenset({"await", "do", "else", "for", "if", "while", "with"})
_GOES_ON = frozenset("=+-*/%&|^!~?:,.<>([") | {"=>", "==", "===", "!=", "!==", "<=", ">=", "..."}
"""The tokens after which an expression goes on."""


def numbers_outside(tokens: Sequence[ScriptToken]) -> list[int]:
    """The numbers of the tokens outside of all brackets."""
    found, depth = [], 0
    for at, token in enumerate(tokens):
        depth -= token.text in (")", "]", "}")
        if not depth:
            found.append(at)
        depth += token.text in ("(", "[", "{")
    return found


def begins_statement(tokens: Sequence[ScriptToken], outer: Sequence[int], at: int) -> bool:
    """Whether a statement begins at a token that is always run, after those before it.

    The token and those before it are outside of all brackets, whose numbers are given.
    """
    last = tokens[at - 1].text if at else ";"
    number = bisect_left(outer, at) - 1
    if last == ")" and number > 0:
        opening = outer[number - 1]  # what is between is not outside
        last = tokens[opening - 1].text if opening else ";"
    return last not in _GOES_ON and last not in _BRANCHES


class Declaration(NamedTuple):
    """The number of the token where the value of a name begins, and whether it is exported."""

    at: int
    is_exported: bool


def declarations(tokens: Sequence[ScriptToken], outer: Sequence[int]) -> Mapping[str, Declaration]:
    """Those with a value, by the names."""
    found: dict[str, Declaration] = {}
    for number, at in enumerate(outer):
        if not at or tokens[at - 1].text not in _DECLARES:
            continue
        if begins_statement(tokens, outer, at - 1):
            value = _value(tokens, outer, number + 1)
            if value is not None:
                is_exported = at > 1 and tokens[at - _BEFORE].text == "export"
                found.setdefault(tokens[at].text, Declaration(value, is_exported))
    return found


def _value(tokens: Sequence[ScriptToken], outer: Sequence[int], number: int) -> int | None:
    """Where the value begins of what is declared before a number of an outer token."""
    for place in range(number, len(outer)):
        at = outer[place]
        token = tokens[at]
        if token.begins_line or token.text in ",;" or token.text in _DECLARES:
            return None
        if token.text == "=":
            return at + 1
    return None
