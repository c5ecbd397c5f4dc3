"""Commands of a shell without what is only another way to write them."""

from __future__ import annotations

import re

from multitool_lint.formats.script_assignments import VARIABLE, assigned
from multitool_lint.lazy_pattern import lazy_pattern

_PROMPT = lazy_pattern(r"^[$>%][ \t]+")
_OF_OUTPUT = lazy_pattern(
    r"\s(?:&|\d)?>{1,2}\s*(?:&\d|[\w./$\{\}][\w./$\{\}-]*+)|\s*\|\|\s*(?:true|:)(?=\s|$)"
    r"|\s*\|\s*(?:jq|grep|head|tail|cut|sed|awk|tr|tee|cat)\b"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s|&;)\"']|[ \t])*+"
)
"""Where the output of a command goes, and what picks something of it."""
_WORD = lazy_pattern(r"(?:[^\s\"']|\"[^\"]*\"|'[^']*')+")
_QUOTED = lazy_pattern(r"(?<![\w\\])([\"'])([\w./:@+,-]++)\1(?!\w)")
_OTHERS = frozenset("|;&")
_LITERAL = r"""^(?:local[ \t]+|readonly[ \t]+)?{}=["']?([\w./:@+-]+)["']?;?$"""
_VARIABLE = lazy_pattern(r"\$(?:(\w+)|\{(\w+)\})")


def plain(command: str) -> str:
    """A command without a prompt, quotes that change nothing, what shows its result, and order."""
    command = _QUOTED.sub(r"\2", _PROMPT.sub("", command))
    command = _OF_OUTPUT.sub("", command).rstrip("; ")
    words = _WORD.findall(command)
    first = next((n for n, word in enumerate(words) if word.startswith("--")), len(words))
    if first == len(words) or any(_OTHERS.intersection(word) for word in words):
        return command
    options: list[str] = []
    for word in words[first:]:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            options.append(f"{name} {value}" if equals and value else word)
        else:
            options[-1] += f" {word}"
    return " ".join([*words[:first], *sorted(options)])


def with_literals(command: str, text: str) -> str:
    """A command of a script with the values of variables that are written there, and only once."""

    def value(found: re.Match[str]) -> str:
        lines = assigned(text).get(found[1] or found[2], ())
        match = (
            re.match(_LITERAL.format(found[1] or found[2]), lines[0]) if len(lines) == 1 else None
        )
        return match[1] if match else found[0]

    return _VARIABLE.sub(value, command) if VARIABLE.search(command) else command
