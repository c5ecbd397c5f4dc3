"""The services whose requests have the global keys about the owner of their VPC endpoint.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows

NAMES = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
"""The keys, in lower case, for which AWS lists the services."""

_NEVER = "iam:passrole"
"""The one action of those services that has none of the keys."""


def has_endpoint_key(action: str, key: str) -> bool:
    """Whether the requests of an action have a key, both in lower case, for all that is known."""
    return action != _NEVER and action.partition(":")[0] in services()[key]


@lru_cache(maxsize=1)
def services() -> dict[str, frozenset[str]]:
    """The prefixes of the services that have a key, by the name of the key in lower case."""
    rows = read_rows(BUNDLED, "endpoint_keys.tsv")
    return {name.lower(): frozenset(prefixes.split()) for name, prefixes in rows}
