"""Roles that a principal creates and gives permissions: which it can, and whether with a boundary.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from itertools import islice, product

from multitool_lint.aws import patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.resources import has_unknown_condition, is_everywhere

_BOUNDARY = "iam:permissionsboundary"
_ROLES = "arn:*:iam::*:role/*"


def have_roles_in_common(creating: Statement, changing: Statement) -> bool:
    """Whether two statements are about the same roles, of more than one name.

    A single role may well exist, with permissions and a trust policy that are meant.
    """
    if is_everywhere(creating) or is_everywhere(changing):
        return True
    pairs = product(_role_patterns(creating), _role_patterns(changing))
    return any(
        patterns.intersects(one, other)
        for one, other in islice(pairs, MAX_COMPARISONS)
        if patterns.has_wildcard(one.rpartition("/")[2])
        and patterns.has_wildcard(other.rpartition("/")[2])
    )


def _role_patterns(statement: Statement) -> list[str]:
    return [text for text in statement.resource_names if patterns.intersects(text, _ROLES)]


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
