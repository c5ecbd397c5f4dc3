"""The users, groups and roles of a deployment of Terraform, with the policies of each."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain, product
from typing import TYPE_CHECKING

from multitool_lint.aws.role_targets import arn_format
from multitool_lint.deployments.as_policy import Writer
from multitool_lint.deployments.terraform.arguments import argument
from multitool_lint.deployments.terraform.role_targets import (
    arns_of,
    role_targets,
    tags_of,
    text_of,
)
from multitool_lint.formats.found import OF_OTHER_FILES, FoundPolicy
from multitool_lint.formats.identities import under
from multitool_lint.formats.normalized import write
from multitool_lint.formats.policy_references import of_arn
from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.limits import MAX_IDENTITY_CONDITIONS
from multitool_lint.policy.document import Policy
from multitool_lint.policy.identities import (
    NO_TAGS,
    AppliedPolicy,
    Identity,
    IdentityKind,
    RoleTarget,
)
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.placeholders import of_expression
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.terms import Guards, StatementValue, Text, Value
from multitool_lint.syntax.written import Literal, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.deployments.joined_files import JoinedFiles
    from multitool_lint.deployments.owner import Given, Owner
    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.deployments.terraform.deployed_policies import DeployedPolicy
    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.values.terraform.module import Instance

    Cases = tuple[Mapping[str, bool], ...]

_KIND = re.compile(r"aws_iam_(role|user|group)(?:_|$)|aws_ssoadmin_")
"""The types of resources that are identities, or give one a policy."""
_KEY = re.compile(r"\[([^\]]*)\]")
_DIGEST = re.compile(r"[0-9a-f]{24}")
_UNKNOWN = "${}"
_TRUST = "assume_role_policy"
_ASSIGNMENT, _SET = "aws_ssoadmin_account_assignment", "permission_set_arn"


class Identities:
    """The identities of a deployment.

    `entries` are their policies that are written here, each with the way to its places, and
    `instances` the resources that these are in.
    """

    def __init__(self, deployment: ModuleDeployment, files: JoinedFiles) -> None:
        self.entries: dict[Policy, FoundPolicy] = {}
        self.instances: dict[Policy, Instance] = {}
        self._deployment = deployment
        self._files = files
        self._written: dict[int, list[AppliedPolicy]] = {}
        self._applied: dict[str, list[AppliedPolicy]] = {}
        self._accounts = tuple(
            of_expression(f"data.aws_caller_identity.{key[2]}.account_id")
            for key, _, _ in deployment.root.of_type("data")
            if key[1] == "aws_caller_identity"
        )

    def found(self) -> Iterator[Identity]:
        """The identities, those among them that others define, and this deployment attaches to."""
        for owner in self._deployment.owners.values():
            kind = kind_of(owner, self._deployment.instances.get(owner.address))
            if owner.kind == "identity" and kind is not None:
                yield self._identity(owner, kind)

    def unattached(self) -> Iterator[FoundPolicy]:
        """The policies that are of no identity that is known."""
        for policy in self._deployment.policies:
            if id(policy) not in self._written and policy.attribute != _TRUST:
                known = [statement for statement in policy.statements if statement.unknown is None]
                yield self.entries[self._write(policy, known)]

    def _identity(self, owner: Owner, kind: IdentityKind) -> Identity:
        policies = [*self._policies(owner)]
        for address, guards in self._deployment.groups.get(owner.address, ()):
            group = self._deployment.owners.get(address)
            for applied in self._policies(group) if group else ():
                given = _holding(guards)
                if given is not None:
                    policies += under(applied._replace(inline=False), given)
        boundaries = [
            applied
            for given in owner.given
            if given.is_boundary
            for applied in self._of_given(given)
        ]
        instance = self._deployment.instances.get(owner.address)
        is_set = kind is IdentityKind.PERMISSION_SET
        given = _holding(instance.guards if instance else ()) or {}
        cases = [case for applied in (*policies, *boundaries) for case in applied.cases]
        return Identity(
            shown_address(owner.title if instance is None else owner.address),
            kind,
            tuple(policies),
            tuple(boundaries),
            self._trust(owner),
            cases=_cases({name for case in cases for name in case}, given),
            span=self._block(instance) if instance else Span(0, 0),
            arns=() if is_set else self._arns_of(owner, instance, kind),
            accounts=self._assigned.get(owner.address, ()) if is_set else self._accounts,
            groups=tuple(
                shown_address(group) for group, _ in self._deployment.groups.get(owner.address, ())
            ),
            targets=tuple(self._targets.get(owner.address, ())),
            tags=tags_of(instance) if instance else NO_TAGS,
        )

    @cached_property
    def _targets(self) -> Mapping[str, list[RoleTarget]]:
        found: dict[str, list[RoleTarget]] = {}
        for role, target in role_targets(self._deployment, shown_address, self._block):
            found.setdefault(role, []).append(target)
        return found

    @cached_property
    def _assigned(self) -> Mapping[str, tuple[str, ...]]:
        """The accounts that permission sets are assigned to, by the addresses of these."""
        found: dict[str, tuple[str, ...]] = {}
        for instance in self._deployment.instances.values():
            if instance.type == _ASSIGNMENT:
                named, account = (argument(instance, name) for name in (_SET, "target_id"))
                whom = self._deployment.owner_of(named, _SET)
                found[whom] = (*found.get(whom, ()), text_of(account))
        return found

    def _arns_of(
        self, owner: Owner, instance: Instance | None, kind: IdentityKind
    ) -> tuple[str, ...]:
        """The ARNs of a user, group or role."""
        reference = part_of(f"{shown_address(owner.address)}.arn")
        return self._arns(instance, kind.value) or (reference,)

    def _arns(self, instance: Instance | None, kind: str) -> tuple[str, ...]:
        format_ = arn_format(f"iam:{kind}")
        return arns_of(instance, shown_address(instance.address), format_) if instance else ()

    def _trust(self, owner: Owner) -> Policy | None:
        policy = owner.trust_policy
        known = [statement for statement in owner.trust if statement.unknown is None]
        return self._write(policy, known, PolicyType.TRUST) if policy and known else None

    def _policies(self, owner: Owner) -> list[AppliedPolicy]:
        if owner.address not in self._applied:
            self._applied[owner.address] = [
                applied
                for given in owner.given
                if not given.is_boundary
                for applied in self._of_given(given)
            ]
        return self._applied[owner.address]

    def _of_given(self, given: Given) -> Iterator[AppliedPolicy]:
        """A policy that an identity is given, in each of its cases."""
        holding = _holding(given.guards)
        if holding is None:
            return
        if given.policy is None:
            reference = self._reference(given)
            yield from under(AppliedPolicy(reference=reference), holding)
            return
        is_shared = not given.is_inline and self._is_exported(given.policy.instance)
        arns = self._arns(given.policy.instance, "policy")
        for applied in self._of_document(given.policy):
            found = self._named(applied, given) if given.is_inline else applied._replace(arns=arns)
            yield from under(found._replace(is_shared=is_shared), holding)

    def _is_exported(self, instance: Instance) -> bool:
        """Whether an output of its module has a managed policy."""
        name = f"{'.'.join(instance.block.labels)}"
        return any(
            name in self._files.text(path)[block.start : block.end]
            for _, block, path in instance.module.of_type("output")
        )

    def _reference(self, given: Given) -> PolicyReference | None:
        arn = given.arn
        text = arn if isinstance(arn, str) else ""
        if isinstance(arn, Text):
            text = "".join(part if isinstance(part, str) else _UNKNOWN for part in arn.parts)
        span = self._span(arn) or self._block(given.by)
        key = "permissions_boundary" if given.is_boundary else "policy_arn"
        found = of_arn(span, text, (key,))
        return found and found._replace(owner=given.by.address)

    def _named(self, applied: AppliedPolicy, given: Given) -> AppliedPolicy:
        name = str(given.name) if isinstance(given.name, str) else ""
        span = self._span(given.name) if name else None
        return applied._replace(inline=True, name=name, name_span=span)

    def _of_document(self, policy: DeployedPolicy) -> list[AppliedPolicy]:
        """The policies that a document comes to by its conditions, of which one applies."""
        if id(policy) not in self._written:
            self._written[id(policy)] = [
                AppliedPolicy(self._write(policy, statements), cases=cases)
                for statements, cases in _alternatives(policy.statements)
            ] or [AppliedPolicy()]
        return self._written[id(policy)]

    def _write(
        self,
        policy: DeployedPolicy,
        statements: Sequence[StatementValue],
        type_: PolicyType = PolicyType.IDENTITY,
    ) -> Policy:
        instance = policy.instance
        around = self._files.span(policy.origin) or self._block(instance)
        root = Writer(self._files.span, around, part_of).policy(statements)
        name = f"{shown_address(instance.address)}.{policy.attribute}"
        entry = write(Policy(self._files.source, root, type_, None, name))
        entry = entry.from_values(syntax="other", unchanged=OF_OTHER_FILES)
        self.entries[entry.policy] = entry
        self.instances[entry.policy] = instance
        return entry.policy

    def _span(self, value: Value) -> Span | None:
        origin = value.origin if isinstance(value, (Literal, Text)) else None
        return self._files.span(origin) if origin else None

    def _block(self, instance: Instance) -> Span:
        block = instance.block
        found = self._files.span(Origin(instance.path, block.start, block.end))
        return found or Span(0, 0)


def kind_of(owner: Owner, instance: Instance | None) -> IdentityKind | None:
    """What an owner is by its type, or by what gives it policies; None if it is none."""
    types = [instance.type] if instance else [*chain.from_iterable(map(_types, owner.given))]
    match = next(filter(None, map(_KIND.match, types)), None)
    return IdentityKind(match[1] or IdentityKind.PERMISSION_SET) if match else None


def _types(given: Given) -> tuple[str, str]:
    """The types that say what is given a policy: `roles` are those of aws_iam_role."""
    return given.by.type, f"aws_iam_{given.attribute.removesuffix('s')}"


def shown_address(address: str) -> str:
    """An address as Terraform prints it; a key that is not known is left out."""

    def key(match: re.Match[str]) -> str:
        if _DIGEST.fullmatch(match[1]):
            return ""
        return match[0] if match[1].isdigit() else f'["{match[1]}"]'

    return _KEY.sub(key, address.removeprefix("name:"))


def _holding(guards: Guards) -> dict[str, bool] | None:
    """What conditions must come to; None if they exclude each other."""
    found: dict[str, bool] = {}
    for guard in guards:
        if found.setdefault(guard.condition.identity, guard.holds) != guard.holds:
            return None
    return found


def _alternatives(
    statements: Sequence[StatementValue],
) -> Iterator[tuple[tuple[StatementValue, ...], Cases]]:
    """The known statements that are there together, and the cases in which they are."""
    known = [(s, _holding(s.guards)) for s in statements if s.unknown is None]
    names = sorted({name for _, given in known for name in given or ()})
    if len(names) > MAX_IDENTITY_CONDITIONS:
        known, names = [(s, given) for s, given in known if given == {}], []
    by_statements: dict[tuple[int, ...], list[Mapping[str, bool]]] = {}
    for case in _all_cases(names):
        there = tuple(
            number
            for number, (_, given) in enumerate(known)
            if given is not None and given.items() <= case.items()
        )
        if there:
            by_statements.setdefault(there, []).append(case)
    for there, cases in by_statements.items():
        yield tuple(known[number][0] for number in there), tuple(cases) if names else ()


def _all_cases(names: Sequence[str]) -> Iterator[dict[str, bool]]:
    for values in product((True, False), repeat=len(names)):
        yield dict(zip(names, values, strict=True))


def _cases(names: set[str], given: Mapping[str, bool]) -> Cases:
    """The cases of some conditions; of too many, none in which something depends on them."""
    free = sorted(names - given.keys())
    if len(free) > MAX_IDENTITY_CONDITIONS:
        return ({},)
    return tuple({**given, **case} for case in _all_cases(free))
