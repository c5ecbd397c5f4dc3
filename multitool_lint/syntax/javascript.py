"""Literals of JavaScript and TypeScript: what of a program is a value, and what is code.

A program that is not certainly understood is refused: a slash may divide, or begin a pattern.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_TREE_DEPTH

_TOKEN = lazy_pattern(
    r"(?P<space>[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)"
    r"|(?P<text>\"(?:[^\"\\\n\r]|\\.)*\"|'(?:[^'\\\n\r]|\\.)*')"
    r"|(?P<name>[#@]?[A-Za-z_$\x80-\uffff][\w$]*)"
    r"|(?P<number>\.?\d[\w.]*)"
    r"|(?P<template>`)"
    r"|(?P<other>\.\.\.|=>|\+\+|--|[<>!=]=+|[{}()\[\];,:.?=<>+\-*%&|^!~/])",
    re.DOTALL,
)
_PATTERN = lazy_pattern(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_ESCAPE = lazy_pattern(
    r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|(.))", re.DOTALL
)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
_BEFORE_PATTERNS = frozenset("(,=:[!&|?{;+-*%^~<>") | {"=>", "==", "===", "!=", "!==", "return"}
_COMMENT_OF_HTML = ("<!--", "-->")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_ENDS = {",", ";", *_CLOSING}
_WORDS = {"true": True, "false": False, "null": None}
_OF_LINE = frozenset({"return", "throw", "break", "continue", "yield", "async", "++", "--"})
"""The tokens after or before which the end of a line decides something."""
_ASSERTS = frozenset({"as", "satisfies"})
_CONTINUING = frozenset({"in", "instanceof", "of", *_ASSERTS})
_NUMBER = lazy_pattern(r"(?:0|[1-9]\d{0,14})(?:\.\d+)?")


class NotReadError(Exception):
    """A program is not certainly understood."""


class ScriptToken(NamedTuple):
    """A token of a kind, where it begins and ends, and whether it begins a line.

    A template has `parts`: texts, and the tokens of expressions.
    """

    kind: str
    text: str
    start: int
    end: int
    begins_line: bool
    parts: tuple[str | tuple[ScriptToken, ...], ...] = ()


class ScriptCode(NamedTuple):
    """An expression that is not a literal, perhaps in the module of another place."""

    tokens: tuple[ScriptToken, ...]
    place: str = ""


class TemplateLiteral(NamedTuple):
    """A text with expressions in it."""

    parts: tuple[str | ScriptCode, ...]


Literal = object
"""str | int | float | bool | None | list | dict | ScriptCode | TemplateLiteral."""


@lru_cache(maxsize=32)
def tokens_of(text: str) -> tuple[ScriptToken, ...]:
    """The tokens of a program, without its comments.

    Raises:
        NotReadError: it is not certainly understood.
    """
    if any(mark in text for mark in _COMMENT_OF_HTML):
        raise NotReadError
    found, end = _tokens(text, 0, 0)
    if end < len(text):
        raise NotReadError
    return found


def _tokens(text: str, at: int, depth: int) -> tuple[tuple[ScriptToken, ...], int]:
    """The tokens from an offset to the end, or to the brace that closes an expression."""
    if depth > MAX_TREE_DEPTH:
        raise NotReadError
    found: list[ScriptToken] = []
    braces, begins_line = 0, True
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotReadError
        kind, written, end = str(match.lastgroup), match[0], match.end()
        if kind == "space":
            begins_line |= any(mark in written for mark in "\n\r\u2028\u2029")
            at = end
            continue
        parts: tuple[str | tuple[ScriptToken, ...], ...] = ()
        if kind == "template":
            parts, end = _template(text, end, depth)
        elif written == "/":
            end = _end_of_slash(text, at, found)
        braces += (written == "{") - (written == "}")
        if braces < 0:
            break
        found.append(ScriptToken(kind, text[at:end], at, end, begins_line, parts))
        at, begins_line = end, False
    return tuple(found), at


def _end_of_slash(text: str, at: int, before: Sequence[ScriptToken]) -> int:
    """Where a pattern ends that a slash begins, or the slash that divides."""
    last = before[-1] if before else None
    if text.startswith("/*", at):
        raise NotReadError  # a comment without an end
    if last is None or last.text in _BEFORE_PATTERNS:
        match = _PATTERN.match(text, at)
        if match is None:
            raise NotReadError
        return match.end()
    if last.kind in ("number", "text") or last.text == "]":
        return at + 1
    raise NotReadError  # after a name, such as a keyword, or a parenthesis, it may be either


def _template(
    text: str, at: int, depth: int
) -> tuple[tuple[str | tuple[ScriptToken, ...], ...], int]:
    parts: list[str | tuple[ScriptToken, ...]] = []
    start = at
    while at < len(text):
        if text[at] == "`":
            return (*parts, decoded(text[start:at])), at + 1
        if text.startswith("${", at):
            parts.append(decoded(text[start:at]))
            inner, at = _tokens(text, at + 2, depth + 1)
            parts.append(inner)
            start = at + 1
        at += 2 if text[at : at + 1] == "\\" else 1
    raise NotReadError


def decoded(written: str) -> str:
    """What a text says between its quotes."""

    def replaced(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None and match[4].isdigit():
            raise NotReadError
        return chr(int(code, 16)) if code else _ESCAPED.get(match[4], match[4])

    try:
        return _ESCAPE.sub(replaced, written) if "\\" in written else written
    except (ValueError, OverflowError):
        raise NotReadError from None


def names_in(tokens: Sequence[ScriptToken]) -> Iterator[str]:
    """The names in tokens, also in the expressions of templates."""
    for token in all_of(tokens):
        if token.kind == "name":
            yield token.text


def all_of(tokens: Sequence[ScriptToken]) -> Iterator[ScriptToken]:
    """The tokens, with those in templates."""
    for token in tokens:
        yield token
        for part in token.parts:
            if not isinstance(part, str):
                yield from all_of(part)


def content_of(tokens: Sequence[ScriptToken]) -> str:
    """What is equal for the same code, whatever its white space and quotes."""
    found: list[str] = []
    for number, token in enumerate(tokens):
        before = tokens[number - 1].text if number else ""
        if token.begins_line and not _OF_LINE.isdisjoint({before, token.text}):
            found.append("\n")
        if token.kind == "text":
            found.append(json.dumps(decoded(token.text[1:-1])))
        elif token.parts:
            parts = (json.dumps(p) if isinstance(p, str) else content_of(p) for p in token.parts)
            found.append(f"`{' $ '.join(parts)}`")
        else:
            found.append(token.text)
    return " ".join(found)


class _NotLiteralError(Exception):
    """A value is code."""


def literal_at(tokens: Sequence[ScriptToken], at: int, depth: int = 0) -> tuple[Literal, int]:
    """The value of the expression that begins at a number of a token, and where it ends.

    Raises:
        NotReadError: it is nested deeper than is read.
    """
    if depth > MAX_TREE_DEPTH:
        raise NotReadError
    try:
        value, end = _literal(tokens, at, depth)
        end = _after_assertion(tokens, end)
        if _is_end(tokens, end):
            return value, end
    except (_NotLiteralError, IndexError):
        pass
    end, inner = at, 0
    while end < len(tokens) and (inner or tokens[end].text not in _ENDS):
        inner += (tokens[end].text in _OPENING) - (tokens[end].text in _CLOSING)
        end += 1
    return ScriptCode(tuple(tokens[at:end])), end


def _is_end(tokens: Sequence[ScriptToken], at: int) -> bool:
    """Whether an expression ends before a token: a name on a line of its own begins another."""
    if at >= len(tokens) or tokens[at].text in _ENDS:
        return True
    token = tokens[at]
    return token.begins_line and token.kind == "name" and token.text not in _CONTINUING


def _after_assertion(tokens: Sequence[ScriptToken], at: int) -> int:
    """Where an expression ends with the type that it is said to be of."""
    while at < len(tokens) and tokens[at].text in _ASSERTS:
        at += 2
        while at < len(tokens) and tokens[at].text == ".":
            at += 2
    return at


def _literal(tokens: Sequence[ScriptToken], at: int, depth: int) -> tuple[Literal, int]:
    token = tokens[at]
    if token.text == "[":
        return _array(tokens, at + 1, depth + 1)
    if token.text == "{":
        return _object(tokens, at + 1, depth + 1)
    if token.text == "-" and _NUMBER.fullmatch(tokens[at + 1].text):
        return json.loads(f"-{tokens[at + 1].text}"), at + 2
    return _scalar(token), at + 1


def _scalar(token: ScriptToken) -> Literal:
    if token.kind == "text":
        return decoded(token.text[1:-1])
    if token.kind == "template":
        parts = tuple(part if isinstance(part, str) else ScriptCode(part) for part in token.parts)
        return parts[0] if len(parts) == 1 else TemplateLiteral(parts)
    if _NUMBER.fullmatch(token.text):
        return json.loads(token.text)
    if token.text in _WORDS:
        return _WORDS[token.text]
    raise _NotLiteralError


def _array(tokens: Sequence[ScriptToken], at: int, depth: int) -> tuple[list[Literal], int]:
    found: list[Literal] = []
    while tokens[at].text != "]":
        item, at = literal_at(tokens, at, depth)
        if item == ScriptCode(()):  # nothing between two commas
            raise _NotLiteralError
        found.append(item)
        at = _next(tokens, at, "]")
    return found, at + 1


def _object(tokens: Sequence[ScriptToken], at: int, depth: int) -> tuple[dict[str, Literal], int]:
    found: dict[str, Literal] = {}
    while tokens[at].text != "}":
        key, after = tokens[at], tokens[at + 1].text
        is_key = key.kind in ("name", "text") or key.text.isdecimal()
        if not is_key or after not in (":", ",", "}"):
            raise _NotLiteralError
        name = decoded(key.text[1:-1]) if key.kind == "text" else key.text
        if name in found or name == "__proto__" or (after != ":" and key.kind != "name"):
            raise _NotLiteralError
        if after == ":":
            found[name], at = literal_at(tokens, at + 2, depth)
        else:
            found[name], at = ScriptCode((key,)), at + 1
        at = _next(tokens, at, "}")
    return found, at + 1


def _next(tokens: Sequence[ScriptToken], at: int, end: str) -> int:
    """Where the next item or member begins, or the end."""
    if tokens[at].text == ",":
        return at + 1
    if tokens[at].text != end:
        raise _NotLiteralError
    return at
