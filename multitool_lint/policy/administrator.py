"""Whether an identity is an administrator by its policies, whatever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.sensitive_actions import permissions
from multitool_lint.policy.access import grants

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy


def is_administrator(policy: Policy, boundary: Policy | None, catalog: Catalog) -> bool:
    """Whether policies, taken as one, certainly allow all that an administrator needs.

    That is to manage all permissions of IAM: with these, a principal can give itself any other.
    """
    needed = ActionSet({"iam": permissions(catalog, "iam")})
    return all(
        needed <= _unconditional(limit, catalog)
        for limit in (policy, boundary)
        if limit is not None
    )


def _unconditional(policy: Policy, catalog: Catalog) -> ActionSet:
    """The actions that a policy allows on all resources and under no condition."""
    return ActionSet().union(
        grant.actions
        for grant in grants(policy, catalog)
        if grant.everywhere
        and not grant.statement.negates_resources
        and grant.statement.condition is None
    )
