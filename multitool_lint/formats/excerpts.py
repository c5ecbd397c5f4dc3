"""JSON of documentation as its readers understand it.

A comment explains, dots or the name of a placeholder mean a part that is left out, and a backslash
before punctuation is for the generator of the page. A block may have statements without a policy
around them. All of these are mistakes in a file of JSON.
"""

from __future__ import annotations

import json
import re
from collections import deque

from multitool_lint.formats import policy_texts, recognize
from multitool_lint.formats.quick_tests import DOCUMENT_TYPE
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.placeholder_forms import DOTS
from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.tree import Node

_NAME = lazy_pattern(r'"(?:[A-Za-z0-9-]+:[A-Za-z0-9*?]+|\*)"')
"""An action of AWS, or everything."""

_NOTE = lazy_pattern(r"(?:[-*+>#]+[ \t]+)?[A-Za-z]")
"""How a line for people begins that follows JSON."""

_STATEMENT_BLOCK = lazy_pattern(r"(?:\s|(?://|#)[^\n]*\n)*+statement\s*+\{")

_HINT = lazy_pattern(r"//|#|/\*|<|\.\.\.|\u2026|\\[^\"\\/bfnrtu\s]|\{\s*[A-Za-z]")
_TOKEN = lazy_pattern(
    r"(?P<string>\"[^\"\\\r\n]*+(?:\\.[^\"\\\r\n]*+)*+\")"
    r"|(?P<comment>//[^\r\n]*+|\#(?!\{)[^\r\n]*+|/\*(?:.*?\*/|.*+)|<!--(?:.*?-->|.*+))"
    # An object has a quote after its brace, or a colon.
    rf"|(?P<gap>(?:{DOTS})[\w \t.()'\u2026-]*+|"
    r"</?[A-Za-z][^<>\"\r\n]*>|\{\{\s*[A-Za-z.][^{}\":\r\n]*\}\}|\$?\{\s*[A-Za-z][^{}\":\r\n]*\})"
    r"|(?P<mark>\S)",
    re.DOTALL,
)
_AROUND_COMMENT = "/#*<!-> \t\r\n"
_ELLIPSES = ("...", "\u2026")
_ESCAPE = lazy_pattern(r"\\([^\"\\]|.)", re.DOTALL)
_OF_GENERATOR = frozenset(":*_$<>{}[]#|~&@-")
_LEFT_OUT = '"{{ ... }}"'
_CLOSED, _ENDS = ("/*", "<!--"), ("*/", "-->")
_CLOSERS = {"{": "}", "[": "]"}


def as_read(text: DecodedText) -> DecodedText:
    """The JSON that a block means; itself if it means what it says.

    A part that is left out becomes a placeholder: what contains it is unknown.
    """
    if not _HINT.search(text.text):
        return text
    return _Reader(text).read()


def documents_in(text: DecodedText, *, notes: bool = False) -> list[DecodedText]:
    """The documents of JSON that a text has one after the other; none if it has anything else.

    With `notes`, lines for people may follow them.
    """
    decoder = json.JSONDecoder()
    found: list[DecodedText] = []
    end = len(text.text) - len(text.text.lstrip())
    while end < len(text.text):
        start = end
        try:
            _, end = decoder.raw_decode(text.text, start)
        except (ValueError, RecursionError):
            rest = text.text[start:]
            is_note = notes and _NOTE.match(rest) and "\n" in text.text[:start].rpartition("}")[2]
            return found if is_note and not recognize.seems_to_have_policy(rest) else []
        found.append(Decoder(text.text, start, end).decoded(text.steps))
        while text.text[end : end + 1].isspace():
            end += 1
    return found


def statements_in(text: DecodedText) -> tuple[Node, DecodedText] | None:
    """The policy of statements alone, and their text as JSON; they may be part of a list."""
    if not (recognize.has_statement_keys(text.text) and _NAME.search(text.text)):
        return None
    first = text.text.lstrip()[:1]
    for brackets in ("{}",) if first == '"' else ("", "[]"):
        decoder = Decoder(text.text, 0, len(text.text))
        if brackets:
            decoder.put(brackets[0], 0)
            decoder.copy(len(text.text.rstrip().removesuffix(",")))
            decoder.put(brackets[1], len(text.text))
        inner = decoder.decoded(text.steps)
        root = policy_texts.statements_of(inner.text, within="Statement" if first == '"' else None)
        if root:
            return root, inner
    return None


def data_source_of(text: DecodedText) -> DecodedText | None:
    """The data source of Terraform that blocks of statements alone belong in; None for others."""
    if not _STATEMENT_BLOCK.match(text.text):
        return None
    decoder = Decoder(text.text, 0, len(text.text))
    decoder.put(f'data "{DOCUMENT_TYPE}" "statement" {{', 0)
    decoder.copy(len(text.text))
    decoder.put("\n}", len(text.text))
    return decoder.decoded(text.steps)


class _Reader:
    """Puts the JSON of a block together, token by token."""

    def __init__(self, text: DecodedText) -> None:
        self._text = text
        self._decoder = Decoder(text.text, 0, len(text.text))
        self._comments: deque[re.Match[str]] = deque()
        self._open: list[str] = []

    def read(self) -> DecodedText:
        tokens: list[tuple[re.Match[str], str]] = []
        for match in _TOKEN.finditer(self._text.text):
            text = match[0]
            # Of what is never closed, it is not known where it ends.
            if text == '"' or (text.startswith(_CLOSED) and not text.endswith(_ENDS)):
                return self._text
            kind = str(match.lastgroup)
            if _leaves_out(text, kind):
                tokens.append((match, "gap"))
            elif kind == "comment":
                self._comments.append(match)
            else:
                tokens.append((match, kind))
        first = [match[0][0] for match, _ in tokens]
        for token, before, after in zip(tokens, ["", *first], [*first[1:], ""], strict=False):
            self._token(*token, before, after)
        self._copy(len(self._text.text))
        read = self._decoder.decoded(self._text.steps)
        return self._text if read.text == self._text.text else read

    def _token(self, match: re.Match[str], kind: str, before: str, after: str) -> None:
        text = match[0]
        self._copy(match.start())
        if kind == "gap" and not (text[0] == '"' and after == ":"):
            self._decoder.put(self._left_out(before, after), match.end())
        elif kind == "string":
            self._decoder.sub(_ESCAPE, _unescaped, match.end())
        elif text in _CLOSERS:
            self._open.append(text)
        elif self._open and text == _CLOSERS[self._open[-1]]:
            self._open.pop()

    def _copy(self, end: int) -> None:
        """Copy the text up to an offset, without its comments."""
        while self._comments and self._comments[0].start() < end:
            comment = self._comments.popleft()
            self._decoder.copy(comment.start())
            self._decoder.put(" ", comment.end())
        self._decoder.copy(end)

    def _left_out(self, before: str, after: str) -> str:
        """What is written for a part that is left out between two tokens."""
        if not self._open:
            return " "
        is_member = self._open[-1] == "{" and before != ":"
        return (
            f"{'' if before in ('[', '{', ',', ':') else ','}"
            f"{_LEFT_OUT}{': 0' if is_member else ''}"
            f"{'' if after in (']', '}', ',', '') else ','}"
        )


def _leaves_out(text: str, kind: str) -> bool:
    """Whether a comment begins or ends in dots, or a string has nothing else."""
    if kind == "comment":
        text = text.strip(_AROUND_COMMENT)
        return text.startswith(_ELLIPSES) or text.endswith(_ELLIPSES)
    return kind == "string" and text.strip('" ') in _ELLIPSES


def _unescaped(match: re.Match[str]) -> str:
    return match[1] if match[1] in _OF_GENERATOR else match[0]
