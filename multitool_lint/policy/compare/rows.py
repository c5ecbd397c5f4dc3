"""What the statements say that are compared together, each a row, and values for its variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.policy_variables import is_part, replaced, variables
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK

if TYPE_CHECKING:
    from multitool_lint.policy.compare.callers import Principal
    from multitool_lint.policy.compare.conditions import CanonicalCondition
    from multitool_lint.policy.compare.scope import RequestScope, Resources


class Row(NamedTuple):
    """A statement for some actions: all combinations of its resources and principals."""

    resources: frozenset[Resources]
    principals: frozenset[Principal]
    conditions: frozenset[CanonicalCondition]

    @classmethod
    def of(cls, scopes: Iterable[RequestScope]) -> Row:
        """The row of the scopes of one statement."""
        resources, principals, conditions = zip(*scopes, strict=True)
        return cls(frozenset(resources), frozenset(principals), conditions[0])


def values_of_variables(rows: Iterable[Row]) -> dict[str, str]:
    """A value for the key of each variable, which occurs nowhere else."""
    texts = {text for row in rows for text in _texts_of(row) if UNKNOWN_MARK not in text}
    written = " ".join(texts)
    keys = {
        variable.key.lower()
        for text in texts
        for variable in variables(text)
        if variable.names_key and not is_part(variable.key)
    }
    names = (name for at in count(1) if (name := f"example{at}") not in written)
    accounts = (name for at in count(1) if (name := f"{at:012}") not in written)
    return {key: next(accounts if key.endswith("account") else names) for key in sorted(keys)}


def _texts_of(row: Row) -> Iterator[str]:
    for resources in row.resources:
        yield from resources.patterns
    for clause in row.conditions:
        yield from clause.values


def filled_in(
    within: RequestScope, rows: Iterable[Row], given: Mapping[str, str]
) -> tuple[RequestScope, list[Row]]:
    """A scope and rows with values in the place of variables."""

    def text(text: str) -> str:
        if UNKNOWN_MARK in text:
            return text
        return replaced(
            text, lambda found: given.get(found.key.lower(), text[found.start : found.end])
        )

    def resources(listed: Resources) -> Resources:
        return listed._replace(patterns=tuple(map(text, listed.patterns)))

    def conditions(clauses: Iterable[CanonicalCondition]) -> frozenset[CanonicalCondition]:
        return frozenset(
            clause._replace(values=frozenset(map(text, clause.values))) for clause in clauses
        )

    return (
        within._replace(
            resources=resources(within.resources), conditions=conditions(within.conditions)
        ),
        [
            row._replace(
                resources=frozenset(map(resources, row.resources)),
                conditions=conditions(row.conditions),
            )
            for row in rows
        ],
    )
