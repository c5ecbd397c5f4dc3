"""Trust in a service that acts for all accounts, where AWS documents a condition against that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.service_requests import SOURCE_KEYS
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import principal_values
from multitool_lint.policy.resources import has_unknown_condition, restricts_values
from multitool_lint.policy.trust import may_allow

_DOCUMENTATION = "https://docs.aws.amazon.com/"
_SUFFIX = ".amazonaws.com"


@bundled_table("source_account.tsv")
def _documented(rows: Rows) -> Mapping[str, tuple[str, str]]:
    """The condition keys that AWS documents for the roles of services, and the pages."""
    return {f"{service}{_SUFFIX}": (key, page) for service, key, page in rows}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such service that a statement without a condition on it allows."""
    for statement in policy.statements:
        if not may_allow([statement], "sts:AssumeRole") or has_unknown_condition(statement):
            continue
        if any(on.lower_key in SOURCE_KEYS and restricts_values(on) for on in statement.conditions):
            continue
        for service in principal_values(statement, "Service"):
            if found := _documented().get(service.text.lower()):
                key, page = found
                yield context.finding(
                    service.node,
                    f"{quoted(service.text)} can assume the role on behalf of any account",
                    notes=(f"AWS documents a condition for this role: {_DOCUMENTATION}{page}",),
                    help=f"require {key} in a condition",
                )
