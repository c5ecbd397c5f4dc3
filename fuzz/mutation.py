"""Inputs by mutation: seeds of which bytes and tokens are changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

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
    """A seed with up to eight changes."""
    data = seeds[draw(st.integers(0, len(seeds) - 1))]  # no strategy of megabytes, which it shows
    for _ in range(draw(st.integers(0, 8))):
        pieces = [*_TOKEN.findall(data), b""]
        start = draw(st.integers(0, len(pieces) - 1))
        length = draw(st.integers(0, 12))
        part = pieces[start : start + length]
        pieces[start : start + length] = draw(_replacement(part, seeds, tokens))
        data = b"".join(pieces)[:MAX_BYTES]
    return data


def _replacement(
    part: list[bytes], seeds: Sequence[bytes], tokens: Sequence[bytes]
) -> SearchStrategy[list[bytes]]:
    """What comes in the place of some pieces of a text."""
    joined = b"".join(part)
    return st.one_of(
        st.just([]),
        st.lists(st.sampled_from(tokens), min_size=1, max_size=3),
        st.sampled_from(tokens).map(lambda token: [token, *part]),
        st.sampled_from((2, 3, 120, 400)).map(lambda times: part * times),
        st.just(part[::-1]),
        st.tuples(st.integers(0, max(len(joined) - 1, 0)), st.binary(max_size=2)).map(
            lambda change: [joined[: change[0]], change[1], joined[change[0] + 1 :]]
        ),
        _splice(seeds),
    )


@st.composite
def _splice(draw: DrawFn, seeds: Sequence[bytes]) -> list[bytes]:
    """A part of another seed."""
    pieces = _TOKEN.findall(seeds[draw(st.integers(0, len(seeds) - 1))])
    start = draw(st.integers(0, len(pieces)))
    return pieces[start : start + draw(st.integers(1, 40))]
