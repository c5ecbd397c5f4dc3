"""The actions of a policy in the catalog, found once for all who ask."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.action_status import glances

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.aws.action_status import Glance
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy, Statement


@lru_cache(maxsize=4)
def numbered(policy: Policy, catalog: Catalog) -> Mapping[Statement, list[int | None]]:
    """The numbers of the actions of each statement, as the catalog's numbering gives them."""
    numbers = catalog.numbering.numbers
    return {each: numbers(each.lower_action_names, each.services) for each in policy.statements}


@lru_cache(maxsize=4)
def closer_looks(
    policy: Policy, catalog: Catalog
) -> Mapping[Statement, tuple[tuple[int, Glance], ...]]:
    """The statements with actions that are of some kind, or that are not simply known.

    Each with the numbers of their names and with what a glance shows. Most policies have none.
    """
    special = glances(catalog).special
    return {
        statement: found
        for statement, numbers in numbered(policy, catalog).items()
        if (found := special(statement.action_names, numbers))
    }
