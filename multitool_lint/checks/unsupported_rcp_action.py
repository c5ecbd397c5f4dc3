"""Actions of services that resource control policies do not support."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.policy_types import rcp_services
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.printable import quoted

_HELP = "specify services that resource control policies support, as in s3:* and kms:*"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action of a Deny whose service is not supported."""
    for statement in policy.statements:
        if statement.effect != "Deny" or statement.negates_actions:
            continue
        for node, text in statement.action_texts:
            prefix, colon, _ = text.lower().partition(":")
            if not colon or patterns.has_wildcard(prefix):
                yield context.finding(
                    node,
                    f"{quoted(text)} does not specify a service",
                    help=_HELP,
                    severity=Severity.ERROR,
                )
            elif prefix not in rcp_services() and "${" not in prefix:
                yield context.finding(
                    node,
                    f"Resource control policies do not support the service {quoted(prefix)}",
                    notes=(context.catalog_note,),
                    help=_HELP,
                )
