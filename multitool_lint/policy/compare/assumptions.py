"""Values and readings that may distinguish statements whose parts are unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, islice, product
from typing import TYPE_CHECKING

from multitool_lint.aws.arn import is_account_id
from multitool_lint.aws.policy_variables import OPENER, PolicyVariable, is_part, variables
from multitool_lint.limits import MAX_ASSUMED_READINGS
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK, CanonicalCondition
from multitool_lint.policy.compare.effort import FAST
from multitool_lint.policy.compare.reading import (
    StatementReading,
    expression_of,
    invalid_tests,
    is_open_without_key,
    name_of,
    texts,
)
from multitool_lint.policy.compare.unknown_texts import (
    are_independent,
    is_without_variables,
    with_placeholders,
)
from multitool_lint.syntax.placeholders import is_part_of_arn

if TYPE_CHECKING:
    from multitool_lint.policy.compare.scope import Row
    from multitool_lint.policy.compare.value_samples import ValueTest


class Readings:
    """Ways to read some rows, the first of which is a scope, that may distinguish them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._texts = list(texts(rows))

    @property
    def of_keys(self) -> StatementReading | None:
        """Values for the keys of variables, which a request may have; None without variables."""
        has_keys = any(
            not is_part(found.key)
            for text, _ in self._texts
            if OPENER in text and UNKNOWN_MARK not in text
            for found in variables(text)
        )
        return self._of_keys if has_keys else None

    @cached_property
    def _of_keys(self) -> StatementReading:
        return self._reading({name: self._fresh[name] for name in sorted(self._keys)})

    @cached_property
    def _found(self) -> list[tuple[str, str, PolicyVariable]]:
        """The variables and expressions, each with its text and the type of that."""
        templates = ((with_placeholders(text), kind) for text, kind in self._texts)
        return [
            (template, kind, found)
            for template, kind in templates
            if template
            for found in variables(template)
            if is_part(found.key) or found.names_key
        ]

    @cached_property
    def _keys(self) -> set[str]:
        return {found.key.lower() for _, _, found in self._found if not is_part(found.key)}

    @cached_property
    def _fresh(self) -> dict[str, str]:
        """Values that occur nowhere else, by the names of variables and expressions."""
        written = " ".join(text for text, _ in self._texts)
        width = len(str(len(self._found)))  # so that none is the beginning of another one
        taken = {
            *re.findall(f"example[0-9]{{{width}}}", written),
            *re.findall("(?=([0-9]{12}))", written),
        }
        names = (text for at in count(1) if (text := f"example{at:0{width}}") not in taken)
        accounts = (text for at in count(1) if (text := f"{at:012}") not in taken)
        values: dict[str, str] = {}
        for template, kind, found in sorted(self._found, key=lambda part: part[2].key.lower()):
            if (name := name_of(template, found)) not in values:
                values[name] = _value(template, kind, found, names, accounts)
        return values

    def under_assumptions(self, spend: Callable[[int], None]) -> Iterator[StatementReading]:
        """Values for keys and expressions, and what else may be assumed."""
        return islice(self._all(spend), MAX_ASSUMED_READINGS)

    def _all(self, spend: Callable[[int], None]) -> Iterator[StatementReading]:
        spend(sum(len(text) for text, _ in self._texts) // FAST)
        written = [clause for row in self._rows for clause in row.conditions]
        for values in self._values(spend):
            spend(len(written))
            clauses = list(map(values.of_condition, written))
            own = len(self._rows[0].conditions)
            choices = _choices(_tests(clauses), _tests(clauses[:own]))
            is_open = any(map(is_open_without_key, clauses))
            for match, holds in product(choices, (True, False) if is_open else (None,)):
                reading = values._replace(match=match, holds=holds)
                if reading != self._of_keys:
                    yield reading

    def _values(self, spend: Callable[[int], None]) -> Iterator[StatementReading]:
        """Values for all of them: all different, some as in other texts, or all equal."""
        expressions = {
            (expression_of(written)[len(OPENER) : -1], is_part_of_arn(written))
            for text, _, found in self._found
            if is_part(found.key)
            for written in (text[found.start : found.end],)
        }
        spend(len(expressions))
        fresh = self._fresh
        if not are_independent(expression for expression, _ in expressions):
            fresh = {name: fresh[name] for name in sorted(self._keys)}
        yield self._reading(fresh)
        near = self._near(fresh, spend)
        if near:
            yield self._reading(fresh | {name: next(iter(some)) for name, some in near.items()})
        names = [name for name, value in fresh.items() if value.startswith("example")]
        if len(names) > 1:
            yield self._reading(fresh | dict.fromkeys(names, fresh[names[0]]))
        if names := [name for name in names if name not in self._keys]:
            yield self._reading(fresh | {name: f"{fresh[name]}*" for name in names})
        if several := [name for name in self._of_both_versions() if name in fresh]:
            yield self._with_variables(fresh, several)
        for name, some in near.items():
            yield from (self._reading(fresh | {name: value}) for value in some)

    def _reading(self, values: Mapping[str, str]) -> StatementReading:
        keys = {name: value for name, value in values.items() if name in self._keys}
        return StatementReading(keys, {name: values[name] for name in values.keys() - keys.keys()})

    def _of_both_versions(self) -> set[str]:
        """The expressions in texts with and without variables: these may be filled in, too."""
        names: tuple[set[str], set[str]] = set(), set()
        for text, _ in self._texts:
            template = with_placeholders(text) or ""
            of_version = names[is_without_variables(text)]
            for found in variables(template):
                if is_part(found.key):
                    of_version.add(name_of(template, found))
        return names[0] & names[1]

    def _with_variables(self, values: Mapping[str, str], names: Iterable[str]) -> StatementReading:
        """The reading in which some expressions come to variables."""
        keys = {name: _ACCOUNT_KEY if is_account_id(values[name]) else _NAME_KEY for name in names}
        written = {name: f"{OPENER}{key}}}" for name, key in keys.items()}
        given = {key.lower(): values[name] for name, key in keys.items()}
        reading = self._reading({**values, **written})
        return reading._replace(keys={**given, **reading.keys})

    def _near(
        self, names: Container[str], spend: Callable[[int], None]
    ) -> dict[str, dict[str, None]]:
        """Values with which a text is, or begins as, another one."""
        near: dict[str, dict[str, None]] = {}
        for text, kind, found in self._found:
            if (name := name_of(text, found)) in names:
                spend(len(self._texts) // FAST)
                some = dict.fromkeys(self._values_of_others(text, kind, found))
                if some:
                    near.setdefault(name, {}).update(some)
        return near

    def _values_of_others(self, text: str, kind: str, found: PolicyVariable) -> Iterator[str]:
        before = text[: found.start]
        for other, other_kind in self._texts:
            if other_kind != kind or OPENER in other or UNKNOWN_MARK in other:
                continue
            if other.startswith(before):
                rest = other[len(before) :]
                if found.end < len(text):
                    rest = re.split("[:/]", rest)[0]
                if value := rest.replace("*", "").replace("?", "x"):
                    yield value


_ACCOUNT_KEY, _NAME_KEY = "aws:PrincipalAccount", "aws:username"
_PARTITION, _REGION, _ACCOUNT = 1, 3, 4
"""Fields of an ARN."""
_WHOLE = {
    "ARN": "arn:aws:s3:::{}",
    "AWS": "arn:aws:iam::111122223333:user/{}",
    "Service": "{}.amazonaws.com",
    "Numeric": "10",
    "Date": "2030-01-01T00:00:00Z",
    "IPAddress": "192.0.2.0/24",
    "Bool": "true",
    "Null": "true",
}
"""Values of each type, with a name."""


def _value(
    text: str, kind: str, found: PolicyVariable, names: Iterator[str], accounts: Iterator[str]
) -> str:
    """A value for a variable or an expression in a text."""
    field = text.count(":", 0, found.start) if text.startswith("arn:") else None
    if field in (_PARTITION, _REGION):
        return "aws" if field == _PARTITION else "us-east-1"
    if field == _ACCOUNT or found.key.lower().endswith("account"):
        return next(accounts)
    is_whole = found.end - found.start == len(text)
    return _WHOLE.get(kind, "{}").format(next(names)) if is_whole else next(names)


def _tests(clauses: Iterable[CanonicalCondition]) -> frozenset[ValueTest]:
    return frozenset().union(*(invalid_tests(clause.operator, clause.values) for clause in clauses))


def _choices(
    tests: frozenset[ValueTest], own: frozenset[ValueTest]
) -> Iterator[frozenset[ValueTest] | None]:
    """Some tests: those of the scope alone, none, all, one, all but one; None if there are none."""
    if not tests:
        yield None
        return
    yield from dict.fromkeys((own, tests - tests, tests, tests - own))
    for test in sorted(tests) if len(tests) > 1 else ():
        yield frozenset({test})
        yield tests - {test}
