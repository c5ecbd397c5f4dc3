"""The users, groups, roles and permission sets of a plan or state, with the policies of each.

Names and ARNs that are not known before the plan is applied are found by what its configuration
refers to: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import Use, uses_of
from multitool_lint.aws.role_targets import arn_format
from multitool_lint.deployments.terraform.configuration import PlanConfiguration
from multitool_lint.deployments.terraform.planned_resources import (
    PERMISSION_SET,
    Planned,
    planned_resources,
)
from multitool_lint.deployments.terraform.planned_targets import role_targets
from multitool_lint.formats.extract import Extractor
from multitool_lint.formats.policy_references import of_arn
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.formats.terraform import planned_policies
from multitool_lint.policy.document import Policy
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.reasons import Reason
from multitool_lint.syntax.json.errors import MistakeError

if TYPE_CHECKING:
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.syntax.source import Source, Span

    Found = tuple[AppliedPolicy, FoundPolicy | None]

_IDENTITY, _MANAGED = "identity", "managed"
_LATER = Reason.AFTER_APPLY
_NAMED = ":"
_SET_ARN = "permission_set_arn"
_REFERENCE = "customer_managed_policy_reference."
_ASSIGNMENT = "aws_ssoadmin_account_assignment"


def identities(source: Source) -> Iterator[tuple[Identity, tuple[FoundPolicy, ...]]]:
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
        self._resources = planned_resources(text)
        self._configuration = PlanConfiguration(text, self._resources)
        self._targets = role_targets(text, self._resources, self._configuration)
        self._by_text = {
            (planned.resource.type, planned.text(_named_by(planned))): at
            for at, planned in self._resources.items()
            if planned.is_a(_IDENTITY) or planned.is_a(_MANAGED)
        }
        self._by_text |= {
            (_REFERENCE, f"{planned.text('path') or '/'}{planned.text('name')}"): at
            for at, planned in self._resources.items()
            if planned.is_a(_MANAGED) and planned.text("name")
        }
        self._given: dict[str, list[Found]] = {}
        self._givers: dict[str, Span] = {}
        self._groups: dict[str, list[str]] = {}
        self._limits: dict[str, list[Found]] = {}
        self._accounts: dict[str, list[str]] = {}

    def identities(self) -> Iterator[tuple[Identity, tuple[FoundPolicy, ...]]]:
        """The identities, each with its policies."""
        for planned in self._resources.values():
            for use in uses_of(planned.resource.type):
                self._use(planned, use)
            if planned.resource.type == _ASSIGNMENT:
                for owner in self._owners(planned, _SET_ARN):
                    self._accounts.setdefault(owner, []).append(planned.text("target_id"))
        known = [planned for planned in self._resources.values() if planned.is_a(_IDENTITY)]
        for planned in known:
            yield self._identity(planned, [*self._policies(planned)])
        for address in sorted(self._given.keys() - {planned.address for planned in known}):
            yield self._other(address, self._given[address])

    def _use(self, planned: Planned, use: Use) -> None:
        if use.what == "membership":
            members, of = ([*self._owners(planned, name)] for name in use.owners)
            for member in members:
                self._groups.setdefault(member, []).extend(of)
        elif use.what in ("inline", "attachment"):
            read = self._required if use.what == "inline" else self._attached
            self._give(planned, read(planned, use.policies[0]), use.owners)
        elif use.what == "boundary" and use.owners:
            self._limit(planned, use)

    def _give(self, planned: Planned, found: Iterable[Found], owners: Sequence[str]) -> None:
        """Note the policies that a resource gives to what its attributes name."""
        policies = [*found]
        for owner in chain.from_iterable(self._owners(planned, name) for name in owners):
            self._given.setdefault(owner, []).extend(policies)
            self._givers.setdefault(owner, planned.span)

    def _limit(self, planned: Planned, use: Use) -> None:
        """Note the boundary that a resource gives to what it names."""
        found = [one for name in use.policies for one in self._attached(planned, name)]
        not_known: Found = AppliedPolicy(span=planned.span), None
        limits = found if len(found) == 1 else [not_known]
        self._limits |= dict.fromkeys(self._owners(planned, use.owners[0]), limits)

    def _policies(self, planned: Planned) -> Iterator[Found]:
        """The policies of an identity, and those of its groups."""
        found = self._given.get(planned.address, ())
        yield from found
        # A role lists the policies of other resources, too.
        known = {applied.name for applied, _ in found if applied.name}
        blocks = self._inline(planned, "inline_policy.policy")
        yield from (block for block in blocks if block[0].name not in known)
        if "inline_policy.policy" in planned.unknown:
            yield AppliedPolicy(inline=True, span=planned.span, reason=_LATER), None
        for group in self._groups.get(planned.address, ()):
            for applied, entry in self._given.get(group, ()):
                yield applied._replace(inline=False), entry
            if group not in self._resources:
                yield AppliedPolicy(span=planned.span), None

    def _identity(
        self, planned: Planned, found: Sequence[Found]
    ) -> tuple[Identity, tuple[FoundPolicy, ...]]:
        limits = self._limits.get(planned.address)
        if limits is None:
            limits = [*self._attached(planned, "permissions_boundary")]
        trust = [entry for entry in self._entries(planned, "assume_role_policy") if entry]
        kind = _kind(planned.resource.type)
        is_set, own = planned.is_permission_set, planned.text("arn").split(":")[4:5]
        identity = Identity(
            planned.address,
            kind,
            tuple(applied for applied, _ in found),
            tuple(applied for applied, _ in limits),
            trust[0].policy if trust else None,
            name=planned.text("name"),
            span=planned.span,
            arns=() if is_set else planned.arns(arn_format(f"iam:{kind.value}")),
            accounts=tuple(self._accounts.get(planned.address, ()) if is_set else own),
            groups=tuple(self._groups.get(planned.address, ())),
            targets=tuple(self._targets.get(planned.address, ())),
            tags=planned.tags,
        )
        entries = (*(entry for _, entry in (*found, *limits)), *trust)
        return identity, tuple(filter(None, entries))

    def _other(
        self, address: str, found: Sequence[Found]
    ) -> tuple[Identity, tuple[FoundPolicy, ...]]:
        """An identity that is not of the plan, or not known, with the policies that it is given."""
        type_, _, name = address.partition(_NAMED)
        policies = [applied for applied, _ in found]
        if name:
            kind = _kind(type_)
            policies.append(AppliedPolicy(span=self._givers[address]))  # it may have others
        else:
            kind = IdentityKind.UNATTACHED
        span = self._givers[address]
        identity = Identity(name or address, kind, tuple(policies), name=name, span=span)
        return identity, tuple(entry for _, entry in found if entry)

    def _owners(self, planned: Planned, attribute: str) -> Iterator[str]:
        """The addresses of the identities that an attribute names, or refers to.

        One that is not of the plan is called by its type and name; one that is not known, by what
        names it.
        """
        if attribute == ".":
            yield planned.address
            return
        type_ = f"aws_iam_{attribute.removesuffix('_name').removesuffix('s')}"
        if attribute == _SET_ARN:
            type_ = PERMISSION_SET
        texts = [value.text for value in planned.values.get(attribute, ())]
        found = [self._by_text.get((type_, text)) or f"{type_}{_NAMED}{text}" for text in texts]
        if attribute in planned.unknown:
            referred = self._configuration.referred(planned.address, attribute, f"{type_}.")
            found += referred or [planned.address]
        yield from dict.fromkeys(found)

    def _attached(self, planned: Planned, attribute: str) -> Iterator[Found]:
        """The policies that an attribute names, or refers to."""
        values = planned.values.get(attribute, ())
        is_name = attribute.endswith(f"{_REFERENCE}name")
        paths = planned.values.get(f"{attribute.removesuffix('name')}path", ()) if is_name else ()
        for number, (text, span, _) in enumerate(values):
            path = paths[number].text if number < len(paths) else "/"
            key = (_REFERENCE, f"{path}{text}") if is_name else ("aws_iam_policy", text)
            if address := self._by_text.get(key):
                yield self._managed(address)
            elif text:
                found = None if is_name else of_arn(span, text, (attribute,))
                found = found and found._replace(owner=planned.address, printed=True)
                yield AppliedPolicy(reference=found, span=span), None
        if attribute in planned.unknown:
            referred = self._configuration.referred(planned.address, attribute, "aws_iam_policy.")
            if referred:
                listed = {value.text for value in values}
                for address in referred:
                    if self._resources[address].text("arn") not in listed:
                        yield self._managed(address)
            elif referred is not None or attribute != "managed_policy_arns":
                # Where that is not set, it lists the policies that other resources attach.
                yield AppliedPolicy(span=planned.span, reason=_LATER), None

    def _required(self, planned: Planned, attribute: str) -> Iterator[Found]:
        """The policy in an attribute that has one, also if it is known after apply only."""
        found = [*self._inline(planned, attribute)]
        later = AppliedPolicy(inline=True, name=planned.text("name"), span=planned.span)
        yield from found or [(later._replace(reason=_LATER), None)]

    def _managed(self, address: str) -> Found:
        entry = next(self._entries(self._resources[address], "policy"), None)
        span = None if entry else self._resources[address].span
        arns = self._resources[address].arns(arn_format("iam:policy"))
        policy = entry.policy if entry else None
        return AppliedPolicy(policy, span=span, reason=_LATER, arns=arns), entry

    def _inline(self, planned: Planned, attribute: str) -> Iterator[Found]:
        """The policies in an attribute, with their names."""
        block = attribute.rpartition(".")[0]
        names = planned.values.get(f"{block}.name" if block else "name", ())
        for number, entry in enumerate(self._entries(planned, attribute)):
            name, span, _ = names[number] if number < len(names) else ("", None, "")
            policy = entry.policy if entry else None
            known = AppliedPolicy(policy, inline=True, name=name, name_span=span)
            yield known if policy else known._replace(span=planned.span), entry

    def _entries(self, planned: Planned, attribute: str) -> Iterator[FoundPolicy | None]:
        for value in planned.values.get(attribute, ()):
            found = planned_policies.policy_at(
                self._extractor, planned.resource, value.path, value.span
            )
            yield None if found is None or isinstance(found, (Problem, Skipped, Policy)) else found


def _named_by(planned: Planned) -> str:
    """The attribute by which others name an identity or a policy."""
    is_named = planned.is_a(_IDENTITY) and not planned.is_permission_set
    return "name" if is_named else "arn"


def _kind(type_: str) -> IdentityKind:
    if type_ == PERMISSION_SET:
        return IdentityKind.PERMISSION_SET
    return IdentityKind(type_.removeprefix("aws_iam_"))
