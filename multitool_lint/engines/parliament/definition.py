"""The catalog in the format of parliament's data, `iam_definition.json`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any

from multitool_lint.aws.catalog.catalog import Action, ActionResource, Catalog, Service
from multitool_lint.aws.catalog.name_index import positions
from multitool_lint.policy.document import Policy

_TYPES = {"ArrayOfARN": "ARN", "ArrayOfBool": "Bool", "IPAddress": "Ip"}
"""The types of condition keys that parliament fails on, and what it calls them elsewhere."""

_REQUIRED = "*"
"""What parliament's data has after the name of a resource type that a request must name.

Only those count for it. It knows no action that takes a resource of one of several types, as
`s3:GetObject` does since there are access points: of these, we mark the one with the simplest ARN.
"""


_OF_BUCKETS = (
    *("s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutLifecycleConfiguration"),
    *("s3:PutObject", "s3:GetObject", "s3:DeleteObject"),
)
"""The actions that parliament looks for in every policy."""


class Definition:
    """The services of a catalog in that format, each part converted when it is first asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._services: dict[str, _Service] = {}

    def services(self, policy: Policy) -> list[dict[str, Any]]:
        """The services that a policy names, and S3, about whose buckets parliament always asks.

        Of a service in which each name of the policy matches an action, only the actions that are
        matched: parliament compares each name with all of them. Where one matches none, it finds
        that out for itself.
        """
        prefixes = [prefix for statement in policy.statements for prefix in statement.services]
        names = [name for statement in policy.statements for name in statement.lower_action_names]
        bits: dict[str, int | None] = dict.fromkeys([*prefixes, "s3"], 0)
        for name in (*names, *_OF_BUCKETS):
            prefix = name.partition(":")[0]
            known = bits.get(prefix)
            if known is not None:
                found = self._catalog.match(name).bits(prefix)
                bits[prefix] = known | found if found else None
        found_services = (self._service(prefix) for prefix in bits)
        return [
            service.part(matched)
            for service, matched in zip(found_services, bits.values(), strict=True)
            if service
        ]

    def whole(self, prefix: str) -> dict[str, Any] | None:
        """A service, if the catalog has it and knows its actions."""
        service = self._service(prefix)
        return service.part(None) if service else None

    def _service(self, prefix: str) -> _Service | None:
        if prefix not in self._services:
            service = self._catalog.service(prefix)
            if service is None or service.named_only:
                return None
            self._services[prefix] = _Service(service)
        return self._services[prefix]


class _Lazy(dict[str, Any]):
    """An object whose members are made when they are asked for, other than those it has."""

    def __init__(self, known: dict[str, Any], made: Callable[[str], Any]) -> None:
        super().__init__(known)
        self._made = made

    def __missing__(self, key: str) -> Any:  # noqa: ANN401 - as in JSON
        value = self[key] = self._made(key)
        return value


class _Service:
    """A service of the catalog, whose parts are converted once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._privileges: dict[int, _Lazy] = {}
        self._types: dict[str, list[dict[str, Any]]] = {}

    def part(self, matched: int | None) -> dict[str, Any]:
        """The service with the current actions among those that are matched, or with all."""
        current = range(self._service.current)
        places = current if matched is None else filter(current.__contains__, positions(matched))
        known = {"prefix": self._service.prefix, "privileges": self._listed(places)}
        return _Lazy(known, lambda key: getattr(self, key))

    def _listed(self, places: Iterable[int]) -> list[_Lazy]:
        found = []
        for place in places:
            if place not in self._privileges:
                name = self._service.action_names[place]
                types = partial(self._types_of, place)
                self._privileges[place] = _Lazy({"privilege": name}, types)
            found.append(self._privileges[place])
        return found

    def _types_of(self, place: int, _: str) -> list[dict[str, Any]]:
        """The resource types of an action; most actions of a service share one list."""
        same = self._service.action_facts[place]
        if same not in self._types:
            self._types[same] = _resource_types(self._service, self._service.action_at(place))
        return self._types[same]

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        """The resource types, one for each format of ARN."""
        return [
            {"resource": type_.name, "arn": arn, "condition_keys": list(type_.condition_keys)}
            for type_ in self._service.resource_types.values()
            for arn in type_.arn_formats or ("*",)
        ]

    @cached_property
    def conditions(self) -> list[dict[str, Any]]:
        """The condition keys with their types."""
        return [
            {"condition": key.name, "type": _TYPES.get(key.types[0], key.types[0])}
            for key in self._service.condition_keys
            if key.types
        ]


def _resource_types(service: Service, action: Action) -> list[dict[str, Any]]:
    """What an action acts on, with the condition keys that it takes for that."""
    keys, dependent = list(action.condition_keys), list(action.dependent_actions)
    required = {accepted.name for accepted in action.resource_types if accepted.required}
    if not required and len(action.resource_types) > 1:
        required = {min(action.resource_types, key=lambda type_: _variables(service, type_)).name}
    types = [
        {
            "resource_type": accepted.name + _REQUIRED * (accepted.name in required),
            "condition_keys": [
                *accepted.condition_keys,
                *service.resource_types[accepted.name].condition_keys,
            ],
            "dependent_actions": dependent,
        }
        for accepted in action.resource_types
        if accepted.name in service.resource_types
    ]
    # What does not depend on the resource is listed under a type without a name.
    if keys or not types:
        types.append({"resource_type": "", "condition_keys": keys, "dependent_actions": dependent})
    return types


def _variables(service: Service, accepted: ActionResource) -> int:
    """How many variable parts the ARN of a resource type has."""
    type_ = service.resource_types.get(accepted.name)
    return min((arn.count("${") for arn in type_.arn_formats), default=0) if type_ else 0
