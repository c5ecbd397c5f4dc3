"""What each resource of a Terraform module is for access."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import RUNS, Use, compared, uses_of
from multitool_lint.deployments.addresses import address_of, with_path
from multitool_lint.deployments.deployment import Deployment, decisive
from multitool_lint.deployments.owner import AS_A_WHOLE, BLOCKS, Given, Owner
from multitool_lint.deployments.terraform.arguments import (
    argument,
    blocked_by,
    facts_of,
    in_blocks,
    is_of_another_language,
    items_of,
    maker_of,
    names_of,
    origin_of,
)
from multitool_lint.deployments.terraform.deployed_policies import (
    DeployedPolicies,
    DeployedPolicy,
    statements_in,
)
from multitool_lint.deployments.terraform.stacks import add_stack
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.choices import cases
from multitool_lint.syntax.terms import Guards, Unknown, Value, identity
from multitool_lint.values.required import given_in_choice, without_empty_default
from multitool_lint.values.resource_types import policies_of
from multitool_lint.values.terraform import documents

if TYPE_CHECKING:
    from multitool_lint.values.terraform.module import Instance
    from multitool_lint.values.terraform.shared import Shared

_KINDS = {PolicyType.IDENTITY: "identity"}
"""The kinds of what has a policy of a type; any other is a resource."""


class ResourceUses(Deployment):
    """The owners of access that resources make, by what the tables say of their types."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self.shared = shared
        self._documents = DeployedPolicies(shared)
        self._managed_policies: dict[str, DeployedPolicy | None] = {}

    def _declare(self, instance: Instance) -> None:
        """Note what the names of identities and the managed policies are."""
        for use in uses_of(instance.type):
            if use.what == "identity":
                name = argument(instance, use.owners[0])
                self._name(instance.type, name, instance.address)
            elif use.what == "managed":
                policy = self._documents.of_argument(instance, use.policies[0])
                self._managed_policies[instance.address] = policy
                path, name = argument(instance, "path"), argument(instance, "name")
                self._name(instance.type, with_path(path, name), instance.address)
                self.managed[instance.address] = statements_in(policy)

    def _declare_asked(self, address: str) -> None:
        """Note what a managed policy is that is asked for by a key that is not known."""
        instance = self.shared.asked.get(address)
        if instance and address not in self.managed:
            self._declare(instance)
            self._attached.add(address)

    def _read(self, instance: Instance) -> None:
        uses = uses_of(instance.type)
        for use in uses:
            if use.applies_to(partial(argument, instance)):
                self._use(instance, use)
        kinds = {use.what for use in uses}
        if kinds.isdisjoint({"managed", "inline"}):
            for attribute, type_ in policies_of(instance.type):
                if type_ is not None and not is_of_another_language(instance, type_):
                    self._policy(instance, attribute, type_)

    def _use(self, instance: Instance, use: Use) -> None:
        if use.what in _USES:
            _USES[use.what](self, instance, use)
        elif use.what == "identity":
            self._owner(instance.address, "identity").providers.add(maker_of(instance))
        elif use.what in AS_A_WHOLE:
            self._owner(instance.address, "resource").uses.add(use.what)
        elif use.what == "block":
            is_own = use.owners == (".",)
            address = f"{instance.address}{BLOCKS}" if is_own else instance.address
            owner = self._owner(address, "resource")
            owner.title, owner.guards = instance.address, instance.guards
            owner.blocks = blocked_by(instance, use.policies)
            if not is_own and owner.blocking:
                owner.blocks |= facts_of(instance, use.owners, ())
        elif use.what == "access":
            apart = {*use.policies, *compared(instance.type)}
            apart |= add_stack(self.shared, instance, self.owners)
            self._facts(instance, [n for n in names_of(instance) if n not in apart], (), apart)

    def _of_resource(self, instance: Instance, use: Use) -> None:
        whom = self.owner_of(given_in_choice(argument(instance, use.owners[0])), use.owners[0])
        owner = self._owner(whom, "identity")
        owner.providers.add(maker_of(instance))
        policy = self._documents.of_argument(instance, use.policies[0])
        self._inline(owner, instance, policy, argument(instance, "name"))

    def _attachment(self, instance: Instance, use: Use) -> None:
        is_own = use.owners == (".",)
        arns = list(self._managed_in(instance, use.policies[0], is_required=not is_own))
        for name in use.owners:
            if is_own:
                whom: list[tuple[str, Guards]] = [(instance.address, ())]
            else:
                found = items_of(instance, name, is_required=len(use.owners) == 1)
                whom = [(self.owner_of(value, name), more) for value, more in found]
            for address, guards in whom:
                for arn, more in arns:
                    around = (*instance.guards, *guards, *more)
                    self._attach(address, arn, around, origin_of(instance, use.policies[0]))
                    self._give(address, arn, Given(instance, around, attribute=name))
                self._owner(address, "identity").providers.add(maker_of(instance))

    def _give(self, whom: str, value: Value, given: Given) -> None:
        """Note the policies that a value names as given to an identity."""
        owner = self._owner(whom, "identity")
        for more, one in cases(value):
            if one is not None and one != "":
                policy = self._managed_policies.get(address_of(one))
                guards = (*given.guards, *more)
                owner.given.append(given._replace(guards=guards, policy=policy, arn=one))

    def _inline(
        self, owner: Owner, by: Instance, policy: DeployedPolicy | None, name: Value
    ) -> None:
        if policy is not None:
            owner.statements += policy.statements
            owner.given.append(Given(by, by.guards, policy, name=name, is_inline=True))

    def _boundary(self, instance: Instance, use: Use) -> None:
        if not use.owners:
            value = without_empty_default(argument(instance, use.policies[0]))
            self._bind(instance.address, value, origin_of(instance, use.policies[0]))
            self._give(instance.address, value, Given(instance, is_boundary=True))
            return
        whom = self.owner_of(given_in_choice(argument(instance, use.owners[0])), use.owners[0])
        found = [one for path in use.policies for one in self._managed_in(instance, path)]
        value, more = found[0] if len(found) == 1 else (Unknown("policy", instance.address), ())
        guards = (*instance.guards, *more)
        self._bind(whom, value, origin_of(instance, use.policies[0]), guards)
        self._give(whom, value, Given(instance, guards, attribute=use.owners[0], is_boundary=True))

    def _managed_in(
        self, instance: Instance, attribute: str, *, is_required: bool = True
    ) -> Iterator[tuple[Value, Guards]]:
        """The managed policies that an argument names, by ARN, or in a block by path and name."""
        if "." not in attribute:
            yield from items_of(instance, attribute, is_required=is_required)
        for name, path, guards in in_blocks(instance, attribute):
            named = with_path(path, name) if attribute.endswith(".name") else name
            known = self._names.get(("policy", identity(named)))
            yield (Unknown("resource", known) if known else named), guards

    def _membership(self, instance: Instance, use: Use) -> None:
        """Note which groups users are in."""
        member, group = use.owners
        for user, some in items_of(instance, member, is_required=True):
            for name, more in items_of(instance, group, is_required=True):
                guards = (*instance.guards, *some, *more)
                found = self.groups.setdefault(self.owner_of(user, member), [])
                found.append((self.owner_of(name, group), guards))

    def _policy(self, instance: Instance, attribute: str, type_: PolicyType) -> None:
        block, _, name = attribute.rpartition(".")
        if type_ is PolicyType.TRUST:
            owner = self._owner(instance.address, "identity")
            owner.trust_policy = self._documents.of_argument(instance, name)
            owner.trust += statements_in(owner.trust_policy)
        elif block:
            found = documents.blocks_in(instance.evaluator, instance.block.body)
            for evaluator, inner, guards in found:
                if inner.type == block and name in inner.body.attributes:
                    expression = inner.body.attributes[name]
                    value = evaluator.evaluate(expression)
                    policy = self._documents.of_value(
                        instance, attribute, expression, value, guards
                    )
                    named = inner.body.attributes.get("name")
                    owner = self._owner(instance.address, _KINDS.get(type_, "resource"))
                    self._inline(owner, instance, policy, named and evaluator.evaluate(named))
        elif name in instance.block.body.attributes:
            owner = self._owner(instance.address, _KINDS.get(type_, "resource"))
            owner.statements += statements_in(self._documents.of_argument(instance, name))

    def _some_facts(self, instance: Instance, use: Use) -> None:
        """The arguments that decide about access, and have another value than the harmless one."""
        values = dict(part.partition("=")[::2] for part in use.policies)
        given = {name: argument(instance, name) for name in values}
        self._facts(instance, decisive(given, values), values)

    def _roles(self, instance: Instance, use: Use) -> None:
        """Note what a resource runs with, also that it has no role."""
        self._facts(instance, use.policies, use.policies)

    def _facts(
        self,
        instance: Instance,
        names: Iterable[str],
        blocks: Collection[str],
        apart: Collection[str] = (),
    ) -> None:
        """The arguments of what decides about access and is not a policy.

        Of its blocks, these are all but those `apart`, or some. What has none decides nothing.
        """
        facts = facts_of(instance, names, blocks, apart)
        if facts or not blocks:
            owner = self._owner(instance.address, instance.type)
            owner.facts.update(facts)
            if instance.guards:
                owner.guards = instance.guards


_USES: Mapping[str, Callable[[ResourceUses, Instance, Use], None]] = {
    "arguments": ResourceUses._some_facts,  # noqa: SLF001 - its own methods
    "attachment": ResourceUses._attachment,  # noqa: SLF001
    "boundary": ResourceUses._boundary,  # noqa: SLF001
    "inline": ResourceUses._of_resource,  # noqa: SLF001
    "membership": ResourceUses._membership,  # noqa: SLF001
    "named": ResourceUses._some_facts,  # noqa: SLF001
    RUNS: ResourceUses._roles,  # noqa: SLF001
}
