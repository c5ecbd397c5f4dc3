"""Actions that return credentials, granted on all resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from multitool_lint.aws.sensitive_actions import credentials, usable_credentials
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.granting import GrantTexts, granting_finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import named_actions, sensitive_grants, with_resources
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import by_themselves
from multitool_lint.policy.unrestricted_actions import unrestricted_actions

_SESSIONS = frozenset(
    {
        "dsql:DbConnect",
        "dsql:DbConnectAdmin",
        "ec2-instance-connect:SendSSHPublicKey",
        "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
        "rds-db:connect",
    }
)
"""The actions that let the caller in instead of returning credentials."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them.

    A suggestion where a whole service is granted, where the credentials alone are of no use, and
    where no resource can be specified.
    """
    catalog = context.catalog
    for grant in sensitive_grants(policy, catalog):
        found = unrestricted_actions(grant, partial(credentials, catalog), catalog)
        if found and (found := found - by_themselves(policy, grant, catalog)):
            usable = found & grant.select(partial(usable_credentials, catalog))
            avoidable = with_resources(usable & named_actions(grant, catalog), catalog)
            outcome = "returns credentials"
            if _SESSIONS.issuperset(catalog.names(avoidable or found)):
                outcome = "opens a session"
            specify = ", or specify the resources" if with_resources(found, catalog) else ""
            yield granting_finding(
                context,
                grant,
                avoidable or found,
                GrantTexts(
                    several="{} actions that return credentials are allowed on all resources",
                    single=f"`{{}}` {outcome} and is allowed on all resources",
                    label=outcome,
                    help=f"remove the actions that are not needed{specify}",
                ),
                None if avoidable else Severity.SUGGESTION,
            )
