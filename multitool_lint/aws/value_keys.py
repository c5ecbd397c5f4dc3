"""Condition keys whose value is a Region or the ARN of a KMS key."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@lru_cache(maxsize=1)
def region_keys() -> Mapping[str, frozenset[str]]:
    """The keys whose value is a Region, in lower case, with the other values that they have."""
    rows = read_rows(BUNDLED, "region_keys.tsv")
    return {key.lower(): frozenset(others.split()) for key, others, _ in rows}


@lru_cache(maxsize=1)
def kms_key_keys() -> frozenset[str]:
    """The keys whose value is the ARN of a KMS key, in lower case."""
    return frozenset(key.lower() for key, *_ in read_rows(BUNDLED, "kms_key_keys.tsv"))
