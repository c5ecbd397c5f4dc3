"""The cases of the conditions of templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

from multitool_lint.limits import MAX_JOINT_CASES

_EQUALITY = re.compile(r"""(?P<left>.+) == (?P<right>["'\d].*)""")

Case = frozenset[tuple[str, bool]]
"""Conditions, and whether each holds."""


class TooManyCasesError(Exception):
    """Conditions have more cases than are distinguished."""


def joint_cases(cases: Collection[Case]) -> Iterator[Case]:
    """The cases that decide of each of some cases whether it is there, and any other one.

    Raises:
        TooManyCasesError: there are more than any real template has.
    """
    ordered = sorted(cases, key=sorted)
    if all(_exclude_each_other(*pair) for pair in combinations(ordered, 2)):
        yield from ordered
        yield frozenset()
        return
    waiting: list[Case] = [frozenset()]
    left = MAX_JOINT_CASES
    while waiting:
        left -= 1
        if left < 0:
            raise TooManyCasesError
        known = waiting.pop()
        name = next(_undecided(ordered, known), None)
        if name is None:
            yield known
            continue
        for value in (True, False):
            case = known | {(name, value)}
            if is_possible(dict(case)):
                waiting.append(case)


def _undecided(cases: Iterable[Case], known: Case) -> Iterator[str]:
    """The conditions that decide whether cases are there, of which this is not known."""
    names = {name for name, _ in known}
    for case in cases:
        if not any((name, not holds) in known for name, holds in case):
            yield from (name for name, _ in sorted(case) if name not in names)


def _exclude_each_other(one: Case, other: Case) -> bool:
    return any((name, not holds) in other for name, holds in one)


def is_possible(case: Mapping[str, bool]) -> bool:
    """Whether no value is equal to two others at once."""
    equalities = [_EQUALITY.fullmatch(name) for name, value in case.items() if value]
    left = [equality["left"] for equality in equalities if equality]
    return len(left) == len(set(left))
