"""Deny statements about networks or organizations that block services which the policy allows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import all_covered
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.aws.service_requests import NETWORK_KEYS, is_caller_key
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, quoted, related
from multitool_lint.policy.access import actions_of, is_for_everyone
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import PrincipalValue, principal_values
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.syntax.tree import UNKNOWN

_VIA_SERVICE = "aws:viaawsservice"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Deny that also denies all that a service is allowed."""
    allowed = [
        (statement, services)
        for statement in policy.statements
        if statement.allows and (services := list(principal_values(statement, "Service")))
    ]
    for denial in policy.statements if allowed else ():
        condition = _condition_without_services(denial)
        blocked = [
            service
            for statement, services in allowed
            if condition and _covers(denial, statement, context.catalog)
            for service in services
        ]
        if condition and blocked:
            yield _finding(condition, blocked, context)


def _finding(condition: Condition, blocked: list[PrincipalValue], context: Context) -> Finding:
    names = list(dict.fromkeys(service.text for service in blocked))
    who = quoted(names[0]) if len(names) == 1 else f"{len(names)} services"
    key = condition.key.key
    return context.finding(
        condition.key,
        f"This Deny also blocks {who}, which the policy allows",
        label="not in requests of services",
        related=tuple(related(service.node, "allowed here") for service in blocked),
        notes=(
            f"services call from networks and accounts of their own, so {key} never has this value",
            *((f"services: {enumerate_briefly(names)}",) if len(names) > 1 else ()),
        ),
        help='add the condition Bool with "false" for aws:PrincipalIsAWSService',
    )


def _condition_without_services(denial: Statement) -> Condition | None:
    """The first condition of a Deny whose conditions all hold for every request of a service."""
    if denial.effect != "Deny" or not denial.conditions or has_unknown_condition(denial):
        return None
    if not is_for_everyone(denial) or not all(map(_holds_for_services, denial.conditions)):
        return None
    return next(filter(_is_about_callers, denial.conditions), None)


def _holds_for_services(condition: Condition) -> bool:
    if condition.lower_key == _VIA_SERVICE:
        return all(str(node.value).lower() == "false" for node in condition.values)
    operator = condition.comparison
    return operator.negated and operator.holds_without_key and _is_about_callers(condition)


def _is_about_callers(condition: Condition) -> bool:
    return condition.lower_key in NETWORK_KEYS or is_caller_key(condition.lower_key)


def _covers(denial: Statement, allowed: Statement, catalog: Catalog) -> bool:
    """Whether a Deny is about all actions and resources of another statement, as far as known."""
    if denial.negates_resources or allowed.negates_resources or allowed.negates_actions:
        return False
    nodes = chain(allowed.actions, allowed.resources)
    if any(node.value is UNKNOWN for node in nodes):
        return False
    if actions_of(allowed, catalog) - actions_of(denial, catalog):
        return False
    return bool(allowed.resource_names) and all_covered(
        allowed.resource_names, denial.resource_names, resource_covers
    )
