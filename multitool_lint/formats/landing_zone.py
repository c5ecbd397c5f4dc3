"""The users, groups, roles and permission sets of the Landing Zone Accelerator's `iam-config.yaml`.

Their policies are in files that it names, and have the place of the name here.

https://awslabs.github.io/landing-zone-accelerator-on-aws/latest/typedocs/interfaces/___packages__aws_accelerator_config_lib_models_iam_config.IIamConfig.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from multitool_lint.aws.role_targets import arn_format, named
from multitool_lint.formats.found import OF_OTHER_FILES, FoundPolicy
from multitool_lint.formats.identities import LocatedPolicies, inherited, items_at, text_at
from multitool_lint.formats.local_files import text_of
from multitool_lint.formats.normalized import write
from multitool_lint.limits import MAX_REFERENCED_CHARACTERS
from multitool_lint.policy.document import Policy
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import of_arn
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Node

_SETS = {
    "groupSets": ("groups", "name", IdentityKind.GROUP),
    "roleSets": ("roles", "name", IdentityKind.ROLE),
    "userSets": ("users", "username", IdentityKind.USER),
}
_OWN = ("customerManaged", "acceleratorManaged")


class LandingZone:
    """The identities of a configuration, and their policies in other files, once these are read."""

    def __init__(self, source: Source, root: Node, places: LocatedPolicies) -> None:
        self.entries: list[FoundPolicy] = []
        self._source = source
        self._root = root
        self._places = places
        self._left = MAX_REFERENCED_CHARACTERS
        self._named: dict[str, list[AppliedPolicy]] = {}
        for at in items_at(root, "policySets"):
            for item in items_at(at, "policies"):
                found = self._named.setdefault(text_at(item, "name"), [])
                found += self._in_file(item.get("policy"))

    def identities(self) -> Iterator[Identity]:
        """The users, groups, roles and permission sets."""
        groups: dict[str, Identity] = {}
        for key, (members, name, kind) in _SETS.items():
            for number, at in enumerate(items_at(self._root, key)):
                path = text_at(at, "path").strip("/")
                for node in items_at(at, members):
                    own = text_at(node, name)
                    found = self._identity(f"{key}/{number}/{own}", node, own, kind, path)
                    if kind is IdentityKind.GROUP:
                        groups[own] = found
                    elif group := groups.get(text_at(node, "group")):
                        policies = (*found.policies, *inherited(group.policies))
                        found = found._replace(policies=policies, groups=(group.address,))
                    yield found
        center = self._root.get("identityCenter")
        for node in items_at(center, "identityCenterPermissionSets"):
            yield self._permission_set(node)

    def _identity(
        self, address: str, node: Node, name: str, kind: IdentityKind, path: str
    ) -> Identity:
        limit = node.get("boundaryPolicy")
        arn = named(arn_format(f"iam:{kind.value}"), f"{path and f'{path}/'}{name}")
        return Identity(
            address,
            kind,
            tuple(self._policies(node.get("policies"))),
            tuple(self._by_name(limit)) if limit else (),
            name=name,
            span=node.span,
            arns=(of_arn(address, arn),),
        )

    def _permission_set(self, node: Node) -> Identity:
        policies = node.get("policies")
        limit = policies.get("permissionsBoundary") if policies else None
        of_account = limit.get("customerManagedPolicy") if limit else None
        inline = self._in_file(policies.get("inlinePolicy") if policies else None)
        name = text_at(node, "name")
        return Identity(
            f"identityCenter/{name}",
            IdentityKind.PERMISSION_SET,
            (*self._policies(policies), *(one._replace(inline=True) for one in inline)),
            (
                *self._places.named(limit.get("awsManagedPolicyName") if limit else None),
                *(self._by_name(of_account.get("name") or of_account) if of_account else ()),
            ),
            name=name,
            span=node.span,
        )

    def _policies(self, policies: Node | None) -> Iterator[AppliedPolicy]:
        yield from self._places.named(policies.get("awsManaged") if policies else None)
        for item in chain.from_iterable(items_at(policies, key) for key in _OWN):
            yield from self._by_name(item)

    def _by_name(self, node: Node) -> Sequence[AppliedPolicy]:
        """The policy that a name means; one that is not known if none is, or several."""
        found = self._named.get(node.string or "", [])
        return found if len(found) == 1 else [AppliedPolicy(span=node.span)]

    def _in_file(self, node: Node | None) -> Sequence[AppliedPolicy]:
        """The policy of a file that a value names."""
        if node is None:
            return []
        text = text_of(self._source, node.string or "") or ""
        self._left -= len(text)
        try:
            root = fast.read(text, literal=True) if text and self._left >= 0 else None
        except MistakeError:
            root = None
        if root is None or root.get("Statement") is None:
            return [AppliedPolicy(span=node.span)]
        moved = root.moved(lambda _: node.span)
        policy = Policy(self._source, moved, PolicyType.IDENTITY, None, node.string or "")
        entry = write(policy).from_values(syntax="other", unchanged=OF_OTHER_FILES)
        self.entries.append(entry)
        return [AppliedPolicy(entry.policy, span=node.span, is_shared=True)]
