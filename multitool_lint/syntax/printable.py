"""Text that others wrote, as it can be shown: no terminal and no CI server obeys any of it.

Others write file names, policies and configurations, and messages of git quote these. GitHub's
runner obeys a line that begins with `::`, after blanks, and `##[` wherever that is in a line; the
agents of Azure Pipelines and TeamCity obey `##vso[` and `##teamcity[` there.
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
https://www.jetbrains.com/help/teamcity/service-messages.html
"""

from __future__ import annotations

import json
import os
import re

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_TEXT_CHARACTERS

MARK = r"##(?=\w*\[)"
"""The beginning of a command, wherever that is in a line, as a regular expression."""

OBEYED = lazy_pattern(rf"^[^\S\n]*::|{MARK}", re.MULTILINE)
"""The beginning of a command in lines; on GitHub, `\\r` ends a line as well."""

_COLOUR = lazy_pattern(
    "(\033\\[(?:[0-2]|(?:1;)?3[1-6])m)"
)  # no other, such as that which hides text
_MARK = lazy_pattern(MARK)
_IN_LINES = lazy_pattern(rf"[^\n\t\x20-\x7e]|^ *::|{MARK}", re.MULTILINE)
_IN_JSON = lazy_pattern(rf"[^\n\x20-\x7e]|{MARK}")


def printable(text: str, at_most: int = MAX_TEXT_CHARACTERS) -> str:
    """The text escaped, on one line, and cut if it is long: a message may quote any length."""
    if len(text) > at_most:
        half = at_most // 2
        text = f"{text[:half]}\N{HORIZONTAL ELLIPSIS}{text[-half:]}"
    return escaped(text)


def escaped(text: str) -> str:
    r"""The text on one line, with `\n`, `\x1b`, `\u202e` for what is not printable.

    That are controls, marks of direction, and half surrogate pairs, which represent the bytes of
    a file name that are not UTF-8. A backslash stays as it is: the text is to be read, not decoded.
    """
    return _without_commands(_escape(text))


def escaped_lines(text: str) -> str:
    """Lines of ours, which may have our colours and tabs, with what is left escaped."""
    if _is_plain(text) or not _IN_LINES.search(text):
        return text
    return "\n".join(_without_commands(_escape_uncoloured(line)) for line in text.split("\n"))


def _is_plain(text: str) -> bool:
    """Whether nothing in lines can be escaped, found out faster than by an expression."""
    return (
        text.isascii()
        and text.replace("\n", "").replace("\t", "").isprintable()
        and not text.startswith("::")
        and not any(begin in text for begin in ("\n::", " ::", "##"))
    )


def json_text(value: object, indent: int | None = None) -> str:
    r"""A value as JSON that can be printed, encoded as UTF-8, and read by every reader of JSON.

    What is not printable is escaped as JSON has it. Half of a surrogate pair, which strict readers
    refuse even if escaped, becomes text that shows it: the six characters `\ud800`.
    """
    return _IN_JSON.sub(_in_json, json.dumps(value, indent=indent, ensure_ascii=False))


def diff_name(path: str) -> str:
    """The name of a file in the header of a diff: where needed quoted, as git and patch read it."""
    if path.isprintable() and not path.startswith('"') and not _MARK.search(path):
        return path
    return f'"{"".join(map(_octal, os.fsencode(path)))}"'


def _octal(byte: int) -> str:
    character = chr(byte)
    is_plain = character.isascii() and character.isprintable() and character not in '"\\#'
    return character if is_plain else f"\\{byte:03o}"


def _escape(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )


def _escape_uncoloured(line: str) -> str:
    pieces = _COLOUR.split(line)
    pieces[::2] = ["\t".join(map(_escape, piece.split("\t"))) for piece in pieces[::2]]
    return "".join(pieces)


def _without_commands(line: str) -> str:
    line = _MARK.sub(r"\\x23#", line)
    text = line.lstrip()
    # A command has a second pair of colons: a place in another file has one triple.
    is_place = text.startswith("::: ") and "::" not in text[3:]
    return line if is_place or not text.startswith("::") else line.replace(":", r"\x3a", 1)


def _in_json(match: re.Match[str]) -> str:
    found = match[0]
    if found == "##":
        return r"\u0023#"
    if "\ud800" <= found <= "\udfff":
        return rf"\\u{ord(found):04x}"
    return found if found.isprintable() else json.dumps(found)[1:-1]
