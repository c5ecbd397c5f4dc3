"""Which of the actions that a statement grants reach all resources that they act on."""

from __future__ import annotations

from collections.abc import Callable

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.policy.resources import ResourceScope, restricted_scope, restricts_target
from multitool_lint.policy.self_granted_conditions import (
    StatementTarget,
    TagSetter,
    is_restricted,
    tag_setters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.access import Grant


def unrestricted_actions(
    grant: Grant, of_service: Callable[[str], int], catalog: Catalog
) -> ActionSet:
    """Select those of the actions that a statement grants, by itself, on all their resources.

    Nothing is selected of a statement that does not name the services, since there is nothing
    special about some of its actions, or of actions that a condition ties to certain targets.
    """
    if grant.open_ended or not (found := grant.select(of_service)):
        return ActionSet()
    if restricts_target(grant.statement):
        found = _not_restricted(grant, found, catalog)
    if grant.everywhere:
        return found
    return ActionSet().union(
        [
            catalog.match(name)
            for name in catalog.names(found)
            if restricted_scope(grant.statement, name, catalog) == ResourceScope.ALL
        ]
    )


def _not_restricted(grant: Grant, actions: ActionSet, catalog: Catalog) -> ActionSet:
    """Select those of the actions of a grant that no condition ties to certain targets."""
    return ActionSet().union(
        [
            catalog.match(name)
            for name in catalog.names(actions)
            if not is_restricted(grant.policy, StatementTarget(grant.statement, name), catalog)
        ]
    )


def are_restricted(grant: Grant, catalog: Catalog) -> bool:
    """Whether a condition ties some of the actions of a grant to certain targets."""
    if not restricts_target(grant.statement):
        return False
    return not grant.actions or any(
        is_restricted(grant.policy, StatementTarget(grant.statement, name), catalog)
        for name in catalog.names(grant.actions)
    )


def setters_of_tags(
    grant: Grant, catalog: Catalog, actions: ActionSet | None = None
) -> tuple[TagSetter, ...]:
    """What sets the tags by which a condition would tie actions of a grant to targets.

    By default, all of its actions.
    """
    if not restricts_target(grant.statement):
        return ()
    asked = grant.actions if actions is None else actions
    return tuple(
        dict.fromkeys(
            setter
            for name in catalog.names(asked)
            for setter in tag_setters(grant.policy, StatementTarget(grant.statement, name), catalog)
        )
    )
