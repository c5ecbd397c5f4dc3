"""Where a statement grants actions, and what they act on, as a finding shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.diagnostics.finding import Context, Finding, Related, enumerate_briefly, related
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.access import Grant, granting_nodes

if TYPE_CHECKING:
    from multitool_lint.policy.statement_scope import ActionPattern


def granting_finding(
    context: Context, grant: Grant, actions: ActionSet, danger: str, instead: str
) -> Finding:
    """A finding about actions that a statement grants, at the first place that grants some."""
    first, *others = granting_nodes(grant, actions, context.catalog)
    names = enumerate_briefly(list(context.catalog.names(actions)))
    return context.finding(
        first,
        f"{danger}: {names}; {instead}",
        related=tuple([related(place, "as this does", alike=True) for place in others]),
    )


def accepting(actions: Sequence[ActionPattern]) -> tuple[Related, ...]:
    """The first of the actions as related locations, with the resources that they accept."""
    return tuple(
        [
            related(action.node, f"{action.text} takes {action.accepts.in_words()}")
            for action in actions[:MAX_LISTED_NAMES]
        ]
    )
