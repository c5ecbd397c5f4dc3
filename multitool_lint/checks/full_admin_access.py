"""Statements that grant everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.access import denials, everything_there_is, places, sensitive_grants
from multitool_lint.findings import related
from multitool_lint.policy import Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.access import Grant
    from multitool_lint.findings import Context, Finding, Related
    from multitool_lint.iam.catalog import Catalog
    from multitool_lint.policy import Node, Policy, Statement


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants every action on every resource."""
    for grant in sensitive_grants(policy, context.catalog):
        if grant.full:
            place, what = _place(grant, context.catalog)
            yield context.finding(
                place,
                f"{what} grants everything, and all that AWS adds: name what is needed",
                related=tuple(_circumstances(policy, grant.statement)),
                issue_code="CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
            )


def _place(grant: Grant, catalog: Catalog) -> tuple[Node | Member, str]:
    """Where a statement grants everything, and what does so: one action of it may be enough."""
    everything = everything_there_is(catalog)
    first = next(places(grant, everything, catalog))
    if isinstance(first, Member):
        return first, "NotAction leaves nothing out that exists and"
    for node, text in grant.named:
        if not everything - catalog.match(text):
            return node, f'"{text}" on every resource'
    return first, "what is listed here, on every resource,"


def _circumstances(policy: Policy, statement: Statement) -> Iterator[Related]:
    for node in statement.resources[:1]:
        yield related(node, "on these resources")
    for denial in denials(policy):
        if denial.action:
            yield related(denial.action, "less what is denied here")
