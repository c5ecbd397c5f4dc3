"""Actions in resource control policies of services that those do not reach."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.policy_types import rcp_services
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy

_MESSAGE = "name services that resource control policies support, like s3:* and kms:*"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action of a Deny whose service is not supported."""
    for statement in policy.statements:
        if statement.effect != "Deny" or statement.negates_actions:
            continue
        for node, text in statement.action_texts:
            prefix, colon, _ = text.lower().partition(":")
            if not colon or patterns.has_wildcard(prefix):
                yield context.finding(
                    node, f'"{text}" does not name a service: {_MESSAGE}', severity=Severity.ERROR
                )
            elif prefix not in rcp_services() and "${" not in prefix:
                yield context.finding(
                    node,
                    f'resource control policies do not reach the service "{prefix}", as far as '
                    f"the catalog of {context.catalog.date} knows: {_MESSAGE}",
                )
