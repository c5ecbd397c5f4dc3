"""What is wrong with a text that is not JSON, where, and what to write instead.

The expressions are compiled when they are asked, which most runs do not: most texts are JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final

from multitool_lint.syntax.source import Span


class MistakeError(Exception):
    """The first mistake of a text, at its place."""

    def __init__(self, span: Span, message: str) -> None:
        super().__init__(message)
        self.span = span
        self.message = message


class Due(Enum):
    """What the grammar allows next."""

    VALUE = "a value"
    KEY = "a key in double quotes"
    COLON = "a colon"
    DELIMITER = "a comma or a closing bracket"
    END = "the end"


Explain = Callable[[re.Match[str]], str]
Table = tuple[tuple[str, Explain], ...]

_SHOWN: Final = 60
_CLOSERS: Final = {"[": "]", "{": "}"}
_BRACKETS: Final = "]}"
_CONSTANTS: Final = {
    "true": "true",
    "false": "false",
    "null": "null",
    "none": "null",
    "undefined": "null",
}
_CONTROL_ESCAPES: Final = {"\t": r"\t", "\b": r"\b", "\f": r"\f"}
_GOOD_STRING: Final = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+'
_BROKEN_CODE: Final = r"\\u[0-9a-fA-F]{0,3}"
_WORD_TAIL: Final = r"[\w.+-]+\Z"
_GOES_ON: Final = r"[\w.+]"


def mistake(text: str, position: int, due: Due, brackets: list[int]) -> MistakeError:
    """What is wrong at `position`, where `due` was to come, within brackets that begin there."""
    if position >= len(text):
        return _unfinished(text, brackets)
    if due in (Due.VALUE, Due.KEY):
        special = _broken_string(text, position) or _trailing_comma(text, position)
    else:
        special = _glued(text, position)
    if special:
        return special
    for pattern, explain in _ANYWHERE + _WHERE_DUE[due]:
        match = re.compile(pattern, re.DOTALL).match(text, position)
        if match:
            return MistakeError(Span(*match.span()), explain(match))
    if text[position] in _BRACKETS:
        return _wrong_bracket(text, position, due, brackets)
    return _at(position, f"{_character(text[position])} where {due.value} should come")


def too_deep(position: int, limit: int) -> MistakeError:
    """Too many brackets for whoever walks the document."""
    return _at(position, f"arrays and objects nested deeper than {limit} levels; no policy is")


def too_much(position: int) -> MistakeError:
    """More than is sensible to hold in memory, each value with the keys that lead to it."""
    return _at(position, "far more values, or far longer keys, than any policy has")


def _at(position: int, message: str) -> MistakeError:
    return MistakeError(Span(position, position + 1), message)


def _unfinished(text: str, brackets: list[int]) -> MistakeError:
    if not brackets:
        return MistakeError(Span(0, len(text)), "nothing here; a policy begins with `{`")
    bracket = text[brackets[-1]]
    closer = _CLOSERS[bracket]
    return _at(brackets[-1], f"this `{bracket}` is never closed; write `{closer}` where it ends")


def _broken_string(text: str, start: int) -> MistakeError | None:
    good = re.compile(_GOOD_STRING).match(text, start)
    if not good:
        return None
    bad = good.end()
    character = text[bad : bad + 1]
    if not character or (character == "\\" and bad + 1 == len(text)):
        return MistakeError(Span(start, len(text)), 'a string that is never closed; write `"`')
    if character in "\r\n":
        message = r'a string that does not end on its line; close it with `"`, or write `\n`'
        return MistakeError(Span(start, bad), message)
    if character != "\\":
        escape = _CONTROL_ESCAPES.get(character, f"\\u{ord(character):04x}")
        return _at(bad, f"{_character(character)} in a string; write `{escape}`")
    return _broken_escape(text, bad)


def _broken_escape(text: str, start: int) -> MistakeError:
    code = re.compile(_BROKEN_CODE).match(text, start)
    if code:
        message = rf"`{code[0]}` is cut short; write `\u` and four hexadecimal digits"
        return MistakeError(Span(*code.span()), message)
    escaped = text[start + 1]
    cure = "write `'`" if escaped == "'" else r"write `\\` for a backslash"
    message = f"`\\{_printable(escaped)}` is no escape of JSON; {cure}"
    return MistakeError(Span(start, start + 2), message)


def _trailing_comma(text: str, position: int) -> MistakeError | None:
    before = text[:position].rstrip(" \t\r\n")
    if text[position] in _BRACKETS and before.endswith(","):
        return _at(len(before) - 1, "a comma after the last element; remove it")
    return None


def _glued(text: str, position: int) -> MistakeError | None:
    """What is wrong with a word that goes on where a string, a number or a constant was over."""
    if not re.compile(_GOES_ON).match(text, position):
        return None
    if text[position - 1] == '"':
        message = r"text right behind a string; write `\"` for a quote within it, or a comma"
        return _at(position, message)
    begin = max(position - _SHOWN, 0)
    head = re.search(_WORD_TAIL, text[begin:position])
    for pattern, explain in _WORDS if head else ():
        word = re.compile(pattern, re.DOTALL)
        match = word.match(text, begin + head.start()) if head else None
        if match:
            return MistakeError(Span(*match.span()), explain(match))
    return None


def _wrong_bracket(text: str, position: int, due: Due, brackets: list[int]) -> MistakeError:
    closer = text[position]
    if due is Due.END:
        return _at(position, f"one `{closer}` too many; remove it")
    if due is Due.COLON:
        return _at(position, f"`{closer}` where the last key has no value; write `:` and the value")
    opener = text[brackets[-1]] if brackets else ""
    if opener and _CLOSERS[opener] != closer:
        cure = f"write `{_CLOSERS[opener]}` first"
        return _at(position, f"`{closer}` while a `{opener}` is open; {cure}")
    return _at(position, f"`{closer}` where {due.value} should come")


def _printable(text: str) -> str:
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)


def _character(character: str) -> str:
    if character.isprintable():
        return f"`{character}`"
    import unicodedata

    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({name.lower()})"


def _say(message: str) -> Explain:
    return lambda match: message.replace("{}", _printable(match[0]))


def _requoted(match: re.Match[str]) -> str:
    content = match[1].replace('"', r"\"")
    return f'quotes that JSON does not have; write `"{_printable(content)}"`'


def _word(match: re.Match[str]) -> str:
    word = match[0]
    constant = _CONSTANTS.get(word.lower())
    if constant:
        return f"`{word}` is not JSON; write `{constant}`"
    return f'text without quotes; write `"{_printable(word)}"`'


def _number(match: re.Match[str]) -> str:
    number = match[0]
    shown = f"`{_printable(number)}` is no number of JSON"
    sign = "-" if number.startswith("-") else ""
    digits = number.lstrip("+-")
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}", digits):
        return f"{shown}; write `{int(number, 16)}`"
    if re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", digits):
        whole, dot, fraction = digits.partition(".")
        better = (whole.lstrip("0") or "0") + (dot + fraction if fraction else "")
        return f"{shown}; write `{sign}{_printable(better)}`"
    return f'{shown}; put text into double quotes: `"{_printable(number)}"`'


_ANYWHERE: Final[Table] = (
    (r"//[^\r\n]*+|#[^\r\n]*+|/\*(?:.*?\*/|.*+)", _say("JSON has no comments; remove it")),
    (r"'([^'\r\n]*+)'?", _requoted),
    (r"`([^`\r\n]*+)`?", _requoted),
    ('[\u201c-\u201f]([^\u201c-\u201f"\r\n]*+)[\u201c-\u201f"]?', _requoted),
    ("[\u2018-\u201b]([^\u2018-\u201b'\r\n]*+)[\u2018-\u201b']?", _requoted),
    (r"\.\.\.+|\u2026", _say("`{}` is not JSON; write out what it stands for")),
    (
        r"[^\S \t\r\n]|[\u200b-\u200f\u2060\ufeff]",
        lambda match: f"{_character(match[0])} is no white space of JSON; write a space",
    ),
    (
        r"\$\{|\{\{|\{%|<%|%\{",
        _say("`{}` begins a placeholder that is never closed, or stands where none can"),
    ),
)
_WORDS: Final[Table] = (
    (
        r"[+-]?(?:Infinity|NaN)\b",
        _say("`{}` is no number of JSON; write the number, or `null` for none"),
    ),
    (r"[+-]?\.?[0-9][\w.+-]*+|[+-]", _number),
    (r"[^\W\d][\w.:/*@$-]*+", _word),
)
_WHERE_DUE: Final[dict[Due, Table]] = {
    Due.VALUE: ((r"[,:]", _say("`{}` where a value should come")), *_WORDS),
    Due.KEY: (
        (r",", _say("a comma with nothing before it; remove it")),
        (
            r"[\w$][\w.*/@$-]*+(?::\w[\w.*/@$-]*+(?=\s*+:))?",
            _say('a key without quotes; write `"{}"`'),
        ),
    ),
    Due.COLON: (
        (r"=>?|:=", _say("`{}` between key and value; write `:`")),
        (r",", _say("`,` where the last key has no value; write `:` and the value")),
        (r'["\[{\w+-]', _say("a colon is missing before this; write `:` between key and value")),
    ),
    Due.DELIMITER: (
        (r"[;|]", _say("`{}` between elements; write `,`")),
        (r":", _say("`:` after a value; a key and its value stand in an object, in `{ }`")),
        (r'["\[{\w+-]', _say("a comma is missing before this; write `,`")),
    ),
    Due.END: (
        (r"[\[{]", _say("a second document; a file holds one, so write it into another file")),
        (r"[^\]}]", _say("text after the end of the document; remove it")),
    ),
}


def reject(constant: str) -> None:
    """Do not accept a constant such as NaN."""
    raise ValueError(constant)
