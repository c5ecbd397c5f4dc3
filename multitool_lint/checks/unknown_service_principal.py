"""Service principals, and condition values that are one, that are misspelt or unknown."""

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
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.fixes import write
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import principal_values
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every value that differs in one letter from a known service principal.

    IAM Access Analyzer reports unknown services in aws:CalledVia; elsewhere they may exist.
    """
    for statement in policy.statements:
        for node, text, called_via in _service_principals(statement):
            if patterns.has_wildcard(text) or not is_service_principal(text):
                continue
            if is_known(text) or context.catalog.service(text.partition(".")[0]):
                continue
            intended = misspelt(text)
            reported = called_via and len(principal_labels(text)) == 1
            if intended or reported:
                hint = f'; did you mean "{intended}"?' if intended else ""
                yield context.finding(
                    node,
                    f"{quoted(text)} is not a known service principal{hint}",
                    help="" if intended else "check the name in the documentation of the service",
                    fixes=write(node, intended) if intended else (),
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
