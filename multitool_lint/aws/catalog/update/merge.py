"""What each source of the catalog says, and one catalog made out of what several say.

The newest source wins, action by action. An action that is not in the newest source which knows its
service is kept as retired, with the last source that had it; a service that no source since the
newest complete one has is retired as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from multitool_lint.aws.catalog import records as facts
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.records import (
    Action,
    ActionResource,
    ConditionKey,
    ResourceType,
)

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.records import Provenance


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


T = TypeVar("T")


@dataclass(frozen=True)
class Merged:
    """A service as the catalog has it."""

    prefix: str
    name: str
    provenance: facts.Provenance
    retired: bool
    current: list[Action]
    gone: list[Action]
    resource_types: list[ResourceType]
    condition_keys: list[ConditionKey]

    def text(self) -> str:
        """The text of the service's file."""
        head = [self.prefix, self.name, *self.provenance]
        if self.retired:
            head.append(self.provenance.source)
        sections = (
            (facts.ACTIONS, map(facts.write_action, self.current)),
            (facts.RETIRED, map(facts.write_action, self.gone)),
            (facts.RESOURCES, map(facts.write_resource_type, self.resource_types)),
            (facts.KEYS, map(facts.write_condition_key, self.condition_keys)),
        )
        text = "\t".join(head) + "\n"
        for heading, rows in sections:
            text += heading + "".join(f"{row}\n" for row in rows)
        return text

    def names(self) -> frozenset[str]:
        """The names of its current actions in lower case."""
        return frozenset(action.name.partition(":")[2].lower() for action in self.current)


def merge(newest_first: Sequence[CatalogSource]) -> list[Merged]:
    """One list of services out of what the sources say."""
    newest_complete = next(at for at, source in enumerate(newest_first) if source.complete)
    prefixes = sorted({prefix for source in newest_first for prefix in source.services})
    return [_merge_service(prefix, newest_first, newest_complete) for prefix in prefixes]


def _merge_service(
    prefix: str, newest_first: Sequence[CatalogSource], newest_complete: int
) -> Merged:
    ranks = [at for at, source in enumerate(newest_first) if prefix in source.services]
    answers = [newest_first[at].services[prefix] for at in ranks]
    sources = [_provenance(newest_first[at], prefix) for at in ranks]
    retired = ranks[0] > newest_complete or answers[0].retired
    current, gone = [], []
    for name in sorted({name for answer in answers for name in answer.actions}):
        having = [at for at, answer in enumerate(answers) if name in answer.actions]
        action = answers[having[0]].actions[name]
        if retired or having[0] or action.retired:
            gone.append(action._replace(retired=action.retired or sources[having[0]].source))
        else:
            older = [answers[at].actions[name] for at in having[1:]]
            if not newest_first[ranks[0]].detailed:
                action = _detailed(action, older[:1], answers[0].resource_types)
            current.append(_completed(action, older))
    named = {
        resource_type.name.lower() for action in gone for resource_type in action.resource_types
    }
    used = {key.lower() for action in gone for key in _all_keys(action)}
    return Merged(
        prefix,
        next(answer.name for answer in answers if answer.name != prefix or answer is answers[-1]),
        sources[0],
        retired,
        current,
        gone,
        _kept([answer.resource_types for answer in answers], named),
        _kept([answer.condition_keys for answer in answers], used),
    )


def _provenance(source: CatalogSource, prefix: str) -> facts.Provenance:
    """Where a source has a service from."""
    return source.services[prefix].provenance or source.provenance


def _completed(action: Action, older: Sequence[Action]) -> Action:
    """The action with the dependent actions that its source does not state."""
    stated = (
        version.dependent_actions for version in (action, *older) if version.dependent_actions
    )
    return action._replace(dependent_actions=next(stated, ()))


def _detailed(
    action: Action, older: Sequence[Action], resource_types: Mapping[str, ResourceType]
) -> Action:
    """The action with the details of an older source, if there is one.

    A condition key that its source names without details belongs to a resource type if the older
    source says so, or if the type has it for all actions.
    """
    known = {
        resource_type.name: resource_type for old in older for resource_type in old.resource_types
    }
    whatever = {key for old in older for key in old.condition_keys}
    resources: list[ActionResource] = []
    of_resources: set[str] = set()
    for resource_type in action.resource_types:
        old = known.get(resource_type.name, resource_type)
        keys = tuple(key for key in old.condition_keys if key in action.condition_keys)
        resources.append(old._replace(condition_keys=keys))
        of_resources.update(keys)
        if type_ := resource_types.get(resource_type.name.lower()):
            of_resources.update(type_.condition_keys)
    return action._replace(
        resource_types=tuple(resources),
        condition_keys=tuple(
            key for key in action.condition_keys if key in whatever or key not in of_resources
        ),
    )


def _all_keys(action: Action) -> list[str]:
    of_resources = [
        key for resource_type in action.resource_types for key in resource_type.condition_keys
    ]
    return [*action.condition_keys, *of_resources]


def _kept(tables: list[dict[str, T]], wanted: set[str]) -> list[T]:
    """The newest table, and of the older ones what retired actions need."""
    kept = dict(tables[0])
    for table in tables[1:]:
        for name in wanted & (table.keys() - kept.keys()):
            kept[name] = table[name]
    return [kept[name] for name in sorted(kept)]
