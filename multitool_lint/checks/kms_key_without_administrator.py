"""Policies of KMS keys that allow nobody to change them."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import everyone, principal_values

_KEYS = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_CHANGE = "kms:PutKeyPolicy"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for a policy of which no statement allows changing it."""
    if policy.fragment or policy.merged_by_sid or not _is_of_key(policy):
        return
    changes = context.catalog.match(_CHANGE)
    first: Statement | None = None
    for statement in policy.statements:
        if statement.effect == "Allow":
            first = first or statement
            if changes <= actions_of(statement, context.catalog):
                return
        if statement.effect not in ("Allow", "Deny") or _has_unknown_action(statement):
            return
    if first and first.action:
        yield context.finding(
            first.action,
            f"No statement of this key policy allows {_CHANGE}",
            label="does not allow changing the policy",
            notes=("AWS KMS rejects a policy that nobody can change, as the key is unmanageable",),
            help=f"allow {_CHANGE} to an administrator, or kms:* to the account",
            severity=None if policy.resource_type else Severity.WARNING,
        )


def _is_of_key(policy: Policy) -> bool:
    if policy.resource_type:
        return policy.resource_type in _KEYS
    return all(map(_is_about_keys, policy.statements)) and any(
        (statement.condition is None and everyone(statement))
        or any(value.text != "*" for value in principal_values(statement, "AWS"))
        for statement in policy.statements
    )


def _is_about_keys(statement: Statement) -> bool:
    """Whether a statement is only about the key that its policy belongs to."""
    return statement.services == {"kms"} and set(statement.resource_names) == {"*"}


def _has_unknown_action(statement: Statement) -> bool:
    return statement.action_count > len(statement.action_names)
