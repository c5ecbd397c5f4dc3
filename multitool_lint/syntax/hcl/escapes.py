"""The escapes in quoted texts and heredocs of Terraform's language.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

import re

QUOTED_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([$%])\4\{')
HEREDOC_ESCAPE = re.compile(r"()()()([$%])\4\{")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_HIGHEST = 0x10FFFF


def unescaped(match: re.Match[str]) -> str:
    """The character of an escape; what is none in Unicode is the one for that."""
    letter, short, long, sign = match.groups()
    if sign:
        return f"{sign}{{"
    if letter:
        return _LETTERS.get(letter, letter)
    number = int(short or long, 16)
    surrogate = 0xD800 <= number <= 0xDFFF  # noqa: PLR2004 - as Unicode has them
    return "\N{REPLACEMENT CHARACTER}" if surrogate or number > _HIGHEST else chr(number)
