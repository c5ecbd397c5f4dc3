"""Wildcard patterns against brute force over all short texts of a small alphabet."""

import re
import time
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.patterns import covers, intersects, literal_prefix, matches

# `x` is in no pattern: a wildcard may always match what the other pattern does not name.
TEXTS = ["".join(letters) for length in range(7) for letters in product("abx", repeat=length)]
patterns = st.text(alphabet="ab?*", max_size=4)


def language(pattern: str) -> set[str]:
    expression = re.compile(
        "".join({"*": ".*", "?": "."}.get(character, character) for character in pattern)
    )
    return {text for text in TEXTS if expression.fullmatch(text)}


@given(patterns)
def test_matches_what_the_regular_expression_matches(pattern: str) -> None:
    assert {text for text in TEXTS if matches(pattern, text)} == language(pattern)


@given(patterns, patterns)
def test_covers_is_inclusion_of_languages(wide: str, narrow: str) -> None:
    assert covers(wide, narrow) == (language(narrow) <= language(wide))


# The shortest text that two patterns have in common is no longer than the two together.
short_patterns = st.text(alphabet="ab?*", max_size=3)


@given(short_patterns, short_patterns)
def test_intersects_is_a_common_text(one: str, other: str) -> None:
    assert intersects(one, other) == bool(language(one) & language(other))


def test_literal_prefix_ends_at_the_first_wildcard() -> None:
    assert literal_prefix("s3:Get?bj*") == "s3:Get"
    assert literal_prefix("s3:GetObject") == "s3:GetObject"


def test_hostile_patterns_take_no_time() -> None:
    started = time.perf_counter()
    assert not matches("*a" * 5_000 + "b", "a" * 10_000)
    assert not covers("*a?" * 2_000, "?*b" * 2_000)
    assert intersects("a*?" * 500, "a?*" * 500)
    assert time.perf_counter() - started < 30
