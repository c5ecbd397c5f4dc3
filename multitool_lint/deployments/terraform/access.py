"""Who has which access by a Terraform module and the local modules that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.owner import Attached, Given, Owner
from multitool_lint.deployments.resource_types import harmless, policies_of, uses_of
from multitool_lint.deployments.terraform import documents, managed
from multitool_lint.deployments.terraform.addresses import address_of, whom
from multitool_lint.deployments.terraform.arguments import (
    argument,
    has_variable,
    is_of_another_language,
    items_of,
    provider_of,
    without_documents,
)
from multitool_lint.deployments.terraform.arns import named_arns
from multitool_lint.deployments.terraform.definitions import children, rules_of_variables
from multitool_lint.deployments.terraform.evaluate import Evaluator
from multitool_lint.deployments.terraform.module import Instance, Module
from multitool_lint.deployments.terraform.required import given
from multitool_lint.deployments.terraform.resources import instances_of
from multitool_lint.deployments.terraform.shared import Assumption, Shared
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import (
    Guards,
    Literal,
    StatementValue,
    Text,
    Unknown,
    Value,
    cases,
    identity,
)

if TYPE_CHECKING:
    from multitool_lint.deployments.resource_types import Use
    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.syntax.tree_of_files import Tree

_OF_AWS = ("aws_", "awscc_")
_DOCUMENT = ("data", "aws_iam_policy_document")
_NOT_GIVEN = frozenset({"depends_on", "providers"})


class DeployedPolicy(NamedTuple):
    """A policy of an instance of a resource, by the attribute that has it."""

    instance: Instance
    attribute: str
    expression: Expression
    statements: tuple[StatementValue, ...]

    @property
    def is_read(self) -> bool:
        """Whether all of its statements are known."""
        return all(statement.unknown is None for statement in self.statements)


class ModuleDeployment:
    """What is deployed by the module of a folder: its owners of access by their addresses.

    `names` are addresses by which resources are known instead of their own, and `values` is the
    path of a file with values for its variables. `opentofu` says whether its own files are read,
    and `assumed` what is known of a variable. The policies of `files` are those of owners.

    Raises:
        TooMuchError: it takes more work than any real one.
    """

    def __init__(
        self,
        tree: Tree,
        folder: str,
        *,
        names: Mapping[str, str] = MappingProxyType({}),
        values: str | None = None,
        opentofu: bool = True,
        assumed: Assumption | None = None,
    ) -> None:
        self.shared = Shared(
            tree, folder, Evaluator, names, values, opentofu=opentofu, assumed=assumed
        )
        self.places: dict[str, str] = {}
        self.root = Module(self.shared, folder)
        self.modules = list(_modules(self.root))
        self.owners: dict[str, Owner] = {}
        self._names: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self.managed: dict[str, DeployedPolicy | None] = {}
        self.groups: dict[str, list[tuple[str, Guards]]] = {}
        self.policies: list[DeployedPolicy] = []
        self.files: set[str] = set()
        self._attached: set[str] = set()
        found = [instance for module in self.modules for instance in _resources(module)]
        self.instances = {instance.address: instance for instance in found}
        for instance in found:
            self._declare(instance)
        for instance in found:
            self._read(instance)
        for address, policy in self.managed.items():
            if address not in self._attached:
                self._owner(address, "managed").statements += statements_in(policy)
        for module in self.modules:
            self._read_rest(module)
        self.arns = named_arns(self.modules)

    def uses_variable(self, name: str) -> bool:
        """Whether a statement, an attachment or a fact of an owner has a part of a variable."""
        return any(
            has_variable(value, name)
            for owner in self.owners.values()
            for value in (
                *(dict(s.elements) for s in (*owner.statements, *owner.trust)),
                *(s.unknown for s in (*owner.statements, *owner.trust)),
                *(attached.arn for attached in owner.attached),
                *owner.facts.values(),
            )
        )

    def attached_to(self, address: str) -> str:
        """The resource that one belongs to, such as a bucket that a policy has; "" for none."""
        instance = self.instances.get(address)
        found = (
            (address_of(argument(instance, n)) for n in _arguments(instance)) if instance else ()
        )
        return next((other for other in found if other in self.instances), "")

    def is_policy(self, address: str) -> bool:
        """Whether a resource is a policy by its type, of another one that stays when it goes."""
        instance = self.instances.get(address)
        return instance is not None and "policy" in instance.type.split("_")

    @property
    def rules(self) -> dict[str, list[str]]:
        """The rules for the values of the variables, by their names."""
        return rules_of_variables(self.root)

    def _owner(self, address: str, kind: str) -> Owner:
        title = self._titles.get(address, address)
        return self.owners.setdefault(address, Owner(address, kind, title))

    def _declare(self, instance: Instance) -> None:
        """Note what the names of identities and the managed policies are."""
        for use in uses_of(instance.type):
            if use.what == "identity":
                name = argument(instance, "name")
                if isinstance(name, str):
                    self._names.setdefault(name, instance.address)
            elif use.what == "managed":
                self.managed[instance.address] = self._document(instance, use.policies[0])

    def _declare_asked(self, address: str) -> None:
        """Note what a managed policy is that is asked for by a key that is not known."""
        instance = self.shared.asked.get(address)
        if instance and address not in self.managed:
            self._declare(instance)
            self._attached.add(address)

    def _read(self, instance: Instance) -> None:
        uses = uses_of(instance.type)
        for use in uses:
            self._use(instance, use)
        kinds = {use.what for use in uses}
        if kinds.isdisjoint({"managed", "inline"}):
            for attribute, type_ in policies_of(instance.type):
                if type_ is not None and not is_of_another_language(instance, type_):
                    self._policy(instance, attribute, type_)

    def _use(self, instance: Instance, use: Use) -> None:
        if use.what == "identity":
            owner = self._owner(instance.address, "identity")
            owner.providers.add(provider_of(instance))
        elif use.what == "inline":
            whom = self.owner_of(given(argument(instance, use.owners[0])))
            owner = self._owner(whom, "identity")
            owner.providers.add(provider_of(instance))
            policy = self._document(instance, use.policies[0])
            self._inline(owner, instance, policy, argument(instance, "name"))
        elif use.what == "attachment":
            self._attachment(instance, use)
        elif use.what == "boundary":
            self._boundary(instance, use.policies[0])
        elif use.what == "membership":
            self._membership(instance, *use.owners)
        elif use.what in ("open", "restriction"):
            owner = self._owner(instance.address, "resource")
            owner.is_open = use.what == "open"
            owner.is_restriction = use.what == "restriction"
        elif use.what == "block":
            found = {name: argument(instance, name) for name in use.policies}
            self._owner(instance.address, "resource").blocks = found
        elif use.what == "access":
            value = argument(instance, use.owners[0]) if use.owners else None
            if value is None or value not in use.policies:
                self._facts(instance)

    def _attachment(self, instance: Instance, use: Use) -> None:
        is_own = use.owners == (".",)
        arns = list(items_of(instance, use.policies[0], is_required=not is_own))
        for name in use.owners:
            if is_own:
                whom: list[tuple[str, Guards]] = [(instance.address, ())]
            else:
                found = items_of(instance, name, is_required=len(use.owners) == 1)
                whom = [(self.owner_of(value), more) for value, more in found]
            for address, guards in whom:
                for arn, more in arns:
                    self._attach(instance, address, arn, (*instance.guards, *guards, *more))
                self._owner(address, "identity").providers.add(provider_of(instance))

    def _inline(
        self, owner: Owner, by: Instance, policy: DeployedPolicy | None, name: Value
    ) -> None:
        if policy is not None:
            owner.statements += policy.statements
            owner.given.append(Given(by, by.guards, policy, name=name, is_inline=True))

    def _attach(self, by: Instance, whom: str, arn: Value, guards: Guards) -> None:
        owner = self._owner(whom, "identity")
        for more, value in cases(arn):
            address = address_of(value)
            self._declare_asked(address)
            found = statements_in(self.managed.get(address)) or managed.statements_of(value)
            if address in self.managed:
                self._attached.add(address)
            elif value is None or value == "":
                continue
            elif not found:
                owner.attached.append(Attached(value, (*guards, *more)))
            owner.statements += [statement.under((*guards, *more)) for statement in found]
            owner.given.append(Given(by, (*guards, *more), self.managed.get(address), value))

    def _membership(self, instance: Instance, member: str, group: str) -> None:
        """Note which groups users are in."""
        for user, some in items_of(instance, member, is_required=True):
            for name, more in items_of(instance, group, is_required=True):
                guards = (*instance.guards, *some, *more)
                found = self.groups.setdefault(self.owner_of(user), [])
                found.append((self.owner_of(name), guards))

    def _boundary(self, instance: Instance, attribute: str) -> None:
        value = argument(instance, attribute)
        if value is None or value == "":
            return
        owner = self._owner(instance.address, "identity")
        for guards, one in cases(value):
            policy = self.managed.get(address_of(one))
            if one is not None and one != "":
                owner.given.append(Given(instance, guards, policy, one, is_boundary=True))
        address = address_of(value)
        if address in self.managed:
            owner.boundary = statements_in(self.managed[address])
        elif found := managed.statements_of(value):
            owner.boundary = found
        else:
            term = value if isinstance(value, Unknown) else Unknown("policy", value)
            owner.boundary = [StatementValue({}, (), term)]

    def _policy(self, instance: Instance, attribute: str, type_: PolicyType) -> None:
        block, _, name = attribute.rpartition(".")
        if type_ is PolicyType.TRUST:
            owner = self._owner(instance.address, "identity")
            owner.trust_policy = self._document(instance, name)
            owner.trust += statements_in(owner.trust_policy)
        elif block:
            found = documents.blocks_in(instance.evaluator, instance.block.body)
            for evaluator, inner, guards in found:
                if inner.type == block and name in inner.body.attributes:
                    expression = inner.body.attributes[name]
                    value = evaluator.evaluate(expression)
                    policy = self._found(instance, attribute, expression, value, guards)
                    named = inner.body.attributes.get("name")
                    owner = self._owner(instance.address, _kind(type_))
                    self._inline(owner, instance, policy, named and evaluator.evaluate(named))
        elif name in instance.block.body.attributes:
            owner = self._owner(instance.address, _kind(type_))
            owner.statements += statements_in(self._document(instance, name))

    def _document(self, instance: Instance, name: str) -> DeployedPolicy | None:
        expression = instance.block.body.attributes.get(name)
        if expression is None:
            return None
        return self._found(instance, name, expression, instance.evaluator.evaluate(expression), ())

    def _found(
        self,
        instance: Instance,
        attribute: str,
        expression: Expression,
        value: Value,
        guards: Guards,
    ) -> DeployedPolicy | None:
        """The policy that an expression comes to, which is noted; None if it is none."""
        if isinstance(value, str) and "{" not in value:
            return None
        guards = (*instance.guards, *guards)
        found = [statement.under(guards) for statement in documents.statements_of(value)]
        policy = DeployedPolicy(instance, attribute, expression, tuple(found))
        self.policies.append(policy)
        if policy.is_read and isinstance(value, (Literal, Text)) and value.origin:
            self.files.add(value.origin.path)
        for statement in found:
            if statement.unknown is not None:
                self.places[identity(statement.unknown)] = self._place(instance.path, expression)
        return policy

    def _place(self, path: str, expression: Expression) -> str:
        """Where an expression is: path and line."""
        text = self.shared.text(path) or ""
        return f"{path}:{text.count(chr(10), 0, expression.start) + 1}"

    def _facts(self, instance: Instance) -> None:
        """The arguments of what decides about access and is not a policy."""
        owner = self._owner(instance.address, instance.type)
        for name in _arguments(instance):
            if name not in harmless():
                owner.facts[name] = whom(argument(instance, name))
        found = documents.blocks_in(instance.evaluator, instance.block.body)
        for number, (evaluator, block, _) in enumerate(found):
            for name, expression in block.body.attributes.items():
                if name not in harmless() and block.type not in harmless():
                    owner.facts[f"{block.type}[{number}].{name}"] = evaluator.evaluate(expression)
        if instance.guards:
            owner.guards = instance.guards

    def _read_rest(self, module: Module) -> None:
        """Documents to which nothing refers, and modules that are not in the tree."""
        for key, _, _ in list(module.of_type("data")):
            if key[:2] == _DOCUMENT:
                for instance in instances_of(module, key):
                    if instance.address in self.shared.used_documents:
                        continue
                    found = documents.statements_of(documents.document(instance))
                    owner = self._owner(instance.address, "document")
                    owner.statements += [statement.under(instance.guards) for statement in found]
        for key, block, path in module.of_type("module"):
            if isinstance(children(module, key[1]), Unknown):
                address = f"{module.address}module.{key[1]}"
                owner = self._owner(address, "module")
                evaluator = Evaluator(module, path)
                for name, expression in block.body.attributes.items():
                    if name not in _NOT_GIVEN:
                        value, found = without_documents(evaluator.evaluate(expression))
                        owner.statements += found
                        owner.facts[name] = value

    def owner_of(self, value: Value) -> str:
        """The address of the identity that a value names; a name or term of its own for others."""
        address = address_of(value)
        if address:
            return address
        name = whom(value)
        if isinstance(name, str):
            found = self._names.get(name, f"name:{name}")
            self._titles.setdefault(found, found.removeprefix("name:"))
            return found
        found = f"unknown:{identity(name)}"
        self._titles.setdefault(found, f"${{{shown(value)}}}")
        return found


def statements_in(policy: DeployedPolicy | None) -> list[StatementValue]:
    """The statements of a policy; none if there is none."""
    return [] if policy is None else [*policy.statements]


def _arguments(instance: Instance) -> list[str]:
    """The arguments of a resource, but for its policies."""
    policies = {attribute for attribute, _ in policies_of(instance.type)}
    return [name for name in instance.block.body.attributes if name not in policies]


def _modules(module: Module) -> Iterator[Module]:
    yield module
    for key, _, _ in list(module.of_type("module")):
        found = children(module, key[1])
        if not isinstance(found, Unknown):
            for _, inner in found:
                yield from _modules(inner)


def _resources(module: Module) -> Iterator[Instance]:
    for key, _, _ in list(module.of_type("resource")):
        is_of_aws = len(key) == 3 and key[1].startswith(_OF_AWS)  # noqa: PLR2004 - two labels
        if is_of_aws and (uses_of(key[1]) or policies_of(key[1])):
            yield from instances_of(module, key)


def _kind(type_: PolicyType) -> str:
    return "identity" if type_ is PolicyType.IDENTITY else "resource"
