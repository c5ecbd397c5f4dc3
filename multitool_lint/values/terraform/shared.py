"""What the modules of one deployment have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from multitool_lint.syntax.terms import Value
from multitool_lint.values.reading import Reading
from multitool_lint.values.variables import Callers

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.syntax.tree_of_files import Tree
    from multitool_lint.values.terraform.module import Instance, Module


Scope = Mapping[str, Value]
"""The values of names that are not those of the module, such as `each`."""

EvaluatorOf = Callable[["Module", str], "Evaluates"]
"""Makes the evaluator of a file of a module, by its path."""


ONLY = "\2"
"""A name of a scope in which there are no others than its own, as in a template."""


class VariableAssumption(NamedTuple):
    """That a variable of the module that is deployed `is_given` a value, or has its default."""

    variable: str
    is_given: bool


class Deployer(NamedTuple):
    """How a module is deployed.

    With the path of a file that gives variables their `values`; by `opentofu`, which has files of
    its own; by Terragrunt, as the file in its folder says with `terragrunt`; with the `defaults` of
    variables that nothing else gives a value, instead of any value; for some `callers`.
    """

    values: str | None = None
    opentofu: bool = True
    terragrunt: bool = False
    defaults: bool = False
    callers: Callers = Callers()


class Shared(Reading):
    """What the modules of one deployment have in common.

    `names` are the addresses that resources are known by instead of their own; what is `assumed` is
    about a variable that the deployer does not give a value. One that is not `is_whole` has
    files that are not here, or cannot be read: others may give its variables values.
    """

    def __init__(  # noqa: PLR0913 - the fields
        self,
        tree: Tree,
        folder: str,
        evaluator: EvaluatorOf,
        names: Mapping[str, str],
        deployer: Deployer,
        assumed: VariableAssumption | None = None,
        *,
        is_whole: bool = True,
    ) -> None:
        self.deployer = deployer
        self.is_whole = is_whole
        self.assumed = assumed
        super().__init__(tree, deployer.callers)
        self.folder = folder
        self._names = names
        self.evaluator = evaluator
        self.used_documents: set[str] = set()
        self.asked: dict[str, Instance] = {}

    def address(self, address: str) -> str:
        """The address that a resource is known by."""
        if not self._names:
            return address
        for before, after in self._names.items():
            if address == before or address.startswith((f"{before}.", f"{before}[")):
                return f"{after}{address[len(before) :]}"
        return address


class Evaluates(Protocol):
    """Evaluates expressions of a file of a module, where some names have other values."""

    module: Module
    path: str
    scope: Scope

    def within(self, scope: Scope) -> Evaluates:
        """The evaluator where some more names have values."""

    def evaluate(self, expression: Expression) -> Value:
        """What an expression comes to."""
