"""Cases of conditions are distinguished as by trying each value of each condition."""

import random
from itertools import product

import pytest

from multitool_lint.syntax.template_cases import Case, TooManyCasesError, joint_cases

NAMES = "abcd"


def there(cases: set[Case], known: Case) -> frozenset[Case]:
    return frozenset(case for case in cases if case <= known)


@pytest.mark.parametrize("seed", range(200))
def test_the_cases_that_are_there_together(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311 - repeatable on purpose
    cases = {
        frozenset((name, choose.random() < 0.5) for name in NAMES if choose.random() < 0.6)
        for _ in range(choose.randint(1, 5))
    }
    every = (
        frozenset(zip(NAMES, values, strict=True))
        for values in product((False, True), repeat=len(NAMES))
    )
    expected = {there(cases, known) for known in every}
    found = {there(cases, known) for known in joint_cases(cases)}
    assert expected <= found
    # Where each case excludes the others, there may be no more than they.
    assert found <= {*expected, frozenset()}


def test_values_that_are_not_equal_to_two_others() -> None:
    one, other = (frozenset({(f'.x == "{value}"', True)}) for value in "ab")
    assert frozenset({one, other}) not in {
        there({one, other}, known) for known in joint_cases({one, other})
    }


def test_too_many_cases() -> None:
    sides = (
        {frozenset((f"{side}{n}", n != k) for n in range(100)) for k in range(16)} for side in "ab"
    )
    with pytest.raises(TooManyCasesError):
        list(joint_cases(set().union(*sides)))
