"""Who has which access by a Terraform module and the local modules that it calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.deployments.addresses import address_of
from multitool_lint.deployments.owner import BLOCKS
from multitool_lint.deployments.terraform.arguments import (
    argument,
    maker_of,
    names_of,
)
from multitool_lint.deployments.terraform.arns import named_arns, refer_by_names
from multitool_lint.deployments.terraform.moves import imported_addresses, is_in
from multitool_lint.deployments.terraform.others import others_of
from multitool_lint.deployments.terraform.outputs import published_by
from multitool_lint.deployments.terraform.resource_uses import ResourceUses
from multitool_lint.deployments.terraform.terragrunt import (
    TerragruntCall,
    dependency_output,
    output_of_call,
)
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.values.resource_types import is_policy_type
from multitool_lint.values.terraform.blocks import blocks_of
from multitool_lint.values.terraform.definitions import variables_of
from multitool_lint.values.terraform.evaluate import Evaluator
from multitool_lint.values.terraform.module import Instance, Module
from multitool_lint.values.terraform.resources import (
    instances_of,
    modules_of,
    resources_of_access,
)
from multitool_lint.values.terraform.shared import Deployer, Shared, VariableAssumption

if TYPE_CHECKING:
    from multitool_lint.deployments.published import PublishedValue
    from multitool_lint.syntax.tree_of_files import Tree
    from multitool_lint.values.variables import Callers, DeclaredVariable


class ModuleDeployment(ResourceUses):
    """What is deployed by the module of a folder: its owners of access by their addresses.

    `names` are addresses by which resources are known instead of their own, `assumed` is what is
    known of a variable, and resources at the places `without` are not its any more.

    Raises:
        TooMuchError: it takes more work than any real one.
    """

    def __init__(
        self,
        tree: Tree,
        folder: str,
        *,
        names: Mapping[str, str] = MappingProxyType({}),
        deployer: Deployer = Deployer(),  # noqa: B008 - it is immutable
        assumed: VariableAssumption | None = None,
        without: Collection[str] = (),
    ) -> None:
        self._made_with = tree, folder, names, deployer, assumed, without
        super().__init__(Shared(tree, folder, Evaluator, names, deployer, assumed))
        self.root = (TerragruntCall if deployer.terragrunt else Module)(self.shared, folder)
        self.folder = "" if self.root.values or self.root.has_state else folder
        self.modules = list(modules_of(self.root))
        self.policies, self.unused = self._documents.found, self._documents.unused
        self.files, self.places = self._documents.files, self._documents.places
        found = [
            instance
            for module in self.modules
            for instance in resources_of_access(module)
            if not any(is_in(instance.address, place) for place in without)
        ]
        self._instances = {instance.address: instance for instance in found}
        for instance in found:
            self._declare(instance)
        for instance in found:
            self._read(instance)
        self._restrict()
        self._add_unattached()
        for module in self.modules:
            for other in others_of(module):
                if other.document:
                    self._documents.add_unused(other.document, other.statements)
                owner = self._owner(other.address, other.kind)
                owner.statements += other.statements
                owner.facts.update(other.facts)
                owner.guards = owner.guards or other.guards
                owner.providers.update(other.providers)
        self.arns = named_arns(self.modules)
        refer_by_names(self.owners.values(), self.arns)

    @property
    def instances(self) -> Mapping[str, Instance]:
        """The resources by their addresses."""
        return self._instances

    @property
    def variables(self) -> Mapping[str, DeclaredVariable]:
        """The variables of the module, by their names."""
        return variables_of(self.root)

    def called_by(self, callers: Callers) -> ModuleDeployment:
        """What is deployed by those who give some variables their values."""
        tree, folder, known, deployer, assumed, without = self._made_with
        given = deployer._replace(callers=callers)
        return ModuleDeployment(
            tree, folder, names=known, deployer=given, assumed=assumed, without=without
        )

    @property
    def imported(self) -> frozenset[str]:
        """The addresses of resources that are not made, but taken over as they are."""
        return imported_addresses(self.modules)

    def given(self, address: str) -> dict[str, Value]:
        """The arguments of a resource by their names, but for its policies."""
        if address.endswith(BLOCKS):
            return {"": Unknown("resource", address.removesuffix(BLOCKS))}
        instance = self.instances.get(address)
        return {name: argument(instance, name) for name in names_of(instance)} if instance else {}

    @cached_property
    def _made(self) -> Mapping[str, Instance]:
        return {
            instance.address: instance
            for module in self.modules
            for key, _, _ in list(module.of_type("resource"))
            for instance in instances_of(module, key)
        }

    @property
    def made(self) -> Mapping[str, str]:
        """The types of all resources by their addresses."""
        return {address: instance.type for address, instance in self._made.items()}

    def arguments(self, address: str) -> dict[str, Value]:
        """The arguments and blocks by which a resource is known, but for its policies."""
        instance = self.instances.get(address) or self._made.get(address)
        if instance is None:
            return {}
        given = {name: argument(instance, name) for name in names_of(instance)}
        maker = maker_of(instance)
        blocks = blocks_of(instance.evaluator, instance.block)
        return {**given, **blocks, "provider": maker.configuration or maker.title}

    def is_policy(self, address: str) -> bool:
        """Whether a resource is a policy by its type, of another one that stays when it goes."""
        instance = self.instances.get(address)
        return instance is not None and is_policy_type(instance.type)

    @property
    def published(self) -> Mapping[PublishedValue, Value]:
        """What others may read of it: outputs, and parameters of known names."""
        return dict(published_by(self.modules))

    def path_of(self, name: str) -> str | None:
        """The path in the tree that is written so; None if it leads out of it."""
        return self.shared.path_of(name, self.root.folder)

    def only_allows(self, arn: Value) -> bool:
        """Whether a policy that another unit has as an output is read, and denies nothing."""
        asked = dependency_output(arn)
        folder = self.shared.path_of(asked[0], self.root.folder) if asked else None
        if not asked or folder is None:
            return False
        unit = ModuleDeployment(self.shared.tree, folder, deployer=Deployer(terragrunt=True))
        found = unit.managed.get(address_of(output_of_call(unit.root, asked[1])), ())
        return bool(found) and all(s.elements.get("Effect") == "Allow" for s in found)

    @property
    def used_documents(self) -> frozenset[str]:
        """The addresses of the documents that are data sources to which something refers."""
        return frozenset(self.shared.used_documents)
