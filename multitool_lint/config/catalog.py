"""What a configuration says of the catalog: where it is, and what it lacks."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.records import Extras
from multitool_lint.config.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from multitool_lint.config.toml_value import TomlValue

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


def read(settings: TomlValue, folder: Path) -> CatalogSettings:
    """The settings of a configuration in a folder."""
    directory = settings["catalog"].content
    if directory is not None and (not isinstance(directory, str) or not directory):
        settings["catalog"].add_wrong_type(f'the path of a folder or "{BUNDLED}"')
        directory = None
    if directory and directory != BUNDLED:
        directory = str(folder / directory)
    extras = (
        settings[key].parse_items(partial(_check_name, key=key), "a list of strings")
        for key in EXTRAS
    )
    return CatalogSettings(directory, Extras(*extras))


def _check_name(name: str, *, key: str) -> str:
    form, what = EXTRAS[key]
    if not re.fullmatch(form, name):
        raise ConfigError(f'"{name}" is not a valid {what}')
    return name
