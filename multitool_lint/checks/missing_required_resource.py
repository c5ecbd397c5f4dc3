"""Actions that a policy allows on only some of the resources that each request is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import is_everywhere
from multitool_lint.policy.several_resources import (
    LAUNCH,
    format_of,
    may_allow,
    may_be_about,
    service,
    types_together,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Action, ActionResource
    from multitool_lint.syntax.tree import Node

_ON_BEHALF = "aws:calledvia"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action of a statement that the policy never allows as a whole."""
    if policy.type is not PolicyType.IDENTITY or policy.merged_by_sid:
        return
    for statement in policy.statements:
        if _is_limited(statement):
            for node in statement.actions:
                action = context.catalog.action(str(node.value))
                if action and (missing := _missing(statement, action, policy, context)):
                    yield _finding(node, action, missing, context)


def _is_limited(statement: Statement) -> bool:
    """Whether a statement allows actions on some resources, all of which are known.

    What a service does on behalf of its callers, AWS's own policies allow on some types only.
    """
    return (
        statement.allows
        and not statement.negates_actions
        and not is_everywhere(statement)
        and not any(
            condition.key.key.lower().startswith(_ON_BEHALF) for condition in statement.conditions
        )
        and 0 < statement.resource_count == len(statement.resource_names)
    )


def _missing(
    statement: Statement, action: Action, policy: Policy, context: Context
) -> list[list[ActionResource]]:
    """The types that no statement allows, with alternatives, if this one is about some others."""
    together = types_together(action)
    if not together:
        return []
    catalog = context.catalog
    about: Sequence[ActionResource] = action.resource_types
    if action.name == LAUNCH:
        # What is launched is often allowed in another policy than what it is launched from.
        about = [type_ for type_ in about if type_.name == "instance"]
    if not any(may_be_about(statement, type_, catalog, service(action)) for type_ in about):
        return []
    return [
        group
        for group in together
        if not any(
            may_allow(other, action, type_, catalog)
            for other in policy.statements
            for type_ in group
        )
    ]


def _finding(
    node: Node, action: Action, missing: list[list[ActionResource]], context: Context
) -> Finding:
    names = [" or ".join(type_.name for type_ in group) for group in missing]
    arns = [" or ".join(_arns(group, action, context)) for group in missing]
    return context.finding(
        node,
        f"{action.name} is also evaluated for resources on which this policy does not allow it",
        label=f"also needs {enumerate_briefly(names)}",
        notes=(f"all of them must be allowed, so this policy never allows {action.name}",),
        help=f"allow {action.name} also on {enumerate_briefly([*filter(None, arns)])}",
    )


def _arns(group: list[ActionResource], action: Action, context: Context) -> Iterator[str]:
    """The ARNs of any resources of some types."""
    for type_ in group:
        format_ = format_of(type_, context.catalog, service(action))
        if format_:
            yield arn.wildcard_of(format_).replace("arn:*:", "arn:aws:", 1)
