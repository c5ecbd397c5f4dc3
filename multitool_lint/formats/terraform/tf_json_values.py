"""Values of Terraform's configuration as JSON: what their templates come to.

https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.choices import PolicyReading
from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.formats.terraform.scope import Local, Scope
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.placeholders import placeholder_end
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node as Syntax


_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")


class JsonValues:
    """Evaluates the values of a file; a scope for the expressions in them.

    `values` are its local values by their names, `others` the scope of the rest of its folder.
    `reading` has the conditions of the case that is read, the rest is as `Expressions` has it.
    """

    def __init__(self, source: Source, values: Mapping[str, Node], others: Scope) -> None:
        self._source = source
        self._values = values
        self._others = others
        self.budget = others.budget
        self.reading = PolicyReading()
        self.context = ""
        self.variables: dict[str, Node] = {}
        self.iterators: dict[str, tuple[Node, Node]] = {}
        self.unknown_iterators: list[str] = []
        self._locals: dict[str, Local | None] = {}

    def count(self, values: int) -> None:
        """Count what is made of the file.

        Raises:
            UnreadableError: that is too much.
        """
        self.budget.spend(values)

    def local(self, name: str) -> Local | None:
        """The local value of a name, as an expression of Terraform's language."""
        if name not in self._values:
            return self._others.local(name)
        if name not in self._locals:
            parsed = self._parsed("".join(_as_hcl(self._values[name])))
            self._locals[name] = Local(*parsed) if parsed else None
        return self._locals[name]

    def output_format(self, reference: str) -> str | None:
        """The format of the ARN or name that an output of a module comes to."""
        return self._others.output_format(reference)

    def evaluate(self, node: Node) -> Node:
        """A value with all templates in it evaluated, at the same places, without pointers.

        Raises:
            UnreadableError: it is out of all proportion.
        """
        value = node.value
        if isinstance(value, Array):
            value = Array([self.evaluate(item) for item in value])
        elif isinstance(value, Object):
            if any(_TEMPLATE.search(member.key) for member in value):
                return Node(node.span, UNKNOWN, "")
            value = Object([self._member(member) for member in value])
        elif isinstance(value, str) and _TEMPLATE.search(value):
            return self._of_template(node, value)
        return Node(node.span, value, "")

    def _member(self, member: Member) -> Member:
        around = self.reading.enters(member.key)
        value = self.evaluate(member.value)
        self.reading.in_element = around
        return Member(member.key, member.key_span, value)

    def _of_template(self, node: Node, template: str) -> Node:
        parsed = self._parsed(_quoted(template))
        if parsed is None:
            return Node(node.span, UNKNOWN, "")
        file, syntax = parsed
        reader = Expressions(file, self, self.reading)
        reader.context, reader.iterators = self.context, self.iterators
        reader.unknown_iterators = self.unknown_iterators
        return reader.value(syntax).moved(lambda _: node.span)

    def _parsed(self, expression: str) -> tuple[HclFile, Syntax] | None:
        file = HclFile(self._source.with_text(f"x = {expression}\n"))
        if file.root.has_error:
            return None
        return next(((file, attribute.value) for attribute in file.attributes(file.root)), None)


def _as_hcl(node: Node) -> Iterator[str]:
    """A value in Terraform's language; the parser of the file limits the recursion."""
    value = node.value
    if isinstance(value, Array):
        yield "["
        for item in value:
            yield from _as_hcl(item)
            yield ", "
        yield "]"
    elif isinstance(value, Object):
        yield "{"
        for member in value:
            yield f"{_quoted(member.key)} = "
            yield from _as_hcl(member.value)
            yield ", "
        yield "}"
    else:
        yield _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(template: str) -> str:
    """A string of JSON as a string of Terraform's language, whose expressions are not escaped."""
    parts: list[str] = []
    position = 0
    for match in _TEMPLATE.finditer(template):
        if match.start() < position or len(match[0]) > 2:  # noqa: PLR2004 - `${`, or escaped
            continue
        end = placeholder_end(template, match.start()) or len(template)
        parts += _escaped(template[position : match.start()]), template[match.start() : end]
        position = end
    return f'"{"".join(parts)}{_escaped(template[position:])}"'


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
