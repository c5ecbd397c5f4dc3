"""Roles of which every user of an identity pool gets credentials, and that allow too much."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.identity_providers import POOLS
from multitool_lint.aws.sensitive_actions import credentials, permissions, stored_data
from multitool_lint.diagnostics.finding import Context, Finding, counted, quoted
from multitool_lint.diagnostics.granting import by_service
from multitool_lint.diagnostics.identity_findings import IdentityFinding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.access import Grant, granting_nodes
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.trust import trusted_providers
from multitool_lint.policy.unrestricted_actions import unrestricted_actions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext
    from multitool_lint.policy.identities import AppliedPolicy, Identity
    from multitool_lint.syntax.tree import Node

_KINDS = (stored_data, credentials, permissions)
_OF_EVERYONE = ("cognito-identity:GetCredentialsForIdentity", "cognito-identity:GetOpenIdToken")
"""Actions that need no AWS credentials, and are about the identity of who requests them.

https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
"""
_VARIABLE = lazy_pattern(r"\$\{[a-z][a-z0-9.-]*:[^{}]+\}")
"""A policy variable, such as `${cognito-identity.amazonaws.com:sub}`."""
_CHANGING_OBJECTS = ("s3:PutObject", "s3:DeleteObject")


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for each policy, on all resources or on the objects of all users."""
    if not identity.trust or identity.boundaries or not _is_of_pool(identity.trust):
        return
    for applied in identity.policies:
        policy = applied.document(context.catalog)
        if policy and (finding := _finding(policy, context)):
            yield _at(applied, finding, context)


def _is_of_pool(trust: Policy) -> bool:
    return any(
        statement.allows and any(found.name == POOLS for found in trusted_providers(statement))
        for statement in trust.statements
    )


def _finding(policy: Policy, context: IdentityContext) -> Finding | None:
    """What a policy allows every user: on all resources, or else to objects of the others."""
    of_policy = Context(context.rule, policy, context.catalog)
    allowing = [statement for statement in policy.statements if statement.allows]
    ways = (_on_everything, _of_others)
    found = (way(statement, policy, of_policy) for way in ways for statement in allowing)
    return next(filter(None, found), None)


def _on_everything(statement: Statement, policy: Policy, context: Context) -> Finding | None:
    catalog = context.catalog
    grant = Grant(statement, policy, catalog)
    kinds = (unrestricted_actions(grant, partial(kind, catalog), catalog) for kind in _KINDS)
    actions = ActionSet().union(kinds) - ActionSet().union(map(catalog.match, _OF_EVERYONE))
    if not actions:
        return None
    names = list(catalog.names(actions))
    one = len(names) == 1
    some = f"`{names[0]}`" if one else counted(len(names), "sensitive action")
    return context.finding(
        next(granting_nodes(grant, actions, catalog)),
        f"Every user of the identity pool can use {some} on all resources",
        label="for every user",
        notes=() if one else by_service(names),
        help="specify the actions and resources that the application needs",
    )


def _of_others(statement: Statement, policy: Policy, context: Context) -> Finding | None:
    """Objects below a path without the user, of which the whole is known."""
    node = _objects(statement)
    catalog = context.catalog
    grant = Grant(statement, policy, catalog)
    changing = grant.actions & ActionSet().union(map(catalog.match, _CHANGING_OBJECTS))
    if node is None or not changing:
        return None
    return context.finding(
        next(granting_nodes(grant, changing, catalog)),
        "Every user of the identity pool can change the objects of all other users",
        label="for every user",
        notes=(f"the path {quoted(str(node.value))} is the same for all users",),
        help='restrict the path, such as "users/${cognito-identity.amazonaws.com:sub}/*"',
        severity=Severity.WARNING,
    )


def _objects(statement: Statement) -> Node | None:
    """The first resource, if all are paths of objects in buckets that are the same for all."""
    texts = statement.resource_names
    if statement.negates_resources or statement.conditions or not texts:
        return None
    for node, text in zip(statement.resources, texts, strict=False):
        if ":s3:::" in text and text.endswith("/*") and not _VARIABLE.search(text):
            return node
    return None


def _at(applied: AppliedPolicy, finding: Finding, context: IdentityContext) -> IdentityFinding:
    """The finding where the policy is written, or where one of AWS is attached."""
    reference = applied.reference
    finding = finding._replace(with_others=(context.identity.address,))
    if reference is None:
        return IdentityFinding(applied.policy, finding)
    finding = finding._replace(
        source=context.source,
        span=reference.span,
        pointer=reference.owner,
        label=f"attaches {quoted(reference.short_name)}",
        policy_type=None,
    )
    return IdentityFinding(None, finding)
