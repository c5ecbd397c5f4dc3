"""The actions of a policy that the catalog does not simply know, each with its place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.policy.catalog_lookups import closer_looks

if TYPE_CHECKING:
    from multitool_lint.aws.action_standing import Standing
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.syntax.tree import Node


class Doubtful(NamedTuple):
    """An action that is not just known, with its place and the statement that it stands in."""

    standing: Standing
    node: Node
    text: str
    statement: Statement


def with_standing(policy: Policy, catalog: Catalog, wanted: Standing) -> list[Doubtful]:
    """List the actions of one standing; most policies have none of any but KNOWN."""
    return [each for each in _not_known(policy, catalog) if each.standing is wanted]


@lru_cache(maxsize=4)
def _not_known(policy: Policy, catalog: Catalog) -> tuple[Doubtful, ...]:
    # Kept for a while because several checks ask, one for each standing.
    return tuple(
        [
            Doubtful(
                glance.standing, statement.action_node(at), statement.action_names[at], statement
            )
            for statement, looks in closer_looks(policy, catalog).items()
            for at, glance in looks
            if not glance.known
        ]
    )
