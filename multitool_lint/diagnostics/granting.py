"""Where a statement grants actions, and what they act on, as a finding shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.diagnostics.finding import Context, Finding, Related, enumerate_briefly, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.access import Grant, granting_nodes

if TYPE_CHECKING:
    from multitool_lint.policy.statement_scope import ActionPattern


def granting_finding(
    context: Context,
    grant: Grant,
    actions: ActionSet,
    sentence: str,
    severity: Severity | None = None,
    foremost: ActionSet | None = None,
) -> Finding:
    """A finding about actions that a statement grants, at the first place that grants some.

    `sentence` is its message, with a place for their names. The `foremost` of them come first.
    """
    catalog = context.catalog
    names = dict.fromkeys(catalog.names(foremost) if foremost else ())
    names.update(dict.fromkeys(catalog.names(actions)))
    places = dict.fromkeys(granting_nodes(grant, foremost, catalog) if foremost else ())
    first, *others = {**places, **dict.fromkeys(granting_nodes(grant, actions, catalog))}
    return context.finding(
        first,
        sentence.format(enumerate_briefly(list(names))),
        related=tuple([related(place, "also here", alike=True) for place in others]),
        severity=severity,
    )


def accepting(actions: Sequence[ActionPattern]) -> tuple[Related, ...]:
    """The first of the actions as related locations, with the resources that they accept."""
    return tuple(
        [
            related(action.node, f"accepts {action.accepts.in_words()}")
            for action in actions[:MAX_LISTED_NAMES]
        ]
    )
