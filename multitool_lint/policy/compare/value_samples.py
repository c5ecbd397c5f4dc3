"""Values of condition keys: of each kind that values of policies distinguish, at least one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.condition_operators import operator
from multitool_lint.aws.condition_values import moment, network, number
from multitool_lint.aws.pattern_cells import ANY_ARN, TextPattern, pattern_cells
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.request import agrees

if TYPE_CHECKING:
    from multitool_lint.policy.compare.value_forms import ValueForm


class ValueTest(NamedTuple):
    """What a condition compares a value with: an operator without "Not", and one of its values."""

    operator: str
    value: str

    @property
    def family(self) -> str:
        """The type that is compared: texts, and what is compared like texts, are one."""
        found = operator(self.operator)
        family = found.family if found else ""
        return "String" if family in ("ARN", "Binary", "Bool") else family


def samples(
    family: str, tests: Sequence[ValueTest], form: ValueForm | None, spend: Callable[[int], None]
) -> Iterator[str]:
    """Values of a type: of each kind that some tests distinguish, at least one.

    With a form, only those of the form, usual ones first.
    """
    if family != "String":
        yield from _SAMPLES[family](tests)
        return
    if form:
        yield from form.usual
    for pattern in form.patterns if form and form.patterns else (None,):
        yield from _texts(tests, pattern, spend)


def _texts(
    tests: Sequence[ValueTest], within: TextPattern | None, spend: Callable[[int], None]
) -> Iterable[str]:
    if within is None and any(test.operator == "Bool" for test in tests):
        return ("true", "false")
    patterns = [
        TextPattern(
            test.value,
            wildcards=test.operator in ("StringLike", "ArnLike"),
            by_field=test.operator == "ArnLike" and not matches_all(test.value),
            ignores_case=test.operator.endswith("IgnoreCase"),
        )
        for test in tests
        if test.operator != "ArnLike" or agrees("ArnLike", test.value, "") is not None
    ]
    arns = all(test.operator == "ArnLike" for test in tests) and bool(tests)
    needed = [within] if within else [ANY_ARN] if arns else []
    return pattern_cells(patterns, needed, spend).values()


def _numbers(tests: Sequence[ValueTest]) -> Iterator[str]:
    numbers = (number(test.value) for test in tests)
    for value in _between({Fraction(found) for found in numbers if found is not None}):
        whole = int(value)
        yield str(whole) if value == whole else _decimal(value)


def _decimal(value: Fraction) -> str:
    from decimal import Context

    places = len(str(value.denominator)) * 4 + len(str(value.numerator))
    context = Context(prec=places)
    return format(context.divide(*map(context.create_decimal, value.as_integer_ratio())), "f")


def _moments(tests: Sequence[ValueTest]) -> Iterator[str]:
    from datetime import UTC, datetime, timedelta

    points = {value for test in tests if (value := moment(test.value)) is not None}
    start = datetime(1970, 1, 1, tzinfo=UTC)
    for value in _between(points):
        try:
            yield (start + timedelta(seconds=int(value))).isoformat().replace("+00:00", "Z")
        except OverflowError:
            yield str(int(value))


def _between(points: Iterable[Fraction]) -> Iterator[Fraction]:
    """The points, and one between each two and on both sides; a whole number, if there is one."""
    ordered = sorted(points)
    if not ordered:
        yield Fraction(1)
        return
    yield ordered[0] - 1
    for low, high in pairwise(ordered):
        yield low
        whole = Fraction(int(low // 1) + 1)
        yield whole if whole < high else (low + high) / 2
    yield ordered[-1]
    yield ordered[-1] + 1


def _addresses(tests: Sequence[ValueTest]) -> Iterator[str]:
    from ipaddress import ip_address

    starts: set[Any] = {ip_address("0.0.0.0"), ip_address("::")}  # noqa: S104 - nothing is bound
    for test in tests:
        if found := network(test.value):
            starts.add(found.network_address)
            if int(found.broadcast_address) < 2**found.max_prefixlen - 1:
                starts.add(found.broadcast_address + 1)
    yield from map(str, sorted(starts, key=lambda address: (address.version, int(address))))


_SAMPLES: Mapping[str, Callable[[Sequence[ValueTest]], Iterable[str]]] = {
    "Numeric": _numbers,
    "Date": _moments,
    "IPAddress": _addresses,
}
"""The same for the types whose values are not compared as texts."""
