"""Principals by the unique id of a user or role, which outlives what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import principal_values

_UNIQUE_ID = re.compile(r"(AROA|AIDA)[A-Z0-9]{8,}")
_KINDS = {"AROA": ("role", "INVALID_ROLE_REFERENCE"), "AIDA": ("user", "INVALID_USER_REFERENCE")}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every unique id of a user or role."""
    for statement in policy.statements:
        for value in principal_values(statement, "AWS"):
            found = _UNIQUE_ID.fullmatch(value.text)
            if found:
                kind, code = _KINDS[found[1]]
                yield context.finding(
                    value.node,
                    f'"{value.text}" is the unique id of a {kind}, which AWS shows once the {kind} '
                    f"is deleted: write the ARN of a {kind} that exists, or remove it",
                    issue_code=code,
                )
