"""The resources that are deployed, whatever describes them, and what is done with each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from multitool_lint.aws.catalog.deployed_types import (
    CLOUDFORMATION,
    TERRAFORM,
    deployed_type,
    service_of,
)
from multitool_lint.syntax.source import Span

ANY = "*"
"""A part of a value, or all of it, that is not known before the deployment."""

_INDEX = re.compile(r"\[(?:\d+|\"[^\"]*\")\]")


class ResourceReference(NamedTuple):
    """A value that is an attribute of another resource of the deployment, by its address."""

    address: str


Values = tuple[str | ResourceReference, ...]


class DeployedResource(NamedTuple):
    """A resource, and in which phases it is deployed: all that its type takes for these.

    `values` are the texts of its attributes, by their names in lower case without underscores; in a
    text, `*` is what is not known. `inner` has those in objects within these, by the last key.
    """

    address: str
    kind: str
    phases: tuple[str, ...]
    span: Span
    values: Mapping[str, Values] = {}
    inner: Mapping[str, Values] = {}

    @property
    def service(self) -> str:
        """The prefix of the service that has its type; empty if the type is not known."""
        is_terraform = self.kind.startswith(("aws", "data."))
        return service_of(TERRAFORM if is_terraform else CLOUDFORMATION, self.kind)

    def all_values(self) -> Iterator[tuple[str, Values]]:
        """The values at all levels, each with the name of its attribute."""
        yield from self.values.items()
        yield from self.inner.items()

    def value(self, *names: str) -> Values:
        """The values of the first attribute of these names that has any."""
        return next((self.values[name] for name in names if self.values.get(name)), ())


class DeployedResources(NamedTuple):
    """The resources of a deployment, `table` being where what their types take is listed.

    `unread` has what deploys resources that are not among them, each with its place.
    """

    format: str
    table: str
    resources: tuple[DeployedResource, ...]
    region: str = ANY
    unread: tuple[tuple[str, Span], ...] = ()

    def actions(self, resource: DeployedResource) -> tuple[str, ...] | None:
        """The actions that the phases of a resource take; None if its type is not known."""
        by_phase = deployed_type(self.table, resource.kind)
        if by_phase is None:
            return None
        phases = {*resource.phases, "read"}
        return tuple(sorted({action for phase in phases for action in by_phase.get(phase, ())}))

    def by_address(self) -> Mapping[str, tuple[DeployedResource, ...]]:
        """The resources by their addresses, instances of one together."""
        found: dict[str, tuple[DeployedResource, ...]] = {}
        for resource in self.resources:
            address = without_index(resource.address)
            found[address] = (*found.get(address, ()), resource)
        return found


def without_index(address: str) -> str:
    """The address of what a resource of Terraform is an instance of."""
    return _INDEX.sub("", address)


def attribute_name(key: str) -> str:
    """The name of an attribute as `values` has it."""
    return key.replace("_", "").lower()


def name_within(around: str, key: str) -> str:
    """What the attribute of a key is called in an object that may be of something else."""
    return f"{around}{key}" if key.lower() in ("arn", "id", "name") else key


def collected(found: Iterable[tuple[int, str, Values]]) -> tuple[dict[str, Values], ...]:
    """The values of attributes, and those within, of which the level and the key are given."""
    levels: tuple[dict[str, Values], dict[str, Values]] = {}, {}
    for level, key, new in found:
        values = levels[level > 0]
        name = attribute_name(key)
        values[name] = tuple(dict.fromkeys((*values.get(name, ()), *new)))
    return levels
