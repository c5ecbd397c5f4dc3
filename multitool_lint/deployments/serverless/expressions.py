"""The variables in texts of the Serverless Framework.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from multitool_lint.syntax.terms import Encoded, Text, Unknown, Value
from multitool_lint.syntax.texts import joined

_START = re.compile(r"\$\{(?=\s*(?:[A-Za-z][\w-]*\s*(?:\(|:(?!:))|['\"]))")
_INNER = re.compile(r"\$\{|\}|'[^']*'|\"[^\"]*\"")
_BETWEEN = re.compile(r"\$\{|[(}),]|'[^']*'|\"[^\"]*\"")
_OPENING = ("${", "(")


class Variable(NamedTuple):
    """A variable: what is between its braces."""

    body: str


def parts_of(text: str) -> Iterator[str | Variable]:
    """The parts of a text: literals and variables, which `${AWS::Region}` is none of."""
    end = 0
    while (start := _START.search(text, end)) is not None:
        close = _close(text, start.end())
        if close is None:
            break
        if start.start() > end:
            yield text[end : start.start()]
        yield Variable(text[start.end() : close].strip())
        end = close + 1
    if end < len(text):
        yield text[end:]


def _close(text: str, at: int) -> int | None:
    """Where the brace is that closes a variable."""
    depth = 0
    for match in _INNER.finditer(text, at):
        if match[0] == "${":
            depth += 1
        elif match[0] == "}":
            if not depth:
                return match.start()
            depth -= 1
    return None


def sources_of(body: str) -> list[str]:
    """The sources of a variable, of which the first that has a value counts."""
    depth, start, found = 0, 0, []
    for match in _BETWEEN.finditer(body):
        if match[0] in _OPENING:
            depth += 1
        elif match[0] in ("}", ")"):
            depth -= 1
        elif match[0] == "," and not depth:
            found.append(body[start : match.start()].strip())
            start = match.end()
    return [*found, body[start:].strip()]


class Address(NamedTuple):
    """What a source is asked for: its type, and what is between parentheses and after the colon.

    `keys` are the parts between dots; one that is not known is a term.
    """

    type: str
    given: Value
    keys: Sequence[Value]

    @property
    def key(self) -> Value:
        """What is after the colon, as a whole."""
        return joined([part for key in self.keys for part in (".", key)][1:])


_TYPE = re.compile(r"([A-Za-z][\w-]*)\s*([(:])")


def address_of(value: Value) -> Address | None:
    """The address that a source is; None for a literal, and for what has a type of another form."""
    parts: list[str | Unknown | Encoded] = [
        *(value.parts if isinstance(value, Text) else (value,) if isinstance(value, str) else ())
    ]
    head = parts[0] if parts else None
    match = _TYPE.match(head) if isinstance(head, str) else None
    if match is None or not isinstance(head, str):
        return None
    left: list[str | Unknown | Encoded] = [head[match.end() :], *parts[1:]]
    given: list[str | Unknown | Encoded] = []
    if match[2] == "(":
        while left and not (isinstance(left[0], str) and ")" in left[0]):
            given.append(left.pop(0))
        if not left:
            return None
        before, _, after = str(left[0]).partition(")")
        given.append(before.strip())
        left[0] = after.strip().removeprefix(":")
    return Address(match[1], joined(given), _keys(left))


def _keys(parts: Sequence[str | Unknown | Encoded]) -> list[Value]:
    """The steps of a path, between dots in its literal parts."""
    steps: list[list[Value]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            steps[-1].append(part)
            continue
        first, *others = part.strip().split(".")
        steps[-1].append(first)
        steps += [[other] for other in others]
    found = [joined(step) for step in steps]
    return [key for key in found if key != ""]
