"""The statements of JavaScript and TypeScript that are outside of all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multitool_lint.syntax.javascript import ScriptToken

_DECLARES = frozenset({"const", "let", "var"})
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


def begins_statement(tokens: Sequence[ScriptToken], at: int) -> bool:
    """Whether a statement begins at a token that is always run, after those before it."""
    last = tokens[at - 1].text if at else ";"
    if last == ")":
        openings = [n for n in numbers_outside(tokens[: at - 1]) if tokens[n].text == "("]
        last = tokens[openings[-1] - 1].text if openings and openings[-1] else ";"
    return last not in _GOES_ON and last not in _BRANCHES


def declared(tokens: Sequence[ScriptToken], outer: Sequence[int], name: str) -> int:
    """The number of the token after the equals sign of the declaration of a name."""
    for number, at in enumerate(outer):
        if tokens[at].text == name and at and tokens[at - 1].text in _DECLARES:
            for sign in outer[number + 1 :]:
                if tokens[sign].begins_line or tokens[sign].text in ",;":
                    break  # it is declared without a value
                if tokens[sign].text == "=":
                    is_run = begins_statement(tokens, at - 1)
                    return sign + 1 if is_run else len(tokens)
            break
    return len(tokens)


def is_exported(tokens: Sequence[ScriptToken], value: int) -> bool:
    """Whether a value, which begins at a token, is that of a declaration that is exported."""
    words = [token.text for token in tokens[:value]]
    found = max((at for at, word in enumerate(words) if word in _DECLARES), default=0)
    return words[found - 1 : found] == ["export"]
