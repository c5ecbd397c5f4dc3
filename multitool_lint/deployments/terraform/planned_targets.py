"""What of a plan or state of Terraform runs with which of its roles."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING

from multitool_lint.aws.role_targets import RoleAttribute, arn_format, named, role_attributes
from multitool_lint.limits import MAX_STEPS_TO_A_ROLE
from multitool_lint.policy.identities import NO_TAGS, RoleTarget
from multitool_lint.syntax.placeholders import of_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.deployments.terraform.configuration import PlanConfiguration
    from multitool_lint.deployments.terraform.planned_resources import Planned

_ROLE = "aws_iam_role"


def role_targets(
    text: str, resources: Mapping[str, Planned], configuration: PlanConfiguration
) -> Mapping[str, list[RoleTarget]]:
    """What runs with roles, by the addresses of these."""
    found = _Found(text, resources, configuration)
    targets: dict[str, list[RoleTarget]] = {}
    for planned in resources.values():
        runs = {
            (role, attribute.iam_type): attribute
            for attribute in role_attributes().get(planned.resource.type, ())
            if attribute.iam_type and found.is_used(planned, attribute)
            for role in found.roles(planned, attribute)
        }
        for (role, iam_type), attribute in runs.items():
            if arns := found.arns(planned, attribute):
                tags = planned.tags if attribute.has_tags else NO_TAGS
                target = RoleTarget(iam_type, planned.address, planned.span, arns, tags)
                targets.setdefault(role, []).append(target)
    return targets


class _Found:
    """The resources of a plan or state, by what others call them."""

    def __init__(
        self, text: str, resources: Mapping[str, Planned], configuration: PlanConfiguration
    ) -> None:
        self._text = text
        self._resources = resources
        self._configuration = configuration
        self._by_text: dict[str, dict[str, str]] = {}
        for planned in resources.values():
            for known in {planned.text("arn"), planned.text("id"), planned.text("name")} - {""}:
                by_type = self._by_text.setdefault(known, {})
                by_type.setdefault(planned.resource.type, planned.address)

    def is_used(self, planned: Planned, attribute: RoleAttribute) -> bool:
        """Whether a resource has what its use needs."""
        return not attribute.needs or planned.text(attribute.needs) == "true"

    def roles(self, planned: Planned, attribute: RoleAttribute, depth: int = 0) -> Iterator[str]:
        """The addresses of the roles that an attribute leads to, also over other resources."""
        for address in self._meant(planned, attribute.path):
            other = self._resources[address]
            if other.resource.type == _ROLE:
                yield address
            elif depth < MAX_STEPS_TO_A_ROLE:
                for inner in role_attributes().get(other.resource.type, ()):
                    yield from self.roles(other, inner, depth + 1)

    def arns(self, planned: Planned, attribute: RoleAttribute) -> tuple[str, ...]:
        """The ARNs of what runs with a role; none without what has a part in its name."""
        format_ = arn_format(attribute.iam_type)
        if attribute.named_by is None:
            return planned.arns(format_, is_named=False)
        if attribute.named_by == "":
            return planned.arns(format_)
        others = self._meant(planned, (attribute.named_by,))
        written = planned.text(attribute.named_by).rpartition("/")[2]
        names = [name for other in others for name in self._resources[other].names]
        return tuple(
            of_arn(planned.address, named(format_, name)) for name in {written, *names} - {""}
        )

    def _meant(self, planned: Planned, path: Sequence[str]) -> list[str]:
        """The addresses of the resources that an attribute names, or refers to."""
        attribute = ".".join(path)
        found = [
            address
            for text in self._texts(planned, path)
            for type_, address in self._by_text.get(text, {}).items()
            if text.startswith("arn:") or type_.rpartition("_")[2] in attribute
        ]
        if found or planned.unknown.isdisjoint(accumulate(path, "{}.{}".format)):
            return found
        return self._configuration.referred(planned.address, attribute, "aws_") or []

    def _texts(self, planned: Planned, path: Sequence[str]) -> Iterator[str]:
        """The texts at a path, of which the last parts may be in encoded JSON."""
        yield from (value.text for value in planned.values.get(".".join(path), ()))
        first, *rest = path
        for value in planned.values.get(first, ()) if rest else ():
            with suppress(ValueError, TypeError, RecursionError):
                found = json.loads(json.loads(self._text[slice(*value.span)]))
                for name in rest:
                    found = found.get(name) if isinstance(found, dict) else None
                if isinstance(found, str):
                    yield found
