"""Principals that are the unique ID of a user or role, which remains after its deletion."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import principal_values

_UNIQUE_ID = lazy_pattern(r"(AROA|AIDA)[A-Z0-9]{8,}")
_KINDS = {"AROA": ("role", "INVALID_ROLE_REFERENCE"), "AIDA": ("user", "INVALID_USER_REFERENCE")}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every unique ID of a user or role."""
    for statement in policy.statements:
        for value in principal_values(statement, "AWS"):
            found = _UNIQUE_ID.fullmatch(value.text)
            if found:
                kind, code = _KINDS[found[1]]
                yield context.finding(
                    value.node,
                    f"{quoted(value.text)} is a unique ID, which AWS shows for a deleted {kind}",
                    notes=(f"a new {kind} of the same name has another unique ID",),
                    help=f"remove it, or use the ARN of an existing {kind}",
                    issue_code=code,
                )
