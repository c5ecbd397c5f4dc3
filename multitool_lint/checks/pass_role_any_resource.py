"""Statements that allow passing any role to any service."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.escalation_paths import PASS_ROLE
from multitool_lint.aws.service_requests import principal_suffixes
from multitool_lint.diagnostics.finding import (
    FILE,
    Context,
    Finding,
    Related,
    enumerate_briefly,
    quoted,
    related,
)
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import Grant, all_sensitive_grants, granting_nodes
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.escalation import PASSED_TO, open_paths, passes_any_role
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.policy.role_passing import passed_roles
from multitool_lint.syntax.tree import Member, Node


class RoleAction(NamedTuple):
    """An action on roles, and what IAM Access Analyzer requires of statements that grant it.

    `code` is the prefix of its checks. A condition on `key` limits the action, unless a value
    `names_any` service. `is_open` returns whether the resources of a statement include any role.
    `subject` is that of the title. `gains` says what the action allows on all resources, and with
    NotResource; `help` says how to limit it.
    """

    name: str
    code: str
    key: str
    names_any: Callable[[str], bool]
    is_open: Callable[[Grant, Catalog], bool]
    subject: str
    gains: tuple[str, str]
    help: str


def service_labels(service: str) -> list[str]:
    """The labels of a service principal, or of a pattern of them, without those of the domain."""
    domains = ".".join(principal_suffixes()).split(".")
    return [label for label in service.split(".") if label.strip("*?") not in domains]


_ACTION = RoleAction(
    PASS_ROLE,
    "PASS_ROLE",
    PASSED_TO,
    lambda service: not any(label.strip("*?") for label in service_labels(service)),
    passes_any_role,
    f"`{PASS_ROLE}` on all roles",
    ("passing any role to any service", "passing all other roles to any service"),
    "specify the roles in Resource",
)


_SHOWN_ACTIONS = 3
"""How many of the actions that direct services the help lists."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants iam:PassRole for any role and service."""
    if any(report(policy, context, _ACTION)):
        yield from report(policy, context, _ACTION._replace(help=_help(policy, context)))


def _help(policy: Policy, context: Context) -> str:
    """What to do, and what limiting the services leaves to a principal that can direct them."""
    paths = (
        open_path
        for open_path in (
            *open_paths(policy, context.catalog),
            *passed_roles(policy, context.catalog),
        )
        if open_path.path.kind == "pass"
    )
    using = list(dict.fromkeys(open_path.path.actions[1] for open_path in paths))
    limit = f"multitool-lint tighten --pass-role-to SERVICE {FILE}"
    if not using:
        return f"{_ACTION.help}, or limit the services: {limit}"
    return (
        f"{_ACTION.help}; {limit} limits the services, but the principal can still use the roles "
        f"that trust a service by {enumerate_briefly(using, _SHOWN_ACTIONS)}"
    )


def report(policy: Policy, context: Context, action: RoleAction) -> Iterator[Finding]:
    """One finding for every statement that grants the action for roles with any name."""
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
    negated = statement.negates_resources
    where = "NOT_RESOURCE" if negated else "STAR_IN_RESOURCE"
    gain = action.gains[negated]
    if isinstance(place, Member):
        title = f"NotAction does not exclude `{action.name}`, which allows {gain}"
        label = f"does not exclude {action.name}"
    elif how:
        title = f"{quoted(place.value)} includes `{action.name}`, which allows {gain}"
        label = f"includes {action.name}"
    else:
        subject = f"`{action.name}` with NotResource" if negated else action.subject
        title = f"{subject} allows {gain}"
        label = f"allows {gain}"
    return context.finding(
        place,
        title,
        label=label,
        related=(
            *(related(other, "also here", alike=True) for other in others),
            *_roles(statement),
        ),
        notes=tuple(
            f"{condition.operator.key} on {condition.key.key} does not limit the services"
            for condition in statement.conditions
            if condition.lower_key == action.key and not negated
        ),
        help="replace NotResource by Resource, with the roles that are needed"
        if negated
        else action.help,
        issue_code=f"{action.code}_WITH_{_CODES[how, where]}",
    )


def _roles(statement: Statement) -> Iterator[Related]:
    """The resources that include any role, or the element that does."""
    if statement.negates_resources:
        if statement.resource:
            yield related(statement.resource, "on all roles except these")
        return
    stars = [node for node in statement.resources if arn.matches_all(str(node.value))]
    label = "on all roles" if stars else "on these resources"
    yield from (related(node, label) for node in stars or statement.resources)


def _place(
    context: Context, grant: Grant, action: str
) -> tuple[Node | Member, str, list[Node | Member]]:
    """Where a statement grants an action, in which way, and where else it does.

    The name of the action comes before a wildcard.
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
