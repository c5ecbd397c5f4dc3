"""Actions that assume a role in a way that none of the principals can."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.principals import provider
from multitool_lint.diagnostics.finding import Context, Finding, Fix, related
from multitool_lint.diagnostics.fixes import write
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import all_are_known, principal_values
from multitool_lint.policy.trust import (
    ASSUME_ROLE,
    WITH_SAML,
    WITH_WEB_IDENTITY,
    may_allow,
    named_actions,
)
from multitool_lint.syntax.tree import Node

_MEANT_FOR = {
    WITH_SAML: "SAML providers",
    WITH_WEB_IDENTITY: "OIDC providers",
    ASSUME_ROLE: "accounts, users, roles and services",
}
_BY_LOWER_NAME = {action.lower(): action for action in _MEANT_FOR}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action without a principal, and every provider without an action."""
    for statement in policy.statements:
        principal = statement.principal
        if not statement.allows or principal is None or principal.key == "NotPrincipal":
            continue
        if all_are_known(statement):
            yield from _of(statement, context)


def _of(statement: Statement, context: Context) -> Iterator[Finding]:
    actions = _needed(statement)
    if actions is None or not actions:
        return
    unfit = [
        (node, action)
        for node, text in statement.action_texts
        if (action := _BY_LOWER_NAME.get(text.lower())) and action not in actions
    ]
    for node, action in unfit:
        yield context.finding(
            node,
            f"{action} is for {_MEANT_FOR[action]}, of which none is a principal here: write "
            f"{' and '.join(sorted(actions))}",
            related=(related(statement.principal, "the principals"),)
            if statement.principal
            else (),
            fixes=_fixes(statement, node, actions),
        )
    for action in sorted(actions) if not unfit else ():
        if action != ASSUME_ROLE and not may_allow([statement], action):
            yield context.finding(
                actions[action],
                f'"{actions[action].value}" is among the principals, but only {action} lets it '
                "assume the role: write a statement of its own with that action",
            )


def _needed(statement: Statement) -> dict[str, Node] | None:
    """Map each action that suits a principal to the first such principal; None if unknown."""
    found: dict[str, Node] = {}
    for value in principal_values(statement):
        if value.kind != "Federated":
            found.setdefault(ASSUME_ROLE, value.node)
            continue
        known = provider(value.text)
        if known is None:
            return None
        found.setdefault(WITH_SAML if known.is_saml else WITH_WEB_IDENTITY, value.node)
    if not found and statement.principal and statement.principal.value.value == "*":
        found[ASSUME_ROLE] = statement.principal.value
    return found


def _fixes(statement: Statement, node: Node, actions: dict[str, Node]) -> tuple[Fix, ...]:
    """Put the action that suits all principals in its place, unless it is there already."""
    if len(actions) > 1 or next(iter(actions)).lower() in named_actions(statement):
        return ()
    (action,) = actions
    return write(node, action)
