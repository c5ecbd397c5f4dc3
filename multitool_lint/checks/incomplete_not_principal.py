"""Denials with NotPrincipal that list users or roles without their account."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.principals import account_of_root
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import PrincipalValue, all_are_known, principal_values


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each account that a Deny with NotPrincipal does not list."""
    for statement in policy.statements:
        principal = statement.principal
        if statement.effect != "Deny" or principal is None or principal.key != "NotPrincipal":
            continue
        if not all_are_known(statement):
            continue
        listed = {account_of_root(value.text) for value in principal_values(statement, "AWS")}
        by_account: dict[str, list[PrincipalValue]] = {}
        for value in principal_values(statement, "AWS"):
            fields = arn.fields(value.text)
            if fields is not None and arn.is_account_id(fields.account):
                by_account.setdefault(fields.account, []).append(value)
        for account, (first, *others) in by_account.items():
            if account not in listed:
                yield context.finding(
                    first.node,
                    f"This Deny may also apply to {quoted(first.text)}: its account is not listed",
                    label="without its account",
                    notes=("AWS may evaluate the account before the user, role or session",),
                    help=f'also list "{account}", or use Principal "*" with a condition on '
                    "aws:PrincipalArn and ArnNotEquals",
                    related=tuple(related(value.node, "also here", alike=True) for value in others),
                )
