"""What is known of the folder of a file, and how much of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from multitool_lint.limits import MAX_BRANCH_VALUES, MAX_TERRAFORM_VALUES

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.choices import PolicyReading
    from multitool_lint.syntax.hcl.tree import HclFile
    from multitool_lint.syntax.source import Span
    from multitool_lint.syntax.tree import Node


class OutOfProportionError(Exception):
    """A value that is out of all proportion; the message says why."""


class Local(NamedTuple):
    """A local value, and the file that it is in."""

    file: HclFile
    value: Syntax


class KnownLocal(NamedTuple):
    """A local value, the places that it shares, and the conditions that it asks."""

    node: Node
    shared: tuple[Span, ...]
    asked: tuple[str, ...]


class ValueBudget:
    """Counts the values of all policies of a file.

    `locals` keeps the local values that are known for a file in a reading of it.
    """

    def __init__(self) -> None:
        self.locals: dict[object, KnownLocal] = {}
        self.left = MAX_TERRAFORM_VALUES
        self._left_for_branches = MAX_BRANCH_VALUES

    def allows_branches(self, values: int) -> bool:
        """Whether policies may be read again with so many values, which are counted if so."""
        allowed = values <= self._left_for_branches
        self._left_for_branches -= values if allowed else 0
        return allowed

    def spend(self, values: int) -> None:
        """Count some values.

        Raises:
            UnreadableError: the file has too many.
        """
        self.left -= values
        if self.left < 0:
            raise OutOfProportionError(
                f"policies of more than {MAX_TERRAFORM_VALUES:,} values in a file"
            )


class Scope(Protocol):
    """What else is known in the folder of a file."""

    @property
    def budget(self) -> ValueBudget:
        """What counts the values of the file."""

    def local(self, name: str) -> Local | None:
        """The local value of a name."""

    def output_format(self, reference: str) -> str | None:
        """The format of the ARN or name that an output of a module comes to."""


class Blocks(Protocol):
    """What evaluates the values of blocks, also of those that are repeated for values."""

    reading: PolicyReading
    context: str
    variables: dict[str, Node]
    iterators: dict[str, tuple[Node, Node]]
    unknown_iterators: list[str]

    def count(self, values: int) -> None:
        """Count what is made of the file."""
