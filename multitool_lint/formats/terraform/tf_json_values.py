"""Values of Terraform's configuration as JSON: what their templates come to.

https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.nodes import Nodes
from multitool_lint.syntax.hcl.json_expressions import expression_of

if TYPE_CHECKING:
    from multitool_lint.formats.terraform.choices import PolicyReading
    from multitool_lint.formats.terraform.scope import Scope
    from multitool_lint.syntax.source import Source, Span
    from multitool_lint.syntax.terms import Value
    from multitool_lint.syntax.tree import Node


class JsonValues(Nodes):
    """Evaluates the values of a file."""

    def __init__(self, source: Source, scope: Scope, reading: PolicyReading | None = None) -> None:
        super().__init__(source, scope.evaluator(source), scope.budget, reading)
        self._source = source

    def written(self, place: Span) -> str:
        """What is written at a place, without the escapes of JSON."""
        text = super().written(place)
        try:
            return str(json.loads(f'"{text.strip(chr(34))}"'))
        except ValueError:
            return text

    def value(self, node: Node) -> Node:
        """A value with all templates in it evaluated, without pointers.

        Raises:
            UnreadableError: it is out of all proportion.
        """
        return self.within(self.evaluate(node), node.span)

    def evaluate(self, node: Node) -> Value:
        """What a value comes to.

        Raises:
            UnreadableError: it is out of all proportion.
        """
        return self.of_expression(expression_of(node, self._source.text))
