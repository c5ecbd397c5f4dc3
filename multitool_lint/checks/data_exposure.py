"""Actions that return data, granted on all resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.sensitive_actions import DATA, data, stored_data
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.granting import GrantTexts, granting_finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import Grant, with_resources
from multitool_lint.policy.action_status import notable_actions
from multitool_lint.policy.document import Policy
from multitool_lint.policy.unrestricted_actions import unrestricted_actions

_TEXTS = GrantTexts(
    several="{} actions that read data are allowed on all resources",
    single="`{}` reads data and is allowed on all resources",
    label="reads data",
    help="specify the resources",
)

_RECORDS = frozenset({"logs"})
"""Services of which a role often reads all records, for its work."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them.

    A warning where a wildcard includes data of customers, a suggestion where it is listed.
    """
    catalog = context.catalog
    for statement, looks in notable_actions(policy, catalog).items():
        named = [at for at, summary in looks if DATA in summary.kinds]
        if not named or not statement.allows or statement.open_ended:
            continue  # A fast path: the statement grants none of them.
        grant = Grant(statement, policy, catalog, named)
        found = with_resources(
            unrestricted_actions(grant, partial(data, catalog), catalog), catalog
        )
        if stored := found & grant.select(partial(stored_data, catalog)):
            severity = None if _brought(grant, stored, catalog) else Severity.SUGGESTION
            yield granting_finding(context, grant, found, _TEXTS, severity, stored)


def _brought(grant: Grant, stored: ActionSet, catalog: Catalog) -> bool:
    """Whether a wildcard includes some of the actions, more than those that read records of use."""
    return any(
        has_wildcard(text) and (catalog.match(text) & stored).prefixes - _RECORDS
        for _, text in grant.named
    )
