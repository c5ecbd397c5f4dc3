"""policy-sentry's own expansion of wildcards, over a catalog of ours.

policy-sentry reads 13 MB of its own data when it is imported, or whatever a user has in their home.
Here it is given a catalog in the shape of its data, a service at a time and on first use.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from multitool_lint.aws.catalog.catalog import Catalog

_NAME = "policy_sentry"
_VERSION = "policy_sentry_schema_version"


@lru_cache(maxsize=2)
def expansion(catalog: Catalog) -> Callable[[str], list[str]]:
    """The function of policy-sentry that expands a wildcard, for a catalog."""
    others = _imported()
    constants, data = (
        ModuleType(f"{_NAME}.shared.constants"),
        ModuleType(f"{_NAME}.shared.iam_data"),
    )
    vars(constants).update(POLICY_SENTRY_SCHEMA_VERSION_NAME=_VERSION)
    definition = _Definition(catalog)
    vars(data).update(
        iam_definition=definition,
        get_service_prefix_data=lambda prefix: definition.get(prefix, {}),
    )
    sys.modules.update({module.__name__: module for module in (constants, data)})
    try:
        expand: Callable[[str], list[str]] = import_module(f"{_NAME}.analysis.expand").expand
        return expand
    finally:
        _imported()
        sys.modules.update(others)


def _imported() -> dict[str, ModuleType]:
    """The modules of policy-sentry, which are forgotten."""
    names = [name for name in list(sys.modules) if f"{name}.".startswith(f"{_NAME}.")]
    return {name: sys.modules.pop(name) for name in names}


class _Definition(Mapping[str, Any]):
    """A catalog in the shape of policy-sentry's data, by service prefix."""

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
            if self.catalog.service(key) is None:
                raise KeyError(key)
            full = self.catalog.names(self.catalog.match(f"{key}:*"))
            names = [name.partition(":")[2] for name in full]
            self.services[key] = {
                "privileges": {name: {"privilege": name} for name in names},
                "privileges_lower_name": {name.lower(): name for name in names},
            }
        return self.services[key]
