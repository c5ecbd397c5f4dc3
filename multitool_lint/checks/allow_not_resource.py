"""Allow statements that grant access to all resources except the listed ones."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement

_WHOLE_KIND = lazy_pattern(r"[\w-]+[/:][*/:]*\*")
"""The last field of an ARN that names all resources of a type."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement with NotResource."""
    for statement in policy.statements:
        if statement.allows and statement.negates_resources and statement.resource:
            yield context.finding(
                statement.resource,
                "NotResource in an Allow statement allows the actions on all other resources",
                label="allows all resources except these",
                notes=(
                    "this includes resources of every type, and resources created in the future",
                ),
                help="list the resources that are needed in Resource; to exclude some, use a Deny "
                "statement",
                related=(related(statement.action, "these actions"),) if statement.action else (),
                severity=Severity.SUGGESTION if _excepts_types(statement) else None,
            )


def _excepts_types(statement: Statement) -> bool:
    """Whether a statement allows specific actions on all resources except those of whole types.

    AWS's own policies allow an action on some of the resources that it needs in this way.
    """
    fields = [arn.fields(text) for text in statement.resource_names]
    return (
        not statement.open_ended
        and len(fields) == statement.resource_count
        and all(parts and _WHOLE_KIND.fullmatch(parts.resource) for parts in fields)
    )
