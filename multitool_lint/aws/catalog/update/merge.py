"""Making one catalog out of what several sources say.

The newest source wins, action by action. An action that is not in the newest source which knows its
service is kept as retired, with the last source that had it; a service that no source since the
newest complete one has is retired as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from multitool_lint.aws.catalog import records as facts

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.records import (
        Action,
        ActionResource,
        ConditionKey,
        ResourceType,
    )
    from multitool_lint.aws.catalog.update.sources import CatalogSource

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
