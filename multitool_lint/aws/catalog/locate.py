"""The copies of the catalog: in the package, installed, updated, or where the user says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.records import Extras
from multitool_lint.aws.catalog.tables import (
    BUNDLED,
    DISTRIBUTION,
    CatalogError,
    damaged,
    read_rows,
    service_file,
)
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

FORMAT = 1
"""The number of the form that the files have: copies of another form are not used."""

# Compiling these would take as long as all else here, and hardly anybody has an update.
_DATE = r"\d{4}-\d\d-\d\d"
_UPDATE = rf"{_DATE}T\d{{6}}Z-[0-9a-f]{{8}}"
_NO_EXTRAS = Extras()


def is_update(name: str) -> bool:
    """Whether an update has that name: the moment of it, and something random."""
    return re.fullmatch(_UPDATE, name) is not None


@lru_cache(maxsize=16)
def catalog_at(directory: str, extras: Extras = _NO_EXTRAS) -> Catalog:
    """The catalog in a directory, with what a user adds to it.

    Raises:
        CatalogError: there is none, or it is not whole.
    """
    if any(extras):
        from multitool_lint.aws.catalog.extensions import ExtendedCatalog

        return ExtendedCatalog(catalog_at(directory).directory, extras)
    try:
        files = os.listdir(f"{directory}/services")  # noqa: PTH208  # Path is slow to import
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CatalogError(f"{directory}: no catalog: {reason.lower()}") from error
    catalog = Catalog(directory)
    missing = {*map(service_file, catalog.prefixes)}.difference(
        f"services/{file}" for file in files
    )
    if missing:
        raise CatalogError(f"{directory}: no whole catalog: no {min(missing)}")
    if not all(re.fullmatch(_DATE, source.date) for source in catalog.sources):
        raise damaged(f"{directory}/sources.tsv", "a line without a date")
    return catalog


class Copy(NamedTuple):
    """A copy of the catalog that a run may use, and the ISO date of what is in it."""

    origin: Literal["package", "installed", "update"]
    date: str
    directory: str

    def catalog(self) -> Catalog:
        """The catalog itself.

        Raises:
            CatalogError: it cannot be used.
        """
        return bundled() if self.origin == "package" else catalog_at(self.directory)


def copies(updates: str | None, site_folders: Iterable[str]) -> list[Copy]:
    """The copies that there are, the newest first: the first is used.

    `updates` is the folder of updates, None if the user has none; distributions are installed in
    `site_folders`.

    Raises:
        CatalogError: what is installed has no date.
    """
    update = _newest_update(updates) if updates else ""
    # An update of the day on which the package was built is what the user wanted last.
    found = [Copy("update", update[:10], f"{updates}/{update}")] if update else []
    found += [Copy("package", bundled().date, BUNDLED), *_installed(site_folders)]
    return sorted(found, key=lambda copy: copy.date, reverse=True)


def newest(updates: str | None, site_folders: Iterable[str] = ()) -> Catalog:
    """The newest catalog of the copies that there are.

    Raises:
        CatalogError: it cannot be used.
    """
    return copies(updates, site_folders)[0].catalog()


def other_formats(site_folders: Iterable[str]) -> Iterator[str]:
    """The packages that are installed and have the catalog in other forms only."""
    for package in _packages(site_folders):
        names = os.listdir(package)  # noqa: PTH208  # as above
        if f"data-{FORMAT}" not in names and any(name.startswith("data-") for name in names):
            yield package


def _newest_update(folder: str) -> str:
    try:
        names = os.listdir(folder)  # noqa: PTH208  # as above
    except OSError:
        return ""
    return max(filter(is_update, names), default="")


def _installed(site_folders: Iterable[str]) -> Iterator[Copy]:
    for package in _packages(site_folders):
        directory = f"{package}/data-{FORMAT}"
        if os.path.isdir(directory):  # noqa: PTH112  # as above
            yield Copy("installed", _date(directory), directory)


def _packages(site_folders: Iterable[str]) -> Iterator[str]:
    for folder in site_folders:
        package = f"{folder}/{DISTRIBUTION.replace('-', '_')}"
        if os.path.isdir(package):  # noqa: PTH112  # as above
            yield package


def _date(directory: str) -> str:
    """The date of a catalog, for which little of it is read."""
    date = next((row[1] for row in read_rows(directory, "sources.tsv") if len(row) > 1), "")
    if not re.fullmatch(_DATE, date):
        raise damaged(f"{directory}/sources.tsv", "no date")
    return date
