"""Conditions on the calling user or role in statements that allow access to a service."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.service_requests import is_caller_key
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.principals import PrincipalValue, is_about_roles, principal_values


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such key that requests of a service principal do not have."""
    for statement in policy.statements:
        principal = statement.principal
        if not (statement.allows and statement.conditions and principal):
            continue
        if principal.key == "NotPrincipal" or is_about_roles(statement):
            continue
        principals = list(principal_values(statement))
        services = [principal for principal in principals if principal.kind == "Service"]
        for condition in statement.conditions if services else ():
            if is_caller_key(condition.key.key) and _counts(condition, principals):
                name = (
                    f"`{services[0].text}`" if len(services) == 1 else f"{len(services)} services"
                )
                outcome = "restricts nothing" if condition.comparison.negated else "never holds"
                yield context.finding(
                    condition.key,
                    f"Requests of {name} never have `{condition.key.key}`",
                    label="not in these requests",
                    notes=(f"the condition {outcome} for a service",),
                    help="use aws:SourceOrgID, aws:SourceAccount or aws:SourceArn",
                    related=tuple(related(service.node, "this service") for service in services),
                )


def _counts(condition: Condition, principals: list[PrincipalValue]) -> bool:
    """Whether a condition is about the services, and not only about the other principals."""
    operator = condition.comparison
    if operator.family in ("", "Null"):
        return False
    lets_services_pass = operator.negated or operator.if_exists
    return not lets_services_pass or all(principal.kind == "Service" for principal in principals)
