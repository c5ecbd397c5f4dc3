"""Actions that delete or overwrite what is kept or runs, granted on all resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from multitool_lint.aws.sensitive_actions import LOSS, losses
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.granting import GrantTexts, granting_finding
from multitool_lint.policy.access import grants_naming, with_resources
from multitool_lint.policy.document import Policy
from multitool_lint.policy.unrestricted_actions import unrestricted_actions

_TEXTS = GrantTexts(
    several="{} actions that delete or overwrite are allowed on all resources",
    single="`{}` deletes or overwrites and is allowed on all resources",
    label="deletes or overwrites",
    help="specify the resources, or limit the statement to those with a tag (aws:ResourceTag)",
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them."""
    catalog = context.catalog
    for grant in grants_naming(LOSS, policy, catalog):
        found = unrestricted_actions(grant, partial(losses, catalog), catalog)
        if found := with_resources(found, catalog):
            yield granting_finding(context, grant, found, _TEXTS)
