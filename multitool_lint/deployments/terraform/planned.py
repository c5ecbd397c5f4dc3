"""The users, groups and roles of a plan or state of Terraform, with the policies of each.

Names and ARNs that are not known before the plan is applied are found by what its configuration
refers to: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.access_types import uses_of
from multitool_lint.deployments.terraform.configuration import Configuration
from multitool_lint.formats.extract import Extractor
from multitool_lint.formats.policy_references import of_arn
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.formats.terraform import plan
from multitool_lint.limits import MAX_ARN_CHARACTERS
from multitool_lint.policy.document import Policy
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.syntax.json.errors import MistakeError

if TYPE_CHECKING:
    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.syntax.source import Source, Span

    Entry = Embedded | NormalizedPolicy
    Found = tuple[AppliedPolicy, Entry | None]

_IDENTITY, _MANAGED = "identity", "managed"


class _Value(NamedTuple):
    """A scalar among the values of a resource: its text, its place, and the path to it."""

    text: str
    span: Span
    path: str


class _Planned(NamedTuple):
    """A resource with the values of its attributes; those of blocks have dots."""

    resource: plan.PlannedResource
    values: Mapping[str, Sequence[_Value]]

    @property
    def address(self) -> str:
        """Its address."""
        return self.resource.address

    def text(self, attribute: str) -> str:
        """The first value of an attribute; "" if it is not known."""
        return next((value.text for value in self.values.get(attribute, ())), "")

    def is_a(self, what: str) -> bool:
        """Whether its type is that for access."""
        return any(use.what == what for use in uses_of(self.resource.type))


def identities(source: Source) -> Iterator[tuple[Identity, tuple[Entry, ...]]]:
    """The identities, one by one, each with its policies."""
    with suppress(MistakeError):  # of which the reader of the policies says what it is
        yield from _Plan(Extractor(source)).identities()


class _Plan:
    """A plan or state, of which the resources are kept that are about identities.

    Raises:
        MistakeError: it is not JSON.
    """

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        text = extractor.source.text
        self._resources = {
            resource.address: _Planned(resource, _values(text, resource.values))
            for resource in plan.resources_in(text)
            if uses_of(resource.type) and text.startswith("{", resource.values)
        }
        self._configuration = Configuration(text, self._resources)
        self._by_text = {
            (planned.resource.type, planned.text("arn" if planned.is_a(_MANAGED) else "name")): at
            for at, planned in self._resources.items()
            if planned.is_a(_IDENTITY) or planned.is_a(_MANAGED)
        }

    def identities(self) -> Iterator[tuple[Identity, tuple[Entry, ...]]]:
        """The identities, each with its policies."""
        given: dict[str, list[Found]] = {}
        groups: dict[str, list[str]] = {}
        for planned in self._resources.values():
            for use in uses_of(planned.resource.type):
                if use.what == "membership":
                    members, of = ([*self._owners(planned, name)] for name in use.owners)
                    for member in members:
                        groups.setdefault(member, []).extend(of)
                elif use.what in ("inline", "attachment"):
                    read = self._inline if use.what == "inline" else self._attached
                    policies = [*read(planned, use.policies[0])]
                    for owner in chain.from_iterable(
                        self._owners(planned, name) for name in use.owners
                    ):
                        given.setdefault(owner, []).extend(policies)
        for planned in self._resources.values():
            if planned.is_a(_IDENTITY):
                found = [*given.get(planned.address, ())]
                # A role lists the policies of other resources, too.
                known = {applied.name for applied, _ in found if applied.name}
                blocks = self._inline(planned, "inline_policy.policy")
                found += (block for block in blocks if block[0].name not in known)
                for group in groups.get(planned.address, ()):
                    inner = given.get(group, ())
                    found += ((applied._replace(inline=False), e) for applied, e in inner)
                yield self._identity(planned, found, groups.get(planned.address, ()))

    def _identity(
        self, planned: _Planned, found: Sequence[Found], groups: Sequence[str]
    ) -> tuple[Identity, tuple[Entry, ...]]:
        limits = [*self._attached(planned, "permissions_boundary")]
        trust = [entry for entry in self._entries(planned, "assume_role_policy") if entry]
        identity = Identity(
            planned.address,
            IdentityKind(planned.resource.type.removeprefix("aws_iam_")),
            tuple(applied for applied, _ in found),
            tuple(applied for applied, _ in limits),
            trust[0].policy if trust else None,
            arns=tuple(filter(None, (planned.text("arn"),))),
            accounts=tuple(planned.text("arn").split(":")[4:5]),
            groups=tuple(groups),
        )
        entries = (*(entry for _, entry in (*found, *limits)), *trust)
        return identity, tuple(filter(None, entries))

    def _owners(self, planned: _Planned, attribute: str) -> Iterator[str]:
        """The addresses of the identities that an attribute names, or refers to."""
        if attribute == ".":
            yield planned.address
            return
        type_ = f"aws_iam_{attribute.removesuffix('_name').removesuffix('s')}"
        texts = [value.text for value in planned.values.get(attribute, ())]
        for text in texts:
            if address := self._by_text.get((type_, text)):
                yield address
        if not texts:
            yield from self._configuration.referred(planned.address, attribute, type_) or ()

    def _attached(self, planned: _Planned, attribute: str) -> Iterator[Found]:
        """The policies that an attribute names, or refers to."""
        values = planned.values.get(attribute, ())
        for text, span, _ in values:
            if address := self._by_text.get(("aws_iam_policy", text)):
                yield self._managed(address)
            elif text:
                found = of_arn(span, text, (attribute,))
                found = found and found._replace(owner=planned.address, printed=True)
                yield AppliedPolicy(reference=found), None
        if not values:
            found_there = self._configuration.referred(planned.address, attribute, "aws_iam_policy")
            if found_there is not None:
                yield from map(self._managed, found_there)
                if not found_there:
                    yield AppliedPolicy(), None

    def _managed(self, address: str) -> Found:
        entry = next(self._entries(self._resources[address], "policy"), None)
        return AppliedPolicy(entry.policy if entry else None), entry

    def _inline(self, planned: _Planned, attribute: str) -> Iterator[Found]:
        """The policies in an attribute, with their names."""
        block = attribute.rpartition(".")[0]
        names = planned.values.get(f"{block}.name" if block else "name", ())
        for number, entry in enumerate(self._entries(planned, attribute)):
            name, span, _ = names[number] if number < len(names) else ("", None, "")
            policy = entry.policy if entry else None
            yield AppliedPolicy(policy, inline=True, name=name, name_span=span), entry

    def _entries(self, planned: _Planned, attribute: str) -> Iterator[Entry | None]:
        for value in planned.values.get(attribute, ()):
            found = plan.policy_at(self._extractor, planned.resource, value.path, value.span)
            yield None if found is None or isinstance(found, (Problem, Skipped, Policy)) else found


def _values(text: str, start: int) -> dict[str, list[_Value]]:
    """The scalars of a resource that are known, by attribute; the text of short ones."""
    found: dict[str, list[_Value]] = {}
    for path, span in plan.scalars_in(text, start):
        if text.startswith('"', span.start):
            is_short = span.end - span.start <= MAX_ARN_CHARACTERS
            value = json.loads(text[span.start : span.end], strict=False) if is_short else ""
            found.setdefault(plan.attribute_of(path), []).append(_Value(value, span, path))
    return found
