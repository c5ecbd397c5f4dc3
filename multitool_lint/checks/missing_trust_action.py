"""Trust policies without an action that their principals or conditions require."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import principal_values
from multitool_lint.policy.trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION, may_allow
from multitool_lint.syntax.patch.change import append
from multitool_lint.syntax.tree import UNKNOWN


class _Service(NamedTuple):
    """A service that assumes roles with more than `sts:AssumeRole`."""

    name: str
    actions: tuple[str, ...]
    issue_code: str = ""
    severity: Severity | None = None
    notes: tuple[str, ...] = ()


_SERVICES = {
    "rolesanywhere.amazonaws.com": _Service(
        "IAM Roles Anywhere",
        (ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION),
        "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
    ),
    "pods.eks.amazonaws.com": _Service(
        "EKS Pod Identity",
        (ASSUME_ROLE, TAG_SESSION),
        severity=Severity.WARNING,
        notes=("it sets session tags unless the association disables them",),
    ),
}
_KEYS = {
    "sts:sourceidentity": SET_SOURCE_IDENTITY,
    "aws:tagkeys": TAG_SESSION,
    "sts:transitivetagkeys": TAG_SESSION,
}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every condition key, and every such service, that lacks an action."""
    if policy.fragment:
        return  # another statement may allow the action
    for statement in policy.statements:
        if not statement.allows or statement.negates_actions:
            continue
        for condition in statement.conditions:
            action = _setting(condition)
            if action and not may_allow(policy.statements, action):
                yield context.finding(
                    condition.key,
                    f"No request contains {quoted(condition.key.key)}, as {action} is not allowed",
                    label="never matches",
                    help=f"add {action} to the actions",
                    issue_code="MISSING_ACTION_FOR_CONDITION_KEY",
                    fixes=_fixes(statement, [action]),
                )
        yield from _services(policy, statement, context)


def _setting(condition: Condition) -> str | None:
    """The action that sets the condition key in a request."""
    key = condition.lower_key
    action = TAG_SESSION if key.startswith("aws:requesttag/") else _KEYS.get(key)
    operator = condition.comparison
    is_null = operator.family == "Null"
    if not operator.family or (is_null and (operator.qualifier or _may_be_true(condition))):
        return None
    return action


def _may_be_true(condition: Condition) -> bool:
    return any(
        node.value is UNKNOWN or str(node.value).lower() != "false" for node in condition.values
    )


def _services(policy: Policy, statement: Statement, context: Context) -> Iterator[Finding]:
    for value in principal_values(statement, "Service"):
        service = _SERVICES.get(value.text.lower())
        if service is None:
            continue
        trusting = [
            other
            for other in policy.statements
            if any(
                name.text.lower() == value.text.lower()
                for name in principal_values(other, "Service")
            )
        ]
        missing = [action for action in service.actions if not may_allow(trusting, action)]
        if missing:
            yield context.finding(
                value.node,
                f"{service.name} cannot assume the role without {' and '.join(missing)}",
                notes=service.notes,
                help=f"add {'it' if len(missing) == 1 else 'them'} to the actions",
                issue_code=service.issue_code,
                fixes=_fixes(statement, missing),
                severity=service.severity,
            )


def _fixes(statement: Statement, missing: list[str]) -> tuple[Fix, ...]:
    """Add the actions after the last one, if there is one."""
    if statement.action is None or not statement.actions:
        return ()
    last = statement.actions[-1]
    if not isinstance(last.value, str):
        return ()
    return unsafe(f"Add {' and '.join(missing)}", append(statement.action.value, missing))
