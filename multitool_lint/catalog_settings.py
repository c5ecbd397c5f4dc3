"""What a configuration says of the catalog: where it is, and what it lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.iam.facts import Extras

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

BUNDLED = "bundled"
"""The word for the catalog in the package, whatever updates there are."""

_EXTRAS = {
    "extra-actions": (r"[A-Za-z0-9-]+:[A-Za-z0-9_.-]+", "action such as myservice:DoIt"),
    "extra-services": (r"[A-Za-z0-9-]+", "service prefix such as myservice"),
    "extra-condition-keys": (r"[^\s:]+:\S+", "condition key such as myservice:Key"),
}

KEYS = ("catalog", *_EXTRAS)
"""The keys of a configuration that concern the catalog."""


class CatalogSettings(NamedTuple):
    """The directory of the catalog, if one is named, and what a user adds to it."""

    directory: str | None = None
    extras: Extras = Extras()


def read(
    settings: Mapping[str, Any], folder: Path, mistake: Callable[[str, str], Exception]
) -> CatalogSettings:
    """The settings of a configuration in a folder; `mistake` makes the error about a value."""
    directory = settings.get("catalog")
    if directory is not None and (not isinstance(directory, str) or not directory):
        raise mistake("catalog", f'catalog must be the path of a folder, or "{BUNDLED}"')
    if directory and directory != BUNDLED:
        directory = str(folder / directory)
    return CatalogSettings(
        directory, Extras(*(_names(settings.get(key, []), key, mistake) for key in _EXTRAS))
    )


def _names(value: object, key: str, mistake: Callable[[str, str], Exception]) -> tuple[str, ...]:
    shape, what = _EXTRAS[key]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise mistake(key, f"{key} must be a list of strings")
    for name in value:
        if not re.fullmatch(shape, name):
            raise mistake(name or key, f'"{name}" in {key} is no {what}')
    return tuple(value)
