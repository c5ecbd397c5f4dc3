"""The actions of a policy that have another status than known, with their nodes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.action_status import ActionStatus, ActionSummary, action_summaries
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Node


class UnresolvedAction(NamedTuple):
    """An action with another status than KNOWN, its node and its statement."""

    status: ActionStatus
    node: Node
    text: str
    statement: Statement


def with_status(policy: Policy, catalog: Catalog, wanted: ActionStatus) -> list[UnresolvedAction]:
    """The actions with a status; in most policies, all actions are KNOWN."""
    return [doubtful for doubtful in _not_known(policy, catalog) if doubtful.status is wanted]


@lru_cache(maxsize=4)
def _not_known(policy: Policy, catalog: Catalog) -> tuple[UnresolvedAction, ...]:
    # Kept for a while because several checks ask, one for each status.
    return tuple(
        [
            UnresolvedAction(
                summary.status, statement.action_node(at), statement.action_names[at], statement
            )
            for statement, looks in notable_actions(policy, catalog).items()
            for at, summary in looks
            if not summary.known
        ]
    )


@lru_cache(maxsize=4)
def numbered(policy: Policy, catalog: Catalog) -> Mapping[Statement, list[int | None]]:
    """The numbers of the actions of each statement, as the catalog's numbering gives them."""
    numbers = catalog.numbering.numbers
    return {
        statement: numbers(statement.lower_action_names, statement.services)
        for statement in policy.statements
    }


@lru_cache(maxsize=4)
def notable_actions(
    policy: Policy, catalog: Catalog
) -> Mapping[Statement, tuple[tuple[int, ActionSummary], ...]]:
    """The statements with actions that are of some kind, or that are not simply known.

    Each with the numbers of their names and their summaries. Most policies have none.
    """
    special = action_summaries(catalog).special
    return {
        statement: found
        for statement, numbers in numbered(policy, catalog).items()
        if (found := special(statement.action_names, numbers))
    }
