"""The kinds of resources and principals that statements distinguish.

A request has one kind of each: of its resource, of its principal, and of the values of each key
that conditions name. All combinations of kinds are all requests, perhaps with some that there are
not: what holds for all of them is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from operator import or_

from multitool_lint.limits import MAX_REQUEST_KINDS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.callers import Principal, callers_among, is_principal
from multitool_lint.policy.compare.request import Values
from multitool_lint.policy.compare.unknown_texts import shown

Example = str | tuple[str, str] | Values
Rule = tuple[int, int, bool]
"""Where something of the first bit set fits, something of the second one fits too, or nothing."""


class Kind(NamedTuple):
    """A kind of resources, principals or values, and what may fit it: one of several bit sets.

    `doubt` says why it is several, or why there may be no such request; `exists` that there is one,
    such as `example`: of a key its values, None if it is absent.
    """

    fitting: frozenset[int]
    example: Example
    doubt: str | None = None
    exists: bool = True

    @property
    def is_sure(self) -> bool:
        """Whether there is such a request, and what fits it is known."""
        return self.exists and len(self.fitting) == 1


class TooManyKindsError(Exception):
    """There are more kinds than can be compared."""


def open_kinds(
    known: Iterable[Kind], undecided: Sequence[tuple[int, str]], rules: Sequence[Rule]
) -> Iterator[Kind]:
    """The kinds, where something else may fit or not: bits, each with a name, within the rules."""
    known = list(known)
    if len(known) << len(undecided) > MAX_REQUEST_KINDS:
        raise TooManyKindsError
    doubt = _not_known(undecided[0][1]) if undecided else None
    unknown = sum(bit for bit, _ in undecided)
    settled = [rule for rule in rules if not (rule[0] | rule[1]) & unknown]
    choices = _choices([bit for bit, _ in undecided], rules)
    for kind in known:
        possible = frozenset(
            found
            for fitting in kind.fitting
            for choice, needed, excluded in choices
            if not ((found := fitting | choice) & excluded or needed & ~found)
            and (not settled or _keeps(found, settled))
        )
        if possible:
            yield kind._replace(fitting=possible, doubt=kind.doubt or doubt)


def _choices(unknown: Sequence[int], rules: Sequence[Rule]) -> list[tuple[int, int, int]]:
    """Which of some unknown bits fit: each choice, with what then fits, and what does not."""
    known = ~sum(unknown)
    choices = [(0, 0, 0)]
    for bit in unknown:
        of_bit = [rule for rule in rules if rule[0] == bit]
        about = [rule for rule in rules if rule[1] == bit and rule[0] & known]
        needed = reduce(or_, (other for _, other, both in of_bit if both), 0)
        unfit = [
            *(other for _, other, both in of_bit if not both),
            *(one for one, _, both in about if not both),
        ]
        excluded = reduce(or_, unfit, 0)
        without = reduce(or_, (one for one, _, both in about if both), 0)
        choices = [
            *((choice, more, less | without) for choice, more, less in choices),
            *((choice | bit, more | needed, less | excluded) for choice, more, less in choices),
        ]
    return choices


def _keeps(fitting: int, rules: Sequence[Rule]) -> bool:
    return all(not fitting & one or bool(fitting & other) is both for one, other, both in rules)


@lru_cache(maxsize=64)
def quoted(text: str) -> str:
    """A text of a policy, as the policy has it, in a reason."""
    return f'"{shown(text)}"'


@lru_cache(maxsize=64)
def _not_known(name: str) -> str:
    """A doubt, of which there is one text for all kinds: a name may be long."""
    return f"what {name} matches is not known"


def regrouped(
    kinds: Iterable[Kind], regroup: Callable[[int], int | None], everything: int
) -> Iterator[Kind]:
    """The kinds by what groups of things fit them; None for what is of no interest.

    Of those that fit the same, the first is enough.
    """
    seen: set[object] = set()
    for kind in kinds:
        groups = [regroup(fitting) for fitting in kind.fitting]
        found = frozenset(group & everything for group in groups if group is not None)
        exists = kind.exists and None not in groups
        if found and (found, exists) not in seen:
            seen.add((found, exists))
            yield kind._replace(fitting=found, exists=exists)


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
