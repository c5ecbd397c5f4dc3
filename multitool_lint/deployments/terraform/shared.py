"""What the modules of one deployment have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from multitool_lint.limits import MAX_MODULES, MAX_TERMS
from multitool_lint.syntax.terms import Value
from multitool_lint.syntax.tree_of_files import Kind, below, resolved

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.module import Instance, Module
    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.syntax.tree_of_files import Tree


Scope = Mapping[str, Value]
"""The values of names that are not those of the module, such as `each`."""

EvaluatorOf = Callable[["Module", str], "Evaluates"]
"""Makes the evaluator of a file of a module, by its path."""


ROOT = "\1"
"""What a path begins with that is relative to the top of the tree."""


class TooMuchError(Exception):
    """A deployment takes more work than any real one."""


class Assumption(NamedTuple):
    """That a variable of the module that is deployed `is_given` a value, or has its default."""

    variable: str
    is_given: bool


class Deployer(NamedTuple):
    """How a module is deployed.

    With the path of a file that gives variables their `values`; by `opentofu`, which has files of
    its own; by Terragrunt, as the file in its folder says where it `is_unit`.
    """

    values: str | None = None
    opentofu: bool = True
    is_unit: bool = False


class Shared:
    """What the modules of one deployment have in common.

    `paths` are those that were read or looked for; `broken` are files that could not be read, each
    with the reason. `names` are the addresses that resources are known by instead of their own;
    what is `assumed` is about a variable that the deployer does not give a value.
    """

    def __init__(  # the fields
        self,
        tree: Tree,
        folder: str,
        evaluator: EvaluatorOf,
        names: Mapping[str, str],
        deployer: Deployer,
        assumed: Assumption | None = None,
    ) -> None:
        self.deployer = deployer
        self.assumed = assumed
        self.tree = tree
        self.folder = folder
        self._names = names
        self.evaluator = evaluator
        self.paths: set[str] = set()
        self.broken: dict[str, str] = {}
        self.used_documents: set[str] = set()
        self.asked: dict[str, Instance] = {}
        self._left = MAX_TERMS
        self._modules = 0

    def address(self, address: str) -> str:
        """The address that a resource is known by."""
        if not self._names:
            return address
        for before, after in self._names.items():
            if address == before or address.startswith((f"{before}.", f"{before}[")):
                return f"{after}{address[len(before) :]}"
        return address

    def spend(self, terms: int = 1) -> None:
        """Count work that is done.

        Raises:
            TooMuchError: it is too much.
        """
        self._left -= terms
        if self._left < 0:
            raise TooMuchError("more values than are evaluated")

    def count_module(self) -> None:
        """Count a module that is instantiated.

        Raises:
            TooMuchError: there are too many.
        """
        self._modules += 1
        if self._modules > MAX_MODULES:
            raise TooMuchError("more modules than are read")

    def place(self, name: str, folder: str) -> str | None:
        """The path in the tree of a name in a folder; None if it leads out of it."""
        if name.startswith(ROOT):
            return below(name[len(ROOT) :].lstrip("/") or ".")
        return None if name.startswith("/") else below(folder, name)

    def text(self, path: str) -> str | None:
        """The text of a file of the tree, through links of the same tree."""
        self.paths.add(path)
        found = resolved(self.tree, path)
        if found is None:
            return None
        self.paths.add(found)
        return self.tree.text(found)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder, through links of the same tree."""
        self.paths.add(folder)
        found = resolved(self.tree, folder)
        return () if found is None else self.tree.names(found)

    def is_folder(self, path: str) -> bool:
        """Whether a folder is at a path, through links of the same tree."""
        self.paths.add(path)
        found = resolved(self.tree, path)
        return found is not None and self.tree.kind(found) is Kind.FOLDER


class Evaluates(Protocol):
    """Evaluates expressions of a file of a module, where some names have other values."""

    module: Module
    scope: Scope

    def within(self, scope: Scope) -> Evaluates:
        """The evaluator where some more names have values."""

    def evaluate(self, expression: Expression) -> Value:
        """What an expression comes to."""

    def file(self, given: list[Value]) -> Value:
        """The text of a file of a name."""

    def render(self, path: str, text: str, values: Value) -> Value:
        """What the text of a template comes to with the values of its variables."""
