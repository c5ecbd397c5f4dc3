"""The update of the catalog as the command `catalog` makes it: progress, result, failure."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.update.fetch import Limits, UnreachableError
from multitool_lint.aws.catalog.update.update import AWS, Request, UpdateError
from multitool_lint.aws.catalog.update.update import update as make
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams
from multitool_lint.diagnostics.finding import enumerate_briefly

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog

_NAMES_AT_MOST = 10


def update(url: str | None, seconds: float | None) -> int:
    """Update the catalog in the user's data directory, and return the exit code."""
    before = catalogs.newest()
    limits = Limits()
    if seconds is not None:
        limits = replace(limits, overall=seconds, request=min(seconds, limits.request))
    agent = f"multitool-lint/{__version__}"
    request = Request(datetime.now(tz=UTC), agent, url or AWS, limits)
    progress = _Progress()
    try:
        after = make(Path(catalogs.updates()), request, before, progress.show)
    except UpdateError as error:
        progress.end()
        streams.err(f"error: {error}\n")
        if isinstance(error.__cause__, UnreachableError):
            streams.err(
                "Is this machine offline, or behind a proxy that HTTPS_PROXY does not name? "
                "--url names a mirror.\n"
            )
        streams.err(f"Nothing has changed: the catalog of {before.date} stays in use.\n")
        return 2
    progress.end()
    streams.out(_changes(before, after))
    return 0


class _Progress:
    """How far the update is, on a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: int, everything: int) -> None:
        if self._shown:
            streams.err(f"\r{done} of {everything} services")

    def end(self) -> None:
        if self._shown:
            streams.err("\r\033[K")


def _changes(before: Catalog, after: Catalog) -> str:
    old, new = set(before.names(before.all_actions())), set(after.names(after.all_actions()))
    services = after.all_actions().prefixes
    changes = f"{len(new - old):,} of them new, {len(old - new):,} retired"
    lines = [
        f"catalog of {after.date}: {len(services):,} services, {len(new):,} actions, {changes}",
        f"in {after.directory}",
    ]
    for what, names in (
        ("new services", services - before.all_actions().prefixes),
        ("retired services", before.all_actions().prefixes - services),
    ):
        if names:
            lines.append(f"{what}: {enumerate_briefly(sorted(names), _NAMES_AT_MOST)}")
    return "\n".join(lines) + "\n"
