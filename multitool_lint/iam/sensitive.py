"""Actions that need more care than others: for credentials, for permissions, for escalation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.iam import escalation, name_index
from multitool_lint.iam.actions import ActionSet
from multitool_lint.iam.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.iam.catalog import Catalog

_ROLES_FOR_SERVICES = ("iam:PassRole", "iam:CreateServiceLinkedRole")


@lru_cache(maxsize=1024)
def credentials(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that return credentials or let in whoever calls them."""
    return _bits(catalog, prefix, _by_service("credential-actions.tsv").get(prefix, []))


@lru_cache(maxsize=1024)
def data(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that return what customers keep in it."""
    return _bits(catalog, prefix, _by_service("data-actions.tsv").get(prefix, []))


@lru_cache(maxsize=1024)
def permissions(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that change who may do what.

    These are the ones of the access level "Permissions management", with some corrections; none of
    a service that is gone.
    """
    service = catalog.service(prefix)
    if service is None or service.retired:
        return 0
    corrections = _by_service("permission-actions.tsv").get(prefix, [])
    at_level = service.at_levels((1 << service.current) - 1, ["Permissions management"])
    added = _bits(catalog, prefix, [name[1:] for name in corrections if name[0] == "+"])
    dropped = _bits(catalog, prefix, [name[1:] for name in corrections if name[0] == "-"])
    return (at_level | added) & ~dropped


def is_sensitive(catalog: Catalog, pattern: str) -> bool:
    """Whether an action pattern matches some of these, or actions of services it does not name."""
    prefix, _, name = name_index.fold(pattern).partition(":")
    if "*" not in pattern and "?" not in pattern:
        return name in _sensitive(catalog, prefix)[1]
    if name_index.is_pattern(prefix):
        return True
    bits = _sensitive(catalog, prefix)[0]
    return bool(bits) and bool(catalog.match(pattern).bits(prefix) & bits)


def returns_data(catalog: Catalog, pattern: str) -> bool:
    """Whether an action pattern matches some that return data, or names no service."""
    prefix, _, name = name_index.fold(pattern).partition(":")
    if name_index.is_pattern(prefix):
        return True
    bits, names = _data(catalog, prefix)
    if not name_index.is_pattern(name):
        return name in names
    return bool(bits) and bool(catalog.match(pattern).bits(prefix) & bits)


@lru_cache(maxsize=1024)
def _data(catalog: Catalog, prefix: str) -> tuple[int, frozenset[str]]:
    """The bits of the actions of a service that return data, and their names in lower case."""
    bits = data(catalog, prefix)
    names = catalog.names(ActionSet({prefix: bits}))
    return bits, frozenset(name.lower().partition(":")[2] for name in names)


def sensitive_bits(catalog: Catalog, prefix: str) -> int:
    """The bits of all sensitive actions of a service."""
    return _sensitive(catalog, prefix)[0]


@lru_cache(maxsize=1024)
def _sensitive(catalog: Catalog, prefix: str) -> tuple[int, frozenset[str]]:
    """The bits of all sensitive actions of a service, and their names in lower case."""
    if catalog.service(prefix) is None:
        return 0, frozenset()
    bits = (
        credentials(catalog, prefix)
        | permissions(catalog, prefix)
        | _bits(catalog, prefix, [*escalation.actions(prefix), *_ROLES_FOR_SERVICES])
    )
    names = catalog.names(ActionSet({prefix: bits}))
    return bits, frozenset(name.lower().partition(":")[2] for name in names)


def _bits(catalog: Catalog, prefix: str, names: Iterable[str]) -> int:
    """The bits of those of the actions that are the service's."""
    bits = 0
    for name in names:
        if name.startswith(f"{prefix}:"):
            bits |= catalog.match(name).bits(prefix)
    return bits


@lru_cache(maxsize=3)
def _by_service(table: str) -> dict[str, list[str]]:
    """The names of a table by service prefix, each with what stands before it in its row."""
    services: dict[str, list[str]] = {}
    for *sign, name in read_rows(BUNDLED, table):
        services.setdefault(name.partition(":")[0], []).append("".join(sign) + name)
    return services
