"""The resources of AWS in a plan of Terraform: `terraform show -json`.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from multitool_lint.aws.catalog.deployed_types import TERRAFORM
from multitool_lint.limits import MAX_PLAN_DEPTH, MAX_PLAN_MODULES
from multitool_lint.needed.resources import (
    ANY,
    DeployedResource,
    DeployedResources,
    ResourceReference,
    Values,
    collected,
    name_within,
    without_index,
)
from multitool_lint.syntax.tree import Array, Node, Object

_OF_AWS = ("aws_", "awscc_")
_OLD_TAGS = ("tags_all", "tags")
_MODULES = re.compile(r"((?:module\.[^.\[]+\.)*)(.*)")


def resources_of_plan(root: Node) -> DeployedResources:
    """The resources that a plan changes, or reads; those of other providers take nothing of AWS."""
    expressions = _Expressions(root.get("configuration"))
    found: dict[str, DeployedResource] = {}
    for entry in _items(root.get("resource_changes")):
        resource = _changed(entry, expressions)
        if resource:
            found[resource.address] = resource
    for entry in _read_before(root.get("prior_state")):
        kind = f"data.{_text(entry, 'type')}"
        if kind.startswith("data.aws"):
            address = _text(entry, "address")
            values = collected(_values(entry.get("values"), 0))
            read = DeployedResource(address, kind, ("read",), entry.span, *values)
            found.setdefault(address, read)
    return DeployedResources("Terraform plan", TERRAFORM, tuple(found.values()), expressions.region)


def _changed(entry: Node, expressions: _Expressions) -> DeployedResource | None:
    """A resource of the changes; None if nothing of AWS is done with it."""
    kind, change = _text(entry, "type"), entry.get("change")
    if not kind.startswith(_OF_AWS) or change is None:
        return None
    actions = [action.string or "" for action in _items(change.get("actions"))]
    if "forget" in actions:  # it is no longer managed, and stays as it is
        return None
    before, after = change.get("before"), change.get("after")
    unknown = change.get("after_unknown")
    phases = [action for action in actions if action in ("create", "update", "delete")]
    if "create" in phases and _has_tags(after, unknown):
        phases.append("tag")
    if "update" in phases and _tags(before) != _tags(after):
        phases += ["tag", "untag"]
    address = _text(entry, "address")
    present = after if after is not None and after.value is not None else before
    given = expressions.of_resource(address)
    values = collected((*_values(present, 0), *_unknown(unknown, given, 0)))
    if _text(entry, "mode") == "data":
        kind = f"data.{kind}"
    return DeployedResource(address, kind, tuple(phases), entry.span, *values)


def _read_before(state: Node | None) -> Iterator[Node]:
    """The data sources that were read for the plan."""
    values = state.get("values") if state else None
    waiting = [values.get("root_module")] if values else []
    for _ in range(MAX_PLAN_MODULES * MAX_PLAN_MODULES):
        module = waiting.pop() if waiting else None
        if module is None:
            break
        waiting += _items(module.get("child_modules"))
        yield from (
            entry for entry in _items(module.get("resources")) if _text(entry, "mode") == "data"
        )


def _values(node: Node | None, level: int, around: str = "") -> Iterator[tuple[int, str, Values]]:
    """The texts in attributes, each with its level and the key that it is at."""
    for member in node.fields() if node and level <= MAX_PLAN_DEPTH else ():
        for item in (member.value, *member.value.items()):
            if item.string:
                yield level, name_within(around, member.key), (item.string,)
            elif isinstance(item.value, Object):
                yield from _values(item, level + 1, member.key)


def _unknown(
    node: Node | None, given: Mapping[str, Values] | None, level: int, around: str = ""
) -> Iterator[tuple[int, str, Values]]:
    """The attributes that are not known yet; what no expression is given for, AWS makes up."""
    for member in node.fields() if node and level <= MAX_PLAN_DEPTH else ():
        for item in (member.value, *member.value.items()):
            name = name_within(around, member.key)
            if item.value is True and (given is None or name in given):
                yield level, name, (given or {}).get(name) or (ANY,)
            elif isinstance(item.value, Object):
                yield from _unknown(item, given, level + 1, member.key)


def _has_tags(after: Node | None, unknown: Node | None) -> bool:
    if _tags(after):
        return True
    found = [unknown.get(key) for key in _OLD_TAGS] if unknown else []
    return any(node is not None and node.value is True for node in found)


def _tags(values: Node | None) -> dict[str, str | None]:
    """The tags of a resource, those of the provider included."""
    for key in _OLD_TAGS:
        tags = values.get(key) if values else None
        if tags is not None and tags.fields():
            return {member.key: member.value.string for member in tags.fields()}
    return {}


class _Expressions:
    """The expressions of the configuration: of which resources attributes come."""

    def __init__(self, configuration: Node | None) -> None:
        self._root = configuration.get("root_module") if configuration else None
        self._by_path: dict[str, dict[str, Node]] = {}
        self.region = ANY
        providers = configuration.get("provider_config") if configuration else None
        region = _at(providers, "aws", "expressions", "region", "constant_value")
        if region is not None and region.string:
            self.region = region.string

    def of_resource(self, address: str) -> Mapping[str, Values] | None:
        """The attributes that are given, each with the resources that it is made of.

        None if the configuration does not have the resource.
        """
        path, name = _split(without_index(address))
        if path not in self._by_path:
            module = self._module(path)
            entries = _items(module.get("resources")) if module else ()
            self._by_path[path] = {_text(entry, "address"): entry for entry in entries}
        entry = self._by_path[path].get(name)
        return None if entry is None else dict(self._given(path, entry.get("expressions"), 0))

    def _given(
        self, path: str, node: Node | None, depth: int, around: str = ""
    ) -> Iterator[tuple[str, Values]]:
        for member in node.fields() if node and depth <= MAX_PLAN_DEPTH else ():
            for item in (member.value, *member.value.items()):
                if item.get("references") is not None or item.get("constant_value") is not None:
                    name = name_within(around, member.key)
                    yield name, tuple(dict.fromkeys(self._resolved(path, item, 0)))
                else:
                    yield from self._given(path, item, depth + 1, member.key)

    def _resolved(
        self, path: str, expression: Node | None, depth: int
    ) -> Iterator[ResourceReference]:
        if depth > MAX_PLAN_MODULES:
            return
        references = expression.get("references") if expression else None
        for reference in _items(references):
            text = without_index(reference.string or "")
            first, _, rest = text.partition(".")
            if first == "var":
                outer, call = _split_last(path)
                calls = _at(self._module(outer), "module_calls", call, "expressions", rest)
                yield from self._resolved(outer, calls, depth + 1)
            elif first == "module":
                called, _, output = rest.partition(".")
                inner = f"{path}module.{called}."
                value = _at(self._module(inner), "outputs", output.split(".")[0], "expression")
                yield from self._resolved(inner, value, depth + 1)
            elif first.startswith("aws_"):
                yield ResourceReference(f"{path}{first}.{rest.partition('.')[0]}")

    def _module(self, path: str) -> Node | None:
        found = self._root
        for name in path.split(".")[1::2]:
            found = _at(found, "module_calls", name, "module")
        return found


def _split(address: str) -> tuple[str, str]:
    match = _MODULES.fullmatch(address)
    return (match[1], match[2]) if match else ("", address)


def _split_last(path: str) -> tuple[str, str]:
    """The path of the module that calls one, and the name of the call."""
    outer, _, call = path.rstrip(".").rpartition("module.")
    return outer, call


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if node else None
    return node


def _items(node: Node | None) -> Array:
    return node.items() if node else Array()


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return (found.string or "") if found else ""
