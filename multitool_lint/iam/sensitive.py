"""Actions that need more care than their names tell: credentials and permissions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.iam.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from multitool_lint.iam.catalog import Catalog


@lru_cache(maxsize=1024)
def credentials(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that return credentials or let in whoever calls them."""
    return _bits(catalog, prefix, _by_service("credential-actions.tsv").get(prefix, ()))


@lru_cache(maxsize=1024)
def permissions(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that change who may do what.

    These are the ones of the access level "Permissions management", with some corrections.
    """
    corrections = _by_service("permission-actions.tsv").get(prefix, ())
    at_level = catalog.at_levels(catalog.match(f"{prefix}:*"), ["Permissions management"])
    added = _bits(catalog, prefix, [name[1:] for name in corrections if name[0] == "+"])
    dropped = _bits(catalog, prefix, [name[1:] for name in corrections if name[0] == "-"])
    return (at_level.bits(prefix) | added) & ~dropped


def _bits(catalog: Catalog, prefix: str, names: tuple[str, ...] | list[str]) -> int:
    bits = 0
    for name in names:
        bits |= catalog.match(name).bits(prefix)
    return bits


@lru_cache(maxsize=2)
def _by_service(table: str) -> dict[str, list[str]]:
    """The names of a table by service prefix, each with what stands before it in its row."""
    services: dict[str, list[str]] = {}
    for *sign, name in read_rows(BUNDLED, table):
        services.setdefault(name.partition(":")[0], []).append("".join(sign) + name)
    return services
