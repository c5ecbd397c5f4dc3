"""Roles and users that a principal creates and gives permissions, and whether with a boundary.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice, product

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.resources import has_unknown_condition, is_everywhere

_BOUNDARY = "iam:permissionsboundary"


def first_in_common(
    by_action: Sequence[Sequence[Statement]], kind: str, *, exists: bool = False
) -> tuple[int, ...] | None:
    """The numbers of the first statements about the same roles or users, one for each action.

    They have more than one name, unless it `exists`: a single one may be there, so that none of
    that name can be created.
    """
    patterns_of = [
        [(at, found) for at, statement in enumerate(some) for found in _patterns(statement, kind)]
        for some in by_action
    ]
    for choice in islice(product(*patterns_of), MAX_COMPARISONS):
        accounts, names = zip(*(found for _, found in choice), strict=True)
        is_possible = exists or all(map(patterns.has_wildcard, names))
        if is_possible and _intersect(accounts) and _intersect(names):
            return tuple(at for at, _ in choice)
    return None


def _intersect(some: Sequence[str]) -> bool:
    return all(patterns.intersects(one, another) for one, another in combinations(some, 2))


def _patterns(statement: Statement, kind: str) -> list[tuple[str, str]]:
    """The accounts and names of the roles or users that a statement may be about."""
    if is_everywhere(statement):
        return [("*", f"{kind}/*")]
    fields = [arn.fields(arn.completed(text)) for text in statement.resource_names]
    return [
        (field.account, field.resource)
        for field in fields
        if field and patterns.intersects(field.resource, f"{kind}/*")
    ]


def is_bounded(policy: Policy, action: str, catalog: Catalog) -> bool:
    """Whether a Deny statement asks for a permissions boundary, or may do so, in an action."""
    wanted = catalog.match(action)
    return any(
        statement.effect == "Deny"
        and (
            has_unknown_condition(statement)
            or any(condition.lower_key == _BOUNDARY for condition in statement.conditions)
        )
        and bool(actions_of(statement, catalog) & wanted)
        for statement in policy.statements
    )
