"""Answers of the command `query`, as text for people and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.access_levels import aws_level
from multitool_lint.aws.catalog.extensions import SOURCE
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.engines.policy_sentry import NAME, level, own_level
from multitool_lint.limits import MAX_LISTED_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.aws.catalog.catalog import (
        Action,
        Catalog,
        ConditionKey,
        ResourceType,
        Service,
    )
    from multitool_lint.cli.commands.query_answers import QueryAnswer


class _Key(NamedTuple):
    """A condition key of an action, and the resource types to which it belongs, if not to all."""

    name: str
    types: tuple[str, ...]
    resource_types: tuple[str, ...]


def text(catalog: Catalog, answer: QueryAnswer) -> str:
    """An answer as text: one action in full, several in a table, after the services asked for."""
    blocks = [_service(service) for service in answer.services]
    if answer.condition_key:
        blocks.append([_key_line(answer.condition_key)])
    if len(answer.actions) == 1:
        blocks.append(list(_details(catalog, answer.actions[0])))
    elif answer.actions:
        blocks.append(_aligned(_row(action, answer, catalog) for action in answer.actions))
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _row(action: Action, answer: QueryAnswer, catalog: Catalog) -> tuple[str, str, str]:
    named = answer.named.get(action.prefix)
    types = [
        f"{resource_type.name}{'*' if resource_type.required else ''}"
        for resource_type in action.resource_types
        if named is None or resource_type.name in named
    ]
    shown = enumerate_briefly(types, MAX_LISTED_TYPES)
    return action.name, _levels(action, catalog), f"{shown} (retired)" if action.retired else shown


def _levels(action: Action, catalog: Catalog) -> str:
    """The access level of an action: both, and whose they are, where they differ."""
    ours, theirs = aws_level(action), own_level(action, catalog)
    return ours if theirs in (None, ours) else f"{ours} (AWS), {theirs} ({NAME})"


def _details(catalog: Catalog, action: Action) -> Iterator[str]:
    service = catalog.known(action.prefix)
    yield action.name
    if action.retired:
        yield f"  retired: AWS no longer lists it; {action.retired} had it last"
    yield f"  access level: {_levels(action, catalog) if action.documented else 'not known'}"
    if action.resource_types:
        yield "  resource types:"
        for resource_type in action.resource_types:
            name = resource_type.name + " (required)" * resource_type.required
            type_ = service.resource_types.get(resource_type.name)
            yield from (f"    {line}" for line in _formats(name, type_))
    else:
        yield f"  resource types: {'none: the resource is *' if action.documented else 'not known'}"
    keys = _keys(service, action)
    if keys:
        yield "  condition keys:"
        yield from (f"    {line}" for line in _aligned(map(_key_row, keys)))
    if action.dependent_actions:
        yield "  needs as well:"
        yield from (f"    {name}" for name in action.dependent_actions)
    if action.documented:
        yield f"  from: {service.provenance.source}, {service.provenance.date}"
    else:
        yield f"  from: {action.retired or SOURCE}"


def _formats(name: str, type_: ResourceType | None) -> list[str]:
    formats = type_.arn_formats if type_ else ()
    return [name, *(f"  {format_}" for format_ in formats)]


def _key_row(key: _Key) -> tuple[str, str, str]:
    only = f"with {', '.join(key.resource_types)}" if key.resource_types else ""
    return key.name, " ".join(key.types), only


def _key_line(key: ConditionKey) -> str:
    kind = f"a global condition key about the {key.scope}" if key.scope else "a condition key"
    return f"{key.name}: {kind}, {' or '.join(key.types) or 'type not known'}"


def _service(service: Service) -> list[str]:
    known = f"{len(service.actions):,} actions"
    lines = [f"{service.prefix}: {service.name}, {known}"]
    if service.retired:
        lines.append(f"  retired: AWS no longer lists it; {service.retired} had it last")
    if service.resource_types:
        lines.append("  resource types:")
        for type_ in service.resource_types.values():
            lines += (f"    {line}" for line in _formats(type_.name, type_))
    if service.condition_keys:
        lines.append("  condition keys:")
        rows = ((key.name, " ".join(key.types)) for key in service.condition_keys)
        lines += (f"    {line}" for line in _aligned(rows))
    return lines


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _keys(service: Service, action: Action) -> list[_Key]:
    """The condition keys of an action by name, those of its resource types included."""
    of_types: dict[str, list[str]] = {}
    for resource_type in action.resource_types:
        type_ = service.resource_types.get(resource_type.name)
        for key in {*resource_type.condition_keys, *(type_.condition_keys if type_ else ())}:
            of_types.setdefault(key, []).append(resource_type.name)
    for key in action.condition_keys:
        of_types[key] = []
    found = ((name, service.condition_key(name)) for name in sorted(of_types, key=str.lower))
    return [_Key(name, key.types if key else (), tuple(of_types[name])) for name, key in found]


def facts(catalog: Catalog, answer: QueryAnswer) -> dict[str, Any]:
    """An answer as one object of JSON."""
    key = answer.condition_key
    return {
        "version": 1,
        "catalog": {"date": catalog.date, "path": catalog.directory},
        "services": [_service_object(service) for service in answer.services],
        "condition_key": key and {"name": key.name, "types": key.types, "scope": key.scope or None},
        "actions": [_action_object(catalog, action) for action in answer.actions],
        "operations": [
            {"name": name, "authorised_by": actions} for name, actions in answer.operations.items()
        ],
        "unknown": [
            {"name": name, "did_you_mean": intended} for name, intended in answer.unknown.items()
        ],
    }


def _action_object(catalog: Catalog, action: Action) -> dict[str, Any]:
    service = catalog.known(action.prefix)
    return {
        "name": action.name,
        "access_level": level(action, catalog) if action.documented else None,
        "access_levels": sorted(action.access_levels),
        "access_level_by": {
            "aws": aws_level(action) if action.documented else None,
            "policy_sentry": own_level(action, catalog),
        },
        "resource_types": [
            {
                "name": resource_type.name,
                "required": resource_type.required,
                "arn_formats": type_.arn_formats if type_ else (),
            }
            for resource_type in action.resource_types
            for type_ in (service.resource_types.get(resource_type.name),)
        ],
        "condition_keys": [key._asdict() for key in _keys(service, action)],
        "dependent_actions": action.dependent_actions,
        "retired": action.retired,
        "source": {"name": service.provenance.source, "date": service.provenance.date},
    }


def _service_object(service: Service) -> dict[str, Any]:
    return {
        "prefix": service.prefix,
        "name": service.name,
        "retired": service.retired,
        "resource_types": [
            {
                "name": type_.name,
                "arn_formats": type_.arn_formats,
                "condition_keys": type_.condition_keys,
            }
            for type_ in service.resource_types.values()
        ],
        "condition_keys": [
            {"name": key.name, "types": key.types} for key in service.condition_keys
        ],
    }
