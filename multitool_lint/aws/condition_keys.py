"""Global condition keys, which no single service owns.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.key_table import KeyTable
from multitool_lint.aws.catalog.records import ConditionKey
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows


@lru_cache(maxsize=1)
def global_keys() -> tuple[ConditionKey, ...]:
    """All global condition keys; the scope of each says what it tells about."""
    rows = read_rows(BUNDLED, "global_keys.tsv")
    return tuple(ConditionKey(name, tuple(types.split()), scope) for name, types, scope in rows)


def global_key(name: str) -> ConditionKey | None:
    """The global condition key of that name, in any case."""
    return _table().find(name)


@lru_cache(maxsize=1)
def _table() -> KeyTable:
    return KeyTable(global_keys())
