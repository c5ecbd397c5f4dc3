"""Write the tables of escalation paths, and of the actions by which services are given roles.

    python scripts/catalog_escalation.py paths.json

writes them of https://pathfinding.cloud/paths.json (DataDog, Apache-2.0) and of the catalog,
completed by what is kept by hand in this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.catalog.update import escalation, reference
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.fetch import Fetcher, FetchLimits
from multitool_lint.aws.escalation_paths import PASS_ROLE, PASSING, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def write_paths(directory: Path, source: Path | None) -> None:
    """Write the paths of a document, or of the one that is published now."""
    data = (
        source.read_bytes()
        if source
        else Fetcher(FetchLimits(), "multitool-lint (catalog build)").fetch(escalation.URL)
    )
    published = escalation.read_paths(reference.parse(data))
    rows = escalation.merge_paths(published, read_rows(str(HERE), "escalation_paths.tsv"))
    writing.write_rows(directory / TABLE, escalation.HEAD, rows)
    print(f"{len(rows)} escalation paths")


def write_passing(directory: Path) -> None:
    """Write the actions that depend on iam:PassRole, and those that are kept by hand."""
    writing.write_rows(
        directory / PASSING,
        "actions by which services are given roles: prefix, principals, actions",
        _passing(Catalog(str(directory))),
    )


def _passing(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    by_hand = {prefix: more for prefix, *more in read_rows(str(HERE), "role_passing_actions.tsv")}
    for prefix in catalog.prefixes:
        services, actions, *_ = [*by_hand.get(prefix, []), "", ""]
        names = {
            action.name.partition(":")[2]
            for action in catalog.known(prefix).actions
            if not action.retired
            and PASS_ROLE in action.dependent_actions
            # AWS lists the removal of a role from a database, too.
            and not action.name.startswith(f"{prefix}:Remove")
        }
        names.update(actions.split())
        if names:
            yield prefix, services or prefix, " ".join(sorted(names))


if __name__ == "__main__":
    write_passing(Path(BUNDLED))
    write_paths(Path(BUNDLED), Path(sys.argv[1]))
