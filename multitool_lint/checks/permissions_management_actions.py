"""Actions that change who may do what, granted on whatever they can act on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.sensitive_actions import permissions
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.granting import granting_finding
from multitool_lint.policy.access import (
    Grant,
    is_for_everyone,
    sensitive_grants,
    unrestricted_actions,
)
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.policy.escalation import by_themselves


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them."""
    catalog = context.catalog
    for grant in sensitive_grants(policy, catalog):
        if policy.type is PolicyType.RESOURCE:
            found, reach = _for_everyone(policy, grant, catalog), "to everyone"
            instead = "name who is meant"
        else:
            found = unrestricted_actions(grant, partial(permissions, catalog), catalog)
            found = found and found - by_themselves(policy, grant, catalog)
            reach = "on every resource"
            instead = "take out what is not needed, or name the resources"
        if found:
            danger = f"grants management of permissions {reach}"
            yield granting_finding(context, grant, found, danger, instead)


def _for_everyone(policy: Policy, grant: Grant, catalog: Catalog) -> ActionSet | None:
    """Those of a resource policy, which may well name who manages it, unless that is everyone.

    On all resources it is likely the policy of a VPC endpoint, which grants nothing by itself.
    """
    statement = grant.statement
    everyone = is_for_everyone(statement) or (
        statement.principal is not None and statement.principal.key == "NotPrincipal"
    )
    at_endpoint = grant.everywhere and policy.resource_type in (None, "AWS::EC2::VPCEndpoint")
    if not everyone or at_endpoint or statement.members.find("Condition"):
        return None
    return grant.select(partial(permissions, catalog))
