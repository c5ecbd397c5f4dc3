"""Actions that return data, granted on all resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from multitool_lint.aws.sensitive_actions import DATA, data, stored_data
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.granting import GrantTexts, granting_finding
from multitool_lint.policy.access import grants_naming, with_resources
from multitool_lint.policy.document import Policy
from multitool_lint.policy.unrestricted_actions import unrestricted_actions

_TEXTS = GrantTexts(
    several="{} actions that read data are allowed on all resources",
    single="`{}` reads data and is allowed on all resources",
    label="reads data",
    help="specify the resources",
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them."""
    catalog = context.catalog
    for grant in grants_naming(DATA, policy, catalog):
        found = with_resources(
            unrestricted_actions(grant, partial(data, catalog), catalog), catalog
        )
        if stored := found & grant.select(partial(stored_data, catalog)):
            yield granting_finding(context, grant, found, _TEXTS, foremost=stored)
