"""Actions by which a service is given any role that trusts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws.escalation_paths import PASS_ROLE
from multitool_lint.diagnostics.finding import (
    Context,
    Finding,
    Related,
    counted,
    enumerate_briefly,
    related,
)
from multitool_lint.diagnostics.granting import by_service, includes
from multitool_lint.policy.role_passing import passed_roles, receivers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.policy.escalation import OpenPath
    from multitool_lint.syntax.tree import Member, Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that passes roles to services which the policy directs."""
    by_statement: dict[Statement, list[OpenPath]] = {}
    for way in passed_roles(policy, context.catalog):
        by_statement.setdefault(way.opening.grant.statement, []).append(way)
    for ways in by_statement.values():
        yield _finding(context, ways)


def _finding(context: Context, ways: Sequence[OpenPath]) -> Finding:
    place = ways[0].opening.node
    actions = [way.path.actions[1] for way in ways]
    services = list(
        dict.fromkeys(service for way in ways for service in receivers(way, context.catalog))
    )
    to = services[0] if len(services) == 1 else counted(len(services), "service")
    one_of = "one of " if len(services) > 1 else ""
    only = len(actions) == 1
    using = f"`{actions[0]}`" if only else counted(len(actions), "other action")
    pass_role = context.catalog.match(PASS_ROLE)
    return context.finding(
        place,
        f"`{PASS_ROLE}` with {using} allows passing any role to {to}",
        label=includes(place, pass_role, context.catalog) or "passes any role",
        related=tuple(_related(ways)),
        notes=(
            f"the role must trust {one_of}{enumerate_briefly(services)}",
            *(() if only else by_service(actions, "with ")),
        ),
        help="specify the roles in Resource",
    )


def _related(ways: Sequence[OpenPath]) -> Iterator[Related]:
    """Where the actions are by which the services are given roles."""
    places: dict[Node | Member, None] = {}
    for way in ways:
        for step in way.steps:
            if step.node is not way.opening.node and step.action != PASS_ROLE:
                places[step.node] = None
    for place in places:
        yield related(place, "gives a role to the service", part=True)
