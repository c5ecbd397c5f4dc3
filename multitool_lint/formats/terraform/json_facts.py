"""What decides what the policies of Terraform grant, in its JSON, plans and states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from multitool_lint.formats.attachments import (
    NUMBERS,
    is_owner,
    links_of,
    overridden,
    presence,
    references,
)
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.syntax.tree import Array, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.policy.policy_set import Link


class JsonFacts:
    """Collects the facts of documents of Terraform."""

    def __init__(self, *, is_override: bool) -> None:
        self._is_override = is_override
        self.document = ""
        self.definitions: dict[str, str] = {}
        self.links: dict[str, Link] = {}
        self.owners: set[str] = set()
        self.there: dict[str, Mapping[str, bool]] = {}
        self.parts: dict[str, str] = {}

    def values(self, root: Node) -> None:
        """Add those of a file with values of variables."""
        self.definitions.update((f"var.{key}", canonical(value)) for key, value in fields(root))

    def terraform(self, root: Node) -> None:
        """Add those of a file of Terraform."""
        for kind, name in (("variable", "var"), ("locals", "local"), ("module", "module")):
            for block in as_list(root.get(kind)):
                for key, value in fields(block):
                    default = value.get("default") if kind == "variable" else None
                    self.definitions[f"{name}.{key}"] = canonical(default or value)
                    for argument, given in fields(value) if kind == "module" else ():
                        self.definitions[f"module.{key}.{argument}"] = canonical(given)
        for key, output in fields(root.get("output")):
            self.definitions[f"output.{key}"] = canonical(output.get("value") or output)
        for kind in ("resource", "data"):
            for block in as_list(root.get(kind)):
                for type_, resources in fields(block):
                    for name, resource in fields(resources):
                        self._terraform_block(kind, type_, name, resource)

    def _terraform_block(self, kind: str, type_: str, name: str, body: Node) -> None:
        values = {key: canonical(value) for key, value in fields(body) if key in NUMBERS}
        for key, value in values.items():
            iterator = "each" if key == "for_each" else key
            self.definitions[iterator] = f"{self.definitions.get(iterator, '')}, {value}"
        address = f"data.{type_}.{name}" if kind == "data" else f"{type_}.{name}"
        if condition := presence(values):
            self.there[address] = condition
        if kind == "resource":
            self._resource(type_, address, body)
        elif type_ != "aws_iam_policy_document":
            self.definitions[address] = canonical(body)

    def plan(self, root: Node) -> None:
        """Add those of a plan or a state."""
        changes = root.get("resource_changes")
        for resource in as_list(changes):
            change = resource.get("change")
            type_ = string(resource.get("type"))
            address = string(resource.get("address"))
            after = change.get("after") if change else None
            if after is not None and isinstance(after.value, Object):
                self._resource(type_, address, after, change and change.get("after_unknown"))
        if changes is None:
            waiting = [root.get("planned_values") or root.get("values")]
            while waiting:
                module = waiting.pop()
                if module is None:
                    continue
                waiting.append(module.get("root_module"))
                waiting += as_list(module.get("child_modules"))
                for resource in as_list(module.get("resources")):
                    values = resource.get("values")
                    type_, address = (string(resource.get(key)) for key in ("type", "address"))
                    if values is not None:
                        self._resource(type_, address, values)

    def _resource(self, type_: str, address: str, body: Node, unknown: Node | None = None) -> None:
        values = {key: canonical(value) for key, value in fields(body)}
        for key, value in fields(unknown):
            if canonical(value) not in ("false", "{}", "[]"):
                values[key] = "known after apply"
        self.links.update(links_of(type_, address, values))
        self.links.update(references(address, holders().get(type_, ()), values))
        if self._is_override:
            self.links.update(overridden(type_, address, values))
        elif is_owner(type_):
            self.owners.add(address)


def fields(node: Node | None) -> list[tuple[str, Node]]:
    """The members of an object, each with its key; none of nothing."""
    return [(member.key, member.value) for member in node.fields()] if node else []


def string(node: Node | None) -> str:
    """A text; empty for nothing, and for any other value."""
    return (node.string or "") if node else ""


def canonical(node: Node) -> str:
    """A value as a text, however it is formatted."""
    value: Any = node.value
    if isinstance(value, Object):
        return f"{{{', '.join(f'{k}: {canonical(v)}' for k, v in fields(node))}}}"
    if isinstance(value, Array):
        return f"[{', '.join(map(canonical, value))}]"
    return json.dumps(value, default=str)
