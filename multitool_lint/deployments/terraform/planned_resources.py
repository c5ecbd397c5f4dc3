"""The resources of a plan or state that decide who may do what, or run with a role."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from multitool_lint.aws.access_types import uses_of
from multitool_lint.aws.role_targets import named, role_attributes
from multitool_lint.formats.terraform import plan
from multitool_lint.limits import MAX_ARN_CHARACTERS
from multitool_lint.syntax.placeholders import of_arn
from multitool_lint.syntax.source import Span

PERMISSION_SET = "aws_ssoadmin_permission_set"
_NAMING = frozenset({"aws_ecs_cluster", "aws_sagemaker_notebook_instance_lifecycle_configuration"})
"""What has a part in the ARNs of others that run with a role."""


class Value(NamedTuple):
    """A scalar among the values of a resource: its text, its place, and the path to it."""

    text: str
    span: Span
    path: str


class Planned(NamedTuple):
    """A resource with the values of its attributes; those of blocks have dots.

    Some or all values of the `unknown` attributes are known after apply only.
    """

    resource: plan.PlannedResource
    values: Mapping[str, Sequence[Value]]
    unknown: frozenset[str]

    @property
    def address(self) -> str:
        """Its address."""
        return self.resource.address

    def text(self, attribute: str) -> str:
        """The first value of an attribute; "" if it is not known."""
        return next((value.text for value in self.values.get(attribute, ())), "")

    @property
    def names(self) -> Sequence[str]:
        """Its names that are known; that of IAM with the path."""
        noun = self.resource.type.rpartition("_")[2]
        known = filter(None, (self.text("name"), self.text(f"{noun}_name")))
        path = self.text("path").strip("/")
        return [f"{path and f'{path}/'}{name}" for name in known]

    def arns(self, format_: str, *, is_named: bool = True) -> tuple[str, ...]:
        """Its ARN of a format, or what is known of it by its names."""
        arn = self.text("arn")
        if arn and arn.split(":")[2:3] == format_.split(":")[2:3]:
            return (arn,)
        found = [named(format_, name) for name in self.names] if is_named else []
        return tuple(of_arn(self.address, known) for known in found or [format_])

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags that are known, by their keys in lower case."""
        return {
            name.removeprefix("tags.").lower(): found[0].text
            for name, found in self.values.items()
            if name.startswith("tags.") and found[0].text
        }

    @property
    def span(self) -> Span:
        """Where its values begin."""
        return Span(self.resource.values, self.resource.values)

    @property
    def is_permission_set(self) -> bool:
        """Whether it is a permission set of IAM Identity Center."""
        return self.resource.type == PERMISSION_SET

    def is_a(self, what: str) -> bool:
        """Whether its type is that for access."""
        return any(use.what == what for use in uses_of(self.resource.type))


def planned_resources(text: str) -> dict[str, Planned]:
    """The resources by their addresses.

    Raises:
        MistakeError: it is not JSON.
    """
    return {
        resource.address: Planned(
            resource, _values(text, resource.values), _unknown(text, resource.unknown)
        )
        for resource in plan.resources_in(text)
        if text.startswith("{", resource.values)
        if uses_of(resource.type) or resource.type in role_attributes() or resource.type in _NAMING
    }


def _values(text: str, start: int) -> dict[str, list[Value]]:
    """The texts of a resource that are known, by attribute, of short ones; and what is true."""
    found: dict[str, list[Value]] = {}
    for path, span in plan.scalars_in(text, start):
        if text.startswith(('"', "t"), span.start):
            is_short = span.end - span.start <= MAX_ARN_CHARACTERS
            value = json.loads(text[slice(*span)], strict=False) if is_short else ""
            shown = value if isinstance(value, str) else "true"
            found.setdefault(plan.attribute_of(path), []).append(Value(shown, span, path))
    return found


def _unknown(text: str, start: int) -> frozenset[str]:
    """The attributes of which a value is known after apply only."""
    return frozenset(
        plan.attribute_of(path)
        for path, span in plan.scalars_in(text, start)
        if text.startswith("t", span.start)
    )
