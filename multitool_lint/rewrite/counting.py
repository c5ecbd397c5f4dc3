"""Actions in the messages of rewrites: how many, and at which access levels."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.engines import policy_sentry as policy_sentry_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.aws.catalog.catalog import Catalog

    Names = tuple[str, ...]


@lru_cache(maxsize=256)
def count(names: Names, catalog: Catalog) -> str:
    """How many actions there are, and of them at each access level."""
    levels = Counter(policy_sentry_.access_levels(names, catalog).values())
    parts = [f"{levels[level]:,} {level}" for level in STRENGTH if levels[level]]
    noun = "action" if len(names) == 1 else "actions"
    return f"{len(names):,} {noun}" + (f" ({', '.join(parts)})" if parts else "")


def means_everything(pattern: str) -> bool:
    """Whether the pattern of actions is every action."""
    return not pattern.strip("*:")


def not_there(names: Iterable[str], there: set[str]) -> list[str]:
    """The names that are not there yet, and now are."""
    fresh = [name for name in names if name.lower() not in there]
    there.update(name.lower() for name in fresh)
    return fresh
