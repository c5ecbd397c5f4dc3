"""Actions that assume a role in a way that none of the principals supports."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.identity_providers import provider
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted, related
from multitool_lint.diagnostics.fixes import write
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import identity_providers
from multitool_lint.policy.trust import (
    ASSUME_ROLE,
    WITH_SAML,
    WITH_WEB_IDENTITY,
    may_allow,
    named_actions,
)
from multitool_lint.syntax.tree import Node, Object, as_list, partly_known_text

_PRINCIPALS = {
    WITH_SAML: "SAML providers",
    WITH_WEB_IDENTITY: "OIDC providers",
    ASSUME_ROLE: "accounts, users, roles and services",
}
_OTHERS = ("AWS", "Service", "CanonicalUser")
_BY_LOWER_NAME = {action.lower(): action for action in _PRINCIPALS}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action that no principal supports, and every provider without one."""
    for statement in policy.statements:
        principal = statement.principal
        if not statement.allows or principal is None or principal.key == "NotPrincipal":
            continue
        yield from _of(statement, context)


def _of(statement: Statement, context: Context) -> Iterator[Finding]:
    actions = _needed(statement)
    if actions is None or not actions:
        return
    mismatched = [
        (node, action)
        for node, text in statement.action_texts
        if (action := _BY_LOWER_NAME.get(text.lower())) and action not in actions
    ]
    for node, action in mismatched:
        yield context.finding(
            node,
            f'"{action}" does not work for the principals of this statement',
            label=f"only for {_PRINCIPALS[action]}",
            help=f"use {' and '.join(sorted(actions))}",
            related=(related(statement.principal, "the principals"),)
            if statement.principal
            else (),
            fixes=_fixes(statement, node, actions),
        )
    for action in sorted(actions) if not mismatched else ():
        if action != ASSUME_ROLE and not may_allow([statement], action):
            provider_name = partly_known_text(actions[action])
            yield context.finding(
                actions[action],
                f"{quoted(provider_name)} cannot assume the role with these actions",
                label=f"requires {action}",
                help=f"add a statement for this principal with the action {action}",
            )


def _needed(statement: Statement) -> dict[str, Node] | None:
    """Map each action that a principal can use to the first such principal; None if unknown.

    The key decides for all principals but identity providers, whatever their names are.
    """
    principal = statement.principal.value if statement.principal else None
    if principal and principal.value == "*":
        return {ASSUME_ROLE: principal}
    if principal is None or not isinstance(principal.value, Object):
        return None
    found: dict[str, Node] = {}
    for member in principal.value:
        if member.key in _OTHERS:
            for node in as_list(member.value)[:1]:
                found.setdefault(ASSUME_ROLE, node)
        elif member.key != "Federated":
            return None
    for value in identity_providers(statement):
        known = provider(value.text)
        if known is None:
            return None
        found.setdefault(WITH_SAML if known.is_saml else WITH_WEB_IDENTITY, value.node)
    return found


def _fixes(statement: Statement, node: Node, actions: dict[str, Node]) -> tuple[Fix, ...]:
    """Replace it with the action that all principals can use, unless that is listed already."""
    if len(actions) > 1 or next(iter(actions)).lower() in named_actions(statement):
        return ()
    (action,) = actions
    return write(node, action)
