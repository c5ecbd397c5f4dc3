"""Lines of YAML that are one action of a template, which writes further keys or items there.

https://helm.sh/docs/chart_template_guide/named_templates/
https://mustache.github.io/mustache.5.html
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_ACTION_LINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ACTION = re.compile(r"([ \t]*)(\{\{(?![#^/!]).*\}\})[ \t]*\r?\n?")
_INDENTED = re.compile(r"\bn?indent[ (]+(?:width=)?(\d{1,3})\b")
_BEGINS_TEXT = re.compile(r"(?:^|[:\s])[|>][-+\d]*(?:\s+#.*)?$")
_ITEM, _KEY = "- ", ":"
_FILLER = chr(0xE000 + ord("{"))


class _Line(NamedTuple):
    """A line with a key or an item: its indent, and the text after that."""

    indent: int
    text: str

    @property
    def column(self) -> int:
        """Where its key begins, which may be the first one of an item."""
        return self.indent + len(self.text) - len(self.text.removeprefix(_ITEM).lstrip())


def with_placeholders(text: str) -> tuple[str, Mapping[int, str]]:
    """The text with each such line as an item or a key, and what these say by their places.

    They are as the lines next to them. A line with none next to it is a value, and stays.
    """
    lines = text.splitlines(keepends=True)
    plain: list[_Line] = []
    actions: list[tuple[int, re.Match[str], int]] = []
    for number, line in enumerate(lines):
        content = line.strip()
        if match := _ACTION.fullmatch(line):
            actions.append((number, match, len(plain)))
        elif content and not content.startswith("#"):
            plain.append(_Line(len(line) - len(line.lstrip()), content))
    starts = [0, *accumulate(map(len, lines))]
    found: dict[int, str] = {}
    for number, match, place in actions[:MAX_ACTION_LINES]:
        form = _form(match, plain, place)
        room = match.end(2) - sum(map(len, form)) if form else 0
        if form and room > len(str(number)):
            before, after = form
            filler = str(number).rjust(room, _FILLER)
            lines[number] = f"{before}{filler}{after}{match[0][match.end(2) :]}"
            found[starts[number] + len(before)] = match[2]
    return "".join(lines), found


def _form(match: re.Match[str], plain: Sequence[_Line], place: int) -> tuple[str, str] | None:
    """What is before and after the placeholder of an action; None if it is a value as it is.

    The indent is the one that the action asks for, its own, or that of the line above.
    """
    asked = _INDENTED.search(match[2])
    indent = int(asked[1]) if asked else len(match[1])
    if not indent and place:
        above = plain[place - 1]
        if above.text.endswith(":"):
            return " " * (above.column + 1), ""  # its value
        indent = above.column
    sign = _sign(plain, place, indent)
    if not sign:
        return None
    return (" " * indent + _ITEM, "") if sign == _ITEM else (" " * indent, _KEY)


def _sign(plain: Sequence[_Line], place: int, indent: int) -> str:
    """How the line next to a place begins or ends that has this indent; empty if there is none."""
    found = ""
    within = indent
    for line in reversed(plain[:place]):
        if not found and within == indent and indent in (line.indent, line.column):
            is_item = line.indent == indent and line.text.startswith(_ITEM)
            found = _ITEM if is_item else _KEY
        if line.indent < within:
            if _BEGINS_TEXT.search(line.text):
                return ""
            within = line.indent
        if within == 0:
            break
    for line in plain[place:] if not found else ():
        if line.indent == indent:
            return _ITEM if line.text.startswith(_ITEM) else _KEY
        if line.indent < indent:
            break
    return found
