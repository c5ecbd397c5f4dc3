"""How an action, as a policy writes it, stands to the catalog: one answer for several rules."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.patterns import has_wildcard

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog, Service


class Standing(Enum):
    """What the catalog knows of an action or a pattern of actions."""

    KNOWN = "known"
    RETIRED = "retired"
    """Only older lists of AWS have it, or its service."""
    UNKNOWN = "unknown"
    """The service has no action of that name."""
    UNMATCHED = "unmatched"
    """A pattern that matches nothing."""
    UNKNOWN_SERVICE = "unknown service"
    MALFORMED = "malformed"
    """No service and action separated by a colon."""


def standing(catalog: Catalog, action: str) -> Standing:
    """The standing of what stands in an Action or NotAction element."""
    prefix, colon, name = action.partition(":")
    if prefix == "arn" and colon:
        return Standing.MALFORMED  # a resource in the place of an action
    if not colon:
        return Standing.MALFORMED if action.strip("*") or not action else Standing.KNOWN
    if has_wildcard(prefix):
        return Standing.KNOWN if catalog.match(action) else Standing.UNMATCHED
    service = catalog.service(prefix)
    if service is None:
        return Standing.UNKNOWN_SERVICE
    return _of_service(service, name.lower())


def _of_service(service: Service, name: str) -> Standing:
    if service.retired:
        return Standing.RETIRED
    if service.named_only:
        return Standing.KNOWN
    if has_wildcard(name):
        return Standing.KNOWN if service.matching(name) else Standing.UNMATCHED
    place = service.place(name)
    if place is None:
        return Standing.KNOWN if f"{service.prefix}:{name}" in _undocumented() else Standing.UNKNOWN
    return Standing.KNOWN if place < service.current else Standing.RETIRED


@lru_cache(maxsize=1)
def _undocumented() -> frozenset[str]:
    """The actions, in lower case, that work in policies though AWS does not list them."""
    return frozenset(action.lower() for action, _ in read_rows(BUNDLED, "undocumented_actions.tsv"))
