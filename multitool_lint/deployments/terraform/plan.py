"""Who has which access by a plan or a state of Terraform, as `terraform show -json` prints it.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.access_types import CLOUD_CONTROL, uses_of
from multitool_lint.deployments.embedded import policies_in
from multitool_lint.deployments.plain import PlainDeployment, PlainResource
from multitool_lint.deployments.published import LOCAL, PATH, PublishedValue, output
from multitool_lint.syntax.terms import Guards, Unknown, Value
from multitool_lint.values.reading import Reading
from multitool_lint.values.resource_types import is_policy_type, policies_of

if TYPE_CHECKING:
    from multitool_lint.syntax.tree_of_files import Tree

_OF_AWS = ("aws_", "awscc_")


class PlannedInstance(NamedTuple):
    """A resource of a plan with its values, of which some are known after apply only."""

    address: str
    type: str
    values: Mapping[str, Value]

    @property
    def guards(self) -> Guards:
        """When it is there: always."""
        return ()

    @property
    def names(self) -> Sequence[str]:
        """The names of its attributes."""
        return tuple(self.values)

    def argument(self, path: str) -> Value:
        """The value of an attribute, or of one in blocks; of several blocks, a list."""
        found: Any = self.values
        for name in path.split("."):
            items = found if isinstance(found, list) else [found]
            inner = [item.get(name) for item in items if isinstance(item, Mapping)]
            found = inner[0] if len(inner) == 1 else inner or None
        return found


class PlanDeployment(PlainDeployment):
    """What a plan deploys, or a state has: its owners of access by their addresses.

    Raises:
        TooMuchError: it takes more work than any real one.
    """

    def __init__(self, tree: Tree, path: str) -> None:
        super().__init__(Reading(tree))
        try:
            root = json.loads(self.reading.text(path) or "")
            found = [*_resources(root, _configured(root), str(id(self)))]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            self.reading.broken[path] = f"not a plan that can be read: {error}"
            root, found = {}, []
        outputs = root.get("outputs")
        self._outputs = outputs if isinstance(outputs, dict) else {}
        self._path = path
        arns = {
            resource.values.get("arn"): resource.address
            for resource in found
            if isinstance(resource.values.get("arn"), str)
        }
        self._add(resource._replace(values=_named(resource, arns)) for resource in found)

    @property
    def published(self) -> Mapping[PublishedValue, Value]:
        """The outputs of a state, which is the file."""
        return {
            output(name, LOCAL, {PATH: self._path}): given.get("value")
            for name, given in self._outputs.items()
            if isinstance(given, dict)
        }

    def is_policy(self, address: str) -> bool:
        """Whether a resource is a policy by its type, of another one that stays when it goes."""
        resource = self.instances.get(address)
        return resource is not None and is_policy_type(resource.type)

    def given(self, address: str) -> dict[str, Value]:
        """The arguments of a resource by their names, but for its policies."""
        resource = self.instances.get(address)
        policies = {name for name, _ in policies_of(resource.type)} if resource else set()
        found = super().given(address).items()
        return {name: value for name, value in found if name not in policies}

    def _read(self, resource: PlainResource) -> None:
        if {use.what for use in uses_of(resource.type)}.isdisjoint({"managed", "inline"}):
            paths = (
                (attribute.replace(".", ".*.").split("."), type_.value)
                for attribute, type_ in policies_of(resource.type)
                if type_ is not None
            )
            self._policies(resource, paths)
        if resource.type.startswith(CLOUD_CONTROL):
            for name in resource.names:
                for place, value in policies_in(resource.argument(name), name):
                    owner = self._owner(f"{resource.address}/{place}", "resource")
                    owner.statements += self._statements(value, ())


def _resources(
    root: Any,  # noqa: ANN401 - JSON
    configured: Mapping[str, Any],
    plan: str,
) -> Iterator[PlannedInstance]:
    """The resources that are there after the plan is applied, or in a state."""
    for resource in root.get("resource_changes") or ():
        change = resource.get("change") or {}
        if change.get("after") is not None:
            address = resource["address"]
            after = Unknown("known after apply", address, configured.get(address) or plan)
            values = _merged(change["after"], change.get("after_unknown"), after)
            yield from _of_aws(resource["type"], address, values)
    if root.get("resource_changes") is None:
        values = root.get("planned_values") or root.get("values") or {}
        yield from _of_module(values.get("root_module") or {})
    for resource in root.get("resources") or ():
        for instance in (
            resource.get("instances") or () if resource.get("mode") == "managed" else ()
        ):
            key = instance.get("index_key")
            parts = [resource.get("module"), resource["type"], resource["name"]]
            address = ".".join(filter(None, parts)) + ("" if key is None else f"[{key}]")
            yield from _of_aws(resource["type"], address, instance.get("attributes") or {})


def _of_module(module: Any) -> Iterator[PlannedInstance]:  # noqa: ANN401 - JSON
    for resource in module.get("resources") or ():
        if resource.get("mode") != "data":
            yield from _of_aws(resource["type"], resource["address"], resource.get("values") or {})
    for inner in module.get("child_modules") or ():
        yield from _of_module(inner)


def _of_aws(type_: str, address: str, values: Value) -> Iterator[PlannedInstance]:
    if type_.startswith(_OF_AWS) and isinstance(values, dict):
        kept = {name: value for name, value in values.items() if value is not None}
        yield PlannedInstance(address, type_, kept)


def _merged(after: Value, unknown: Value, term: Unknown, path: str = "") -> Value:
    """A value with terms for what is known after apply only."""
    if unknown is True:
        return Unknown("get", term, path, shown=f"{path} (known after apply)")
    if isinstance(unknown, dict):
        known = after if isinstance(after, dict) else {}
        made = {
            name: _merged(known.get(name), part, term, f"{path}.{name}".lstrip("."))
            for name, part in unknown.items()
        }
        return {**known, **{name: value for name, value in made.items() if value is not None}}
    if isinstance(unknown, list) and isinstance(after, list) and len(unknown) == len(after):
        pairs = enumerate(zip(after, unknown, strict=True))
        return [_merged(item, part, term, f"{path}.{at}") for at, (item, part) in pairs]
    return after


def _configured(root: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """The expressions of each resource, by its address without the keys of instances."""
    found: dict[str, Any] = {}
    waiting = [("", (root.get("configuration") or {}).get("root_module") or {})]
    while waiting:
        prefix, module = waiting.pop()
        for resource in module.get("resources") or ():
            found[f"{prefix}{resource['address']}"] = resource.get("expressions")
        for name, call in (module.get("module_calls") or {}).items():
            waiting.append((f"{prefix}module.{name}.", call.get("module") or {}))
    return found


def _named(resource: PlannedInstance, arns: Mapping[Value, str]) -> Mapping[str, Value]:
    """The values of a resource, in which the ARN of another one refers to it."""
    return {
        name: Unknown("get", Unknown("resource", arns[value]), "arn")
        if isinstance(value, str) and arns.get(value, resource.address) != resource.address
        else value
        for name, value in resource.values.items()
    }
