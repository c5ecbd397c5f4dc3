"""Which copy of the catalog a command uses: the one that the user names, else the newest."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog import locate as copies
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.cli.files.home import home
from multitool_lint.cli.output import streams
from multitool_lint.config import Config, ConfigError, ConfigFinder, read_config
from multitool_lint.config.catalog import BUNDLED, CatalogSettings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.aws.catalog.catalog import Catalog

_DEFAULT = CatalogSettings()


def add_catalog_argument(parser: ArgumentParser) -> None:
    """Add the option that says where the catalog is."""
    parser.add_argument(
        "--catalog",
        metavar="DIR",
        help="the catalog of AWS actions to use, such as a copy of the path that `multitool-lint "
        f"catalog` prints elsewhere; {BUNDLED}: the one in the package, even if there is an update",
    )


def updates() -> str | None:
    """The folder of updates in the user's data directory; None if the user has none."""
    # What platformdirs says too, which takes longer to import than a policy takes to lint.
    data = os.environ.get("XDG_DATA_HOME", "")
    in_home = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    if sys.platform == "win32":
        data, in_home = os.environ.get("LOCALAPPDATA", ""), "AppData/Local"
    if not (data if sys.platform == "win32" else os.path.isabs(data)):  # noqa: PTH117  # as above
        folder = home()
        if folder is None:
            return None
        data = f"{folder}/{in_home}"
    return f"{data}/multitool-lint/catalog-{copies.FORMAT}"


def newest() -> Catalog:
    """The newest catalog that can be read; says so if an update cannot."""
    try:
        folder = updates()
        return copies.newest(folder) if folder else bundled()
    except CatalogError as error:
        catalog = bundled()
        streams.err(
            f"note: {error}; the catalog in the package is used, "
            "until `multitool-lint catalog update` makes a new one\n"
        )
        return catalog


def chosen(option: str | None, settings: CatalogSettings = _DEFAULT) -> Catalog:
    """The catalog that an option and a configuration choose.

    Raises:
        ConfigError: there is none.
    """
    directory = option or settings.directory
    try:
        if directory is None:
            catalog = newest()
        else:
            catalog = bundled() if directory == BUNDLED else copies.catalog_at(directory)
        return (
            copies.catalog_at(catalog.directory, settings.extras)
            if any(settings.extras)
            else catalog
        )
    except CatalogError as error:
        raise ConfigError(f"{error}; {error.remedy}") from error


def add_config_arguments(parser: ArgumentParser, what: str = "use this configuration") -> None:
    """Add the options that say where the configuration is."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--config", metavar="FILE", help=what)
    group.add_argument("--no-config", action="store_true", help="use no configuration")


def config_of(arguments: Namespace) -> Config:
    """The configuration of a command that works on no files: the one here, unless one is named.

    Raises:
        ConfigError: it cannot be followed.
    """
    config = given_config(arguments)
    return ConfigFinder().nearest("here") if config is None else config


def given_config(arguments: Namespace) -> Config | None:
    """The configuration for all files, where `--config` or `--no-config` says so.

    Raises:
        ConfigError: it cannot be followed.
    """
    if arguments.no_config:
        return Config()
    return None if arguments.config is None else read_config(arguments.config)


def of_folder(arguments: Namespace) -> Catalog:
    """The catalog of a command that works on no files: what is configured here counts.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    return chosen(arguments.catalog, config_of(arguments).catalog)
