"""Statements that grant everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.access import denials, everything_there_is, places, sensitive_grants
from multitool_lint.findings import related
from multitool_lint.policy import Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding, Related
    from multitool_lint.policy import Policy, Statement


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants every action on every resource."""
    for grant in sensitive_grants(policy, context.catalog):
        if grant.full:
            everything = everything_there_is(context.catalog)
            place = next(places(grant, everything, context.catalog))
            what = (
                "NotAction leaves nothing out that exists and"
                if isinstance(place, Member)
                else f'"{place.value}" on every resource'
            )
            yield context.finding(
                place,
                f"{what} grants everything, and all that AWS adds: name what is needed",
                related=tuple(_circumstances(policy, grant.statement)),
                issue_code="CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
            )


def _circumstances(policy: Policy, statement: Statement) -> Iterator[Related]:
    for node in statement.resources[:1]:
        yield related(node, "on these resources")
    for denial in denials(policy):
        if denial.action:
            yield related(denial.action, "less what is denied here")
