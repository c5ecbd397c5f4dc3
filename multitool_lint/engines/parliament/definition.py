"""The catalog in the format of parliament's data, `iam_definition.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from multitool_lint.aws.catalog.catalog import Action, ActionResource, Catalog, Service
from multitool_lint.aws.catalog.name_index import positions
from multitool_lint.aws.catalog.records import access_levels
from multitool_lint.policy.document import Policy

_TYPES = {"ArrayOfARN": "ARN", "ArrayOfBool": "Bool", "IPAddress": "Ip"}
"""The types of condition keys that parliament fails on, and what it calls them elsewhere."""

_REQUIRED = "*"
"""What parliament's data has after the name of a resource type that a request must name.

Only those count for it. It knows no action that takes a resource of one of several types, as
`s3:GetObject` does since there are access points: of these, we mark the one with the simplest ARN.
"""


class Definition:
    """The services of a catalog in that format, each converted when it is first asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._services: dict[str, dict[str, Any]] = {}

    def services(self, policy: Policy) -> list[dict[str, Any]]:
        """The services that a policy names, and S3, about whose buckets parliament always asks.

        Of a service in which each name of the policy matches an action, only the actions that are
        matched: parliament compares each name with all of them. Where one matches none, it finds
        that out for itself.
        """
        bits: dict[str, int | None] = dict.fromkeys(_services(policy), 0)
        for statement in policy.statements:
            for name in statement.lower_action_names:
                prefix = name.partition(":")[0]
                known = bits.get(prefix)
                if known is not None:
                    bits[prefix] = known | found if (found := self._matched(name, prefix)) else None
        bits["s3"] = None
        found_services = (self._service(prefix, matched) for prefix, matched in bits.items())
        return [service for service in found_services if service]

    def _matched(self, name: str, prefix: str) -> int:
        return self._catalog.match(name).bits(prefix)

    def whole(self, prefix: str) -> dict[str, Any] | None:
        """A service, if the catalog has it and knows its actions."""
        if prefix not in self._services:
            service = self._catalog.service(prefix)
            if service is None or service.named_only:
                return None
            self._services[prefix] = _convert(service)
        return self._services[prefix]

    def _service(self, prefix: str, matched: int | None) -> dict[str, Any] | None:
        service = self.whole(prefix)
        if service is None or matched is None:
            return service
        privileges = service["privileges"]
        some = [privileges[at] for at in positions(matched) if at < len(privileges)]
        return {**service, "privileges": some}


def _services(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from statement.services


def _convert(service: Service) -> dict[str, Any]:
    # Most actions of a service are documented to take the same: they share one list.
    types = {
        same: _resource_types(service, service.action_at((bits & -bits).bit_length() - 1))
        for same, bits in service.same_facts.items()
    }
    levels = {same: min(access_levels(same.partition("\t")[0]), default="") for same in types}
    current = slice(service.current)
    return {
        "prefix": service.prefix,
        "service_name": service.name,
        "privileges": [
            {"privilege": name, "access_level": levels[same], "resource_types": types[same]}
            for name, same in zip(
                service.action_names[current], service.action_facts[current], strict=True
            )
        ],
        "resources": [
            {"resource": type_.name, "arn": arn, "condition_keys": list(type_.condition_keys)}
            for type_ in service.resource_types.values()
            for arn in type_.arn_formats or ("*",)
        ],
        "conditions": [
            {"condition": key.name, "type": _TYPES.get(key.types[0], key.types[0])}
            for key in service.condition_keys
            if key.types
        ],
    }


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
