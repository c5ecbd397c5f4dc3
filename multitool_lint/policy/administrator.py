"""Whether an identity is an administrator by its policies, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.sensitive_actions import permissions
from multitool_lint.policy.access import grants
from multitool_lint.policy.document import Policy


def may_be_administrator(policies: Iterable[Policy], catalog: Catalog) -> bool:
    """Whether policies allow all that an administrator needs, if none denies what others allow.

    A quick no for most identities: little is asked of a policy that is shared.
    """
    allowed = ActionSet().union(_unconditional_of_iam(policy, catalog) for policy in policies)
    return _needed(catalog) <= allowed


def is_administrator(policy: Policy, boundary: Policy | None, catalog: Catalog) -> bool:
    """Whether policies, taken as one, certainly allow all that an administrator needs.

    That is to manage all permissions of IAM: with these, a principal can give itself any other.
    """
    return all(
        _needed(catalog) <= _unconditional(limit, catalog)
        for limit in (policy, boundary)
        if limit is not None
    )


@lru_cache(maxsize=4)
def _needed(catalog: Catalog) -> ActionSet:
    return ActionSet({"iam": permissions(catalog, "iam")})


@lru_cache(maxsize=256)
def _unconditional_of_iam(policy: Policy, catalog: Catalog) -> ActionSet:
    """What a policy allows unconditionally, if it has actions of IAM."""
    speaks = any(s.allows and (s.open_ended or "iam" in s.services) for s in policy.statements)
    return _unconditional(policy, catalog) if speaks else ActionSet()


def _unconditional(policy: Policy, catalog: Catalog) -> ActionSet:
    """The actions that a policy allows on all resources and under no condition."""
    return ActionSet().union(
        grant.actions
        for grant in grants(policy, catalog)
        if grant.everywhere
        and not grant.statement.negates_resources
        and grant.statement.condition is None
    )
