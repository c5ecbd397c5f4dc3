"""Statements that let any role be passed to any service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from multitool_lint.aws import arn
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.service_requests import principal_suffixes
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.access import Grant, all_sensitive_grants, granting_nodes
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.escalation import PASS_ROLE, PASSED_TO, passes_any_role
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.syntax.tree import Member, Node


class RoleAction(NamedTuple):
    """An action on roles, and what IAM Access Analyzer asks of the statements that grant it.

    `code` begins the names of its checks; a condition on `key` limits the action well enough,
    unless a value `names_any` service; `is_open` says whether the resources of a statement leave
    the role open.
    """

    name: str
    code: str
    key: str
    names_any: Callable[[str], bool]
    is_open: Callable[[Grant, Catalog], bool]
    danger: str


def service_labels(service: str) -> list[str]:
    """The labels of a service principal or a pattern of them, less those of the domain."""
    domains = ".".join(principal_suffixes()).split(".")
    return [label for label in service.split(".") if label.strip("*?") not in domains]


_ACTION = RoleAction(
    PASS_ROLE,
    "PASS_ROLE",
    PASSED_TO,
    lambda service: not any(label.strip("*?") for label in service_labels(service)),
    passes_any_role,
    "hands any of them to any service: name the roles under Resource, or the service in a "
    "condition on iam:PassedToService",
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants iam:PassRole for any role and service."""
    return report(policy, context, _ACTION)


def report(policy: Policy, context: Context, action: RoleAction) -> Iterator[Finding]:
    """One finding for every statement that grants the action for roles of any name."""
    wanted = context.catalog.match(action.name).bits("iam")
    for grant in all_sensitive_grants(policy, context.catalog):
        statement = grant.statement
        if not grant.open_ended and "iam" not in statement.services:
            continue
        if grant.full or not grant.actions.bits("iam") & wanted:
            continue
        if statement.negates_resources or (
            action.is_open(grant, context.catalog) and not _is_limited(statement, action)
        ):
            yield _finding(context, grant, action)


def _is_limited(statement: Statement, action: RoleAction) -> bool:
    return has_unknown_condition(statement) or any(
        condition.lower_key == action.key
        and _limits(condition.comparison)
        and not (
            condition.comparison.accepts_wildcards and any(map(action.names_any, condition.names))
        )
        for condition in statement.conditions
    )


def _limits(operator: Operator) -> bool:
    """Whether an operator holds only for requests that have the key."""
    return (
        operator.family not in ("", "Null")
        and not operator.if_exists
        and operator.qualifier != "ForAllValues"
    )


def _finding(context: Context, grant: Grant, action: RoleAction) -> Finding:
    statement = grant.statement
    place, how, others = _place(context, grant, action.name)
    if isinstance(place, Member):
        what = f"NotAction leaves in {action.name}, which"
    elif how:
        what = f'"{place.value}" includes {action.name}, which'
    else:
        what = action.name
    negated = statement.negates_resources
    where = "NOT_RESOURCE" if negated else "STAR_IN_RESOURCE"
    return context.finding(
        place,
        f"{what} on every {'other ' if negated else ''}role {action.danger}"
        + "".join(
            f"; {condition.operator.key} on {condition.key.key} does not limit it"
            for condition in statement.conditions
            if condition.lower_key == action.key and not negated
        ),
        related=(
            *(related(other, "also here", alike=True) for other in others),
            *(related(place, "on these roles") for place in _roles(statement)),
        ),
        issue_code=f"{action.code}_WITH_{_CODES[how, where]}",
    )


def _roles(statement: Statement) -> Iterator[Node | Member]:
    """The resources that leave the role open, or the element that does so."""
    if statement.negates_resources:
        yield from [statement.resource] if statement.resource else []
        return
    stars = [node for node in statement.resources if arn.matches_all(str(node.value))]
    yield from stars or statement.resources


def _place(
    context: Context, grant: Grant, action: str
) -> tuple[Node | Member, str, list[Node | Member]]:
    """Where a statement grants an action, its plain name before a wildcard, and in which way.

    And where it does so as well.
    """
    found = list(granting_nodes(grant, context.catalog.match(action), context.catalog))
    for at, place in enumerate(found):
        if not isinstance(place, Member) and str(place.value).lower() == action.lower():
            return found.pop(at), "", found
    how = "NOT_ACTION" if isinstance(found[0], Member) else "STAR_IN_ACTION"
    return found[0], how, found[1:]


_CODES = {
    ("", "NOT_RESOURCE"): "NOT_RESOURCE",
    ("STAR_IN_ACTION", "NOT_RESOURCE"): "STAR_IN_ACTION_AND_NOT_RESOURCE",
    ("NOT_ACTION", "NOT_RESOURCE"): "NOT_ACTION_AND_NOT_RESOURCE",
    ("", "STAR_IN_RESOURCE"): "STAR_IN_RESOURCE",
    ("STAR_IN_ACTION", "STAR_IN_RESOURCE"): "STAR_IN_ACTION_AND_RESOURCE",
    ("NOT_ACTION", "STAR_IN_RESOURCE"): "STAR_IN_RESOURCE_AND_NOT_ACTION",
}
