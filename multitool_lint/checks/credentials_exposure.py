"""Actions that return credentials, granted on whatever they can act on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from multitool_lint.aws.sensitive_actions import credentials
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.granting import granting_finding
from multitool_lint.policy.access import sensitive_grants, unrestricted_actions
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import by_themselves


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them."""
    catalog = context.catalog
    for grant in sensitive_grants(policy, catalog):
        found = unrestricted_actions(grant, partial(credentials, catalog), catalog)
        if found and (found := found - by_themselves(policy, grant, catalog)):
            danger = "hands out credentials on every resource"
            instead = "take out what is not needed, or name the resources"
            yield granting_finding(context, grant, found, danger, instead)
