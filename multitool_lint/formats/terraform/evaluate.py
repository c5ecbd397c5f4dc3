"""Expressions of a file of Terraform's language as nodes at their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.attributes import key_text
from multitool_lint.formats.terraform.nodes import Nodes
from multitool_lint.formats.terraform.scope import OutOfProportionError, Scope
from multitool_lint.limits import MAX_EXPRESSION_DEPTH
from multitool_lint.syntax.hcl.expression_reader import ExpressionReader
from multitool_lint.syntax.hcl.tree import HclFile, significant

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.choices import PolicyReading
    from multitool_lint.syntax.terms import Value
    from multitool_lint.syntax.tree import Node


class Expressions(Nodes):
    """Reads the expressions of a file."""

    def __init__(self, file: HclFile, scope: Scope, reading: PolicyReading | None = None) -> None:
        super().__init__(file.source, scope.evaluator(file.source), scope.budget, reading)
        self.file = file

    def value(self, syntax: Syntax) -> Node:
        """The value of an expression, without pointers.

        Raises:
            UnreadableError: it has too many values, or too many in each other.
        """
        return self.within(self.evaluate(syntax), self.file.span(syntax))

    def evaluate(self, syntax: Syntax) -> Value:
        """What an expression comes to.

        Raises:
            UnreadableError: it takes too much work, or has too many values in each other.
        """
        key = syntax.start_byte, syntax.end_byte
        expression = self.file.expressions.get(key)
        if expression is None:
            reader = ExpressionReader(self.file)
            expression = reader.expression(syntax)
            if reader.is_cut:
                raise OutOfProportionError(
                    f"The values are nested more than {MAX_EXPRESSION_DEPTH} levels deep"
                )
            self.file.expressions[key] = expression
        return self.of_expression(expression)

    def part(self, expression: Syntax) -> str:
        """The text that an expression comes to in a template; a placeholder if it is unknown."""
        place = self.file.span(expression)
        return self.text(self.evaluate(expression), self.file.source.text[slice(*place)], place)

    def key(self, syntax: Syntax) -> str | None:
        """The key of an object, which needs no quotes; None if it is unresolved."""
        parts = significant(syntax)
        if len(parts) == 1 and parts[0].type == "variable_expr":
            return self.file.text(parts[0])
        return key_text(self.value(syntax))
