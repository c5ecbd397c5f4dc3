"""Users, groups and roles, and the policies that apply to each of them together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.identity_providers import POOLS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.managed_references import PolicyReference, document_of
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node, Object


class IdentityKind(Enum):
    """What an identity is, as a message calls it."""

    ROLE = "role"
    USER = "user"
    GROUP = "group"
    PERMISSION_SET = "permission set"
    UNATTACHED = "policy"
    """Any identity that has a policy, which is attached elsewhere."""


class AppliedPolicy(NamedTuple):
    """A policy of an identity.

    One of AWS has a `reference`; neither that nor a `policy` is known of what is made elsewhere.
    An `inline` one has a `name`, "" if it is not known, at a span of the file. It applies in some
    `cases` of the conditions of its deployment only, in all of them if there are none. What is not
    known has the `span` in the file of what names it, and the `reason`. One that `is_shared` may
    also apply to identities that are not known. Other policies name a managed one by its `arns`.
    """

    policy: Policy | None = None
    reference: PolicyReference | None = None
    inline: bool = False
    name: str = ""
    name_span: Span | None = None
    cases: tuple[Mapping[str, bool], ...] = ()
    span: Span | None = None
    is_shared: bool = False
    arns: tuple[str, ...] = ()
    reason: Reason = Reason.ELSEWHERE

    def document(self, catalog: Catalog) -> Policy | None:
        """What the policy says; None if it is not known."""
        if self.reference is None:
            return self.policy
        if not self.reference.has_document(catalog):
            return None
        return document_of(catalog, self.reference.short_name)

    def applies_in(self, case: Mapping[str, bool]) -> bool:
        """Whether it applies in a case, which decides all conditions."""
        return not self.cases or any(own.items() <= case.items() for own in self.cases)


NO_TAGS: Mapping[str, str] = MappingProxyType({})


class RoleTarget(NamedTuple):
    """What runs with a role: its type in IAM, its address and place, its ARNs and known tags."""

    iam_type: str
    address: str
    span: Span
    arns: tuple[str, ...]
    tags: Mapping[str, str] = NO_TAGS


class Identity(NamedTuple):
    """A user, group or role, by its address in a file.

    Its `boundaries` are the policies that may be its permissions boundary, each in some of the
    `cases` that the conditions of the file distinguish: of all of them, if it `has_all_cases`. It
    is defined at the `span` of the file. Other policies name it by its `arns`, and the account that
    it is in by `accounts`, which may have placeholders. A user is in `groups`, by their addresses,
    and a role is that of `targets`. Its `tags` are those that are known, by keys in lower case.
    """

    address: str
    kind: IdentityKind
    policies: tuple[AppliedPolicy, ...]
    boundaries: tuple[AppliedPolicy, ...] = ()
    trust: Policy | None = None
    name: str = ""
    cases: tuple[Mapping[str, bool], ...] = ({},)
    has_all_cases: bool = True
    span: Span = Span(0, 0)
    arns: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    targets: tuple[RoleTarget, ...] = ()
    tags: Mapping[str, str] = NO_TAGS

    @property
    def title(self) -> str:
        """The identity as a sentence names it."""
        known = "" if has_placeholder(self.name) else self.name
        return f'{self.kind.value} "{known or self.address}"'

    @property
    def has_several(self) -> bool:
        """Whether it has several policies of which something is known."""
        return sum(bool(found.policy or found.reference) for found in self.policies) > 1

    @property
    def may_serve_users(self) -> bool:
        """Whether it may be a role that an identity pool gives the users of an application."""
        return self.trust is not None and POOLS in self.trust.source.text

    def together(self) -> Iterator[tuple[tuple[AppliedPolicy, ...], AppliedPolicy | None]]:
        """The policies that apply at the same time, and the boundary: each such set once."""
        return ((policies, boundary) for _, policies, boundary in self.by_case())

    def by_case(
        self,
    ) -> Iterator[tuple[Mapping[str, bool], tuple[AppliedPolicy, ...], AppliedPolicy | None]]:
        """The same, each with the first of the cases in which it is so."""
        seen: set[tuple[int, ...]] = set()
        for case in self.cases:
            policies = tuple(applied for applied in self.policies if applied.applies_in(case))
            boundary = next((found for found in self.boundaries if found.applies_in(case)), None)
            key = (*map(id, policies), id(boundary))
            if key not in seen:
                seen.add(key)
                yield case, policies, boundary


class CombinedPart(NamedTuple):
    """A policy in a combined one, where it begins in the text of that."""

    applied: AppliedPolicy
    policy: Policy
    start: int


class CombinedPolicy:
    """Several policies as one, with a text of its own, and the `parts` that it has of them."""

    def __init__(self, parts: Sequence[CombinedPart], policy: Policy) -> None:
        self.parts = parts
        self.policy = policy
        self._starts = [part.start for part in parts]

    def part_at(self, span: Span) -> CombinedPart:
        """The policy that a place is in."""
        return self.parts[bisect_right(self._starts, span.start) - 1]

    def in_part(self, span: Span) -> Span:
        """The place in the text of that policy."""
        part = self.part_at(span)
        shift = part.policy.root.span.start - part.start
        return Span(span.start + shift, span.end + shift)


def combine(
    policies: Sequence[tuple[AppliedPolicy, Policy]], catalog: Catalog, *, denials: frozenset[int]
) -> CombinedPolicy:
    """The policies as one, of some of them only what they deny: of those with these numbers."""
    parts: list[CombinedPart] = []
    texts: list[str] = []
    statements: list[Statement] = []
    start = 0
    for number, (applied, policy) in enumerate(policies):
        begin, end = policy.root.span
        parts.append(CombinedPart(applied, policy, start))
        statements += (
            Statement(_moved(statement.node, start - begin))
            for statement in in_force(policy, catalog).statements
            if not (statement.allows and number in denials)
        )
        texts.append(policy.source.text[begin:end])
        start += end - begin + 1
    text = "\n".join(texts)
    versions = [member for _, policy in policies if (member := policy.element("Version"))]
    newest = max(versions, key=lambda member: str(member.value.value), default=None)
    root = Node(Span(0, len(text)), Object((newest,) if newest else ()), "")
    source = Source(policies[0][1].source.path, text)
    return CombinedPolicy(
        parts, Policy(source, root, PolicyType.IDENTITY, statements=tuple(statements))
    )


def _moved(node: Node, shift: int) -> Node:
    return node.moved(lambda span: Span(span.start + shift, span.end + shift))
