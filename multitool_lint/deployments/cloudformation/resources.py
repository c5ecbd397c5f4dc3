"""The resources of a template and of its nested stacks, with the values of their properties."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.cloudformation.for_each import expanded
from multitool_lint.deployments.cloudformation.sam_methods import METHOD, methods_of
from multitool_lint.deployments.cloudformation.values import Output, Values
from multitool_lint.deployments.plain import at
from multitool_lint.formats import is_yaml
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.cloudformation.template import is_template
from multitool_lint.formats.local_files import stack_after, stack_in_s3
from multitool_lint.formats.recognize import MACROS, NESTED_STACKS
from multitool_lint.limits import MAX_MODULE_DEPTH
from multitool_lint.syntax.choices import guards_of, truth
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.terms import Guards, Text, Unknown, Value
from multitool_lint.syntax.tree import Member, Object
from multitool_lint.syntax.tree_of_files import below

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node
    from multitool_lint.values.reading import Reading

SAM = "AWS::Serverless::"
_OF_AWS = ("AWS::", "Custom::")
_SIGNS = ('"Resources"', "Resources:", *_OF_AWS)
"""What a template has one of."""
_DEFAULT_AUTHORIZER = "DefaultAuthorizer"
_BODIES = ("TemplateBody", "TemplateURL", "Location")


class TemplateResource(NamedTuple):
    """A resource of a template, and when it is there."""

    address: str
    type: str
    node: Node
    guards: Guards
    values: Values
    shared: Mapping[str, Value]

    def argument(self, path: str) -> Value:
        """The value of a property, or of one below it; None if it is not there.

        Where Globals of SAM have it, too, it has the members and items of both.
        """
        name, *rest = path.split("/")
        own = self.values.member(self.node.get("Properties"), name, self.node)
        value = _both(self.shared.get(name), own)
        for step in rest:
            if value is not None:
                value = value.get(step) if isinstance(value, dict) else Unknown("get", value, step)
        return value

    @property
    def names(self) -> list[str]:
        """The names of its properties."""
        return list(dict.fromkeys([*by_key(self.node.get("Properties")), *self.shared]))


def added(
    root: Node, values: Values, address: str, type_: str, given: Mapping[str, Value]
) -> TemplateResource:
    """A resource that a framework adds to a template, with the properties that it is given."""
    kept = {name: value for name, value in given.items() if value is not None}
    return TemplateResource(address, type_, nothing(root), (), values, kept)


def nothing(node: Node) -> Node:
    """An object without members, at the place of a value."""
    return node.__class__(node.span, Object(()), "")


def _both(shared: Value, own: Value) -> Value:
    if isinstance(shared, list) and isinstance(own, list):
        return [*shared, *own]
    if isinstance(shared, dict) and isinstance(own, dict):
        return {**shared, **own}
    return shared if own is None else own


class Nesting(NamedTuple):
    """Where a template is: its path, and as a nested stack what it is given, and when."""

    path: str
    given: Mapping[str, Value] | None = None
    prefix: str = ""
    guards: Guards = ()
    depth: int = 0


class Part:
    """A template with its nested stacks: its resources are those of all of them."""

    def __init__(
        self,
        reading: Reading,
        root: Node,
        source: str,
        nesting: Nesting,
        values: Callable[[Node, Output], Values] | None = None,
    ) -> None:
        reading.count_module()
        self._reading = reading
        self._nesting = nesting
        self._nested: dict[str, Part | None] = {}
        self.root = root = expanded(root, reading.spend)
        self.values = (
            values(root, self._output)
            if values
            else Values(root, source, reading, self._output, nesting.given, nesting.prefix)
        )

    def resources(self) -> Iterator[TemplateResource]:
        """The resources that may be there; a nested stack that is not read is one of them."""
        for name, node in by_key(self.root.get("Resources")).items():
            resource = self._resource(name, node)
            if resource is None:
                continue
            inner = self._stack(name)
            if inner is None:
                yield resource
                for method in methods_of(resource, self._authorizer):
                    made = added(self.root, self.values, method.address, METHOD, method.given)
                    yield made._replace(guards=method.guards)
            else:
                yield from inner.resources()

    def _authorizer(self, event: str, api: Value) -> Value:
        """The authorizer that the methods of an API have by default, as events of a type."""
        if api is None:
            return at(self._shared(event).get("Auth"), _DEFAULT_AUTHORIZER)
        of = api.arguments[0] if isinstance(api, Unknown) and api.operator == "get" else None
        address = str(of.arguments[0]) if isinstance(of, Unknown) else ""
        name = address.removeprefix(self._nesting.prefix)
        node = by_key(self.root.get("Resources")).get(name)
        made = self._resource(name, node) if node else None
        if made is None:
            return Unknown("get", api, _DEFAULT_AUTHORIZER)
        return made.argument(f"Auth/{_DEFAULT_AUTHORIZER}")

    def _shared(self, type_: str) -> Mapping[str, Value]:
        """What Globals of SAM have for the resources of a type."""
        found = by_key(self.root.get("Globals")).get(type_)
        return {key: self.values.value(value) for key, value in by_key(found).items()}

    def _resource(self, name: str, node: Node) -> TemplateResource | None:
        condition = text(node.get("Condition"))
        holds: Value = self.values.condition(condition) if condition else True
        if truth(holds) is False:
            return None
        guards = () if truth(holds) else guards_of(holds, holds=True)
        type_ = self.values.types.get(name, "")
        shared: Mapping[str, Value] = {}
        if type_.startswith(SAM):
            shared = self._shared(type_.removeprefix(SAM))
        address = f"{self._nesting.prefix}{name}"
        return TemplateResource(
            address, type_, node, (*self._nesting.guards, *guards), self.values, shared
        )

    def _stack(self, name: str) -> Part | None:
        """The template of a nested stack; None for one that is not read, or another resource."""
        if name not in self._nested:
            self._nested[name] = None  # for outputs that are asked for meanwhile
            node = by_key(self.root.get("Resources"))[name]
            is_stack = (text(node.get("Type")) or "") in NESTED_STACKS
            resource = self._resource(name, node) if is_stack else None
            if resource and self._nesting.depth < MAX_MODULE_DEPTH:
                self._nested[name] = self._read(name, resource)
        return self._nested[name]

    def _read(self, name: str, resource: TemplateResource) -> Part | None:
        given = resource.argument("Parameters")
        if given is not None and not isinstance(given, dict):
            return None
        for property_ in _BODIES:
            written = resource.argument(property_)
            path, folder = self._nesting.path, posixpath.dirname(self._nesting.path)
            if property_ != "TemplateBody" and isinstance(written, (str, Text)):
                written = self._file(written, folder)
            if not isinstance(written, str):
                continue
            body = written
            if property_ != "TemplateBody":
                found = below(folder, written)
                if found is None or found == self._nesting.path:
                    continue
                path, body = found, self._reading.text(found) or ""
            for root in roots_of(path, body):
                values = {str(key): value for key, value in (given or {}).items()}
                prefix, depth = f"{self._nesting.prefix}{name}.", self._nesting.depth + 1
                nesting = Nesting(path, values, prefix, resource.guards, depth)
                return Part(self._reading, root, body, nesting)
        return None

    def _file(self, address: str | Text, folder: str) -> str | None:
        """The name of the template at an address, also by its end: it may begin unknown."""

        def has(name: str) -> bool:
            path = below(folder, name)
            return path is not None and self._reading.text(path) is not None

        if isinstance(address, str):
            return stack_in_s3(address, folder, has) or address
        *_, tail = address.parts
        return stack_after(tail, folder, has) if isinstance(tail, str) else None

    def _output(self, name: str, output: str) -> Value:
        inner = self._stack(name)
        node = by_key(inner.root.get("Outputs")).get(output) if inner else None
        value = node.get("Value") if node else None
        if inner is None or value is None:
            return Unknown("output", f"{self._nesting.prefix}{name}", output)
        return inner.values.value(value)


def roots_of(path: str, text_: str) -> Sequence[Node]:
    """The templates in the text of a file; none if it has none, or cannot be parsed.

    Some of the resources of a template, which a program puts together, are one of them alone.
    """
    source = Source(path, text_)
    if not any(sign in text_ for sign in _SIGNS):
        return ()
    try:
        if is_yaml(source):
            from multitool_lint.syntax.yaml import template

            documents: Sequence[Node] = template.parse(text_).documents
        else:
            documents = [fast.read(text_, literal=True)]
    except MistakeError:
        return ()
    found = (root if _is_template(root) else _around(root) for root in documents)
    return [root for root in found if root is not None]


def _around(root: Node) -> Node | None:
    """A template of the resources that a document is; None for any other document."""
    types = [text(member.value.get("Type")) or "" for member in root.fields()]
    if not types or not all(type_.startswith(_OF_AWS) for type_ in types):
        return None
    section = Member("Resources", root.span, root)
    return root.__class__(root.span, Object((section,)), "")


def _is_template(root: Node) -> bool:
    """Whether a document is a template, also one of which all resources are of third parties."""
    resources = by_key(root.get("Resources"))
    types = (text(node.get("Type")) or "" for node in resources.values())
    return (
        is_template(root)
        or any("::" in type_ for type_ in types)
        or any(map(is_expanded, resources))
    )


def is_expanded(name: str) -> bool:
    """Whether a member of the resources is a macro, which makes others."""
    return name.startswith(MACROS)
