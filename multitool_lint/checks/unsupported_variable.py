"""Policy variables where AWS treats them as literal text, or rejects them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import condition_operators as conditions
from multitool_lint.aws.policy_variables import OPENER, SINCE, is_part
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted, related
from multitool_lint.diagnostics.fixes import unsafe
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

_ELEMENTS = frozenset({"Sid", "Effect", "Action", "NotAction", "Principal", "NotPrincipal"})
_WITH_VARIABLES = frozenset({"", "String", "ARN"})
_ACCOUNT = 4  # the field in which AWS's own policies have variables, so it must work
_OTHERS_SHOWN = 5


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Findings by element, by version, by operator and by field of an ARN."""
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
        if any(item.defect is None and not is_part(item.key) for item in unfilled(text)):
            yield context.finding(
                node,
                f"{quoted(text)} is treated as literal text in {member.key}",
                notes=(
                    "policy variables are supported in Resource, NotResource and condition values",
                ),
                help="specify the value instead of the policy variable",
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
        title = f'Change "Version" to "{SINCE}", which enables policy variables'
        fixes = unsafe(title, set_value(version.value, SINCE))
        age = f"in a policy of version {version.value.value}"
    else:
        age = 'in a policy without "Version"'
    return context.finding(
        version.value if version else first.node,
        f"{quoted(written)} is treated as literal text {age}",
        help=f'to enable policy variables, use Version "{SINCE}"',
        related=tuple(related(node, "literal text") for node in others[:_OTHERS_SHOWN]),
        issue_code="VARIABLE_UNSUPPORTED_IN_VERSION",
        fixes=fixes,
    )


def _under_operators(placed: Sequence[VariableUse], context: Context) -> Iterator[Finding]:
    reported: set[Node] = set()
    for use in placed:
        operator = use.condition.comparison if use.condition else conditions.NO_OPERATOR
        if operator.family not in _WITH_VARIABLES and use.node not in reported:
            reported.add(use.node)
            yield context.finding(
                use.node,
                f"{operator.name} does not support policy variables",
                label=f"expected {conditions.VALUES[operator.family]}",
                notes=("only operators for strings and ARNs support policy variables",),
                help="specify the value instead of the policy variable",
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
                "Policy variables are not supported in the partition, service or Region of an ARN",
                help='specify the value, or use "*"',
                severity=Severity.WARNING,
            )
