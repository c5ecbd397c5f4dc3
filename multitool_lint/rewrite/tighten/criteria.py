"""What is kept of the actions of a policy: those at some access levels, or those that were used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.aws.patterns import covers
from multitool_lint.engines.policy_sentry import at_levels, levels_of
from multitool_lint.rewrite.draft import Draft, Remark, count

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog
    from multitool_lint.rewrite.usage import Usage
    from multitool_lint.syntax.tree import Node

    Names = tuple[str, ...]


@dataclass(frozen=True)
class AtLevels:
    """Actions at some access levels; those named by themselves only if `all_actions`."""

    levels: Collection[AccessLevel]
    all_actions: bool
    catalog: Catalog
    drops_statements = False

    @property
    def wanted(self) -> str:
        """What the actions are."""
        ordered = sorted(self.levels, key=STRENGTH.index)
        return f"at {' or '.join(ordered)}"

    def kept(self, names: Names) -> Names:
        """Those that are at one of the levels."""
        return _at_levels(names, frozenset(self.levels), self.catalog)

    def is_kept(self, name: str) -> bool:
        """Whether it is at one of the levels, or need not be."""
        return not self.all_actions or self._level(name) in (None, *self.levels)

    def is_doubtful(self, name: str) -> bool:
        """Whether it has no level."""
        return self.all_actions and self._level(name) is None

    def _level(self, name: str) -> AccessLevel | None:
        return levels_of([name], self.catalog).get(name)

    def remarks(self, draft: Draft, explicit: Mapping[Node, str], gone: list[Node]) -> list[Remark]:
        """The level of each that goes; how many there are that could."""
        beyond = {
            node: text
            for node, text in explicit.items()
            if self._level(text) not in (None, *self.levels)
        }
        if beyond and not self.all_actions:
            number = count(tuple(beyond.values()), self.catalog)
            stays = "listed by name stay; --all-actions removes them"
            if len(beyond) == 1:
                stays = "listed by name stays; --all-actions removes it"
            draft.note(next(iter(beyond)), f"{number} {stays}")
        return [
            draft.remark(node, f'"{explicit[node]}": dropped ({self._level(explicit[node])})')
            for node in gone
        ]


@lru_cache(maxsize=256)
def _at_levels(names: Names, levels: frozenset[AccessLevel], catalog: Catalog) -> Names:
    """Those that are at one of the levels, asked once for a wildcard that is in many statements."""
    return at_levels(names, levels, catalog)


@dataclass(frozen=True)
class Used:
    """Actions that were used."""

    usage: Usage
    catalog: Catalog
    drops_statements = True
    wanted = "used"

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.catalog.names(self.usage.actions))

    def kept(self, names: Names) -> Names:
        """Those that were used."""
        if names not in self._kept:
            self._kept[names] = tuple(name for name in names if name in self._names)
        return self._kept[names]

    @cached_property
    def _kept(self) -> dict[Names, Names]:
        """What is kept of each wildcard, which may be in many statements."""
        return {}

    def is_kept(self, name: str) -> bool:
        """Whether it was used, or is not known."""
        found = self.catalog.match(name)
        return not found or bool(found & self.usage.actions)

    def is_doubtful(self, name: str) -> bool:
        """Whether it is not known, and none of that name was used."""
        seen = any(covers(pattern, name.lower()) for pattern in self.usage.names)
        return not self.catalog.match(name) and not seen

    def remarks(self, draft: Draft, explicit: Mapping[Node, str], gone: list[Node]) -> list[Remark]:
        """How many go, at the first of them."""
        if not gone:
            return []
        number = count(tuple(explicit[node] for node in gone), self.catalog)
        return [draft.remark(gone[0], f"dropped {number} named one by one that were not used")]


Criterion = AtLevels | Used
"""What is kept of actions, and what is reported of those that are not.

A criterion `drops_statements` that have none of what is `wanted`, if others stay.
"""
