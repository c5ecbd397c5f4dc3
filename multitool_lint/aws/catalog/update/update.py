"""Updating the catalog from AWS's service reference: all of it, or nothing.

The escalation paths are another source. Where they cannot be updated, those known before stay.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.locate import catalog_at, is_update
from multitool_lint.aws.catalog.records import Provenance
from multitool_lint.aws.catalog.tables import CatalogError, read_rows, read_rows_or_bundled
from multitool_lint.aws.catalog.update import escalation, managed_policies, reference
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.fetch import Fetcher, FetchError, FetchLimits, check_count
from multitool_lint.aws.catalog.update.merge import (
    CatalogSource,
    Merged,
    ServiceFacts,
    merge,
    of_catalog,
)
from multitool_lint.aws.condition_keys import global_key
from multitool_lint.aws.escalation_paths import TABLE, paths

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from multitool_lint.aws.catalog.update.reference import ServiceDocument


T = TypeVar("T")

AWS = "https://servicereference.us-east-1.amazonaws.com/"
"""The address of AWS's list of services."""

_KEPT = 2
"""How many updates stay: one that runs may still read of the last but one."""

_GLOBAL = "aws:"
_NEW = ".new-"
_DAY = 24 * 60 * 60


class UpdateError(Exception):
    """An update that was not made; the message says why."""


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """What to fetch, when, and as whom.

    Without the address of the escalation paths or of the managed policies, those known stay.
    """

    now: datetime
    agent: str
    url: str = AWS
    limits: FetchLimits = FetchLimits()  # noqa: RUF009  # immutable
    paths_url: str = ""
    policies_url: str = ""


def update(
    folder: Path,
    request: UpdateRequest,
    in_use: Catalog,
    progress: Callable[[int, int], None],
    base: Catalog | None = None,
    warn: Callable[[str], None] = lambda _reason: None,
) -> Catalog:
    """Fetch the service reference, and put a catalog made with it into the folder of updates.

    An update must not have far less than `in_use`; `base` is what it adds to: the catalog in the
    package, unless a newer one is installed. `warn` is called with what stays as it is, and why:
    the escalation paths, or the managed policies.

    Raises:
        UpdateError: it cannot be fetched or is not what AWS serves; nothing has changed.
    """
    stamp = f"{request.now:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(4)}"
    date = stamp[:10]
    base = base or bundled()
    if date < base.date:
        raise UpdateError(f"this machine takes today for {date}, before {base.date}")
    for url in filter(None, (request.paths_url, request.policies_url)):
        _check_address(url)
    fetcher = Fetcher(request.limits, request.agent)
    try:
        documents = fetch_documents(request, in_use, progress, fetcher)
    except FetchError as error:
        raise UpdateError(str(error)) from error
    rows: Sequence[Sequence[str]] = read_rows_or_bundled(in_use.directory, TABLE)
    try:
        rows = fetch_paths(request.paths_url, rows, fetcher) if request.paths_url else rows
    except FetchError as error:
        warn(f"the escalation paths are those of before: {error}")
    policies = None
    try:
        policies = managed_policies.fetch(request.policies_url, in_use, fetcher)
    except FetchError as error:
        warn(f"the managed policies are those of before: {error}")
    host = "" if request.url == AWS else f" from {urlsplit(request.url).hostname}"
    new = folder / f"{_NEW}{stamp}"
    try:
        new.mkdir(parents=True)
        _write(new, documents, Provenance(f"{reference.NAME} {date}{host}", date), base)
        writing.write_rows(new / TABLE, escalation.HEAD, rows)
        managed_policies.write_newest(new, policies, in_use)
        _read_all(catalog_at(str(new)))
        new.rename(folder / stamp)
    except (CatalogError, reference.DocumentError) as error:
        raise UpdateError(f"not written as it should be: {error}") from error
    except OSError as error:
        place, reason = error.filename or new, (error.strerror or str(error)).lower()
        raise UpdateError(f"{place}: not written: {reason}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    _tidy(folder)
    return catalog_at(str(folder / stamp))


def fetch_documents(
    request: UpdateRequest,
    in_use: Catalog,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    fetcher: Fetcher | None = None,
) -> dict[str, ServiceDocument]:
    """The documents of all services.

    Raises:
        FetchError: some cannot be fetched, or are not what AWS serves.
    """
    fetcher = fetcher or Fetcher(request.limits, request.agent)
    base = _base(request.url)
    lists = fetcher.fetch_all(
        {"": base}, partial(_read, base, reference.read_list), lambda _done, _all: None
    )
    urls = {prefix: _place(base, url) for prefix, url in lists[""].items()}
    known = in_use.all_actions()
    check_count("services", len(urls), len(known.prefixes), base)

    def read(prefix: str, data: bytes) -> ServiceDocument:
        return _read(urls[prefix], partial(reference.read_service, prefix), prefix, data)

    documents = fetcher.fetch_all(urls, read, progress)
    actions = sum(len(document.facts.actions) for document in documents.values())
    check_count("actions", actions, len(known), base)
    return documents


def fetch_paths(
    url: str, known: Sequence[Sequence[str]], fetcher: Fetcher
) -> Sequence[Sequence[str]]:
    """The rows of the table of escalation paths, made of those that are known by what a URL has.

    Raises:
        FetchError: it cannot be fetched, or is not the collection.
    """
    published = _read(url, escalation.read_paths, "", fetcher.fetch(url))
    check_count("paths", len(published), len(escalation.of_collection(known)), url)
    return escalation.merge_paths(published, known)


def _read(url: str, read: Callable[[object], T], _name: str, data: bytes) -> T:
    try:
        return read(reference.parse(data))
    except reference.DocumentError as error:
        raise FetchError(f"{url}: {error}") from error


def _base(url: str) -> str:
    _check_address(url)
    return url if url.endswith(("/", ".json")) else f"{url}/"


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UpdateError(f'"{url}" is not an address such as {AWS}')


def _place(base: str, url: str) -> str:
    """Where to fetch a document that a list names: a mirror may have AWS's list as it is."""
    wanted = urlsplit(urljoin(base, url))
    here = urlsplit(base)
    if (wanted.scheme, wanted.netloc) == (here.scheme, here.netloc):
        return wanted.geturl()
    if wanted.hostname == urlsplit(AWS).hostname:
        return urljoin(base, wanted.path.lstrip("/"))
    raise FetchError(f"{base}: it leads to another host, which is refused: {url}")


def _write(
    directory: Path, documents: Mapping[str, ServiceDocument], provenance: Provenance, base: Catalog
) -> None:
    services = {prefix: document.facts for prefix, document in documents.items()}
    newest = CatalogSource(provenance, services, detailed=False)
    merged = merge([newest, of_catalog(base)])
    rows = [*writing.source_rows([newest]), *read_rows(base.directory, "sources.tsv")]
    writing.write_services(directory, merged, rows)
    newest_operations = {
        name: actions
        for document in documents.values()
        for name, actions in document.operations.items()
    }
    known = read_rows(base.directory, "operations.tsv")
    operations = merge_operations(known, newest_operations, merged)
    writing.write_operations(directory, f"of {base.date} and {provenance.date}", operations)
    renamed = {
        old: new
        for old, new, *_ in read_rows(base.directory, "renamed_prefixes.tsv")
        if old not in services
    }
    writing.write_renamed(directory, f"of {base.date}", renamed)
    writing.write_rows(
        directory / "global_keys.tsv", f"of {provenance.date}", _global_keys(services, base)
    )
    managed = read_rows_or_bundled(base.directory, "managed_actions.tsv")
    writing.write_rows(directory / "managed_actions.tsv", f"of {base.date}", managed)


def _global_keys(services: Mapping[str, ServiceFacts], base: Catalog) -> list[list[str]]:
    """The global condition keys of a catalog, and those that only the documents name."""
    rows = read_rows_or_bundled(base.directory, "global_keys.tsv")
    known = {name.lower() for name, *_ in rows}
    named = {
        lower: key
        for facts in services.values()
        for lower, key in facts.condition_keys.items()
        if lower.startswith(_GLOBAL) and lower not in known and not global_key(lower)
    }
    return rows + [[named[lower].name, " ".join(named[lower].types)] for lower in sorted(named)]


def _read_all(catalog: Catalog) -> None:
    """Read everything, so that what cannot be read is known before it is used."""
    catalog.all_actions()
    paths(catalog)
    for service in map(catalog.known, catalog.prefixes):
        len(service.actions) + len(service.resource_types) + len(service.condition_keys)


def _tidy(folder: Path) -> None:
    """Delete older updates, and what updates have left that were interrupted days ago."""
    updates = sorted(path for path in folder.iterdir() if is_update(path.name))
    gone = updates[:-_KEPT]
    for path in folder.glob(f"{_NEW}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _DAY:
                gone.append(path)
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)


def merge_operations(
    known: Iterable[Sequence[str]],
    newest_operations: Mapping[str, tuple[str, ...]],
    services: Iterable[Merged],
) -> dict[str, tuple[str, ...]]:
    """What a table of operations says, completed by the service reference.

    The table is older, but part of it is chosen by hand: what it says of an operation stays, as
    far as those are current actions.
    """
    current = {
        action.name.lower(): action.name for service in services for action in service.current
    }
    merged = {name.lower(): (name, tuple(" ".join(actions).split())) for name, *actions in known}
    for name, actions in newest_operations.items():
        spelled, before = merged.get(name.lower(), (name, ()))
        merged[name.lower()] = (spelled, before or actions)
    return {
        name: tuple(current[action.lower()] for action in actions if action.lower() in current)
        for lower, (name, actions) in merged.items()
        if lower not in current
    }
