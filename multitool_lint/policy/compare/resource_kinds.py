"""The kinds of resources that the patterns of statements distinguish."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from multitool_lint.aws.arn import API_GATEWAY, FIELDS, matches_all, pattern
from multitool_lint.aws.pattern_cells import ANY_ARN, ANY_SEGMENT, TextPattern, pattern_cells
from multitool_lint.aws.patterns import has_wildcard, intersects, literal_prefix
from multitool_lint.aws.policy_variables import OPENER, variables
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.limits import MAX_REQUEST_KINDS
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.effort import FAST
from multitool_lint.policy.compare.kinds import (
    Kind,
    Rule,
    TooManyKindsError,
    open_kinds,
    quoted,
    regrouped,
)
from multitool_lint.policy.compare.scope import Resources, is_arn, whole_arns

Universe = tuple[bool, tuple[TextPattern, ...]]
"""Patterns that resources match, and whether they do so field by field."""

_BEYOND = "whether a wildcard of an ARN goes beyond its field is not known"
_PLAIN_FIELD = re.compile("[a-z0-9-]+").fullmatch
_ANY_S3 = TextPattern("arn:?*:s3:*:*:*", by_field=True)


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

    # For a pattern: the rows it is in, of which those of the same lists are one.
    rows_of: dict[str, set[object]] = {text: set() for text in texts}
    for at, (some, row) in enumerate(zip(everything, rows, strict=True)):
        for text in some.patterns or ("",):
            rows_of[text].add(at if row is own or row[1] else (row[2],))
    decided = {text: frozenset(found) for text, found in rows_of.items()}
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

    What fits them are the patterns, by their numbers. Of unread patterns that have the same
    `decided` and the same relations to others, only the first is used.
    """
    known = {text: _is_readable(text) for text in texts}
    unread = [text for text in texts if not known[text]]
    spend(len(unread) * len(texts))
    rules = {text: frozenset(_rules(text, texts)) for text in unread}
    alike: dict[object, str] = {}
    for text in unread:
        bit = 1 << texts[text]
        relations = frozenset(
            (one == bit, (one | other) ^ bit, both) for one, other, both in rules[text]
        )
        alike.setdefault((decided[text], relations), text)
    others = sum(1 << texts[text] for text in {*unread} - {*alike.values()})
    spend(len(texts) // FAST)
    if 1 << len(alike) > MAX_REQUEST_KINDS:
        raise TooManyKindsError
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
