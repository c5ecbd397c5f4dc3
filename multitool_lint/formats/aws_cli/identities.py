"""The users, groups and roles of an account, as `get-account-authorization-details` prints them.

AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.aws_cli import keys
from multitool_lint.formats.extract import Attachment, Candidate, Extractor
from multitool_lint.formats.identities import text_at
from multitool_lint.formats.policy_references import of_arn
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.limits import MAX_KEPT_POLICIES
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.skim import SkimmingWalk
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.syntax.tree import Node


_KINDS = {f"{kind.value.title()}DetailList": kind for kind in IdentityKind}
_POLICIES = "Policies"
_KEPT = 16
"""How many elements of lists are kept, as the groups of users are read again and again."""


def identities(extractor: Extractor) -> Iterator[tuple[Identity, tuple[FoundPolicy, ...]]]:
    """The identities of an account, one by one, each with its policies."""
    with suppress(MistakeError):  # of which the reader of the policies says what it is
        account = Account(extractor)
        for key in account.listed():
            if not keys.is_managed_by_aws(({"Arn": key.arn},)):
                yield account.identity(key)


class IdentityKey(NamedTuple):
    """An identity of an account, and where it is in which list."""

    arn: str
    name: str
    kind: IdentityKind
    list: str
    at: int


class _Element(NamedTuple):
    """An identity or a policy in a list of the account: a tree, with the place where it begins."""

    address: tuple[str, ...]
    root: Node
    start: int

    def text(self, key: str) -> str:
        """The text of a key, "" if there is none."""
        return text_at(self.root, key)

    def items(self, key: str) -> tuple[Node, ...]:
        """The values in the list of a key."""
        listed = self.root.get(key)
        return listed.items() if listed else ()

    def span(self, node: Node) -> Span:
        """The place of a value in the file."""
        return Span(node.span.start + self.start, node.span.end + self.start)


def _tags(element: _Element) -> Iterator[tuple[str, str]]:
    """The tags of an identity, by their keys in lower case."""
    for tag in element.items("Tags"):
        yield text_at(tag, "Key").lower(), text_at(tag, "Value")


class Account:
    """An account, of which only the places of what it has are kept.

    Raises:
        MistakeError: it is not JSON.
    """

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._lists: dict[str, list[Span]] = {name: [] for name in (*_KINDS, _POLICIES)}
        self._element = lru_cache(maxsize=_KEPT)(self._parsed)
        walk = SkimmingWalk(extractor.source.text)
        for key in walk.members() if walk.mark == "{" else ():
            if key in self._lists and walk.mark == "[":
                for _ in walk.elements():
                    start = walk.at
                    walk.skim()
                    self._lists[key].append(Span(start, walk.at))
            else:
                walk.skim()
        self._managed = {element.text("Arn"): at for at, element in self._elements(_POLICIES)}
        self._groups = {
            element.text("GroupName"): at for at, element in self._elements("GroupDetailList")
        }
        self._document = lru_cache(maxsize=MAX_KEPT_POLICIES)(self._default_version)

    def _elements(self, name: str) -> Iterator[tuple[int, _Element]]:
        return ((at, self._element(name, at)) for at in range(len(self._lists[name])))

    def _parsed(self, name: str, at: int) -> _Element:
        start, end = self._lists[name][at]
        root = fast.read(self._extractor.source.text[start:end], literal=True)
        return _Element((name, str(at)), root, start)

    def listed(self) -> Iterator[IdentityKey]:
        """The identities, in the order of their kinds."""
        for name, kind in _KINDS.items():
            for at, element in self._elements(name):
                own = element.text(f"{kind.value.title()}Name")
                yield IdentityKey(element.text("Arn"), own, kind, name, at)

    def identity(self, key: IdentityKey) -> tuple[Identity, tuple[FoundPolicy, ...]]:
        """An identity with all of its policies, and what is read of these."""
        element = self._element(key.list, key.at)
        found = [*self._applied(element, key.kind)]
        boundary = element.root.get("PermissionsBoundary")
        limits = [*self._attached(element, boundary, "PermissionsBoundaryArn")]
        trust = self._trust(element)
        identity = Identity(
            key.arn,
            key.kind,
            tuple(applied for applied, _ in found),
            tuple(applied for applied, _ in limits),
            trust.policy if trust else None,
            name=key.name,
            span=element.span(element.root),
            arns=(key.arn,),
            accounts=tuple(key.arn.split(":")[4:5]),
            groups=tuple(group.text("Arn") for _, group in self._groups_of(element) if group),
            tags=dict(_tags(element)),
        )
        entries = (entry for _, entry in (*found, *limits) if entry)
        return identity, (*entries, *((trust,) if trust else ()))

    def _applied(
        self, element: _Element, kind: IdentityKind
    ) -> Iterator[tuple[AppliedPolicy, FoundPolicy | None]]:
        """The policies of an identity, those of the groups of a user included."""
        word = kind.value.title()
        for item in element.items(f"{word}PolicyList"):
            document, name = item.get("PolicyDocument"), item.get("PolicyName")
            owner: keys.Facts = {
                key: element.text(key) for key in ("Arn", f"{word}Name") if element.text(key)
            }
            facts: tuple[keys.Facts, ...] = ({"PolicyName": text_at(item, "PolicyName")}, owner)
            named = keys.name_of("PolicyDocument", (f"{word}PolicyList",), facts)
            if document is None:
                continue
            entry = self._entry(element, document, named)
            applied = AppliedPolicy(
                entry.policy if entry else None,
                inline=True,
                name=text_at(item, "PolicyName"),
                name_span=element.span(name) if name else None,
                span=element.span(document),
            )
            yield applied, entry
        for item in element.items("AttachedManagedPolicies"):
            yield from self._attached(element, item, "PolicyArn")
        for item, group in self._groups_of(element) if kind is IdentityKind.USER else ():
            if group is None:
                yield AppliedPolicy(span=element.span(item)), None
                continue
            for applied, entry in self._applied(group, IdentityKind.GROUP):
                yield applied._replace(inline=False), entry

    def _groups_of(self, user: _Element) -> Iterator[tuple[Node, _Element | None]]:
        """The names of the groups of a user, and those of them that the account has."""
        for item in user.items("GroupList"):
            at = self._groups.get(item.string or "")
            yield item, None if at is None else self._element("GroupDetailList", at)

    def _attached(
        self, element: _Element, item: Node | None, key: str
    ) -> Iterator[tuple[AppliedPolicy, FoundPolicy | None]]:
        """The managed policy of an ARN."""
        node = item.get(key) if item else None
        arn = node.string if node else None
        if node is None or arn is None:
            return
        if reference := of_arn(element.span(node), arn, (*element.address, key)):
            printed = reference._replace(printed=True)
            yield AppliedPolicy(reference=printed, span=element.span(node)), None
            return
        document = self._document(self._managed[arn]) if arn in self._managed else None
        yield (
            AppliedPolicy(
                document.policy if document else None, span=element.span(node), arns=(arn,)
            ),
            document,
        )

    def _trust(self, element: _Element) -> FoundPolicy | None:
        document = element.root.get("AssumeRolePolicyDocument")
        return self._entry(element, document, None, PolicyType.TRUST) if document else None

    def _default_version(self, at: int) -> FoundPolicy | None:
        """The policy of the default version of a managed policy."""
        element = self._element(_POLICIES, at)
        for version in element.items("PolicyVersionList"):
            default, document = version.get("IsDefaultVersion"), version.get("Document")
            if default and default.value is True and document:
                return self._entry(element, document, element.text("Arn"))
        return None

    def _entry(
        self,
        element: _Element,
        document: Node,
        name: str | None,
        type_: PolicyType = PolicyType.IDENTITY,
    ) -> FoundPolicy | None:
        span = element.span(document)
        text = decoded_text.cut(self._extractor.source.text, span)
        attachment = Attachment(type_)
        found = self._extractor.extract(Candidate(text, span, name, attachment, printed=True))
        return None if isinstance(found, (Problem, Skipped)) else found
