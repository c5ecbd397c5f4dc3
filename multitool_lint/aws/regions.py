"""Partitions and regions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.named_tuple import NamedTuple


class Partition(NamedTuple):
    """A partition, such as `aws-cn`.

    `region_pattern` is the regular expression that the names of its regions follow, the later ones
    included.
    """

    name: str
    dns_suffix: str
    region_pattern: str
    regions: frozenset[str]


@bundled_table("regions.tsv")
def partitions(rows: Rows) -> Mapping[str, Partition]:
    """The partitions by name."""
    return MappingProxyType(
        {
            name: Partition(name, suffix, pattern, frozenset(regions.split()))
            for name, suffix, pattern, regions in rows
        }
    )


def partition_of(region: str) -> Partition | None:
    """The partition of a known region."""
    return _by_region().get(region)


def may_be_region(name: str) -> bool:
    """Whether it is a region, or a name that a region may have which is newer than the data."""
    if name in _by_region():
        return True
    formed = any(
        re.fullmatch(partition.region_pattern, name) for partition in partitions().values()
    )
    return formed and name.split("-")[-2] in _directions()


@lru_cache(maxsize=1)
def _directions() -> frozenset[str]:
    return frozenset(region.split("-")[-2] for region in _by_region())


@lru_cache(maxsize=1)
def _by_region() -> dict[str, Partition]:
    return {
        region: partition for partition in partitions().values() for region in partition.regions
    }
