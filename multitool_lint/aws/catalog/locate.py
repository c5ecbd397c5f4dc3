"""The copies of the catalog: in the package, updated by the user, or where the user says."""

from __future__ import annotations

import os
import re
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.records import Extras
from multitool_lint.aws.catalog.tables import CatalogError, damaged

FORMAT = 1
"""The number of the form that the files have: updates of another form are no use."""

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
    missing = {f"{prefix}.tsv" for prefix in catalog.prefixes}.difference(files)
    if missing:
        raise CatalogError(f"{directory}: no whole catalog: no services/{min(missing)}")
    if not all(re.fullmatch(_DATE, source.date) for source in catalog.sources):
        raise damaged(f"{directory}/sources.tsv", "a line without a date")
    return catalog


def newest(folder: str) -> Catalog:
    """The newest catalog of those in a folder of updates and the one in the package.

    Raises:
        CatalogError: the newest update cannot be used.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208  # as above
    except OSError:
        return bundled()
    update = max(filter(is_update, names), default="")
    # An update of the day on which the package was built is what the user wanted last.
    return catalog_at(f"{folder}/{update}") if update[:10] >= bundled().date else bundled()
