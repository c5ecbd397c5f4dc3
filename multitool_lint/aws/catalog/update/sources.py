"""What each source of the catalog says, in the types of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.records import (
    Action,
    ActionResource,
    ConditionKey,
    Provenance,
    ResourceType,
)


@dataclass
class ServiceFacts:
    """What one source says of a service; the keys of its tables are names in lower case.

    `provenance` is given where the source has the service from another one; `retired` says that
    the service was gone already.
    """

    name: str
    actions: dict[str, Action] = field(default_factory=dict)
    resource_types: dict[str, ResourceType] = field(default_factory=dict)
    condition_keys: dict[str, ConditionKey] = field(default_factory=dict)
    provenance: Provenance | None = None
    retired: bool = False

    def add_action(self, action: Action) -> None:
        """Add an action, or more of what it takes."""
        lower = action.name.partition(":")[2].lower()
        known = self.actions.get(lower)
        if known:
            action = known._replace(
                resource_types=resources((*known.resource_types, *action.resource_types)),
                condition_keys=keys((*known.condition_keys, *action.condition_keys)),
            )
        self.actions[lower] = action

    def add_resource_type(self, resource: ResourceType) -> None:
        """Add a resource type, or more ARN formats and condition keys of it."""
        known = self.resource_types.get(resource.name.lower())
        if known:
            formats = dict.fromkeys((*known.arn_formats, *resource.arn_formats))
            taken = keys((*known.condition_keys, *resource.condition_keys))
            resource = ResourceType(known.name, tuple(formats), taken)
        self.resource_types[resource.name.lower()] = resource

    def add_condition_key(self, name: str, types: Iterable[str]) -> None:
        """Add a condition key, if it is not there."""
        name = _key(name)
        self.condition_keys.setdefault(name.lower(), ConditionKey(name, tuple(types)))


@dataclass(frozen=True)
class CatalogSource:
    """A source: a complete one lists every service that AWS had on its date.

    One that is not detailed does not state which resource types an action requires, which of its
    condition keys belong to one of them, and on which other actions it depends.
    """

    provenance: Provenance
    services: Mapping[str, ServiceFacts]
    complete: bool = True
    detailed: bool = True


def of_catalog(catalog: Catalog) -> CatalogSource:
    """What a catalog says, its retired actions included."""
    services = {}
    for prefix in catalog.prefixes:
        service = catalog.known(prefix)
        retired = service.retired is not None
        facts = ServiceFacts(service.name, provenance=service.provenance, retired=retired)
        for action in service.actions:
            facts.add_action(action)
        for resource in service.resource_types.values():
            facts.add_resource_type(resource)
        for key in service.condition_keys:
            facts.add_condition_key(key.name, key.types)
        services[prefix] = facts
    return CatalogSource(catalog.sources[0], services)


def resources(listed: Iterable[ActionResource]) -> tuple[ActionResource, ...]:
    """Resource types by name, what is said of one several times put together."""
    by_name: dict[str, ActionResource] = {}
    for resource in listed:
        known = by_name.get(resource.name)
        if known:
            taken = keys((*known.condition_keys, *resource.condition_keys))
            required = known.required or resource.required
            by_name[resource.name] = ActionResource(resource.name, required, taken)
        else:
            by_name[resource.name] = resource
    return tuple(by_name[name] for name in sorted(by_name))


def keys(names: Iterable[str]) -> tuple[str, ...]:
    """Condition keys, sorted, each once and in the spelling of the catalog."""
    return tuple(sorted({_key(name) for name in names}))


def _key(name: str) -> str:
    # Some pages write a variable part as `<key>`, most as `${TagKey}`.
    return name.replace("<", "${").replace(">", "}")
