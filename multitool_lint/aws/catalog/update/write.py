"""Writing the files of a catalog: same facts, same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.listed_names import listed
from multitool_lint.aws.catalog.tables import service_file

if TYPE_CHECKING:
    from pathlib import Path

    from multitool_lint.aws.catalog.update.merge import CatalogSource, Merged


def write_services(
    directory: Path, services: Sequence[Merged], sources: Iterable[Iterable[str]]
) -> None:
    """Write the services, their indexes and the sources; delete what no service has any more."""
    folder = directory / "services"
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[Path, list[str]] = {}
    for service in services:
        texts.setdefault(directory / service_file(service.prefix), []).append(service.text())
    for path in set(folder.glob("*.tsv")) - texts.keys():
        path.unlink()
    for path, parts in texts.items():
        _write(path, "\n".join(parts))
    write_rows(
        directory / "index.tsv",
        "prefix, current actions, retired actions",
        (
            (service.prefix, str(len(service.current)), str(len(service.gone)))
            for service in services
        ),
    )
    write_rows(
        directory / "names.tsv",
        "prefix, names of the current actions by verb: those of all services, soon read",
        ((service.prefix, listed(_names(service))) for service in services),
    )
    write_rows(
        directory / "foreign_keys.tsv",
        "prefix of condition keys that is not the prefix of the services which have them",
        _foreign_keys(services),
    )
    what = "source, date of its data, actions in it"
    write_rows(directory / "sources.tsv", what, sources)


def source_rows(newest_first: Iterable[CatalogSource]) -> Iterator[tuple[str, ...]]:
    """What is kept of the sources themselves."""
    for source in newest_first:
        count = sum(len(facts.actions) for facts in source.services.values())
        yield *source.provenance, str(count)


def _names(service: Merged) -> Iterator[str]:
    return (action.name.partition(":")[2] for action in service.current)


def _foreign_keys(services: Iterable[Merged]) -> Iterator[tuple[str, str]]:
    """The prefixes of condition keys that services have in addition to their own."""
    owners: dict[str, set[str]] = {}
    for service in services:
        for key in service.condition_keys:
            prefix = key.name.rpartition(":")[0].lower()
            if prefix not in ("aws", service.prefix) and not prefix.startswith(
                service.prefix + ":"
            ):
                owners.setdefault(prefix, set()).add(service.prefix)
    for prefix in sorted(owners):
        yield prefix, " ".join(sorted(owners[prefix]))


def write_operations(directory: Path, what: str, known: Mapping[str, Iterable[str]]) -> None:
    """Write the API operations that are not actions, with what authorises them."""
    rows = ((name, " ".join(known[name])) for name in sorted(known))
    write_rows(directory / "operations.tsv", what, rows)


def write_renamed(directory: Path, what: str, renamed: Mapping[str, str]) -> None:
    """Write what others call a service, with its prefix in IAM."""
    write_rows(directory / "renamed_prefixes.tsv", what, sorted(renamed.items()))


def write_rows(path: Path, what: str, rows: Iterable[Iterable[str]]) -> None:
    """Write a table under a line that says what it holds."""
    lines = [f"# {what}", *("\t".join(row).rstrip("\t") for row in rows)]
    _write(path, "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file as a whole."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        # A catalog is put in its place when it is whole, and that must hold after a power cut too.
        os.fsync(file.fileno())
