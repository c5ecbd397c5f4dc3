"""The identities of files, each with the policies that apply to it, as a decision takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn import fields
from multitool_lint.aws.principals import role_of_session
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.policies import file_position, unknown_parts
from multitool_lint.limits import MAX_IDENTITY_CONDITIONS
from multitool_lint.policy.changes import NotCompared
from multitool_lint.policy.evaluation.decision import ApplicablePolicies
from multitool_lint.policy.identities import AppliedPolicy, IdentityKind
from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Source, Span, position_of

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.identities import FoundIdentity
    from multitool_lint.policy.document import Policy


class IdentityCase(NamedTuple):
    """What applies to an identity at the same time, and the conditions of the files with which.

    Where the cases are too many, `policies` has all policies, each with the conditions of its own.
    """

    conditions: Mapping[str, bool]
    policies: ApplicablePolicies


class IdentityPolicies(NamedTuple):
    """The policies of an identity in each case, its trust policy, and where it is defined."""

    place: str
    cases: tuple[IdentityCase, ...]
    trust: PolicySet | None = None


class DeployedIdentity(NamedTuple):
    """An identity of some files.

    `address` is its logical id, Terraform address or ARN; `name` is "" if it is not known, and so
    is the `arn`. Its policies are read when they are asked for.
    """

    path: str
    address: str
    name: str
    kind: IdentityKind
    policies: Callable[[], IdentityPolicies]
    arn: str = ""
    path_in_arn: str = "/"

    @property
    def title(self) -> str:
        """The identity as a sentence names it."""
        return f'{self.kind.value} "{self.name or self.address}"'

    def has_name(self, name: str) -> bool:
        """Whether a name, an address or an ARN means it."""
        if role := role_of_session(name):
            own = fields(self.arn)
            is_own = self.kind is IdentityKind.ROLE and self.name == role[2]
            return is_own and (own is None or own.account == role[1])
        if name.startswith("arn:"):
            ends = name.rpartition(f":{self.kind.value}/")[2].rpartition("/")[2]
            return name == self.arn or (not self.arn and ends == self.name)
        parts = self.address.split("/")
        return name in (self.name, self.address, parts[-1], self.address.rpartition(".")[2])


class ResourcePolicy(NamedTuple):
    """A policy of a resource of some files, by the address of that, and its type if it is known."""

    address: str
    resource_type: str | None
    policies: PolicySet


def of_source(source: Source, found: FoundIdentity, catalog: Catalog) -> DeployedIdentity:
    """An identity that a format has read."""
    read = cache(partial(_policies, source, found, catalog))
    arn = found.address if found.address.startswith("arn:") else ""
    return DeployedIdentity(source.path, found.address, found.name, found.kind, read, arn)


def _policies(source: Source, found: FoundIdentity, catalog: Catalog) -> IdentityPolicies:
    identity, entries = found.read()
    reader = _Reader(source, entries, catalog)
    place = position_of(source, identity.span)
    if identity.has_all_cases:
        cases = [
            IdentityCase(case, reader.applicable(policies, boundary))
            for case, policies, boundary in identity.by_case()
        ]
    else:
        limits = reader.sets(identity.boundaries, kept=True)
        cases = [
            IdentityCase(
                {}, ApplicablePolicies(reader.sets(identity.policies, kept=True), None, limits)
            )
        ]
    trust = reader.of_entry(identity.trust) if identity.trust else None
    return IdentityPolicies(place, tuple(cases), trust)


class _Reader:
    """Makes sets of the policies of an identity, each with the way back to the source."""

    def __init__(self, source: Source, entries: Sequence[FoundPolicy], catalog: Catalog) -> None:
        self._source = source
        self._entries = {id(entry.policy): entry for entry in entries}
        self._catalog = catalog

    def applicable(
        self, policies: Sequence[AppliedPolicy], boundary: AppliedPolicy | None
    ) -> ApplicablePolicies:
        """What applies at the same time."""
        limits = self.sets((boundary,)) if boundary else ()
        return ApplicablePolicies(self.sets(policies), boundary=limits)

    def sets(
        self, policies: Sequence[AppliedPolicy], *, kept: bool = False
    ) -> tuple[PolicySet, ...]:
        """The policies, each as a set; their cases are `kept` where they are not decided."""
        return tuple(self._set(applied, kept=kept) for applied in policies)

    def _set(self, applied: AppliedPolicy, *, kept: bool) -> PolicySet:
        document = applied.document(self._catalog)
        span = applied.reference.span if applied.reference else applied.span
        if document is None:
            at = span or applied.name_span or Span(0, 0)
            where = position_of(self._source, at)
            written = " ".join(self._source.text[at.start : at.end].split()) or where
            is_named = applied.reason is Reason.ELSEWHERE
            why = Why(applied.reason, (written,) if is_named else ())
            return PolicySet(self._source.path, unknown=(NotCompared(where, why.in_words()),))
        cases = applied.cases if kept else ()
        if applied.reference:
            place = position_of(self._source, applied.reference.span)
            member = ConditionalPolicy(document, lambda _: place, cases)
            return PolicySet(self._source.path, (member,))
        return self.of_entry(document, cases)

    def of_entry(self, policy: Policy, cases: tuple[Mapping[str, bool], ...] = ()) -> PolicySet:
        """A policy of the source as a set."""
        place = partial(file_position, self._entries.get(id(policy)) or FoundPolicy.of_json(policy))
        unknown = tuple(
            NotCompared(place(node.span), why.in_words()) for node, why in unknown_parts(policy)
        )
        return PolicySet(self._source.path, (ConditionalPolicy(policy, place, cases),), unknown)


def by_case(identity: PolicySet, boundary: tuple[PolicySet, ...]) -> tuple[IdentityCase, ...]:
    """The policies of an identity in each case of their conditions."""
    sets = (identity, *boundary)
    cases = [case for found in sets for member in found.policies for case in member.cases]
    names = sorted({name for case in cases for name in case})
    if len(names) > MAX_IDENTITY_CONDITIONS:
        return (IdentityCase({}, ApplicablePolicies((identity,), boundary=boundary)),)
    found = []
    for values in product((True, False), repeat=len(names)):
        case = dict(zip(names, values, strict=True))
        own, *limits = (_in_case(policies, case) for policies in sets)
        found.append(IdentityCase(case, ApplicablePolicies((own,), boundary=tuple(limits))))
    return tuple(found)


def _in_case(found: PolicySet, case: Mapping[str, bool]) -> PolicySet:
    """The policies that are there in a case, which decides all conditions."""
    there = (
        member._replace(cases=())
        for member in found.policies
        if not member.cases or any(own.items() <= case.items() for own in member.cases)
    )
    return found._replace(policies=tuple(there))
