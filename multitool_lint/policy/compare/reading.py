"""What an example takes for granted where policies, or the documentation of AWS, leave it open.

A request may be decided differently for one value of `${var.bucket}` and not for another one. The
example then names the value: it shows what may be gained, and is not a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws import condition_operators
from multitool_lint.aws.policy_variables import OPENER, PolicyVariable, is_part, replaced, variables
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK, CanonicalCondition, in_order
from multitool_lint.policy.compare.request import ANYTHING, agrees
from multitool_lint.policy.compare.scope import RequestScope, Resources, Row, canonical_principal
from multitool_lint.policy.compare.unknown_texts import (
    NO_VARIABLE,
    is_without_variables,
    shown,
    with_placeholders,
)
from multitool_lint.policy.compare.value_samples import ValueTest
from multitool_lint.syntax.placeholders import as_written, is_part_of_arn

if TYPE_CHECKING:
    from multitool_lint.policy.compare.callers import Principal

_SAMPLES = {
    "Numeric": "0",
    "Date": "2030-01-01T00:00:00Z",
    "IPAddress": "192.0.2.1",
    "Bool": "true",
    "Null": "true",
    "ARN": "arn:aws:s3:::example",
}
"""A value of each type that is not any text."""


class Assumption(NamedTuple):
    """What is assumed of a part of a policy, such as that an expression "is" a value."""

    subject: str
    meaning: str
    value: str | None = None


class StatementReading(NamedTuple):
    """One of the ways in which statements may be read.

    `keys` are values of the condition keys in the place of policy variables, `parts` those of the
    expressions of templates. Of the values that their operator cannot compare, such as a number
    with letters, those that `match` do so with all values, and the others with none; ForAnyValue
    with IfExists `holds` without the key, or does not. None leaves it open.
    """

    keys: Mapping[str, str]
    parts: Mapping[str, str] = {}
    match: frozenset[ValueTest] | None = None
    holds: bool | None = None

    def of_scope(self, scope: RequestScope) -> RequestScope:
        """A scope, read so."""
        return RequestScope(
            self._resources(scope.resources),
            self._principal(scope.principal),
            self._conditions(scope.conditions),
        )

    def of_row(self, row: Row) -> Row:
        """A row, read so."""
        return Row(
            frozenset(map(self._resources, row.resources)),
            frozenset(map(self._principal, row.principals)),
            self._conditions(row.conditions),
        )

    def _text(self, text: str) -> str:
        if OPENER not in text and UNKNOWN_MARK not in text:
            return text
        template = with_placeholders(text)
        if template is not None:
            filled = replaced(template, lambda found: self._value(template, found))
            if not any(is_part(found.key) for found in variables(filled)):
                if is_without_variables(text):
                    return filled.replace(OPENER, NO_VARIABLE)
                return replaced(filled, lambda found: self._value(filled, found))
        if UNKNOWN_MARK in text:
            return text
        return replaced(text, lambda found: self._value(text, found))

    def _value(self, text: str, found: PolicyVariable) -> str:
        written = text[found.start : found.end]
        value = self.parts.get(name_of(text, found))
        return value or self.keys.get(found.key.lower(), written)

    def _resources(self, resources: Resources) -> Resources:
        return resources._replace(patterns=tuple(map(self._text, resources.patterns)))

    def _principal(self, principal: Principal) -> Principal:
        if principal is None or principal[0] == "NotPrincipal":
            return principal
        return canonical_principal(principal[0], self._text(principal[1]))

    def _conditions(
        self, conditions: frozenset[CanonicalCondition]
    ) -> frozenset[CanonicalCondition]:
        return frozenset(map(self.of_condition, conditions))

    def of_condition(self, clause: CanonicalCondition) -> CanonicalCondition:
        """A condition, read so."""
        values = frozenset(map(self._text, clause.values))
        if self.match is not None and (tests := invalid_tests(clause.operator, values)):
            matching = {ANYTHING for test in tests if test in self.match}
            values = values - {test.value for test in tests} | matching
        if self.holds is not None and is_open_without_key(clause):
            return clause._replace(values=values, without_key=self.holds)
        return clause._replace(values=values)

    def assumptions(self, rows: Sequence[Row]) -> Iterator[Assumption]:
        """What is assumed of some rows."""
        for text, _ in texts(rows):
            template = with_placeholders(text) if self.parts else None
            for found in variables(template) if template else ():
                value = self.parts.get(name_of(template or "", found))
                if value and is_part_of_arn(written := f"{OPENER}{found.key}}}"):
                    filled = self._text(text)
                    yield Assumption(shown(text), "is", filled)
                elif value:
                    yield Assumption(as_written(written), "is", value)
        for clause in sorted(frozenset().union(*(row.conditions for row in rows)), key=in_order):
            for test in sorted(invalid_tests(clause.operator, clause.values)):
                if self.match is not None:
                    every = "every value" if test in self.match else "no value"
                    yield Assumption(f"{test.operator} {shown(test.value)}", f"matches {every}")
            if self.holds is not None and is_open_without_key(clause):
                verb = "holds" if self.holds else "does not hold"
                yield Assumption(clause.as_written, f"{verb} without", clause.key)


def texts(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """The texts of rows, each with the type of its values."""
    for row in rows:
        for resources in sorted(row.resources):
            yield from ((text, "ARN") for text in resources.patterns)
        for kind, text in sorted(filter(None, row.principals)):
            if kind != "NotPrincipal":
                yield text, kind
        for clause in sorted(row.conditions, key=in_order):
            found = condition_operators.operator(clause.operator)
            family = found.family if found else ""
            yield from ((text, family) for text in sorted(clause.values))


def name_of(text: str, found: PolicyVariable) -> str:
    """What a variable is called: a part of an ARN by its field, and a key in lower case."""
    if not is_part(found.key):
        return found.key.lower()
    written = text[found.start : found.end]
    if is_part_of_arn(written):
        return f"{found.key} {text.count(':', 0, found.start)}"
    return expression_of(written)


expression_of = lru_cache(maxsize=4096)(as_written)
"""A placeholder as the expression that it is written as: many comparisons ask for the same."""


def invalid_tests(operator: str, values: Iterable[str]) -> frozenset[ValueTest]:
    """Those values of an operator that it cannot compare with any value of a request."""
    operator = operator.replace("Not", "")
    known = condition_operators.operator(operator)
    family = known.family if known else ""
    sample = _SAMPLES.get(family)
    if sample is None:
        return frozenset()
    return frozenset(
        ValueTest(operator, value)
        for value in values
        if UNKNOWN_MARK not in value
        and OPENER not in value
        and (
            value not in ("true", "false", ANYTHING)
            if family == "Null"
            else agrees(operator, value, sample) is None
        )
    )


def is_open_without_key(clause: CanonicalCondition) -> bool:
    """Whether what a condition means without its key is not documented."""
    return clause.qualifier == "ForAnyValue" and clause.if_exists
