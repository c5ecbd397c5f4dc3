"""Positions in a text: lines and columns, in characters and in UTF-16, and back."""

import pytest

from multitool_lint import Source


@pytest.mark.parametrize(
    "text", ["", "a\nb", "\ufeff{\r\n ä😀b😀\r}", "😀\n😀😀", "line\n\n", "\ud800x😀"]
)
def test_offsets_lead_back(text: str) -> None:
    source = Source("a.json", text)
    for offset in range(text.startswith("\ufeff"), len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue  # within a line ending
        for utf16 in (False, True):
            assert source.offset(*source.position(offset, utf16=utf16), utf16=utf16) == offset


def test_positions_in_utf16() -> None:
    source = Source("a.json", "a😀b\nc😀d")
    assert source.position(7) == (2, 4)
    assert source.position(7, utf16=True) == (2, 5)
    assert source.offset(2, 5, utf16=True) == 7
    assert source.offset(2, 3, utf16=True) == 5  # between the halves of a character
    assert source.offset(1, 99) == 3
    assert source.offset(9, 1) == 7
    assert source.offset(0, 0) == 0
