"""Policy variables where AWS takes them as plain text, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import condition_operators as conditions
from multitool_lint.aws.policy_variables import OPENER, SINCE
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy
from multitool_lint.policy.variables import (
    VariableUse,
    has_variables,
    may_have_variables,
    unfilled,
    variable_uses,
)
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Member, Node, scalars, strings_of

_ELEMENTS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Principal", "NotPrincipal"},
)
_WITH_VARIABLES = frozenset({"", "String", "ARN"})
_ACCOUNT = 4  # the field that AWS's own policies have variables in, so that it must work
_OTHERS_SHOWN = 5


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Variables by element, by version, by operator and by place in an ARN."""
    if not may_have_variables(policy):
        return
    for statement in policy.statements:
        for member in statement.members if may_have_variables(policy, statement.node) else ():
            if member.key in _ELEMENTS and may_have_variables(policy, member.value):
                yield from _in_element(member, context)
    placed = [use for use in variable_uses(policy) if use.variable.defect is None]
    understood = has_variables(policy)
    if placed and understood is False:
        yield _in_old_version(placed, policy, context)
    elif understood:
        yield from _under_operators(placed, context)
        yield from _before_resource(placed, context)


def _in_element(member: Member, context: Context) -> Iterator[Finding]:
    for node, text in strings_of(scalars(member.value)):
        if any(variable.defect is None for variable in unfilled(text)):
            yield context.finding(
                node,
                f"AWS replaces no policy variables in {member.key}, only in Resource, NotResource "
                f'and the values of conditions; write out what "{text}" stands for',
                issue_code="VARIABLE_UNSUPPORTED_IN_ELEMENT",
            )


def _in_old_version(placed: Sequence[VariableUse], policy: Policy, context: Context) -> Finding:
    version = policy.element("Version")
    first = placed[0]
    written = first.text[first.variable.start : first.variable.end]
    nodes = list(dict.fromkeys(use.node for use in placed))
    others = nodes if version else nodes[1:]
    fixes: tuple[Fix, ...] = ()
    if version:
        changes = (set_value(version.value, SINCE),)
        title = f'write "{SINCE}", which makes ${{...}} a policy variable'
        fixes = (Fix(title, changes, Safety.UNSAFE),)
        age = f"version {version.value.value} of the policy language"
    else:
        age = 'a policy without "Version"'
    return context.finding(
        version.value if version else first.node,
        f'{age} has no policy variables: "{written}" stands for these very characters; '
        f'policy variables need "Version": "{SINCE}"',
        related=tuple(related(node, "plain text, too") for node in others[:_OTHERS_SHOWN]),
        issue_code="VARIABLE_UNSUPPORTED_IN_VERSION",
        fixes=fixes,
    )


def _under_operators(placed: Sequence[VariableUse], context: Context) -> Iterator[Finding]:
    said: set[Node] = set()
    for use in placed:
        operator = use.condition.comparison if use.condition else conditions.NO_OPERATOR
        if operator.family not in _WITH_VARIABLES and use.node not in said:
            said.add(use.node)
            yield context.finding(
                use.node,
                f"{operator.name} compares with no policy variables, only operators on strings and "
                f"ARNs do; write {conditions.VALUES[operator.family]}",
                issue_code="INVALID_VARIABLE_FOR_OPERATOR",
            )


def _before_resource(placed: Sequence[VariableUse], context: Context) -> Iterator[Finding]:
    for use in placed:
        head = use.text[: use.variable.start]
        if (
            use.condition is None
            and use.variable.names_key
            and head.startswith("arn:")
            and head.count(":") < _ACCOUNT
            and OPENER not in head
        ):
            yield context.finding(
                use.node,
                "AWS takes no policy variables in the partition, service or Region of an ARN; "
                'write the text itself, or "*"',
                severity=Severity.WARNING,
            )
