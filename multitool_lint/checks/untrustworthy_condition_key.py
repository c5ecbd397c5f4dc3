"""Conditions on what callers write as they like."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy

_HEADERS = {"aws:useragent": "User-Agent", "aws:referer": "Referer"}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such key."""
    for _, condition in policy.conditions:
        header = _HEADERS.get(condition.lower_key)
        if header:
            yield context.finding(
                condition.key,
                f"{condition.key.key} is the header {header}, which callers write as they "
                "like: use keys that AWS fills in, such as aws:PrincipalArn or aws:SourceVpce",
            )
