"""What of a statement meets a pattern of actions, resources, principals or conditions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from multitool_lint.aws import arn, arn_overlap, patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import formats_of_action
from multitool_lint.limits import MAX_DENIAL_COMPARISONS, MAX_SCOPED_ACTIONS
from multitool_lint.org_rules.model import EVERYTHING, Keys, Values
from multitool_lint.policy.access import (
    Grant,
    actions_of,
    all_actions,
    is_for_everyone,
    spans_most_services,
)
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.exposure import lets_everyone_in
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import everyone, principal_values
from multitool_lint.policy.resources import ResourceScope, is_everywhere, resource_scope
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, Object, as_list


@lru_cache(maxsize=64)
def actions_that_match(wanted: Values, catalog: Catalog) -> ActionSet:
    """All actions that some of the patterns match."""
    return ActionSet().union(map(catalog.match, wanted))


def granted(grant: Grant, wanted: Values, catalog: Catalog) -> ActionSet:
    """Those of the wanted actions that a statement grants; all it grants if none are named.

    All actions, `*`, are granted by a statement that grants them all, but for some that are denied.
    """
    actions = grant.actions
    if not wanted:
        return actions
    if EVERYTHING in wanted:
        written = actions_of(grant.statement, catalog)
        everything = all_actions(catalog) <= written
        return actions if everything and spans_most_services(actions, catalog) else ActionSet()
    return actions & actions_that_match(wanted, catalog)


def on_resources(
    policy: Policy, grant: Grant, actions: ActionSet, wanted: Values, catalog: Catalog
) -> tuple[ActionSet, Node | Member | None]:
    """Those of the actions that a statement grants on a wanted resource, and where it says so."""
    statement = grant.statement
    found, place = ActionSet(), None
    reached = list(_overlapping(policy, statement, wanted)) if actions else []
    if not reached:
        return found, place
    denied = sum(len(resources) for _, resources in _denials(policy))
    compares = len(reached) * denied <= MAX_DENIAL_COMPARISONS
    for node, written, pattern in reached:
        left = actions - found
        if not left:
            break
        if compares:
            left -= _denied_on(policy, written, pattern, catalog)
        if len(left) <= MAX_SCOPED_ACTIONS:
            names = [
                name
                for name in catalog.names(left)
                if _acts_on(statement, name, written, pattern, catalog)
            ]
            left = actions_that_match(tuple(names), catalog) if names else ActionSet()
        if left:
            found |= left
            place = place or node
    return found, place


def _overlapping(
    policy: Policy, statement: Statement, wanted: Values
) -> Iterator[tuple[Node | Member, str, str]]:
    """Where a statement reaches a wanted resource: the place, what is written there, the wish.

    In a policy on a resource, `*` is that resource, and which one that is, nobody says.
    """
    resource = statement.resource
    attached = policy.type is PolicyType.RESOURCE
    if resource is None or (attached and statement.negates_resources):
        return
    if statement.negates_resources:
        unknown = any(node.value is UNKNOWN for node in statement.resources)
        for pattern in () if unknown else wanted:
            if not any(patterns.covers(text, pattern) for _, text in statement.resource_texts):
                yield resource, EVERYTHING, pattern
        return
    for node, text in statement.resource_texts:
        for pattern in wanted:
            if attached and EVERYTHING in (pattern, text):
                continue
            # Whether it is on all resources of an action depends on the action.
            if pattern == EVERYTHING or patterns.intersects(pattern, text):
                yield node, text, pattern


@lru_cache(maxsize=4)
def _denials(policy: Policy) -> tuple[tuple[Statement, tuple[str, ...]], ...]:
    """The statements that always deny to everyone, each with the resources that it denies."""
    return tuple(
        (
            statement,
            tuple(
                resource.value if isinstance(resource.value, str) else EVERYTHING
                for resource in statement.resources
            ),
        )
        for statement in policy.statements
        if statement.effect == "Deny"
        and not statement.negates_resources
        and is_for_everyone(statement)
        and (statement.condition is None or statement.condition.value.value in (UNKNOWN, ()))
    )


@lru_cache(maxsize=256)
def _denied_on(policy: Policy, written: str, wanted: str, catalog: Catalog) -> ActionSet:
    """The actions that are always denied to everyone on what is both written and wanted."""
    found = ActionSet()
    for other, denied in _denials(policy):
        if any(
            patterns.covers(wide, resource) for wide in denied for resource in (written, wanted)
        ):
            unknown = any(node.value is UNKNOWN for node in other.actions)
            found |= all_actions(catalog) if unknown else actions_of(other, catalog)
    return found


def _acts_on(
    statement: Statement, action: str, written: str, wanted: str, catalog: Catalog
) -> bool:
    """Whether an action acts on a resource that is written and wanted.

    Of one that takes no resource but `*`, no statement can name another; of one that only the user
    knows, nothing is known.
    """
    formats = _formats(action, catalog)
    if formats is None:
        return wanted != EVERYTHING or is_everywhere(statement)
    if wanted == EVERYTHING:
        if not (formats and resource_scope(statement, action, catalog) == ResourceScope.ALL):
            return False
        return written == EVERYTHING or any(
            arn_overlap.may_name(format_, written) for format_ in formats
        )
    return any(
        arn_overlap.may_name(format_, written) and arn_overlap.may_name(format_, wanted)
        for format_ in formats
    )


@lru_cache(maxsize=1024)
def _formats(action: str, catalog: Catalog) -> tuple[str, ...] | None:
    """The formats of the ARNs that an action takes, None where they are not known."""
    extras = getattr(catalog, "extras", None)
    if extras and action.lower() in {name.lower() for name in extras.actions}:
        return None
    return formats_of_action(catalog, action)


def acted_on(
    policy: Policy, statement: Statement, actions: ActionSet, catalog: Catalog
) -> Iterator[tuple[Node, str]]:
    """The resources of a statement that some of the actions act on.

    In a policy on a resource, it is not known what `*` is.
    """
    names = list(islice(catalog.names(actions), MAX_SCOPED_ACTIONS + 1))
    formats = {name: _formats(name, catalog) for name in names[:MAX_SCOPED_ACTIONS]}
    unknown = len(names) > MAX_SCOPED_ACTIONS or None in formats.values()
    for node, text in statement.resource_texts:
        if policy.type is PolicyType.RESOURCE and text == EVERYTHING:
            continue
        if unknown or any(
            arn_overlap.may_name(format_, text)
            for known in formats.values()
            for format_ in known or ()
        ):
            yield node, text


def principals_that_match(statement: Statement, wanted: Values) -> Iterator[Node | Member]:
    """The places that allow someone who is wanted; `*` is everyone, with nothing to limit it."""
    principal = statement.principal
    if principal is None:
        return
    if principal.key == "NotPrincipal":
        spared = [principal.text for principal in principal_values(statement)]
        if _is_known(principal.value) and any(
            not _is_one_of(principal_text, spared) for principal_text in wanted
        ):
            yield principal
        return
    node = everyone(statement)
    if node and lets_everyone_in(statement):
        yield node
    for value in principal_values(statement):
        if value.text != EVERYTHING and is_principal(value.text, wanted):
            yield value.node


def _is_one_of(wanted: str, principals: list[str]) -> bool:
    return any(is_principal(text, (wanted,)) for text in principals)


def _is_known(node: Node) -> bool:
    """Whether all principals are written out."""
    value = node.value
    if isinstance(value, Object):
        return all(_is_known(node) for member in value for node in as_list(member.value))
    return value is not UNKNOWN


def is_principal(text: str, wanted: Values) -> bool:
    """Whether a principal is one that a pattern names; a number is an account, and all in it."""
    account = _account(text)
    if arn.is_account_id(text):
        text = f"arn:aws:iam::{text}:root"
    return any(
        pattern == account
        if arn.is_account_id(pattern)
        else pattern != EVERYTHING and patterns.matches(pattern, text)
        for pattern in wanted
    )


def _account(text: str) -> str:
    fields = text.split(":", arn.FIELDS - 1)
    return fields[4] if len(fields) == arn.FIELDS else text


def conditions_that_match(statement: Statement, wanted: Keys) -> Iterator[Node | Member]:
    """The places of conditions on a wanted key with a wanted value."""
    for condition in statement.conditions:
        for key, values in wanted:
            if condition.lower_key != key.lower():
                continue
            if EVERYTHING in values:
                yield condition.key
                continue
            for node in condition.values:
                text = value_text(node)
                if text is not None and any(patterns.matches(value, text) for value in values):
                    yield node


def value_text(node: Node) -> str | None:
    """The value of a condition as IAM reads it, None if it is not known."""
    value = node.value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None
