"""Inputs by mutation: seeds of which bytes and tokens are changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

MAX_BYTES = 20_000
"""What repetition may make of an input: larger ones are tests of their own."""

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|\w+|[ \t]+|\n[ \t]*|.', re.DOTALL)

COMMON = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b"\n", b"\r\n", b"\r", b"\t", b" "),
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\xf0\x9f\x92\xa5", b"\x1b"),
    *(
        b"\\u002a",
        b"\\ud800",
        b'"\\ud83d\\ude00"',
        b"*",
        b"?",
        b"${",
        b"${*}",
        b"$${",
        b"%",
        b"<a>",
    ),
    *(b"null", b"true", b"1e999", b"-0", b"9" * 40, b"NaN", b'""', b'"*"', b"[]", b"{}"),
    *(b'"Statement"', b'"Effect"', b'"Action"', b'"NotAction"', b'"Resource"', b'"Principal"'),
    *(b'"Condition"', b'"Version"', b'"2012-10-17"', b'"Sid"', b'"Allow"', b'"Deny"', b'"AWS"'),
    *(b'"iam:*"', b'"s3:Get*"', b'"arn:aws:s3:::a/${aws:username}"', b'"StringLike"', b'"Null"'),
    *(b"multitool-lint: ignore[all] reason", b"__NAME__", b"{{ x }}"),
)
"""Tokens that mean something in policies of every format."""


@st.composite
def mutated(draw: DrawFn, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """A seed with up to eight changes.

    Numbers are drawn, and no strategies are made of them: that took more time than the checks.
    """

    def index(size: int) -> int:
        return draw(st.integers(0, size - 1))

    def replacement(part: list[bytes]) -> list[bytes]:
        """What comes in the place of some pieces of a text."""
        changed: list[bytes] = []
        match index(7):
            case 1:
                changed = [tokens[index(len(tokens))] for _ in range(1 + index(3))]
            case 2:
                changed = [tokens[index(len(tokens))], *part]
            case 3:
                changed = part * (2, 3, 120, 400)[index(4)]
            case 4:
                changed = part[::-1]
            case 5:
                joined = b"".join(part)
                place = index(len(joined) or 1)
                changed = [joined[:place], draw(_FEW_BYTES), joined[place + 1 :]]
            case 6:  # a part of another seed
                pieces = _TOKEN.findall(seeds[index(len(seeds))])
                start = index(len(pieces) + 1)
                changed = pieces[start : start + 1 + index(40)]
        return changed

    data = seeds[index(len(seeds))]
    for _ in range(index(9)):
        pieces = [*_TOKEN.findall(data), b""]
        start = index(len(pieces))
        end = start + index(13)
        pieces[start:end] = replacement(pieces[start:end])
        data = b"".join(pieces)[:MAX_BYTES]
    return data


_FEW_BYTES = st.binary(max_size=2)
