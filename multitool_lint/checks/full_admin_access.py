"""Statements that grant every action on every resource."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import (
    Context,
    Finding,
    Related,
    enumerate_briefly,
    quoted,
    related,
)
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import (
    Grant,
    all_actions,
    denials,
    granting_nodes,
    sensitive_grants,
)
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.tree import Member, Node

_INCLUDED = (
    "this includes iam:PassRole and iam:CreateServiceLinkedRole on all roles, and actions that AWS "
    "adds in the future"
)

_LIMITS = {PolicyType.BOUNDARY: "permissions boundary", PolicyType.SESSION: "session policy"}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants every action on every resource.

    Of a policy that only limits others, the first is a suggestion, if nothing is denied.
    """
    if policy.type in _LIMITS:
        yield from _without_limit(policy, context)
        return
    for grant in sensitive_grants(policy, context.catalog):
        if grant.full:
            subject, names, (place, *others) = _whole(grant, context.catalog)
            yield context.finding(
                place,
                f"{subject} full administrator access",
                label="allows every action",
                notes=(*names, _INCLUDED),
                help="list the actions and resources that are needed; for administrators, attach "
                "the AWS managed policy AdministratorAccess",
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


def _without_limit(policy: Policy, context: Context) -> Iterator[Finding]:
    grants = [grant for grant in sensitive_grants(policy, context.catalog) if grant.full]
    if grants and all(statement.allows for statement in policy.statements):
        _, _, (place, *_) = _whole(grants[0], context.catalog)
        yield context.finding(
            place,
            f"This {_LIMITS[policy.type]} restricts nothing",
            label="allows every action",
            help=f"list the actions and resources that are needed, or omit the "
            f"{_LIMITS[policy.type]}",
            severity=Severity.SUGGESTION,
            issue_code=(),
        )


def _whole(grant: Grant, catalog: Catalog) -> tuple[str, list[str], list[Node | Member]]:
    """The subject and verb of the title, a note, and the places that grant everything.

    Each place does so alone, or else all of them together.
    """
    everything = all_actions(catalog)
    found = list(granting_nodes(grant, everything, catalog))
    if isinstance(found[0], Member):
        return "NotAction excludes no existing action and grants", [], found
    statement = grant.statement
    alone = [
        statement.action_node(at) for at, text in grant.named if everything <= catalog.match(text)
    ]
    if alone:
        return f"Action {quoted(alone[0].value)} on all resources grants", [], [*alone]
    names = [quoted(node.value) for node in found if not isinstance(node, Member)]
    return (
        f"{len(names)} action patterns on all resources together grant",
        [f"the patterns: {enumerate_briefly(names)}"],
        found,
    )


def _circumstances(policy: Policy, statement: Statement) -> Iterator[Related]:
    for node in statement.resources[:1]:
        yield related(node, "on all resources")
    for denial in denials(policy):
        if denial.action:
            yield related(denial.action, "except these actions")
