"""Roles that a principal creates and gives permissions: which it can, and whether with a boundary.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.resources import has_unknown_condition, is_everywhere

_BOUNDARY = "iam:permissionsboundary"
_ROLE = "role/*"


def first_in_common(
    creating: Sequence[Statement], changing: Sequence[Statement]
) -> tuple[int, int] | None:
    """The numbers of the first two statements about the same roles, of more than one name.

    A single role may well exist, with intended permissions and an intended trust policy.
    """
    pairs = (
        (at, other, one, another)
        for (at, first), (other, second) in product(enumerate(creating), enumerate(changing))
        for one, another in product(_role_patterns(first), _role_patterns(second))
    )
    return next(
        (
            (at, other)
            for at, other, one, another in islice(pairs, MAX_COMPARISONS)
            if patterns.has_wildcard(one[1])
            and patterns.has_wildcard(another[1])
            and all(map(patterns.intersects, one, another))
        ),
        None,
    )


def _role_patterns(statement: Statement) -> list[tuple[str, str]]:
    """The accounts and names of the roles that a statement may be about."""
    if is_everywhere(statement):
        return [("*", _ROLE)]
    fields = [arn.fields(arn.completed(text)) for text in statement.resource_names]
    return [
        (field.account, field.resource)
        for field in fields
        if field and patterns.intersects(field.resource, _ROLE)
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
