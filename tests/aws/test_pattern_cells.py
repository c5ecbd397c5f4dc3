"""The cells of patterns: every combination that some text matches, each with such a text."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.pattern_cells import (
    ANY_ARN,
    ANY_SEGMENT,
    TextPattern,
    TooManyCellsError,
    pattern_cells,
)
from multitool_lint.aws.patterns import matches

TEXTS = ["".join(text) for size in range(5) for text in itertools.product("abc", repeat=size)]
PATTERNS = st.lists(
    st.text("ab*?", min_size=0, max_size=4).map(TextPattern), min_size=1, max_size=4
)


@given(PATTERNS)
def test_cells_are_those_of_all_texts(patterns: list[TextPattern]) -> None:
    cells = pattern_cells(patterns)

    def cell(text: str) -> int:
        return sum(1 << at for at, pattern in enumerate(patterns) if matches(pattern.text, text))

    assert {cell(text) for text in TEXTS} <= cells.keys()
    assert all(cell(text) == found for found, text in cells.items())


@given(PATTERNS, PATTERNS)
def test_cells_among_what_other_patterns_match(
    patterns: list[TextPattern], required: list[TextPattern]
) -> None:
    cells = pattern_cells(patterns, required)
    among = [text for text in TEXTS if all(matches(pattern.text, text) for pattern in required)]
    found = {
        sum(1 << at for at, pattern in enumerate(patterns) if matches(pattern.text, text))
        for text in among
    }
    assert found <= cells.keys()
    assert all(matches(pattern.text, text) for text in cells.values() for pattern in required)


def test_a_part_without_slashes() -> None:
    patterns = [TextPattern(f"arn:aws:a:::{part}/x", by_field=True) for part in (ANY_SEGMENT, "*")]
    cells = pattern_cells(patterns, [ANY_ARN])
    assert set(cells) == {0b00, 0b10, 0b11}
    assert cells[0b10].count("/") > cells[0b11].count("/")


def test_wildcards_end_at_the_colon_of_their_field() -> None:
    patterns = [TextPattern(f"arn:aws:sqs:*:*:{name}", by_field=True) for name in ("a", "b:a")]
    assert set(pattern_cells(patterns, [ANY_ARN])) == {0b00, 0b01, 0b10}
    whole = [pattern._replace(by_field=False) for pattern in patterns]
    assert set(pattern_cells(whole, [ANY_ARN])) == {0b00, 0b01, 0b11}


def test_plain_and_escaped_stars_and_letters_of_any_case() -> None:
    patterns = [
        TextPattern("a*", wildcards=False),
        TextPattern("a${*}"),
        TextPattern("A*", wildcards=False, ignores_case=True),
    ]
    assert set(pattern_cells(patterns)) == {0b000, 0b100, 0b111}
    assert pattern_cells(patterns)[0b111] == "a*"


def test_too_many_cells() -> None:
    patterns = [TextPattern(f"*{a}{b}{c}*") for a, b, c in itertools.permutations("abcde", 3)]
    with pytest.raises(TooManyCellsError):
        pattern_cells(patterns)
