"""The properties of CloudFormation resources that hold policies."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping


class Property(NamedTuple):
    """Where a resource holds a policy, and of which type that is.

    In the path, `*` is any item. The kind is a policy type, or `organizations`, where another
    property tells it, `other` for another language than IAM's, or one of SAM's.
    """

    path: tuple[str, ...]
    kind: str
    resource_type: str | None = None


@lru_cache(maxsize=1)
def properties() -> Mapping[str, tuple[Property, ...]]:
    """The properties by the type of the resource."""
    found: dict[str, tuple[Property, ...]] = {}
    for type_, path, kind, *resource in read_rows(BUNDLED, "cloudformation_policies.tsv"):
        one = Property(tuple(path.split("/")), kind, resource[0] if resource else None)
        found[type_] = (*found.get(type_, ()), one)
    return found
