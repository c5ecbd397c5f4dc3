"""Actions that a policy allows on only some of the resources that each request is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import is_everywhere
from multitool_lint.policy.several_resources import format_of, may_allow, may_be_about, service

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Action, ActionResource
    from multitool_lint.syntax.tree import Node

_LAUNCH = "ec2:RunInstances"
_OF_SEVERAL = frozenset({"ec2:attachvolume", _LAUNCH.lower(), "ecs:executecommand"})
"""The actions of which AWS documents that each of their required resources must be allowed.

AWS's own policies allow others, such as `ec2:CreateNetworkInterface`, on one of them only.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action of a statement that the policy never allows as a whole."""
    if policy.type is not PolicyType.IDENTITY or policy.merged_by_sid:
        return
    for statement in policy.statements:
        if _is_limited(statement):
            for node in statement.actions:
                name = str(node.value)
                action = context.catalog.action(name) if name.lower() in _OF_SEVERAL else None
                if action and (missing := _missing(statement, action, policy, context)):
                    yield _finding(node, action, missing, context)


def _is_limited(statement: Statement) -> bool:
    """Whether a statement allows actions on some resources, all of which are known."""
    return (
        statement.allows
        and not statement.negates_actions
        and not is_everywhere(statement)
        and 0 < statement.resource_count == len(statement.resource_names)
    )


def _missing(
    statement: Statement, action: Action, policy: Policy, context: Context
) -> list[ActionResource]:
    """The required types that no statement allows, if this one is about some of the others."""
    required = [type_ for type_ in action.resource_types if type_.required]
    catalog = context.catalog
    if action.name == _LAUNCH:
        # What is launched is often allowed in another policy than what it is launched from.
        launched = [type_ for type_ in required if type_.name == "instance"]
    else:
        launched = required
    if not any(may_be_about(statement, type_, catalog, service(action)) for type_ in launched):
        return []
    return [
        type_
        for type_ in required
        if not any(may_allow(other, action, type_, catalog) for other in policy.statements)
    ]


def _finding(
    node: Node, action: Action, missing: list[ActionResource], context: Context
) -> Finding:
    names = enumerate_briefly([type_.name for type_ in missing])
    formats = [format_of(type_, context.catalog, service(action)) for type_ in missing]
    arns = [arn.wildcard_of(text).replace("arn:*:", "arn:aws:", 1) for text in formats if text]
    return context.finding(
        node,
        f"{action.name} is also evaluated for resources on which this policy does not allow it",
        label=f"also needs {names}",
        notes=(f"all of them must be allowed, so this policy never allows {action.name}",),
        help=f"allow {action.name} also on {enumerate_briefly(arns)}",
    )
