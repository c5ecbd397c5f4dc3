"""The kinds of callers that the principals of statements distinguish."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from multitool_lint.policy.compare.callers import Principal, callers_among, is_principal
from multitool_lint.policy.compare.kinds import Kind, open_kinds, quoted, regrouped


def principal_kinds(
    within: Principal, lists: Sequence[frozenset[Principal]], spend: Callable[[int], None]
) -> Iterator[Kind]:
    """The kinds of callers among some; what fits them are the lists, by number."""
    everything = sorted(frozenset({within}).union(*lists), key=lambda named: named or ())
    masks = [
        sum(1 << at for at, listed in enumerate(lists) if principal in listed)
        for principal in everything
    ]
    if everything == [None]:
        yield Kind(frozenset({masks[0]}), None)
        return

    def lists_with(matched: int) -> int | None:
        there = [at for at in range(len(everything)) if matched >> at & 1]
        if everything.index(within) not in there:
            return None
        found = 0
        for at in there:
            found |= masks[at]
        return found

    everyone = (1 << len(lists)) - 1
    for caller in dict.fromkeys(callers_among(everything)):
        spend(len(everything) // 2)
        answers = [is_principal(principal, caller) for principal in everything]
        matched = sum(1 << at for at, answer in enumerate(answers) if answer)
        undecided = [
            (1 << at, quoted(named[1]) if named else "a statement without Principal")
            for at, (named, answer) in enumerate(zip(everything, answers, strict=True))
            if answer is None
        ]
        kinds = open_kinds([Kind(frozenset({matched}), caller)], undecided, ())
        yield from regrouped(kinds, lists_with, everyone)
