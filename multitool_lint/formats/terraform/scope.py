"""What is known of the folder of a file, and how much of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from multitool_lint.formats.terraform.attributes import format_of
from multitool_lint.limits import MAX_BRANCH_VALUES, MAX_TERRAFORM_VALUES
from multitool_lint.syntax.placeholders import of_arn, of_expression
from multitool_lint.syntax.shown_terms import CUT, shown
from multitool_lint.syntax.terms import Unknown, identity

if TYPE_CHECKING:
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.terms import Value
    from multitool_lint.values.terraform.shared import Evaluates


class OutOfProportionError(Exception):
    """A value that is out of all proportion; the message says why."""


class ValueBudget:
    """Counts the values of the policies of a file; distinguishes those that are written alike."""

    def __init__(self) -> None:
        self.left = MAX_TERRAFORM_VALUES
        self._left_for_branches = MAX_BRANCH_VALUES
        self._first: dict[str, str] = {}
        self._conditions: dict[str, str] = {}

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

    def context(self, written: str, value: Value) -> str:
        """What distinguishes a value from others that are written in the same way."""
        known = identity(value)
        if written.endswith(CUT) or written != shown(value):
            return known
        return "" if self._first.setdefault(written, known) == known else known

    def condition(self, value: Value) -> str:
        """A condition as a text: the same for the same condition only."""
        known = identity(value)
        if known not in self._conditions:
            text = shown(value)
            is_other = text.endswith(CUT) or text in self._conditions.values()
            self._conditions[known] = f"{text} ({known})" if is_other else text
        return self._conditions[known]

    def placeholder(self, value: Value, written: str = "") -> str:
        """What an unknown value is within a text: an ARN or name of a known format, or anything."""
        text = shown(value)
        format_ = format_of(value) if isinstance(value, Unknown) else None
        if format_:
            return of_arn(text, format_, self.context(text, value))
        return of_expression(written or text, self.context(written or text, value))


class Scope(Protocol):
    """What else is known in the folder of a file."""

    @property
    def budget(self) -> ValueBudget:
        """What counts the values of the file."""

    def evaluator(self, source: Source) -> Evaluates:
        """What evaluates the expressions of a source."""
