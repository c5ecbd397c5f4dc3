"""The access levels of actions, as AWS's service authorization reference has them."""

from __future__ import annotations

from multitool_lint.aws.catalog import records
from multitool_lint.aws.catalog.catalog import AccessLevel, Action

STRENGTH: tuple[AccessLevel, ...] = records.LEVELS
"""The access levels, each stronger than those before it: an action is at its strongest one.

AWS's data says "Tagging, Write" and "Permissions management, Write" where its documentation prints
the stronger one alone. Tagging comes after Write, because tags decide access
wherever conditions ask for them.
"""

LEVELS = {level.lower().replace(" ", "-"): level for level in STRENGTH}
"""The access levels by what the command line calls them."""


def aws_level(action: Action) -> AccessLevel:
    """The strongest access level of an action in AWS's reference.

    An action that a user has added to the catalog is taken for one that writes.
    """
    return max(action.access_levels, key=STRENGTH.index, default="Write")
