"""The kinds of resources and principals that statements distinguish.

A request has one kind of each: of its resource, of its principal, and of the values of each key
that conditions name. All combinations of kinds are all requests, perhaps with some that there are
not: what holds for all of them is proved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from multitool_lint.aws.arn import API_GATEWAY, FIELDS, matches_all, pattern
from multitool_lint.aws.pattern_cells import ANY_ARN, ANY_SEGMENT, TextPattern, pattern_cells
from multitool_lint.aws.patterns import has_wildcard, intersects, literal_prefix
from multitool_lint.aws.policy_variables import OPENER, variables
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.limits import MAX_REQUEST_KINDS
from multitool_lint.policy.compare.callers import Principal, callers_among, is_principal
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.effort import FAST
from multitool_lint.policy.compare.request import Values
from multitool_lint.policy.compare.scope import Resources, is_arn, whole_arns
from multitool_lint.policy.compare.unknown_texts import shown

Example = str | tuple[str, str] | Values
Universe = tuple[bool, tuple[TextPattern, ...]]
"""Patterns that resources match, and whether they do so field by field."""
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


class TooMuchError(Exception):
    """There are more kinds than can be compared."""


_BEYOND = "whether a wildcard of an ARN goes beyond its field is not known"
_PLAIN_FIELD = re.compile("[a-z0-9-]+").fullmatch
_ANY_S3 = TextPattern("arn:?*:s3:*:*:*", by_field=True)


def open_kinds(
    known: Iterable[Kind], undecided: Sequence[tuple[int, str]], rules: Sequence[Rule]
) -> Iterator[Kind]:
    """The kinds, where something else may fit or not: bits, each with a name, within the rules."""
    known = list(known)
    if len(known) << len(undecided) > MAX_REQUEST_KINDS:
        raise TooMuchError
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
        needed = _joined(other for _, other, both in of_bit if both)
        excluded = _joined(
            [
                *(other for _, other, both in of_bit if not both),
                *(one for one, _, both in about if not both),
            ]
        )
        without = _joined(one for one, _, both in about if both)
        choices = [
            *((choice, more, less | without) for choice, more, less in choices),
            *((choice | bit, more | needed, less | excluded) for choice, more, less in choices),
        ]
    return choices


def _joined(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


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


def resource_kinds(
    within: Resources,
    lists: Sequence[frozenset[Resources]],
    spend: Callable[[int], None],
    universes: Sequence[Universe] | None = None,
) -> Iterator[Kind]:
    """The kinds of resources among some, or of a universe; what fits are the lists, by number."""
    everything = sorted(frozenset({within}).union(*lists))
    if not any(resources.patterns for resources in everything):
        yield Kind(frozenset({(1 << len(lists)) - 1}), None)
        return
    # What a statement without resources is about is not known, but the same for all of them.
    texts = dict.fromkeys(text for some in everything for text in some.patterns or ("",))
    number = {text: at for at, text in enumerate(texts)}
    rows = [
        (
            sum(1 << number[text] for text in set(some.patterns or ("",))),
            some.negated,
            sum(1 << at for at, listed in enumerate(lists) if some in listed),
        )
        for some in everything
    ]
    own = rows[everything.index(within)]

    def lists_with(matched: int) -> int | None:
        if own[1] == bool(matched & own[0]):
            return None
        found = 0
        for mask, negated, listed in rows:
            if negated != bool(matched & mask):
                found |= listed
        return found

    def counted(kinds: Iterable[Kind]) -> Iterator[Kind]:
        for kind in kinds:
            spend(len(kind.fitting) * ((len(everything) + len(lists)) // FAST))
            yield kind

    # Patterns in lists with which the same is there decide the same.
    decided = {
        text: frozenset(
            at if row is own or row[1] else (row[2],)
            for at, row in enumerate(rows)
            if row[0] >> number[text] & 1
        )
        for text in texts
    }
    single = len(within.patterns) == 1 and not within.negated
    kinds = _text_kinds(number, decided, within.patterns if single else (), universes, spend)
    yield from regrouped(counted(kinds), lists_with, (1 << len(lists)) - 1)


def _text_kinds(
    texts: Mapping[str, int],
    decided: Mapping[str, object],
    needed: tuple[str, ...],
    universes: Sequence[Universe] | None,
    spend: Callable[[int], None],
) -> Iterator[Kind]:
    """The kinds of resources that patterns distinguish, among those that match the `needed` one.

    What fits them are the patterns, by their numbers. Of unread ones with which the same is
    `decided`, and of which the same is known, one stands for all.
    """
    known = {text: _is_readable(text) for text in texts}
    unread = [text for text in texts if not known[text]]
    spend(len(unread) * len(texts))
    rules = {text: frozenset(_rules(text, texts)) for text in unread}
    alike: dict[object, str] = {}
    for text in unread:
        bit = 1 << texts[text]
        said = frozenset((one == bit, one | other ^ bit, both) for one, other, both in rules[text])
        alike.setdefault((decided[text], said), text)
    others = sum(1 << texts[text] for text in {*unread} - {*alike.values()})
    spend(len(texts) // FAST)
    if 1 << len(alike) > MAX_REQUEST_KINDS:
        raise TooMuchError
    readable = [
        text
        for text in texts
        if known[text] and all(may_begin_alike(text, other) for other in needed)
    ]
    bits = [1 << texts[text] for text in readable]
    needed = tuple(text for text in needed if text in readable)
    found = _readable_kinds(readable, bits, needed, universes, spend)
    undecided = [
        (1 << texts[text], quoted(text) if text else "a statement without Resource")
        for text in alike.values()
    ]
    left = [
        rule for text in alike.values() for rule in rules[text] if not (rule[0] | rule[1]) & others
    ]
    yield from open_kinds(found, undecided, left)


def _readable_kinds(
    readable: Sequence[str],
    bits: Sequence[int],
    needed: Sequence[str],
    universes: Sequence[Universe] | None,
    spend: Callable[[int], None],
) -> Iterable[Kind]:
    """The kinds that patterns without unknown parts distinguish, each with a bit."""
    found: dict[int, Kind] = {}
    if universes is None:
        any_arn = () if any(map(_names_service, needed)) else (ANY_ARN,)
        # S3 alone has names of which others than the owner decide, with colons in them.
        universes = (True, any_arn), (False, (_ANY_S3,))
    for by_field, universe in universes:
        if not by_field and not any(map(_may_go_beyond, readable)):
            continue
        patterns, within = (
            [_text_pattern(text, by_field=by_field) for text in some] for some in (readable, needed)
        )
        for cell, example in pattern_cells(patterns, [*universe, *within], spend).items():
            matched = sum(bit for at, bit in enumerate(bits) if cell >> at & 1)
            doubt = None if by_field else _BEYOND
            found.setdefault(matched, Kind(frozenset({matched}), example, doubt, by_field))
    if all(map(matches_all, needed)):  # an action without resources is on "*", which is not an ARN
        matched = sum(bit for text, bit in zip(readable, bits, strict=True) if matches_all(text))
        found.setdefault(matched, Kind(frozenset({matched}), "*"))
    return found.values()


def _is_readable(text: str) -> bool:
    whole = matches_all(text) or text.startswith(API_GATEWAY) or is_arn(text)
    return whole and UNKNOWN_MARK not in text and not has_variable(text)


def _text_pattern(text: str, *, by_field: bool) -> TextPattern:
    if text.startswith(API_GATEWAY):
        # AWS: what comes before the stage is that of the API to which the policy is attached.
        path = text.removeprefix(API_GATEWAY)
        return TextPattern(f"arn:aws*:execute-api:*:*:{ANY_SEGMENT}/{path}", by_field=True)
    return TextPattern(text, by_field=by_field and not matches_all(text))


def _names_service(text: str) -> bool:
    """Whether all that a pattern matches, field by field, are ARNs."""
    return is_arn(text) and all(map(_PLAIN_FIELD, text.split(":", 3)[1:3]))


def may_begin_alike(one: str, other: str) -> bool:
    """Whether two patterns may match the same resource, by what both begin with."""
    if not (is_arn(one) and is_arn(other)):
        return True
    first, second = (literal_prefix(text).partition(OPENER)[0] for text in (one, other))
    return first.startswith(second) or second.startswith(first)


def has_variable(text: str) -> bool:
    """Whether a text has a variable for which a request or a template has a value."""
    return OPENER in text and any(found.escaped is None for found in variables(text))


def _may_go_beyond(text: str) -> bool:
    return not matches_all(text) and has_wildcard(":".join(text.split(":", FIELDS - 1)[:-1]))


def _rules(text: str, texts: Mapping[str, int]) -> Iterator[Rule]:
    """What is known of an unreadable pattern: what covers it, and what cannot overlap it."""
    bit = 1 << texts[text]
    for other, at in texts.items():
        if matches_all(other):
            yield bit, 1 << at, True
        elif other != text and is_arn(text) and (is_arn(other) or other.startswith(API_GATEWAY)):
            if resource_covers(other, text):
                yield bit, 1 << at, True
            if resource_covers(text, other):
                yield 1 << at, bit, True
            if not any(intersects(pattern(text), pattern(whole)) for whole in whole_arns(other)):
                yield bit, 1 << at, False


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
