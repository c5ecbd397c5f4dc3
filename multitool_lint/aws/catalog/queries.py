"""Finding what the catalog has by condition key and by ARN."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from multitool_lint.aws import arn_overlap
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog import records as facts
from multitool_lint.aws.catalog.catalog import Catalog, ConditionKey, ResourceType, Service
from multitool_lint.aws.catalog.tables import read_rows
from multitool_lint.aws.condition_keys import TAG_KEY, global_key


def condition_key(catalog: Catalog, name: str) -> ConditionKey | None:
    """The condition key of that name, whichever service has it; `saml:aud` is one of `sts`."""
    found = global_key(name) or catalog.extra_key(name)
    for prefix in () if found else _owners(catalog, name.partition(":")[0].lower()):
        service = catalog.service(prefix)
        found = found or (service.condition_key(name) if service else None)
    return found


def keys_at(service: Service, place: int) -> frozenset[str]:
    """All condition keys that the action of a bit takes, those of its resource types included."""
    _, _, types, keys, *_ = service.fields_at(place)
    found = set(keys.split())
    known = service.resource_types
    for name, own in facts.resource_fields(types):
        found.update(own.split())
        if resource := known.get(name.removesuffix("*")):
            found.update(resource.condition_keys)
    return frozenset(found)


@lru_cache(maxsize=4096)
def formats_of_action(catalog: Catalog, name: str) -> tuple[str, ...] | None:
    """The ARN formats of the resource types that an action acts on; None if it is not known."""
    action, service = catalog.action(name), catalog.service(name.partition(":")[0])
    if action is None or service is None:
        return None
    types = [service.resource_types.get(accepted.name) for accepted in action.resource_types]
    return tuple(format_ for type_ in types if type_ for format_ in type_.arn_formats)


def actions_accepting(catalog: Catalog, name: str) -> ActionSet:
    """The current actions that take a condition key, in any case, as their services document it."""
    bits: dict[str, int] = {}
    for prefix in catalog.prefixes:
        service = catalog.service(prefix)
        key = service.condition_key(name) if service else None
        if service and key:
            bits[prefix] = sum(
                1 << place
                for place in range(service.current)
                if key.name in keys_at(service, place)
            )
    return ActionSet(bits)


def resource_types_named(catalog: Catalog, resource: str) -> Iterator[tuple[Service, ResourceType]]:
    """The resource types, each with its service, that an ARN or a pattern of ARNs may name."""
    for prefix in catalog.prefixes:
        service = catalog.service(prefix)
        for resource_type in service.resource_types.values() if service else ():
            if service and any(
                arn_overlap.may_name(format_, resource) for format_ in resource_type.arn_formats
            ):
                yield service, resource_type


def acting_on(catalog: Catalog, named: Mapping[str, Collection[str]]) -> ActionSet:
    """The current actions that act on some of the resource types, given by service prefix."""
    bits: dict[str, int] = {}
    for prefix, names in named.items():
        service = catalog.service(prefix)
        for place in range(service.current) if service else ():
            if service and any(
                resource_type.name in names
                for resource_type in service.action_at(place).resource_types
            ):
                bits[prefix] = bits.get(prefix, 0) | 1 << place
    return ActionSet(bits)


def _owners(catalog: Catalog, prefix: str) -> tuple[str, ...]:
    # The keys of identity providers have the provider in the place of a service, often a variable.
    return (prefix, *_foreign(catalog.directory).get(prefix, ("sts",)))


@lru_cache(maxsize=4)
def _foreign(directory: str) -> dict[str, tuple[str, ...]]:
    rows = read_rows(directory, "foreign_keys.tsv")
    return {prefix: tuple(" ".join(services).split()) for prefix, *services in rows}


_TYPES = {
    # https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-lock-policy.html
    "glacier:archiveageindays": frozenset({"Numeric"}),
}
"""The types of keys of which the Service Authorization Reference says something else."""


@lru_cache(maxsize=4096)
def known_key(catalog: Catalog, name: str) -> ConditionKey | None:
    """The condition key of that name, in any case."""
    found = condition_key(catalog, name)
    family, slash, rest = name.partition("/")
    if found is None and slash and rest:
        # Some services leave the tag key out of the documented name, or write a word for it.
        for spelling in ("/", f"/{TAG_KEY}"):
            found = found or condition_key(catalog, family + spelling)
    return found


@lru_cache(maxsize=4096)
def value_types(catalog: Catalog, name: str) -> frozenset[str]:
    """The types that each value of a key may have; none of a key of which they are not known."""
    if name.lower() in _TYPES:
        return _TYPES[name.lower()]
    found = known_key(catalog, name)
    return _of_each(found.types if found else ())


@lru_cache(maxsize=256)
def _of_each(types: tuple[str, ...]) -> frozenset[str]:
    # There are few; each key would keep a set of its own.
    return frozenset(type_.removeprefix("ArrayOf") for type_ in types)
