"""Statements that grant access to all resources but some."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, Statement

_WHOLE_KIND = re.compile(r"[\w-]+[/:][*/:]*\*")
"""The last field of an ARN that names all resources of a type."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement with NotResource."""
    for statement in policy.statements:
        if statement.allows and statement.negates_resources and statement.resource:
            yield context.finding(
                statement.resource,
                "grants the actions on every other resource, of whatever kind, those to come "
                "included: list under Resource what is meant",
                related=(related(statement.action, "these actions"),) if statement.action else (),
                severity=Severity.SUGGESTION if _excepts_types(statement) else None,
            )


def _excepts_types(statement: Statement) -> bool:
    """Whether certain actions are allowed on resources of other types than those of a list.

    That is how AWS's policies allow an action on some of the resources that it needs.
    """
    fields = [arn.fields(text) for text in statement.resource_names]
    return (
        not statement.open_ended
        and len(fields) == statement.resource_count
        and all(parts and _WHOLE_KIND.fullmatch(parts.resource) for parts in fields)
    )
