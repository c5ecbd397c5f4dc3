"""Conditions on request headers that any caller can set."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy, Statement

_HEADERS = {"aws:useragent": "User-Agent", "aws:referer": "Referer"}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such key."""
    for statement, condition in policy.conditions:
        header = _HEADERS.get(condition.lower_key)
        if header and not _is_for_services_only(statement):
            yield context.finding(
                condition.key,
                f"`{condition.key.key}` is the {header} header, which any caller can set",
                label="set by the caller",
                help="use keys that AWS sets, such as aws:PrincipalArn or aws:SourceVpce",
            )


def _is_for_services_only(statement: Statement) -> bool:
    """Whether only services may send the request: Amazon SES sets aws:Referer to its account."""
    principal = statement.principal
    return principal is not None and {key.key for key in principal.value.fields()} == {"Service"}
