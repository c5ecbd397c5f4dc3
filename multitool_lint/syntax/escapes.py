"""Texts with their escapes resolved, to search them for words that no escape can then hide.

No syntax has all of these escapes. Where one of them is taken that the syntax of a text does not
have, the text is parsed although it need not be.
"""

from __future__ import annotations

import re

from multitool_lint.limits import MAX_STRING_LAYERS

# Compiled when they are first needed, because few texts need them.
# Those of JSON, YAML and HCL; a string in a string has more backslashes. In YAML, one at the end of
# a line joins two lines.
_ESCAPE = (
    r"(?<!\\)\\++(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"""|(["'])|(?:\r\n?|\n)[ \t]*+)"""
    r"|%([2-7][0-9a-fA-F])"  # URLs, of ASCII
)
_HIGHEST = 0x10FFFF
# Those of letters, found without a look at each of the many escapes of other characters.
_HIDDEN = r"\\(?:[xuU][0-9a-fA-F]{2}|(?<=[\w:-]\\)[\r\n]\s*+[\w:-])"
# A letter, or the escape of one in JSON.
_HIDDEN_IN_URL = "%(?:[46][1-9a-fA-F]|[57][0-9aA]|5[cC]u)"


def may_hide_words(text: str) -> bool:
    """Whether a part of a word may be escaped in a text."""
    return "\\" in text and re.search(_HIDDEN, text) is not None


def may_hide_words_in_urls(text: str) -> bool:
    """Whether a part of a word may be escaped in a text as in URLs, which need no such escape."""
    return "%" in text and re.search(_HIDDEN_IN_URL, text) is not None


def unescaped(text: str) -> str:
    """A text with all escapes resolved, those of strings in its strings as well."""
    for _ in range(MAX_STRING_LAYERS):
        if "\\" not in text and "%" not in text:
            break
        before, text = text, re.sub(_ESCAPE, _character, text)
        if text == before:
            break
    return text


def _character(match: re.Match[str]) -> str:
    short, middle, long, quote, percent = match.groups()
    if quote:
        return quote
    number = int(short or middle or long or percent or "0", 16)
    return chr(number) if 0 < number <= _HIGHEST else ""
