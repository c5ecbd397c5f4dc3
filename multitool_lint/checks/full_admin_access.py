"""Statements that grant everything."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, Related, enumerate_briefly, related
from multitool_lint.policy.access import (
    Grant,
    all_actions,
    denials,
    granting_nodes,
    sensitive_grants,
)
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Member, Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants every action on every resource."""
    for grant in sensitive_grants(policy, context.catalog):
        if grant.full:
            what, (place, *others) = _whole(grant, context.catalog)
            yield context.finding(
                place,
                f"{what} grants everything, such as iam:PassRole and iam:CreateServiceLinkedRole "
                "on every role, and all that AWS adds: name what is needed",
                related=(
                    *(related(other, "also here", alike=True) for other in others),
                    *_circumstances(policy, grant.statement),
                ),
                issue_code=tuple(
                    code
                    for code in context.rule.access_analyzer
                    if code.endswith("NOT_ACTION") == isinstance(place, Member)
                ),
                explains=True,
            )


def _whole(grant: Grant, catalog: Catalog) -> tuple[str, list[Node | Member]]:
    """What grants everything, in words, and the places that do so alone, or else together."""
    everything = all_actions(catalog)
    found = list(granting_nodes(grant, everything, catalog))
    if isinstance(found[0], Member):
        return "NotAction leaves nothing out that exists and", found
    statement = grant.statement
    alone = [
        statement.action_node(at) for at, text in grant.named if everything <= catalog.match(text)
    ]
    if alone:
        return f'"{alone[0].value}" on every resource', [*alone]
    names = enumerate_briefly([f'"{node.value}"' for node in found if not isinstance(node, Member)])
    return f"{names} together, on every resource,", found


def _circumstances(policy: Policy, statement: Statement) -> Iterator[Related]:
    for node in statement.resources[:1]:
        yield related(node, "on these resources")
    for denial in denials(policy):
        if denial.action:
            yield related(denial.action, "less what is denied here")
