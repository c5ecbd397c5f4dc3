"""What a configuration says of the catalog: where it is, and what it lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.catalog.records import Extras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Tell = Callable[[tuple[str | int, ...], str], None]

BUNDLED = "bundled"
"""The word for the catalog in the package, whatever updates there are."""

EXTRAS = {
    "extra-actions": (r"[A-Za-z0-9-]+:[A-Za-z0-9_.-]+", "action such as myservice:DoIt"),
    "extra-services": (r"[A-Za-z0-9-]+", "service prefix such as myservice"),
    "extra-condition-keys": (r"[^\s:]+:\S+", "condition key such as myservice:Key"),
}
"""What may be added, and for each the form of a name and an example."""

KEYS = ("catalog", *EXTRAS)
"""The keys of a configuration that concern the catalog."""


class CatalogSettings(NamedTuple):
    """The directory of the catalog, if one is named, and what a user adds to it."""

    directory: str | None = None
    extras: Extras = Extras()


def read(settings: Mapping[str, Any], folder: Path, tell: Tell) -> CatalogSettings:
    """The settings of a configuration in a folder; `tell` is told what is wrong, and where."""
    directory = settings.get("catalog")
    if directory is not None and (not isinstance(directory, str) or not directory):
        tell(("catalog",), f'catalog must be the path of a folder, or "{BUNDLED}"')
        directory = None
    if directory and directory != BUNDLED:
        directory = str(folder / directory)
    return CatalogSettings(
        directory, Extras(*(tuple(_names(settings.get(key, []), key, tell)) for key in EXTRAS))
    )


def _names(value: object, key: str, tell: Tell) -> Iterator[str]:
    shape, what = EXTRAS[key]
    if not isinstance(value, list):
        tell((key,), f"{key} must be a list of strings")
        return
    for index, name in enumerate(value):
        if not isinstance(name, str):
            tell((key, index), f"{key} must be a list of strings")
        elif not re.fullmatch(shape, name):
            tell((key, index), f'"{name}" in {key} is no {what}')
        else:
            yield name
