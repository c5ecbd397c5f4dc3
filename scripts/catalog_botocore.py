"""What botocore says of regions, of the names of services, and of API operations.

An API signs its requests for a service: by that name, IAM authorises its operations. Operations
that botocore calls deprecated, and that are not actions, belong to APIs that AWS has retired.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.catalog.records import Action, Provenance
from multitool_lint.aws.catalog.update.merge import CatalogSource, ServiceFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

# Its actions are named by the HTTP method of the operation.
# AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
BY_METHOD = "apigateway"

# The share of operations that must be actions of a service for it to be taken for the API's own.
_SURE = 0.7


class Operation(NamedTuple):
    """The HTTP method of an operation, and whether it is deprecated."""

    method: str
    deprecated: bool


@dataclass(frozen=True)
class Api:
    """An API: its title, the names that it goes by, the name that it signs for, its operations.

    `paths` are the first parts of the paths of its requests, where its operations differ in these.
    """

    title: str
    names: tuple[str, ...]
    signing_name: str
    operations: Mapping[str, Operation]
    paths: frozenset[str] = frozenset()

    def prefixes(self, actions: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
        """The service prefixes that its operations may be authorised under, the best first."""
        lower = {operation.lower() for operation in self.operations}

        def shared(prefix: str) -> int:
            return len(lower & actions.get(prefix, frozenset()))

        named = [name for name in self.names if name == BY_METHOD or shared(name)]
        if named:
            return tuple(sorted(named, key=shared, reverse=True))
        best = max(sorted(actions), key=shared)
        return (best,) if shared(best) >= _SURE * len(lower) else ()

    def missing(self, actions: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, Operation]]:
        """The operations that are not actions, under each prefix that may authorise them."""
        prefixes = self.prefixes(actions)
        under = dict.fromkeys(prefixes[:1])
        if not prefixes or self.signing_name in actions:
            under[self.signing_name] = None
        for name, operation in self.operations.items():
            lower = name.lower()
            if not any(lower in actions.get(prefix, ()) for prefix in (*prefixes, *under)):
                yield from ((f"{prefix}:{name}", operation) for prefix in under)


def version(botocore: Path) -> str:
    """The version of the package."""
    text = (botocore / "__init__.py").read_text("utf-8")
    found = re.search(r"^__version__ = .([0-9.]+)", text, re.MULTILINE)
    return f"botocore {found[1]}" if found else "botocore"


def apis(botocore: Path) -> list[Api]:
    """The newest version of every API."""
    return [_api(folder) for folder in sorted((botocore / "data").iterdir()) if folder.is_dir()]


def _api(folder: Path) -> Api:
    model = _json(next(max(folder.iterdir()).glob("service-2.json*")))
    metadata = model["metadata"]
    endpoint, spoken = metadata["endpointPrefix"], metadata["serviceId"].lower()
    signing_name = metadata.get("signingName", endpoint).lower()
    names = (
        folder.name,
        signing_name,
        endpoint.lower(),
        spoken.replace(" ", "-"),
        spoken.replace(" ", ""),
    )
    operations = model["operations"].items()
    return Api(
        metadata["serviceFullName"],
        tuple(dict.fromkeys(names)),
        signing_name,
        {
            name: Operation(
                operation.get("http", {}).get("method", ""), operation.get("deprecated", False)
            )
            for name, operation in operations
        },
        frozenset(
            operation["http"]["requestUri"].split("/")[1].partition("?")[0]
            for _, operation in operations
            if metadata["protocol"] == "rest-json"
        ),
    )


def renamed_prefixes(found: list[Api], actions: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """The names of APIs that are not service prefixes, each with its prefix in IAM."""
    meant: dict[str, set[str]] = {}
    for api in found:
        for name in api.names if api.prefixes(actions) else ():
            if name not in actions:
                meant.setdefault(name, set()).add(api.prefixes(actions)[0])
    return {name: prefixes.pop() for name, prefixes in meant.items() if len(prefixes) == 1}


def operations(found: list[Api], actions: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """The operations that are not actions; API Gateway's with the action of their method."""
    known: dict[str, set[str]] = {}
    for api in found:
        for name, operation in api.missing(actions):
            if not operation.deprecated:
                prefix = name.partition(":")[0]
                by_method = {f"{prefix}:{operation.method}"} if prefix == BY_METHOD else set()
                known.setdefault(name, set()).update(by_method)
    return known


def retired(
    found: list[Api],
    actions: Mapping[str, frozenset[str]],
    authorised: Collection[str],
    provenance: Provenance,
) -> CatalogSource:
    """The operations of retired APIs, as the actions that they were.

    Nothing is known to authorise them, and every API that has them calls them deprecated.
    """
    deprecated: dict[str, bool] = {}
    titles: dict[str, str] = {}
    for api in found:
        for name, operation in api.missing(actions):
            titles.setdefault(name.partition(":")[0], api.title)
            deprecated[name] = operation.deprecated and deprecated.get(name, True)
    services: dict[str, ServiceFacts] = {}
    for name, is_deprecated in deprecated.items():
        prefix = name.partition(":")[0]
        if is_deprecated and name not in authorised and prefix != BY_METHOD:
            service = services.setdefault(prefix, ServiceFacts(titles[prefix]))
            service.add_action(Action(name, prefix, frozenset()))
    return CatalogSource(provenance, services, complete=False)


def regions(botocore: Path) -> Iterator[tuple[str, str, str, str]]:
    """Each partition with its DNS suffix, the pattern of its regions, and its regions."""
    endpoints = _json(botocore / "data" / "endpoints.json")["partitions"]
    listed = {endpoint["partition"]: set(endpoint["regions"]) for endpoint in endpoints}
    for partition in _json(botocore / "data" / "partitions.json")["partitions"]:
        names = {name for name in partition["regions"] if not name.endswith("-global")}
        names |= listed.get(partition["id"], set())
        pattern = partition["regionRegex"].strip("^$").replace(r"\-", "-")
        yield partition["id"], partition["outputs"]["dnsSuffix"], pattern, " ".join(sorted(names))


def _json(path: Path) -> Any:  # noqa: ANN401  # a document of a foreign format
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
