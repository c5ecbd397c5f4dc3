"""What is known of the folder of a file, and how much of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from multitool_lint.limits import MAX_TERRAFORM_VALUES

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.tree import File
    from multitool_lint.syntax.source import Span
    from multitool_lint.syntax.tree import Node


class UnreadableError(Exception):
    """A value that is out of all proportion; the message says why."""


class Local(NamedTuple):
    """A local value, and the file that it is in."""

    file: File
    value: Syntax


class ValueBudget:
    """Counts the values of all policies of a file.

    `locals` keeps the local values that are known for a file, with the places that they share.
    """

    def __init__(self) -> None:
        self.locals: dict[tuple[File, str], tuple[Node, tuple[Span, ...]]] = {}
        self._left = MAX_TERRAFORM_VALUES

    def spend(self, values: int) -> None:
        """Count some values.

        Raises:
            UnreadableError: the file has too many.
        """
        self._left -= values
        if self._left < 0:
            raise UnreadableError(
                f"policies of more than {MAX_TERRAFORM_VALUES:,} values in a file"
            )


class Scope(Protocol):
    """What else is known in the folder of a file."""

    @property
    def budget(self) -> ValueBudget:
        """What counts the values of the file."""

    def local(self, name: str) -> Local | None:
        """The local value of a name."""
