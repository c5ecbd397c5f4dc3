"""The resources of a template, with the names that it gives them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.properties import (
    PolicyProperty,
    branches,
    by_key,
    policy_properties,
    text,
)
from multitool_lint.formats.documents import documents_of
from multitool_lint.formats.serverless import parts_of_service
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node
from multitool_lint.values.cloudformation import NO_VALUE, function

_OWN_ACCOUNT, _BINDING = "${AWS::AccountId}", "OrganizationBinding"
_NAMED = {"SimpleTable": "TableName", "Stream": "Name"}
"""The properties with the names of resources that are not called by their type."""


class DefinedResource(NamedTuple):
    """A resource with its properties, and the condition with which it is there.

    What org-formation calls a binding decides in which `accounts` it is.
    """

    address: str
    type: str
    start: PolicyProperty
    span: Span
    accounts: tuple[str, ...] = (_OWN_ACCOUNT,)

    def at(self, *path: str) -> list[PolicyProperty]:
        """The values at a path of the properties, in every branch, none of AWS::NoValue."""
        places = chain.from_iterable(map(branches, policy_properties(self.start, path)))
        return [place for place in places if function(place.node)[1].value != NO_VALUE]

    def text(self, name: str) -> str:
        """The text of a property, "" if it is not known."""
        node = self.start.node.get(name)
        return (text_of(node) if node else None) or ""


def resources_of(root: Node) -> Iterator[DefinedResource]:
    """The resources of a template."""
    resources = root.get("Resources")
    for member in resources.fields() if resources else ():
        address, resource = member.key, member.value
        properties, condition = resource.get("Properties"), text(resource.get("Condition"))
        type_ = text(resource.get("Type")) or ""
        # one without properties has none of their names, either
        given = {condition: True} if condition else {}
        start = PolicyProperty(properties or resource, address, given)
        accounts = () if resource.get(_BINDING) else (_OWN_ACCOUNT,)
        yield DefinedResource(address, type_, start, member.key_span, accounts)


def name_property(type_: str) -> str:
    """The property with the name of a resource of a type."""
    last = type_.rpartition("::")[2]
    return _NAMED.get(last, f"{last}Name")


def names_of_resources(source: Source) -> dict[str, str]:
    """The names that a template gives to its resources, by their logical ids, as ARNs have them."""
    found: dict[str, str] = {}
    for root in documents_of(source):
        for template in (root, *parts_of_service(root)):
            for address, resource in by_key(template.get("Resources")).items():
                named_by = name_property(text(resource.get("Type")) or "")
                properties = resource.get("Properties")
                named = properties.get(named_by) if properties else None
                name = text_of(named) if named else None
                path = properties.get("Path") if properties else None
                if name and "${" not in name:
                    found[address] = f"{path.string or '/' if path else '/'}{name}".lstrip("/")
    return found
