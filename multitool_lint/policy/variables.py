"""The policy variables of a policy, each with the value that it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from multitool_lint.aws.policy_variables import OPENER, SINCE, PolicyVariable, is_part, variables
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.placeholders import as_written, has_expression, is_part_of_arn
from multitool_lint.syntax.tree import UNKNOWN, Node, Object, scalars, strings_of

BEFORE_VARIABLES = "2008-10-17"

# What CloudFormation and Terraform fill in for these has neither braces nor `$`.
_PART = r"\$\{(AWS::(AccountId|Partition|Region|StackName|URLSuffix)|[A-Za-z0-9]+\.Arn)\}"
_EXPRESSION = (
    r"\$\{(data\.aws_(caller_identity|partition|region)\.[\w-]+(\[\w+\])?\.\w+"
    r"|aws_\w+\.[\w-]+(\[\w+\])?\.arn)\}"
)
_NAME = r"\$\{(?:data\.)?(aws_\w+)\.[\w-]+(?:\[\w+\])?\.(?:bucket|function_name|id|name)\}"


_WITHOUT_VARIABLES = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"}
)
"""Elements in which no version of the policy language has variables."""


class VariableUse:
    """A variable in a value of Resource or NotResource, or in that of a condition."""

    __slots__ = ("condition", "node", "text", "variable")

    def __init__(
        self, variable: PolicyVariable, node: Node, text: str, condition: Condition | None
    ) -> None:
        self.variable = variable
        self.node = node
        self.text = text
        self.condition = condition


def unfilled(text: str) -> list[PolicyVariable]:
    """The variables of a text but for parts in which, filled in by a template, no variable can be.

    Account numbers, Regions, partitions and ARNs are such parts: `${AWS::AccountId}`. So are the
    names of resources of many types.
    """
    if OPENER not in text:
        return []
    return [
        variable
        for variable in variables(text)
        if not _is_filled_in(text[variable.start : variable.end])
    ]


def _is_filled_in(written: str) -> bool:
    if not has_expression(written) or is_part_of_arn(written):
        return has_expression(written)
    shown = as_written(written)
    # What the reader of a sample is to replace, such as `<ACCOUNT>`, is filled in as well.
    if not shown.startswith(OPENER) or re.fullmatch(f"{_EXPRESSION}|{_PART}", shown):
        return True
    from multitool_lint.aws.arn_references import named_types  # saves start-up

    name = re.fullmatch(_NAME, shown)
    return name is not None and name[1] in named_types()


def may_have_variables(policy: Policy, part: Node | None = None) -> bool:
    """Whether the text of a policy, or of a part of it, has to be read for variables at all."""
    # Not the whole text: it may be that of a document with thousands of policies. Most texts have
    # neither character, which is found out in a fraction of the time.
    find, span = policy.source.text.find, (part or policy.root).span
    return (find("$", *span) >= 0 and find(OPENER, *span) >= 0) or (
        find("\\", *span) >= 0 and find("\\u", *span) >= 0
    )


@lru_cache(maxsize=2)
def variable_uses(policy: Policy) -> tuple[VariableUse, ...]:
    """List the variables where IAM looks for them, whatever the version of the policy.

    Kept for a while because several checks ask for them.
    """
    return tuple(_of(policy))


def _of(policy: Policy) -> Iterator[VariableUse]:
    for statement in policy.statements:
        if any(OPENER in text for text in statement.resource_names):
            yield from _in(statement.resources, None)
        for condition in statement.conditions:
            if any(OPENER in text for text in condition.names):
                yield from _in(condition.values, condition)


def _in(nodes: Iterable[Node], condition: Condition | None) -> Iterator[VariableUse]:
    for node, text in strings_of(nodes):
        if OPENER in text:
            for variable in variables(text):
                if not is_part(variable.key):
                    yield VariableUse(variable, node, text, condition)


def has_variables(policy: Policy) -> bool | None:
    """Whether a policy is of a version that has variables; None if that is not known."""
    version = policy.element("Version")
    if version is None or version.value.value == BEFORE_VARIABLES:
        return False
    return True if version.value.value in (SINCE, UNKNOWN) else None


def depends_on_version(statement: Statement) -> bool:
    """Whether a value of a statement may have a variable, which only one version has."""
    if not isinstance(statement.node.value, Object):
        return True
    values = (
        scalar.value
        for member in statement.members
        if member.key not in _WITHOUT_VARIABLES
        for scalar in scalars(member.value)
    )
    return any(value is UNKNOWN or (isinstance(value, str) and unfilled(value)) for value in values)
