"""The users, groups and roles of a source, with its policies that apply to each of them."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from multitool_lint.formats.canonical import string
from multitool_lint.formats.extract import Extractor
from multitool_lint.formats.quick_tests import may_name_policies
from multitool_lint.formats.result import TEMPLATE, YAML, ReadResult
from multitool_lint.limits import MAX_POLICIES_OF_GROUP
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.syntax.tree import Node

T = TypeVar("T")
IdentityWithPolicies: TypeAlias = "tuple[Identity, tuple[FoundPolicy, ...]]"
"""An identity, and the policies among which its own are."""

SERVICE_WORDS = ("service", "provider", "functions")
"""Keys of a service of the Serverless Framework that makes roles."""


def identities_of(extractor: Extractor, found: ReadResult) -> Iterator[IdentityWithPolicies]:
    """The identities of a template, or that the documents of a source define for a program."""
    if found.format not in (TEMPLATE, YAML):
        return
    from multitool_lint.formats.cloudformation.identities import identities

    source = extractor.source
    of_template = identities(extractor, found) if found.format == TEMPLATE else ()
    for identity in chain(of_template, _of_documents(source, found)):
        yield identity, found.policies
    if may_name_policies(source.text):
        yield from _of_accelerator(source, found)


def _of_documents(source: Source, found: ReadResult) -> Iterator[Identity]:
    from multitool_lint.formats.documents import documents_of

    if all(word in source.text for word in SERVICE_WORDS):
        from multitool_lint.formats import serverless_roles

        yield from serverless_roles.identities(source, found)
    if "eksctl.io/" in source.text:
        from multitool_lint.formats import eksctl  # few sources have its roles

        for root in documents_of(source):
            yield from eksctl.identities(root, LocatedPolicies(found))
    if "forProvider" in source.text or "iam.services.k8s.aws/" in source.text:
        from multitool_lint.formats import controllers  # few sources have their objects

        yield from controllers.identities(documents_of(source), LocatedPolicies(found))


def _of_accelerator(source: Source, found: ReadResult) -> Iterator[IdentityWithPolicies]:
    from multitool_lint.formats.documents import documents_of
    from multitool_lint.formats.landing_zone import LandingZone

    for root in documents_of(source):
        read = LandingZone(source, root, LocatedPolicies(found))
        identities = [*read.identities()]
        entries = tuple(read.entries)
        yield from ((identity, entries) for identity in identities)


class FoundIdentity(NamedTuple):
    """An identity of a source, and the policies of it that were read, each with the way back.

    `read` returns both, as they are read one by one where there may be thousands.
    """

    address: str
    name: str
    kind: IdentityKind
    read: Callable[[], tuple[Identity, tuple[FoundPolicy, ...]]]


def all_identities(source: Source, found: ReadResult) -> Iterator[FoundIdentity]:
    """The identities of a source in which some policies were found, with one policy or none, too.

    Those of a file of Terraform are those of its module, which is not read here.
    """
    extractor = Extractor(source)
    for identity, entries in identities_of(extractor, found):
        read = partial(_with, identity, entries)
        yield FoundIdentity(identity.address, identity.name, identity.kind, read)
    if found.accounts:
        from multitool_lint.formats.aws_cli.identities import Account

        account = Account(extractor)
        for key in account.listed():
            yield FoundIdentity(key.arn, key.name, key.kind, partial(account.identity, key))


def unattached(source: Source, found: ReadResult) -> Iterator[FoundIdentity]:
    """Any identity that has a policy: one for each policy of a source without identities."""
    for policy in (entry.policy for entry in found.cases):
        if policy.type is PolicyType.IDENTITY:
            applied = (AppliedPolicy(policy),)
            address = policy.name or source.path
            identity = Identity(address, IdentityKind.UNATTACHED, applied, name=address)
            read = partial(_with, identity, found.policies)
            yield FoundIdentity(address, address, identity.kind, read)


def _with(
    identity: Identity, entries: tuple[FoundPolicy, ...]
) -> tuple[Identity, tuple[FoundPolicy, ...]]:
    return identity, entries


def inherited(policies: Sequence[AppliedPolicy]) -> Iterator[AppliedPolicy]:
    """The policies of a group as its users have them; what AWS does not accept is not known."""
    for applied in policies[:MAX_POLICIES_OF_GROUP]:
        yield applied._replace(inline=False)
    if len(policies) > MAX_POLICIES_OF_GROUP:
        yield AppliedPolicy(span=policies[0].span)


def text_at(node: Node | None, key: str) -> str:
    """The text of a key of an object; "" if it has none."""
    return string(node.get(key) if node else None)


def items_at(node: Node | None, key: str) -> Sequence[Node]:
    """The items of the list of a key of an object; none if it has none."""
    listed = node.get(key) if node else None
    return listed.items() if listed else ()


def under(applied: AppliedPolicy, given: Mapping[str, bool]) -> Iterator[AppliedPolicy]:
    """A policy that applies with further conditions; nothing if these exclude its own."""
    merged = tuple(
        {**case, **given}
        for case in applied.cases or ({},)
        if all(case.get(name, holds) == holds for name, holds in given.items())
    )
    if merged:
        yield applied._replace(cases=merged if given else applied.cases)


class LocatedPolicies:
    """The policies that were found in a source, and what it refers to, by their places."""

    def __init__(self, found: ReadResult) -> None:
        self._policies = InOrder(
            (entry.to_file(entry.policy.root.span), entry) for entry in found.cases
        )
        self._references = InOrder((reference.span, reference) for reference in found.references)

    def policies(self, node: Node | None) -> list[Policy]:
        """The policies in a value."""
        return [entry.policy for entry in self._policies.within(node.span)] if node else []

    def written(self, node: Node, name: str = "") -> Iterator[AppliedPolicy]:
        """The inline policy in a value, which has one."""
        found: list[Policy | None] = [*self.policies(node)]
        for policy in found or [None]:
            yield AppliedPolicy(policy, inline=True, name=name, span=node.span)

    def named(self, node: Node | None) -> Iterator[AppliedPolicy]:
        """The managed policies that a value names, or a list; of others, nothing is known."""
        for item in (node.items() or (node,)) if node else ():
            found: list[PolicyReference | None] = [*self._references.within(item.span)]
            for reference in found or ([None] if item.value else []):
                yield AppliedPolicy(reference=reference, span=item.span)


class InOrder(Generic[T]):
    """What is at spans of a file, in their order."""

    def __init__(self, found: Iterable[tuple[Span, T]]) -> None:
        self._found = sorted(found, key=lambda entry: entry[0])
        self._starts = [span.start for span, _ in self._found]

    def within(self, span: Span) -> list[T]:
        """What begins in a span."""
        first = bisect_left(self._starts, span.start)
        last = bisect_left(self._starts, max(span.end, span.start + 1))
        return [item for _, item in self._found[first:last]]
