"""The access levels of actions, as AWS's service authorization reference has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.aws.catalog.catalog import AccessLevel, Action, Catalog

STRENGTH: tuple[AccessLevel, ...] = ("List", "Read", "Write", "Tagging", "Permissions management")
"""The access levels, each stronger than those before it: an action is at its strongest one.

AWS's data says "Tagging, Write" and "Permissions management, Write" where its documentation prints
the stronger one alone. Tagging comes after Write, because tags decide access
wherever conditions ask for them.
"""

LEVELS = {level.lower().replace(" ", "-"): level for level in STRENGTH}
"""The access levels by what the command line calls them."""


def level(action: Action) -> AccessLevel:
    """The strongest access level of an action: AWS's own, without policy-sentry's overrides.

    An action that a user has added to the catalog is taken for one that writes.
    """
    return max(action.access_levels, key=STRENGTH.index, default="Write")


def levels_of(names: Iterable[str], catalog: Catalog) -> dict[str, AccessLevel]:
    """The access level of each of the actions that the catalog has; other names are left out."""
    actions = {name: catalog.action(name) for name in names}
    return {name: level(action) for name, action in actions.items() if action}
