"""What a script gives its variables, and fetches into its files.

What a command is given by the name of a variable or file is something else where such a line is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_COMMAND_CHARACTERS, MAX_NAMING_CHARACTERS
from multitool_lint.syntax.source import Span

LINE = lazy_pattern(r"(?:[ \t]`\r?\n|[^\n\\]|\\[^\n]|\\\r?\n|\n(?=[ \t]*--))*+")
"""A line with those that continue it, in a shell or PowerShell."""
VARIABLE = lazy_pattern(r"\$[{(]*(\w+)")
_ASSIGNED = lazy_pattern(r"(?<!\w)(\w++)['\"]?[ \t]*+(?:[:+]?=|:\s|in\b)")
_QUOTED = lazy_pattern(r'"(\$(?:\w+|\{\w+\}|\([^"\n]*\)))"')
_INNER_SPACE = lazy_pattern(r"(?<=\$\()[ \t]+|(?<![ \t])[ \t]+(?=\))")
_EXPORT = "export "
_FETCHED = lazy_pattern(r"""(?:https?|s3)://[^\s"']*""")
_WRITTEN = lazy_pattern(
    r"""(?:>++|(?<!\S)-(?:o|-output(?:-document)?|OutFile|Destination)(?![\w-])|\btee\b)[\s="']*+"""
    r"""([^\s"'>|;&)]++)""",
    re.IGNORECASE,
)
"""The file that a line puts something into, or the variable with its path."""


@lru_cache(maxsize=64)
def given(text: str, names: frozenset[str]) -> str:
    """The lines that give values to variables of a script, and to those in these values."""
    lines_of = assigned(text)
    waiting, found = list(names), dict.fromkeys(names)
    while waiting:
        used = [name for line in lines_of.get(waiting.pop(), ()) for name in VARIABLE.findall(line)]
        new = [name for name in dict.fromkeys(used) if name not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return "\n".join(line for name in sorted(found) for line in lines_of.get(name, ()))


def hash_of(text: str) -> str:
    """A hash of what a script says, which need not be shown."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def line_around(text: str, at: int) -> Span:
    """The line around a place, and those that continue it, as far as a command may be long."""
    near = max(at - MAX_NAMING_CHARACTERS, 0)
    start = max(text.rfind("\n", near, at) + 1, near)
    found = LINE.match(text, start, at + MAX_COMMAND_CHARACTERS)
    return Span(start, found.end() if found else at)


@lru_cache(maxsize=2)
def assigned(text: str) -> Mapping[str, Sequence[str]]:
    """The lines of a script by the names that are given something there, also those of files."""
    lines: dict[str, dict[str, None]] = {}
    for found in _ASSIGNED.finditer(text):
        line = without_quotes(text[slice(*line_around(text, found.start()))].strip())
        lines.setdefault(found[1], {})[line.removeprefix(_EXPORT)] = None
    at = 0
    while address := _FETCHED.search(text, at):
        place = line_around(text, address.start())
        at = max(place.end, address.end())
        if not is_comment(text, address.start()):
            line = text[slice(*place)].strip()
            for name in _fetched_into(line):
                lines.setdefault(name, {})[line] = None
    return {name: list(found) for name, found in lines.items()}


def _fetched_into(line: str) -> Iterator[str]:
    """The variables and files that a line may put what it fetches from an address into."""
    for written in _WRITTEN.findall(line):
        yield from VARIABLE.findall(written)
        yield name_of_file(written)
    for address in _FETCHED.findall(line):
        yield name_of_file(re.split(r"[?#]", address)[0])


def without_quotes(line: str) -> str:
    """A line of a script without quotes around variables and results, which change no value."""
    return _INNER_SPACE.sub("", _QUOTED.sub(r"\1", line))


def name_of_file(path: str) -> str:
    """The name of a file without the folders that it is in."""
    return re.split(r"[/\\]", path)[-1]


def is_comment(text: str, start: int) -> bool:
    """Whether a place of a script is in a line that is a comment."""
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("#")
