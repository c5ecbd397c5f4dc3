"""The identities and the policies of resources of a module of Terraform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.ask.identities import (
    DeployedIdentity,
    IdentityPolicies,
    ResourcePolicy,
    by_case,
)
from multitool_lint.deployments.as_policy import Writer
from multitool_lint.deployments.owner import Attached, Owner
from multitool_lint.deployments.terraform.arguments import argument, items_of
from multitool_lint.deployments.terraform.identities import kind_of, shown_address
from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.changes import NotCompared as NotRead
from multitool_lint.policy.document import Policy
from multitool_lint.policy.identities import IdentityKind
from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.source import Source, Span, position_of
from multitool_lint.syntax.terms import Guards, StatementValue
from multitool_lint.syntax.terms import Unknown as UnknownValue
from multitool_lint.syntax.written import Origin
from multitool_lint.values.arns import KnownArns
from multitool_lint.values.resource_types import policies_of, resource_type_of
from multitool_lint.values.terraform.definitions import children

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.values.terraform.module import Instance

_ORGANIZATIONS = "aws_organizations_policy"
_MEMBERSHIPS = {
    "aws_iam_user_group_membership": ("user", "groups"),
    "aws_iam_group_membership": ("users", "group"),
}
"""The arguments with the users and with the groups that these get."""


class ModulePolicies:
    """What a module and those that it calls deploy, at places as they are shown.

    `top` is the folder that the paths of the deployment are relative to, as it is shown.
    """

    def __init__(self, deployment: ModuleDeployment, top: str) -> None:
        self._deployment = deployment
        self._top = top
        self._arns = KnownArns(deployment.arns)
        self._groups = self._memberships()

    def identities(self) -> Iterator[DeployedIdentity]:
        """The identities, those that only have policies here among them."""
        for address, owner in self._deployment.owners.items():
            instance = self._deployment.instances.get(address)
            if owner.kind == "identity":
                kind = kind_of(owner, instance) or IdentityKind.ROLE
                yield self._identity(address, instance, kind, owner)

    def _identity(
        self, address: str, instance: Instance | None, kind: IdentityKind, owner: Owner
    ) -> DeployedIdentity:
        name = argument(instance, "name") if instance else shown_address(owner.title)
        known = name if isinstance(name, str) else ""
        read = cache(partial(self._policies, owner, instance))
        return DeployedIdentity(self._path(instance), shown_address(address), known, kind, read)

    def resource_policies(self) -> Iterator[ResourcePolicy]:
        """The policies of resources."""
        for owner, type_, kind in self._with_policies():
            if kind is PolicyType.RESOURCE and type_ != VPC_ENDPOINT:
                address = self._deployment.attached_to(owner.address) or owner.address
                yield ResourcePolicy(address, type_, self._set(owner.statements, kind))

    def control_policies(self) -> Iterator[PolicySet]:
        """The policies of organizations and of endpoints."""
        for owner, type_, kind in self._with_policies():
            if kind is not PolicyType.RESOURCE or type_ == VPC_ENDPOINT:
                yield self._set(owner.statements, kind)

    def missing_modules(self) -> Iterator[NotRead]:
        """The modules that are called and not in the tree, whose identities are not known."""
        for module in self._deployment.modules:
            for (_, name, *_), block, path in module.of_type("module"):
                if isinstance(children(module, name), UnknownValue):
                    place = self._place(Origin(path, block.start, block.end))
                    yield NotRead(place, self._elsewhere(f"{module.address}module.{name}"))

    def _with_policies(self) -> Iterator[tuple[Owner, str | None, PolicyType]]:
        """What has policies and is not an identity, with the types of resource and policy."""
        for address, owner in self._deployment.owners.items():
            instance = self._deployment.instances.get(address)
            if owner.kind == "resource" and owner.statements and instance:
                names = [name for name, _ in policies_of(instance.type)]
                types = (resource_type_of(instance.type, name) for name in names)
                kind = PolicyType.RESOURCE
                if instance.type == _ORGANIZATIONS:
                    named = argument(instance, "type")
                    kind = ORGANIZATIONS.get(str(named), PolicyType.SCP)
                yield owner, next(filter(None, types), None), kind

    def _policies(self, owner: Owner, instance: Instance | None) -> IdentityPolicies:
        own, attached = [*owner.statements], [*owner.attached]
        for group, guards in self._groups.get(owner.address, ()):
            title = shown_address(self._deployment.title_of(group))
            found = self._deployment.owners.get(group) or Owner(group, "identity", title)
            own += [statement.under(guards) for statement in found.statements]
            attached += [*found.attached]
            if group not in self._deployment.instances:
                attached.append(Attached(f"those of the group {title}", guards))
        identity = self._set(own, PolicyType.IDENTITY)
        elsewhere = [
            NotRead(self._place(one.origin), self._elsewhere(shown(one.arn))) for one in attached
        ]
        if instance is None:
            elsewhere.append(NotRead(self._top, self._elsewhere(f"others of {owner.title}")))
        identity = identity._replace(unknown=(*identity.unknown, *elsewhere))
        limits = self._set(owner.boundary or (), PolicyType.BOUNDARY)
        boundary = () if owner.boundary is None else (limits,)
        trust = self._set(owner.trust, PolicyType.TRUST) if owner.trust else None
        place = self._place(Origin(instance.path, instance.block.start, 0) if instance else None)
        return IdentityPolicies(place, by_case(identity, boundary), trust)

    def _memberships(self) -> Mapping[str, list[tuple[str, Guards]]]:
        """The groups of users, by the addresses of both."""
        found: dict[str, list[tuple[str, Guards]]] = {}
        for instance in self._deployment.instances.values():
            users, groups = _MEMBERSHIPS.get(instance.type, ("", ""))
            for user, some in items_of(instance, users, is_required=True) if users else ():
                for group, more in items_of(instance, groups, is_required=True):
                    whose = self._deployment.owner_of(user, users)
                    named = self._deployment.owner_of(group, groups)
                    entry = named, (*instance.guards, *some, *more)
                    found.setdefault(whose, []).append(entry)
        return found

    def _set(self, statements: Sequence[StatementValue], type: PolicyType) -> PolicySet:
        """The statements as policies, each where it is there."""
        unknown = tuple(
            NotRead(self._place(one.origin), self._elsewhere(shown(one.unknown)))
            for one in statements
            if one.unknown is not None
        )
        members = tuple(self._member(one, type) for one in statements if one.unknown is None)
        return PolicySet(self._top, members, unknown)

    def _member(self, statement: StatementValue, type: PolicyType) -> ConditionalPolicy:
        """A statement as a policy, whose unknown parts are as they are written in its file."""
        place, origin = self._place(statement.origin), statement.origin or Origin("", 0, 0)
        elements = {
            name: self._arns.as_written(value) for name, value in statement.elements.items()
        }
        writer = Writer(partial(_span_in, origin.path), Span(origin.start, origin.end), part_of)
        root = writer.policy([statement._replace(elements=elements)])
        source = Source(origin.path, self._deployment.shared.text(origin.path) or "")
        cases = ({shown(guard.condition): guard.holds for guard in statement.guards},)
        policy = Policy(source, root, type)
        return ConditionalPolicy(policy, lambda _: place, cases if statement.guards else ())

    def _elsewhere(self, name: str) -> str:
        return Why(Reason.ELSEWHERE, (name,)).in_words()

    def _path(self, instance: Instance | None) -> str:
        return str(Path(self._top, instance.path)) if instance else self._top

    def _place(self, origin: Origin | None) -> str:
        if origin is None:
            return self._top
        path = str(Path(self._top, origin.path))
        source = Source(path, self._deployment.shared.text(origin.path) or "")
        return position_of(source, Span(origin.start, origin.end))


def _span_in(path: str, origin: Origin) -> Span | None:
    return Span(origin.start, origin.end) if origin.path == path else None
