"""What is wrong with a text that is not JSON, where, and what to write instead.

The expressions are compiled only on a mistake, as most texts are JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Repair(NamedTuple):
    """Where a text has a comment or a comma too much, or white space for a `comma` that is due."""

    start: int
    end: int
    comma: bool = False


class MistakeError(Exception):
    """The first mistake of a text, at its place: what is wrong, and what to do.

    `repair` is what to overwrite, if there is one correction.
    """

    def __init__(
        self, span: Span, message: str, help: str = "", repair: Repair | None = None
    ) -> None:
        super().__init__(f"{message}; {help}" if help else message)
        self.span = span
        self.message = message
        self.help = help
        self.repair = repair


class Due(Enum):
    """What the grammar allows next."""

    VALUE = "a value"
    KEY = "a key in double quotes"
    COLON = "a colon"
    DELIMITER = "a comma or a closing bracket"
    END = "the end"


Explain = Callable[[re.Match[str]], tuple[str, str]]
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
_COMMENT: Final = r"//[^\r\n]*+|#[^\r\n]*+|/\*(?:.*?\*/|.*+)"
_ELEMENTS: Final = '"[{'
_NO_COMMA: Final = ("A comma is missing here", "add `,`")


def mistake(text: str, position: int, due: Due, brackets: list[int]) -> MistakeError:
    """What is wrong at `position`, where `due` is expected; `brackets` are the open ones."""
    if position >= len(text):
        return _unfinished(text, brackets)
    found = _found(text, position, due, brackets)
    if due is Due.END:
        found.repair = found.repair or Repair(position, len(text))
    return found


def _found(text: str, position: int, due: Due, brackets: list[int]) -> MistakeError:
    if due in (Due.VALUE, Due.KEY):
        special = _broken_string(text, position) or _trailing_comma(text, position)
    else:
        special = _glued(text, position)
    special = special or _missing_comma(text, position, due) or _comment(text, position)
    if special:
        return special
    for pattern, explain in _ANYWHERE + _WHERE_DUE[due]:
        match = re.compile(pattern, re.DOTALL).match(text, position)
        if match:
            return MistakeError(Span(*match.span()), *explain(match))
    if text[position] in _BRACKETS:
        return _wrong_bracket(text, position, due, brackets)
    return _at(position, f"Expected {due.value}, found {_character(text[position])}")


def too_deep(position: int, limit: int) -> MistakeError:
    """More levels than a recursive function can handle."""
    return _at(position, f"Arrays and objects are nested more than {limit} levels deep")


def too_much(position: int) -> MistakeError:
    """More values, each with the keys that lead to it, than are kept in memory."""
    return _at(position, "The document has more values, or longer keys, than a policy can have")


def _at(position: int, message: str, help: str = "") -> MistakeError:
    return MistakeError(Span(position, position + 1), message, help)


def _unfinished(text: str, brackets: list[int]) -> MistakeError:
    if not brackets:
        return MistakeError(Span(0, len(text)), "The document is empty", "a policy begins with `{`")
    bracket = text[brackets[-1]]
    closer = _CLOSERS[bracket]
    return _at(brackets[-1], f"This `{bracket}` is not closed", f"add `{closer}` where it ends")


def _broken_string(text: str, start: int) -> MistakeError | None:
    good = re.compile(_GOOD_STRING).match(text, start)
    if not good:
        return None
    bad = good.end()
    character = text[bad : bad + 1]
    if not character or (character == "\\" and bad + 1 == len(text)):
        return MistakeError(
            Span(start, len(text)), "The string is not closed", 'add `"` at its end'
        )
    if character in "\r\n":
        advice = r'close it with `"`, or write `\n`'
        return MistakeError(Span(start, bad), "The string does not end on its line", advice)
    if character != "\\":
        escape = _CONTROL_ESCAPES.get(character, f"\\u{ord(character):04x}")
        return _at(bad, f"{_character(character)} is not allowed in a string", f"write `{escape}`")
    return _broken_escape(text, bad)


def _broken_escape(text: str, start: int) -> MistakeError:
    code = re.compile(_BROKEN_CODE).match(text, start)
    if code:
        advice = r"write `\u` and four hexadecimal digits"
        return MistakeError(Span(*code.span()), f"`{code[0]}` is not a complete escape", advice)
    escaped = text[start + 1]
    advice = "write `'`" if escaped == "'" else r"write `\\` for a backslash"
    message = f"`\\{_printable(escaped)}` is not a valid escape in JSON"
    return MistakeError(Span(start, start + 2), message, advice)


def _trailing_comma(text: str, position: int) -> MistakeError | None:
    before = text[:position].rstrip(" \t\r\n")
    if text[position] in _BRACKETS and before.endswith(","):
        comma = Span(len(before) - 1, len(before))
        message = "The last element is followed by a comma"
        return MistakeError(comma, message, "remove it", Repair(*comma))
    return None


def _missing_comma(text: str, position: int, due: Due) -> MistakeError | None:
    if due is not Due.DELIMITER or text[position] not in _ELEMENTS:
        return None
    spaced = text[position - 1].isspace()
    repair = Repair(position - 1, position, comma=True) if spaced else None
    return MistakeError(Span(position, position + 1), *_NO_COMMA, repair)


def _comment(text: str, position: int) -> MistakeError | None:
    found = re.compile(_COMMENT, re.DOTALL).match(text, position)
    if not found:
        return None
    span = Span(*found.span())
    return MistakeError(span, "JSON has no comments", "remove it", Repair(*span))


def _glued(text: str, position: int) -> MistakeError | None:
    """What is wrong with a word that follows a string, number or constant directly."""
    if not re.compile(_GOES_ON).match(text, position):
        return None
    if text[position - 1] == '"':
        advice = r"write `\"` for a quote in it, or add a comma"
        return _at(position, "A string is followed by text", advice)
    begin = max(position - _SHOWN, 0)
    head = re.search(_WORD_TAIL, text[begin:position])
    for pattern, explain in _WORDS if head else ():
        word = re.compile(pattern, re.DOTALL)
        match = word.match(text, begin + head.start()) if head else None
        if match:
            return MistakeError(Span(*match.span()), *explain(match))
    return None


def _wrong_bracket(text: str, position: int, due: Due, brackets: list[int]) -> MistakeError:
    closer = text[position]
    if due is Due.END:
        return _at(position, f"This `{closer}` closes nothing", "remove it")
    if due is Due.COLON:
        return _at(position, "The last key has no value", "add `:` and a value")
    opener = text[brackets[-1]] if brackets else ""
    if opener and _CLOSERS[opener] != closer:
        advice = f"add `{_CLOSERS[opener]}` first"
        return _at(position, f"`{closer}` does not close the open `{opener}`", advice)
    return _at(position, f"Expected {due.value}, found `{closer}`")


def _printable(text: str) -> str:
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)


def _character(character: str) -> str:
    if character.isprintable():
        return f"`{character}`"
    import unicodedata

    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({name.lower()})"


def _text(message: str, help: str = "") -> Explain:
    def explain(match: re.Match[str]) -> tuple[str, str]:
        found = _printable(match[0])
        return message.replace("{}", found), help.replace("{}", found)

    return explain


def _requoted(match: re.Match[str]) -> tuple[str, str]:
    content = match[1].replace('"', r"\"")
    return "A string in JSON must be in double quotes", f'write `"{_printable(content)}"`'


def _word(match: re.Match[str]) -> tuple[str, str]:
    word = match[0]
    constant = _CONSTANTS.get(word.lower())
    if constant:
        return f"`{word}` is not a valid value in JSON", f"write `{constant}`"
    return f"`{_printable(word)}` is not in double quotes", f'write `"{_printable(word)}"`'


def _number(match: re.Match[str]) -> tuple[str, str]:
    number = match[0]
    message = f"`{_printable(number)}` is not a valid number in JSON"
    sign = "-" if number.startswith("-") else ""
    digits = number.lstrip("+-")
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}", digits):
        return message, f"write `{int(number, 16)}`"
    if re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", digits):
        whole, dot, fraction = digits.partition(".")
        better = (whole.lstrip("0") or "0") + (dot + fraction if fraction else "")
        return message, f"write `{sign}{_printable(better)}`"
    return message, f'write text in double quotes: `"{_printable(number)}"`'


_ANYWHERE: Final[Table] = (
    (r"'([^'\r\n]*+)'?", _requoted),
    (r"`([^`\r\n]*+)`?", _requoted),
    ('[\u201c-\u201f]([^\u201c-\u201f"\r\n]*+)[\u201c-\u201f"]?', _requoted),
    ("[\u2018-\u201b]([^\u2018-\u201b'\r\n]*+)[\u2018-\u201b']?", _requoted),
    (r"\.\.\.+|\u2026", _text("`{}` is not valid in JSON", "add the elements that are left out")),
    (
        r"[^\S \t\r\n]|[\u200b-\u200f\u2060\ufeff]",
        lambda match: (f"{_character(match[0])} is not whitespace in JSON", "use a space"),
    ),
    (
        r"\$\{|\{\{|\{%|<%|%\{",
        _text("`{}` begins a placeholder that is not closed or not allowed here"),
    ),
)
_WORDS: Final[Table] = (
    (
        r"[+-]?(?:Infinity|NaN)\b",
        _text("`{}` is not a valid number in JSON", "use a number, or `null`"),
    ),
    (r"[+-]?\.?[0-9][\w.+-]*+|[+-]", _number),
    (r"[^\W\d][\w.:/*@$-]*+", _word),
)
_WHERE_DUE: Final[dict[Due, Table]] = {
    Due.VALUE: ((r"[,:]", _text("Expected a value, found `{}`")), *_WORDS),
    Due.KEY: (
        (r",", _text("The comma has no element before it", "remove it")),
        (
            r"[\w$][\w.*/@$-]*+(?::\w[\w.*/@$-]*+(?=\s*+:))?",
            _text("Key `{}` is not in double quotes", 'write `"{}"`'),
        ),
    ),
    Due.COLON: (
        (r"=>?|:=", _text("`{}` cannot separate a key and its value", "write `:`")),
        (r",", _text("The last key has no value", "add `:` and a value")),
        (r'["\[{\w+-]', _text("A colon is missing here", "add `:` between the key and its value")),
    ),
    Due.DELIMITER: (
        (r"[;|]", _text("`{}` cannot separate elements", "write `,`")),
        (r":", _text("A value is followed by `:`", "write a key and its value within `{ }`")),
        (r"[\w+-]", _text(*_NO_COMMA)),
    ),
    Due.END: (
        (r"[\[{]", _text("A second document begins here", "write it to another file")),
        (r"[^\]}]", _text("The document is followed by text", "remove it")),
    ),
}


def reject(constant: str) -> None:
    """Do not accept a constant such as NaN."""
    raise ValueError(constant)
