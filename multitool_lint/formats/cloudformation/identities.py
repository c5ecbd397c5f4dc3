"""The identities of a template: users, groups, roles and permission sets, with their policies."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.formats.cloudformation.conditions import Conditions, allowed_values
from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.resources import DefinedResource, resources_of
from multitool_lint.formats.cloudformation.role_targets import arns_of, role_targets, tags_of
from multitool_lint.formats.documents import documents_of
from multitool_lint.formats.identities import InOrder, inherited, under
from multitool_lint.formats.serverless import parts_of_service
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.syntax.tree import Array, Node, scalars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.formats.cloudformation.properties import PolicyProperty
    from multitool_lint.formats.extract import Extractor
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.formats.result import ReadResult


_POLICY, _MANAGED = "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"
_ASSIGNMENT, _REFERENCE = "AWS::SSO::Assignment", "CustomerManagedPolicyReference"
_KINDS = {
    "AWS::IAM::Role": IdentityKind.ROLE,
    "AWS::IAM::User": IdentityKind.USER,
    "AWS::IAM::Group": IdentityKind.GROUP,
    "AWS::SSO::PermissionSet": IdentityKind.PERMISSION_SET,
    "AWS::Serverless::Function": IdentityKind.ROLE,
    "AWS::Serverless::StateMachine": IdentityKind.ROLE,
}
"""Resources that are identities; those of SAM have a role of their own."""

_WORD = re.compile(r"\w+")
_SAM = "AWS::Serverless::"
_MEMBERSHIP = "AWS::IAM::UserToGroupAddition"
_ARN_OF_MANAGED = "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}"
_NAMES = ("RoleName", "UserName", "GroupName")
_ATTACHED_TO: Mapping[str, tuple[tuple[str, ...], ...]] = {
    _POLICY: (("Roles", "*"), ("Users", "*"), ("Groups", "*")),
    _MANAGED: (("Roles", "*"), ("Users", "*"), ("Groups", "*")),
    "AWS::IAM::RolePolicy": (("RoleName",),),
    "AWS::IAM::UserPolicy": (("UserName",),),
    "AWS::IAM::GroupPolicy": (("GroupName",),),
}
"""The properties of a policy that have the names of what it is attached to."""


def identities(extractor: Extractor, found: ReadResult) -> Iterator[Identity]:
    """The identities of a template, with the policies that were found in it."""
    for root in documents_of(extractor.source):
        for template in (root, *parts_of_service(root)):
            yield from _Template(template, dict(extractor.parameters), found).identities()


class _Template:
    """A template, and what was found in it."""

    def __init__(self, root: Node, parameters: Mapping[str, str], found: ReadResult) -> None:
        allowed = allowed_values(root.get("Parameters"), parameters)
        self._conditions = Conditions(root, allowed)
        self._policies = InOrder(
            (entry.to_file(entry.policy.root.span), entry) for entry in found.cases
        )
        self._references = InOrder((reference.span, reference) for reference in found.references)
        self._resources = list(resources_of(root))
        outputs = root.get("Outputs")
        texts = [*scalars(outputs)] if outputs else []
        self._exported = set(_WORD.findall(" ".join(str(node.value) for node in texts)))
        self._managed = {
            name: resource
            for resource in self._resources
            if resource.type == _MANAGED
            for name in (*_references_to(resource.address, "PolicyArn"), *_path_and_name(resource))
        }
        self._accounts: dict[str, tuple[str, ...]] = {}
        for resource in self._resources:
            if resource.type == _ASSIGNMENT:
                of_set = resource.text("PermissionSetArn")
                known = self._accounts.get(of_set, ())
                self._accounts[of_set] = (*known, resource.text("TargetId"))

    def identities(self) -> Iterator[Identity]:
        """All identities of the template."""
        owners = [resource for resource in self._resources if resource.type in _KINDS]
        by_name = {
            (_KINDS[owner.type], name): owner
            for owner in owners
            if not owner.type.startswith(_SAM)
            for name in (*_references_to(owner.address), *filter(None, [_name(owner)]))
        }
        applied = {owner.address: [*self._own(owner)] for owner in owners}
        for resource in self._resources:
            for path in _ATTACHED_TO.get(resource.type, ()):
                kind = IdentityKind(path[0].removesuffix("Name").removesuffix("s").lower())
                for place in resource.at(*path):
                    owner = by_name.get((kind, text_of(place.node) or ""))
                    if owner:
                        applied[owner.address] += self._of_resource(resource, place.given)
        targets = [*role_targets(self._resources, by_name)]
        for owner in owners:
            policies = applied[owner.address]
            if _KINDS[owner.type] is IdentityKind.USER:
                policies = [*policies, *self._of_groups(owner, by_name, applied)]
            yield self._identity(owner, policies)._replace(
                groups=tuple(
                    group.address for _, group in self._groups_of(owner, by_name) if group
                ),
                targets=tuple(target for role, target in targets if role == owner.address),
            )

    def _identity(self, owner: DefinedResource, policies: Sequence[AppliedPolicy]) -> Identity:
        boundaries = [
            boundary
            for path in (("PermissionsBoundary",), ("PermissionsBoundary", _REFERENCE))
            for place in owner.at(*path)
            if place.node.get(_REFERENCE) is None
            for boundary in self._named(place, AppliedPolicy())
        ]
        trust = [
            entry.policy
            for place in owner.at("AssumeRolePolicyDocument")
            for entry in self._policies_at(place)
        ]
        cases = [case for applied in (*policies, *boundaries) for case in applied.cases]
        names = {name for case in cases for name in case}
        found = self._conditions.cases(names, owner.start.given)
        format_ = arn_formats().get((owner.type, "Arn"))
        name = _name(owner)
        accounts = owner.accounts
        if _KINDS[owner.type] is IdentityKind.PERMISSION_SET:
            references = _references_to(owner.address, "PermissionSetArn")
            accounts = tuple(chain(*(self._accounts.get(text, ()) for text in references)))
        return Identity(
            owner.address,
            _KINDS[owner.type],
            tuple(policies),
            tuple(boundaries),
            trust[0] if trust else None,
            name=name,
            cases=found.conditions,
            has_all_cases=found.all_,
            span=owner.span,
            arns=arns_of(owner, format_, name) if format_ else (),
            tags=tags_of(owner),
            accounts=accounts,
        )

    def _own(self, owner: DefinedResource) -> Iterator[AppliedPolicy]:
        """The policies that the properties of an identity have, or name."""
        is_sam = owner.type.startswith(_SAM)
        if is_sam and owner.start.node.get("Role") is not None:
            return
        lists = (("Policies",), ("Policies", "*")) if is_sam else (("Policies", "*"),)
        for place in chain.from_iterable(owner.at(*path) for path in lists):
            if not isinstance(place.node.value, Array):  # of a list, each
                found = [*self._inline(place), *(self._named(place) if is_sam else ())]
                yield from found or _not_known(place)
        for name in ("ManagedPolicyArns", "ManagedPolicies", f"{_REFERENCE}s"):
            for place in owner.at(name, "*"):
                yield from self._named(place, AppliedPolicy())
        for place in owner.at("InlinePolicy"):
            yield from [*self._inline(place)] or _not_known(place)

    def _inline(self, place: PolicyProperty) -> Iterator[AppliedPolicy]:
        """The policy of an item with its name, in each of its cases."""
        named = place.node.get("PolicyName")
        for entry in self._policies_at(place):
            yield _inline(entry, named)

    def _policies_at(self, place: PolicyProperty) -> list[FoundPolicy]:
        """The policies of a property, without those of other resources with the same alias."""
        found = self._policies.within(place.node.span)
        return [entry for entry in found if (entry.policy.name or "").startswith(place.name)]

    def _of_resource(
        self, resource: DefinedResource, given: Mapping[str, bool]
    ) -> Iterator[AppliedPolicy]:
        """The policy of a resource, applied with conditions."""
        for place in resource.at("PolicyDocument"):
            entries = self._policies_at(place)
            for entry in entries:
                is_managed = resource.type == _MANAGED
                named = resource.start.node.get("PolicyName")
                is_shared = is_managed and resource.address in self._exported
                name = resource.text("ManagedPolicyName")
                arns = arns_of(resource, _ARN_OF_MANAGED, name) if is_managed else ()
                applied = AppliedPolicy(
                    entry.policy, cases=entry.cases, is_shared=is_shared, arns=arns
                )
                yield from under(applied if is_managed else _inline(entry, named), given)
            if not entries:
                yield from (found for one in _not_known(place) for found in under(one, given))

    def _named(
        self, place: PolicyProperty, otherwise: AppliedPolicy | None = None
    ) -> Iterator[AppliedPolicy]:
        """The managed policy that a reference leads to, or else another one."""
        resource = self._managed.get(_reference(place.node))
        if resource:
            yield from self._of_resource(resource, place.given)
            return
        references = self._references.within(place.node.span)
        found = [AppliedPolicy(reference=reference) for reference in references]
        for applied in found or ([otherwise] if otherwise else []):
            yield from under(applied._replace(span=place.node.span), place.given)

    def _of_groups(
        self,
        user: DefinedResource,
        by_name: Mapping[tuple[IdentityKind, str], DefinedResource],
        applied: Mapping[str, Sequence[AppliedPolicy]],
    ) -> Iterator[AppliedPolicy]:
        """The policies of the groups of a user, which are inline policies of those."""
        for place, group in self._groups_of(user, by_name):
            of_group = inherited(applied[group.address]) if group else None
            for policy in of_group or _not_known(place._replace(given={})):
                yield from under(policy, place.given)

    def _groups_of(
        self, user: DefinedResource, by_name: Mapping[tuple[IdentityKind, str], DefinedResource]
    ) -> Iterator[tuple[PolicyProperty, DefinedResource | None]]:
        """The places that name the groups of a user, and those of them that are known."""
        for place in [*user.at("Groups", "*"), *self._added_to(user, by_name)]:
            yield place, by_name.get((IdentityKind.GROUP, text_of(place.node) or ""))

    def _added_to(
        self, user: DefinedResource, by_name: Mapping[tuple[IdentityKind, str], DefinedResource]
    ) -> Iterator[PolicyProperty]:
        """The names of the groups to which other resources add a user."""
        for resource in self._resources:
            for place in resource.at("Users", "*") if resource.type == _MEMBERSHIP else ():
                name = text_of(place.node) or ""
                if by_name.get((IdentityKind.USER, name)) is user:
                    for group in resource.at("GroupName"):
                        yield group._replace(given={**place.given, **group.given})


def _name(owner: DefinedResource) -> str:
    """The name of an identity, "" if it is not known."""
    names = ("Name",) if _KINDS[owner.type] is IdentityKind.PERMISSION_SET else _NAMES
    return next(filter(None, map(owner.text, names)), "")


def _not_known(place: PolicyProperty) -> Iterator[AppliedPolicy]:
    """A policy at a place of which it is not known what it says."""
    return under(AppliedPolicy(span=place.node.span), place.given)


def _inline(entry: FoundPolicy, named: Node | None) -> AppliedPolicy:
    return AppliedPolicy(
        entry.policy,
        inline=True,
        name=(text_of(named) or "") if named else "",
        name_span=named.span if named else None,
        cases=entry.cases,
    )


def _reference(node: Node) -> str:
    """What names a managed policy: a reference, or its path and name in the accounts of a set."""
    name, path = node.get("Name"), node.get("Path")
    around = (text_of(path) if path else None) or "/"
    return f"{around if name else ''}{text_of(name or node) or ''}"


def _path_and_name(policy: DefinedResource) -> tuple[str, ...]:
    """The name of a managed policy after its path, if it is known."""
    name = policy.text("ManagedPolicyName")
    return (f"{policy.text('Path') or '/'}{name}",) if name else ()


def _references_to(address: str, attribute: str = "") -> tuple[str, ...]:
    """The texts that references to a resource come to."""
    return (f"${{{address}}}", *([f"${{{address}.{attribute}}}"] if attribute else ()))
