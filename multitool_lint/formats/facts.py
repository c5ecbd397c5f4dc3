"""What decides what the policies of a file grant, and is not in them.

Defaults, local values and conditions, which expressions in policies refer to; attachments, and
documents that are merged into others. They are compared as texts: one that has changed is reported.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from multitool_lint.formats import is_output, is_terraform, is_yaml
from multitool_lint.formats.attachments import (
    IS_POLICY,
    POLICIES_OF_SAM,
    POLICY_LISTS,
    is_override,
    is_owner,
    links_of,
    overridden,
    references,
    text_of,
)
from multitool_lint.formats.endings import CODE_BLOCK_ENDINGS, format_name
from multitool_lint.formats.recognize import (
    NESTED_STACKS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
)
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.limits import MAX_HCL_CHARACTERS, MAX_TREE_DEPTH
from multitool_lint.policy.policy_set import Facts, Link
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.tree import Array, Node, Object, as_list

if TYPE_CHECKING:
    from multitool_lint.syntax.source import Source

_OF_PARAMETERS = ("Default", "AllowedValues", "Type")


def facts(source: Source) -> Facts:
    """Read the facts of a source, none of one that cannot be parsed."""
    path = format_name(source.path)
    if path.endswith(CODE_BLOCK_ENDINGS):
        return Facts()
    if path.endswith(TERRAFORM_ENDINGS):
        if len(source.text) > MAX_HCL_CHARACTERS:
            return Facts()
        from multitool_lint.formats.terraform.facts import facts_of

        return facts_of(source)
    collector = _Collector(is_override=is_override(path))
    add = collector.terraform if path.endswith(TERRAFORM_JSON_ENDINGS) else collector.add
    if path.endswith(".tfvars.json"):
        add = collector.values
    for root in _roots(source):
        add(root)
    return Facts(collector.definitions, collector.links, frozenset(collector.owners))


class _Collector:
    """Collects the facts of documents in JSON and YAML."""

    def __init__(self, *, is_override: bool) -> None:
        self._is_override = is_override
        self.definitions: dict[str, str] = {}
        self.links: dict[str, Link] = {}
        self.owners: set[str] = set()

    def add(self, root: Node) -> None:
        """Add those of a document."""
        if root.get("service") is not None and root.get("provider") is not None:
            self._serverless(root)
        resources = root.get("Resources")
        if resources is not None and any(m.value.get("Type") for m in resources.fields()):
            self._template(root, resources)
        elif root.get("resource") is not None or root.get("variable") is not None:
            self.terraform(root)
        elif any(root.get(key) for key in ("resource_changes", "planned_values", "values")):
            self._plan(root)
        else:
            self._search(root, "", 0)

    def _serverless(self, root: Node) -> None:
        """Add what `${self:custom.NAME}` and `${param:NAME}` refer to."""
        parameters = [stage for _, stage in _fields(root.get("params"))]
        for section in (root.get("custom"), *parameters):
            for name, value in _fields(section):
                known = self.definitions.get(name, "")
                self.definitions[name] = f"{known}{_canonical(value)}"

    def _template(self, root: Node, resources: Node) -> None:
        for name, parameter in _fields(root.get("Parameters")):
            known = {key: _canonical(value) for key, value in _fields(parameter)}
            self.definitions[name] = text_of({key: known.get(key, "") for key in _OF_PARAMETERS})
        for section in ("Mappings", "Conditions"):
            for name, value in _fields(root.get(section)):
                self.definitions[name] = _canonical(value)
        if (shared := root.get("Globals")) is not None:
            self._search(shared, "Globals", 0)
        for name, resource in _fields(resources):
            type_ = _string(resource.get("Type"))
            properties = resource.get("Properties")
            condition = _string(resource.get("Condition"))
            if type_ in NESTED_STACKS:
                self._nested(name, condition, properties)
            values = {key: _canonical(value) for key, value in _fields(properties)}
            if POLICIES_OF_SAM.fullmatch(type_) and "Policies" in values:
                policies = as_list(properties.get("Policies") if properties else None)
                listed = [_canonical(p) for p in policies if p.get("Statement") is None]
                text = f"[{', '.join(sorted(listed))}] {condition}"
                self.links[f"{name}.Policies"] = Link(text, name)
            if condition and not IS_POLICY.fullmatch(type_):  # the cases of a policy are compared
                values["Condition"] = condition
            self.links.update(links_of(type_, name, values))
            if is_owner(type_):
                self.owners.add(name)

    def _nested(self, name: str, condition: str, properties: Node | None) -> None:
        """Add what decides about the policies of a nested stack."""
        if condition:
            self.links[f"{name}.Condition"] = Link(condition, name)
        for key, value in _fields(properties.get("Parameters") if properties else None):
            known = self.definitions.get(key, "")
            self.definitions[key] = f"{known}, {name}: {_canonical(value)}"

    def values(self, root: Node) -> None:
        """Add those of a file with values of variables."""
        self.definitions.update((f"var.{key}", _canonical(value)) for key, value in _fields(root))

    def terraform(self, root: Node) -> None:
        """Add those of a file of Terraform."""
        for kind, name in (("variable", "var"), ("locals", "local"), ("module", "module")):
            for block in as_list(root.get(kind)):
                for key, value in _fields(block):
                    default = value.get("default") if kind == "variable" else None
                    self.definitions[f"{name}.{key}"] = _canonical(default or value)
                    for argument, given in _fields(value) if kind == "module" else ():
                        self.definitions[f"module.{key}.{argument}"] = _canonical(given)
        for block in as_list(root.get("resource")):
            for type_, resources in _fields(block):
                for name, resource in _fields(resources):
                    self._resource(type_, f"{type_}.{name}", resource)

    def _plan(self, root: Node) -> None:
        changes = root.get("resource_changes")
        for resource in as_list(changes):
            change = resource.get("change")
            type_ = _string(resource.get("type"))
            address = _string(resource.get("address"))
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
                    type_, address = (_string(resource.get(key)) for key in ("type", "address"))
                    if values is not None:
                        self._resource(type_, address, values)

    def _resource(self, type_: str, address: str, body: Node, unknown: Node | None = None) -> None:
        values = {key: _canonical(value) for key, value in _fields(body)}
        for key, value in _fields(unknown):
            if _canonical(value) not in ("false", "{}", "[]"):
                values[key] = "known after apply"
        self.links.update(links_of(type_, address, values))
        self.links.update(references(address, holders().get(type_, ()), values))
        if self._is_override:
            self.links.update(overridden(type_, address, values))
        elif is_owner(type_):
            self.owners.add(address)

    def _search(self, node: Node, name: str, depth: int) -> None:
        """Look for lists of policies in a document of any kind."""
        if depth > MAX_TREE_DEPTH:
            return
        for step, child in node.children():
            inner = f"{name}/{step}" if name else step
            if step in POLICY_LISTS:
                self.links[inner] = Link(_canonical(child))
            elif isinstance(child.value, Object | Array):
                self._search(child, inner, depth + 1)


def _roots(source: Source) -> tuple[Node, ...]:
    try:
        if is_yaml(source) and not is_terraform(source):
            from multitool_lint.syntax.yaml import template

            return tuple(template.parse(source.text).documents)
        if is_output(source) or is_terraform(source) or _may_have_facts(source.text):
            from multitool_lint.syntax.json import fast

            return (fast.read(source.text, literal=True),)
    except MistakeError:
        pass
    return ()


def _may_have_facts(text: str) -> bool:
    text = unescaped(text)
    return '"Resources"' in text or '"resource"' in text or any(key in text for key in POLICY_LISTS)


def _fields(node: Node | None) -> list[tuple[str, Node]]:
    return [(member.key, member.value) for member in node.fields()] if node else []


def _string(node: Node | None) -> str:
    return (node.string or "") if node else ""


def _canonical(node: Node) -> str:
    """A value as a text, however it is formatted."""
    value: Any = node.value
    if isinstance(value, Object):
        return f"{{{', '.join(f'{k}: {_canonical(v)}' for k, v in _fields(node))}}}"
    if isinstance(value, Array):
        return f"[{', '.join(map(_canonical, value))}]"
    return json.dumps(value, default=str)
