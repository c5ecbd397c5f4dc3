"""Where a statement grants actions, as a finding shows it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import related
from multitool_lint.policy.access import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.finding import Related
    from multitool_lint.policy.access import Grant
    from multitool_lint.syntax.tree import Member, Node


def first_place(
    grant: Grant, actions: ActionSet, catalog: Catalog
) -> tuple[Node | Member, Callable[[], tuple[Related, ...]]]:
    """The first of these places, and what lists the others as ones that do as it does."""
    return next(places(grant, actions, catalog)), partial(_others, grant, actions, catalog)


def _others(grant: Grant, actions: ActionSet, catalog: Catalog) -> tuple[Related, ...]:
    _, *others = places(grant, actions, catalog)
    return tuple([related(place, "as this does", alike=True) for place in others])
