"""Making one catalog out of what several sources say.

The newest source wins, action by action. An action that is not in the newest source which knows its
service is kept as retired, with the last source that had it; a service that no source since the
newest complete one has is retired as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from multitool_lint.iam import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog_sources import Source

    from multitool_lint.iam.facts import Action, ConditionKey, ResourceType

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


def merge(newest_first: Sequence[Source]) -> list[Merged]:
    """One list of services out of what the sources say."""
    newest_complete = next(at for at, source in enumerate(newest_first) if source.complete)
    prefixes = sorted({prefix for source in newest_first for prefix in source.services})
    return [_merge_service(prefix, newest_first, newest_complete) for prefix in prefixes]


def _merge_service(prefix: str, newest_first: Sequence[Source], newest_complete: int) -> Merged:
    ranks = [at for at, source in enumerate(newest_first) if prefix in source.services]
    told = [newest_first[at].services[prefix] for at in ranks]
    retired = ranks[0] > newest_complete
    current, gone = [], []
    for name in sorted({name for each in told for name in each.actions}):
        having = [at for at, each in enumerate(told) if name in each.actions]
        action = told[having[0]].actions[name]
        if retired or having[0]:
            last = newest_first[ranks[having[0]]].provenance.source
            gone.append(action._replace(retired=last))
        else:
            older = [told[at].actions[name] for at in having[1:]]
            partial = not newest_first[ranks[0]].complete
            current.append(_completed(action, older, partial=partial))
    named = {type_.name.lower() for action in gone for type_ in action.resource_types}
    used = {key.lower() for action in gone for key in _all_keys(action)}
    return Merged(
        prefix,
        next(each.name for each in told if each.name != prefix or each is told[-1]),
        newest_first[ranks[0]].provenance,
        retired,
        current,
        gone,
        _kept([each.resource_types for each in told], named),
        _kept([each.condition_keys for each in told], used),
    )


def _completed(action: Action, older: Sequence[Action], *, partial: bool) -> Action:
    """The action with what its source does not state, from the newest source that does.

    No current source states dependent actions, and the service reference neither which resource
    types are required nor which condition keys belong to one of them.
    """
    if not action.dependent_actions:
        stated = (each.dependent_actions for each in older if each.dependent_actions)
        action = action._replace(dependent_actions=next(stated, ()))
    if not partial or not older:
        return action
    known = {each.name: each for each in older[0].resource_types}
    resources = []
    for each in action.resource_types:
        old = known.get(each.name, each)
        keys = tuple(key for key in old.condition_keys if key in action.condition_keys)
        resources.append(old._replace(condition_keys=keys))
    of_resources = {key for each in resources for key in each.condition_keys}
    return action._replace(
        resource_types=tuple(resources),
        condition_keys=tuple(
            key
            for key in action.condition_keys
            if key in older[0].condition_keys or key not in of_resources
        ),
    )


def _all_keys(action: Action) -> list[str]:
    of_resources = [key for each in action.resource_types for key in each.condition_keys]
    return [*action.condition_keys, *of_resources]


def _kept(tables: list[dict[str, T]], wanted: set[str]) -> list[T]:
    """The newest table, and of the older ones what retired actions need."""
    kept = dict(tables[0])
    for table in tables[1:]:
        for name in wanted & (table.keys() - kept.keys()):
            kept[name] = table[name]
    return [kept[name] for name in sorted(kept)]
