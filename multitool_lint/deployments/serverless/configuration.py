"""The configuration of a service of the Serverless Framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.formats import is_yaml
from multitool_lint.formats.serverless import parts_of_service
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Member, Node, Object

if TYPE_CHECKING:
    Resolve = Callable[[Node], Node]

_SECTIONS = ("Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Transform")


def root_of(path: str, text: str) -> Node | None:
    """The configuration of a service on AWS that a text is; None for any other one."""
    if "service" not in text or "provider" not in text:
        return None
    source = Source(path, text)
    try:
        if is_yaml(source):
            from multitool_lint.syntax.yaml import template

            documents: Sequence[Node] = template.parse(text).documents
        else:
            documents = [fast.read(text, literal=True)]
    except MistakeError:
        return None
    root = documents[0] if len(documents) == 1 else None
    provider = root.get("provider") if root and root.get("service") else None
    if provider is None:
        return None
    name = provider.get("name") if provider.fields() else provider
    is_of_another = name is not None and name.string and name.string.isalpha()
    return None if is_of_another and name and name.string != "aws" else root


def template_of(root: Node, resolve: Resolve) -> Node:
    """The template that a service has: its parts together, with those in other files."""
    parts: Sequence[Node] = [resolve(part) for part in parts_of_service(root)]
    listed = [item for part in parts for item in part.items() or (part,)]
    parts = [resolve(part) for part in listed]
    members = []
    for section in _SECTIONS:
        found = [resolve(value) for part in parts for value in _of(part, section)]
        inner = tuple(
            Member(member.key, member.key_span, resolve(member.value))
            for value in found
            for member in value.fields()
        )
        if inner:
            members.append(Member(section, root.span, Node(root.span, Object(inner), "")))
        elif found:
            members.append(Member(section, root.span, found[0]))
    return Node(root.span, Object(tuple(members)), "")


def _of(part: Node, section: str) -> Iterator[Node]:
    value = part.get(section)
    if value is not None:
        yield value
