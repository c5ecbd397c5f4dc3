"""The cases of the conditions of templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

_EQUALITY = re.compile(r"""(?P<left>.+) == (?P<right>["'\d].*)""")

Case = frozenset[tuple[str, bool]]
"""Conditions, and whether each holds."""


def joint_cases(cases: Collection[Case], known: Case = frozenset()) -> Iterator[Case]:
    """The cases that decide of each of some cases whether it is there."""
    names = {name for name, _ in known}
    undecided = (
        name
        for case in sorted(cases, key=sorted)
        if not any((other, not holds) in known for other, holds in case)
        for name, _ in sorted(case)
        if name not in names
    )
    name = next(undecided, None)
    if name is None:
        yield known
        return
    for value in (False, True):
        case = known | {(name, value)}
        if is_possible(dict(case)):
            yield from joint_cases(cases, case)


def is_possible(case: Mapping[str, bool]) -> bool:
    """Whether no value is equal to two others at once."""
    equalities = [_EQUALITY.fullmatch(name) for name, value in case.items() if value]
    left = [equality["left"] for equality in equalities if equality]
    return len(left) == len(set(left))
