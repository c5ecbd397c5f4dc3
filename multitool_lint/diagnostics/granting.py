"""Where a statement grants actions, as a finding shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Related, related
from multitool_lint.policy.access import Grant, granting_nodes

if TYPE_CHECKING:
    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.syntax.tree import Member, Node


def first_granting_node(
    grant: Grant, actions: ActionSet, catalog: Catalog
) -> tuple[Node | Member, tuple[Related, ...]]:
    """The first of the places that grant some of the actions, and the others as related ones."""
    first, *others = granting_nodes(grant, actions, catalog)
    return first, tuple([related(place, "as this does", alike=True) for place in others])
