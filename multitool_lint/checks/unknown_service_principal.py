"""Service principals, and the values of conditions that name one, that are misspelt or unknown."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.principals import is_known, misspelt
from multitool_lint.aws.service_requests import (
    CALLED_VIA_KEYS,
    SERVICE_VALUED_KEYS,
    is_service_principal,
    principal_labels,
)
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import principal_values
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every one that is a letter away from a known one.

    IAM Access Analyzer reports unknown services in aws:CalledVia; elsewhere any may exist.
    """
    for statement in policy.statements:
        for node, text, called_via in _service_principals(statement):
            if patterns.has_wildcard(text) or not is_service_principal(text):
                continue
            if is_known(text) or context.catalog.service(text.partition(".")[0]):
                continue
            meant = misspelt(text)
            reported = called_via and len(principal_labels(text)) == 1
            if meant or reported:
                yield context.finding(
                    node,
                    f'no service principal "{text}" is known'
                    + (f'; did you mean "{meant}"?' if meant else ""),
                    fixes=write(node, meant) if meant else (),
                    issue_code="INVALID_SERVICE" if reported else "",
                )


def _service_principals(statement: Statement) -> Iterator[tuple[Node, str, bool]]:
    """The service principals, each with whether it is a value of aws:CalledVia or the like."""
    for value in principal_values(statement, "Service"):
        yield value.node, value.text, False
    for condition in statement.conditions:
        if condition.lower_key in SERVICE_VALUED_KEYS and condition.comparison.family == "String":
            for node, text in condition.texts:
                yield node, text, condition.lower_key in CALLED_VIA_KEYS
