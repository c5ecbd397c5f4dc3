"""The kinds of values of a condition key that conditions distinguish.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.condition_keys import ALWAYS_PRESENT, PRESENT_IF_SIGNED
from multitool_lint.aws.patterns import literal_prefix
from multitool_lint.aws.redundancy import pattern_covers, resource_covers
from multitool_lint.limits import MAX_REQUEST_KINDS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK, CanonicalCondition
from multitool_lint.policy.compare.effort import FAST
from multitool_lint.policy.compare.kinds import (
    Kind,
    Rule,
    TooManyKindsError,
    open_kinds,
    quoted,
    regrouped,
)
from multitool_lint.policy.compare.request import agrees, holds, plain, resolved
from multitool_lint.policy.compare.scope_index import PrefixIndex
from multitool_lint.policy.compare.value_samples import ValueTest, samples
from multitool_lint.policy.condition_keys import has_one_value

if TYPE_CHECKING:
    from multitool_lint.policy.compare.callers import Principal
    from multitool_lint.policy.compare.value_forms import ValueForm
_PRESENT = ("",)
_TYPES = "its values are compared as more than one type"
_SEVERAL = "several values are compared without ForAllValues or ForAnyValue"


class KeyNature(NamedTuple):
    """What the kinds of the values of a key depend on, apart from the conditions.

    `absence` says why there may be no requests without the key, if that is not known. `form` is
    that of its values, where only those are of interest that AWS's reference knows. If it is
    `multivalued`, several values of a request are compared with those of a clause.
    """

    always_present: bool
    absence: str | None
    multivalued: bool
    form: ValueForm | None = None


def nature_of_key(
    key: str,
    clauses: Iterable[CanonicalCondition],
    principal: Principal,
    form: ValueForm | None = None,
) -> KeyNature:
    """The nature of a key, which some clauses are on, in the requests of a principal."""
    compares_sets = any(clause.qualifier for clause in clauses)
    multivalued = compares_sets and not has_one_value(bundled(), key)
    if key not in PRESENT_IF_SIGNED:
        return KeyNature(key in ALWAYS_PRESENT, None, multivalued, form)
    # Policies without principals apply to principals of IAM, whose requests are signed.
    is_signed = principal is None or (principal[0] == "AWS" and principal[1] != "*")
    return KeyNature(is_signed, f"only unsigned requests are without {key}", multivalued, form)


def key_kinds(
    clauses: Sequence[CanonicalCondition], nature: KeyNature, spend: Callable[[int], None]
) -> Iterator[Kind]:
    """The kinds of values of the key that the clauses are on; what fits them are the clauses."""
    if not nature.always_present:
        absent = _with_answers(None, [holds(clause, {clause.key: None}) for clause in clauses])
        doubt = absent.doubt or nature.absence
        yield absent._replace(exists=nature.absence is None, doubt=doubt)
    values = _Values(clauses, nature.form, spend)
    everything = (1 << len(clauses)) - 1
    yield from regrouped(values.single(), lambda fitting: fitting, everything)
    if nature.multivalued:
        yield from regrouped(values.several(), lambda fitting: fitting, everything)


def given_kind(clauses: Sequence[CanonicalCondition], key: str, value: str) -> Iterator[Kind]:
    """The one kind of requests in which a key has a value."""
    yield _with_answers((value,), [holds(clause, {key: (value,)}) for clause in clauses])


def _with_answers(example: tuple[str, ...] | None, answers: Sequence[bool | None]) -> Kind:
    """The kind that the clauses fit whose answer is True, and perhaps those without an answer."""
    sure = sum(1 << at for at, answer in enumerate(answers) if answer)
    undecided = [(1 << at, "") for at, answer in enumerate(answers) if answer is None]
    [kind] = open_kinds([Kind(frozenset({sure}), example)], undecided, ())
    return kind._replace(doubt=_UNCLEAR if undecided else None)


_UNCLEAR = "what a condition means without a value is not documented"


class _Values:
    """The values of a key, by the conditions that hold for each of them."""

    def __init__(
        self,
        clauses: Sequence[CanonicalCondition],
        form: ValueForm | None,
        spend: Callable[[int], None],
    ) -> None:
        self._clauses = clauses
        self._form = form
        self._spend = spend
        self._presence = _with_answers(
            None,
            [
                holds(clause, {clause.key: _PRESENT}) if clause.operator == "Null" else False
                for clause in clauses
            ],
        )
        listed = [
            [
                ValueTest(clause.operator.replace("Not", ""), value)
                for value in sorted(clause.values)
            ]
            if clause.operator != "Null"
            else []
            for clause in clauses
        ]
        self._tests = list(dict.fromkeys(test for tests in listed for test in tests))
        number_of = {test: 1 << at for at, test in enumerate(self._tests)}
        self._masks = [sum(number_of[test] for test in set(tests)) for tests in listed]
        self._elements = list(regrouped(self._values(), self._held, (1 << len(clauses)) - 1))

    def _values(self) -> Iterator[Kind]:
        """The kinds of values; what fits them are the tests."""
        families = dict.fromkeys(test.family for test in self._tests)
        if not families:
            yield Kind(frozenset({0}), self._form.usual[:1] if self._form else ("x",))
            return
        kinds = [
            list(_of_family(self._tests, family, self._form, self._spend)) for family in families
        ]
        if len(kinds) == 1:
            yield from kinds[0]
            return
        if prod(sum(len(kind.fitting) for kind in some) for some in kinds) > MAX_REQUEST_KINDS:
            raise TooManyKindsError
        for combined in product(*kinds):
            found = frozenset(map(sum, product(*(kind.fitting for kind in combined))))
            yield Kind(found, None, _TYPES, exists=False)

    def _held(self, tests: int) -> int:
        """The clauses that hold for a value for which some tests do, but for those on presence."""
        self._spend(len(self._clauses) // FAST)
        found = 0
        for at, (clause, mask) in enumerate(zip(self._clauses, self._masks, strict=True)):
            if clause.operator != "Null" and bool(tests & mask) != ("Not" in clause.operator):
                found |= 1 << at
        return found

    def single(self) -> Iterator[Kind]:
        """The kinds of requests with one value."""
        for element in self._elements:
            fitting = frozenset(
                held | null for held in element.fitting for null in self._presence.fitting
            )
            yield element._replace(fitting=fitting, doubt=element.doubt or self._presence.doubt)

    def several(self) -> Iterator[Kind]:
        """The kinds of requests with more values than one."""
        sets: dict[tuple[int, int], Kind] = {}
        for element in self._elements:
            for held in element.fitting:
                one = element._replace(exists=element.is_sure)
                new = {(held, held): one}
                for (all_, any_), others in sets.items():
                    new.setdefault((all_ & held, any_ | held), _joined(others, one))
                for key, kind in new.items():
                    sets.setdefault(key, kind)
                if len(sets) > MAX_REQUEST_KINDS:
                    raise TooManyKindsError
        ways = {way: self._bits(way) for way in ("ForAllValues", "ForAnyValue", None)}
        undecided = [(1 << at, "") for at in range(len(self._clauses)) if ways[None] >> at & 1]
        for (all_, any_), kind in sets.items():
            held = (all_ & ways["ForAllValues"]) | (any_ & ways["ForAnyValue"])
            fitting = frozenset(held | null for null in self._presence.fitting)
            doubt = kind.doubt or self._presence.doubt or (_SEVERAL if undecided else None)
            whole = kind._replace(fitting=fitting, doubt=doubt)
            yield from open_kinds([whole], undecided, ())

    def _bits(self, qualifier: str | None) -> int:
        return sum(
            1 << at
            for at, clause in enumerate(self._clauses)
            if clause.qualifier == qualifier and clause.operator != "Null"
        )


def _joined(one: Kind, other: Kind) -> Kind:
    """The kind of requests with the values of two."""
    exists = one.exists and other.exists
    values = (*one.example, *other.example) if one.example and other.example else None
    return Kind(frozenset(), values, one.doubt or other.doubt, exists)


def _of_family(
    tests: Sequence[ValueTest], family: str, form: ValueForm | None, spend: Callable[[int], None]
) -> Iterator[Kind]:
    """The kinds of values of a type; what fits them are the tests, by their numbers among all."""
    own = [(1 << at, test) for at, test in enumerate(tests) if test.family == family]
    texts = {test: resolved(test.value, {}) for _, test in own}
    readable = [test for _, test in own if texts[test] is not None]
    exact: dict[str, int] = {}  # what is found at once, of which there may be hundreds
    compared, liked = [], []
    for bit, test in own:
        text = texts[test]
        if test.operator == "StringEquals" and text is not None:
            exact[plain(text)] = exact.get(plain(text), 0) | bit
        elif test.operator == "StringLike" and text == plain(text or ""):
            liked.append((literal_prefix(text), (bit, test)))
        else:
            compared.append((bit, test))
    found: dict[object, Kind] = {}
    rules = [rule for bit, test in own for rule in _rules(bit, test, own)]
    by_prefix = PrefixIndex(liked)
    for sample in samples(family, readable, form, spend):
        near = [*compared, *by_prefix.beginning_like(sample)]
        spend(1 + len(near) // 2)
        answers = [
            (bit, test, None if text is None else agrees(test.operator, text, sample))
            for bit, test in near
            for text in (texts[test],)
        ]
        sure = sum(bit for bit, _, answer in answers if answer)
        undecided = [(bit, quoted(test.value)) for bit, test, answer in answers if answer is None]
        known = Kind(frozenset({sure | exact.get(sample, 0)}), (sample,))
        for kind in open_kinds([known], undecided, rules):
            found.setdefault(kind.fitting, kind)
    yield from found.values()


def _rules(bit: int, test: ValueTest, others: Iterable[tuple[int, ValueTest]]) -> Iterator[Rule]:
    """What is known of a value with variables: which other values cover it, or it covers."""
    if resolved(test.value, {}) is not None:
        return
    for other_bit, other in others:
        if other_bit != bit:
            if _covers(other, test):
                yield bit, other_bit, True
            if _covers(test, other):
                yield other_bit, bit, True


def _covers(wide: ValueTest, narrow: ValueTest) -> bool:
    if UNKNOWN_MARK in wide.value + narrow.value:
        return False
    if wide.operator == narrow.operator == "ArnLike":
        return resource_covers(wide.value, narrow.value)
    if wide.operator == "StringEqualsIgnoreCase":
        return narrow.operator == "StringEquals" and wide.value == narrow.value
    if wide.operator == "StringLike" and narrow.operator in ("StringLike", "StringEquals"):
        # A star that StringEquals compares as a character is one that StringLike has a place for.
        return matches_all(wide.value) or pattern_covers(wide.value, narrow.value)
    return False
