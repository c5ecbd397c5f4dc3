"""Expressions of Terraform's language to values at their places, as far as they are certain.

A local value is what it says. A variable may be given another value than its default, and most of
what resources come to is known when they are made: that is UNKNOWN. So is a text with such a part,
but for an ARN, of which the rest is checked.

https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.attributes import arn_of, is_open_arn, key_text, part_of
from multitool_lint.formats.terraform.choices import (
    ChoiceNode,
    PolicyReading,
    SeveralNode,
    conditional,
)
from multitool_lint.formats.terraform.functions import evaluated, part_at
from multitool_lint.formats.terraform.loops import loop
from multitool_lint.formats.terraform.operations import operation
from multitool_lint.formats.terraform.scope import KnownLocal, Local, OutOfProportionError, Scope
from multitool_lint.limits import (
    MAX_EXPRESSION_DEPTH,
    MAX_LOCAL_REFERENCES,
    MAX_TEMPLATE_VALUES,
    MAX_TERRAFORM_CHARACTERS,
)
from multitool_lint.syntax import placeholders
from multitool_lint.syntax.hcl import strings as templates
from multitool_lint.syntax.hcl.tree import HclFile, significant
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, UnknownNode, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.source import Span


_EXPANDED = {
    "conditional": conditional,
    "for_expr": loop,
    "function_call": evaluated,
    "operation": operation,
}


class Expressions:
    """Reads the expressions of a file.

    `shared` lists the places of values that are not written where they are used: who changes them
    changes other things as well. `iterators` are those of dynamic blocks, each with key and value,
    `variables` those of `for` expressions, `unknown_iterators` those without known values;
    `context` is which of their values is read. `reading` has the conditions of the case that is
    read.
    """

    def __init__(self, file: HclFile, scope: Scope, reading: PolicyReading | None = None) -> None:
        self.file = file
        self.reading = reading or PolicyReading()
        self.shared: list[Span] = []
        self.iterators: dict[str, tuple[Node, Node]] = {}
        self.variables: dict[str, Node] = {}
        self.unknown_iterators: list[str] = []
        self.context = ""
        self._scope = scope
        self._home = file
        self._characters = MAX_TERRAFORM_CHARACTERS
        self._left = MAX_TEMPLATE_VALUES
        self._texts: dict[tuple[HclFile, int], str] = {}
        self._within = 0
        self._cut = False

    def count(self, values: int) -> None:
        """Count what is made of the file.

        Raises:
            UnreadableError: that is too much.
        """
        self._left -= values
        if self._left < 0:
            raise OutOfProportionError(f"The policy has more than {MAX_TEMPLATE_VALUES:,} values")
        self._scope.budget.spend(values)

    def value(self, syntax: Syntax, depth: int = 0) -> Node:
        """The value of an expression, without pointers.

        Raises:
            UnreadableError: it has too many values, or too many in each other.
        """
        self.count(1)
        if depth > MAX_EXPRESSION_DEPTH:
            raise OutOfProportionError(
                f"The values are nested more than {MAX_EXPRESSION_DEPTH} levels deep"
            )
        parts = significant(syntax)
        if syntax.type != "expression" or not parts:
            return self._node(syntax, UNKNOWN)
        if len(parts) > 1 or parts[0].type == "variable_expr":
            return self._reference(syntax, parts, depth)
        found = self._single(syntax, parts[0], depth)
        if parts[0].type == "function_call" and found.value is UNKNOWN:
            arn = self._arn(syntax)
            return self._node(syntax, arn) if arn else found
        return found

    def operand(self, syntax: Syntax, parts: Sequence[Syntax], depth: int) -> Node:
        """The value of an operand, whose parts are among those of an operation."""
        self.count(1)
        if len(parts) > 1 or parts[0].type == "variable_expr":
            return self._reference(syntax, parts, depth)
        return self._single(syntax, parts[0], depth)

    def _single(self, syntax: Syntax, part: Syntax, depth: int) -> Node:
        """The value of an expression that has only one part."""
        if part.type == "expression":  # in parentheses
            return self.value(part, depth + 1)
        if part.type == "collection_value":
            return self.collection(significant(part)[0], depth)
        if part.type in _EXPANDED:
            return _EXPANDED[part.type](self, syntax, part, depth)
        string = templates.template(part)
        if string is not None:
            return self._text(string, depth)
        return self._node(syntax, self._literal(part))

    def _node(self, syntax: Syntax, value: Value) -> Node:
        return Node(self.file.span(syntax), value, "")

    def _literal(self, syntax: Syntax) -> Value:
        parts = significant(syntax)
        if syntax.type != "literal_value" or not parts:
            return UNKNOWN
        text = self.file.text(parts[0])
        if parts[0].type == "bool_lit":
            return text == "true"
        if parts[0].type == "null_lit":
            return None
        try:
            return float(text) if re.search("[.eE]", text) else int(text)
        except ValueError:
            return UNKNOWN

    def _text(self, syntax: Syntax, depth: int) -> Node:
        inner = templates.wrapped(syntax)
        if inner is not None:
            found = self.value(inner, depth + 1)
            return self._node(syntax, found.value) if type(found) is Node else found
        if templates.has_directives(syntax):
            return self._node(syntax, UNKNOWN)
        parts: list[bool] = []

        def part(expression: Syntax) -> str:
            text = self.part(expression, depth)
            parts.append(placeholders.has_expression(text))
            return text

        # A dynamic block repeats texts that are the same each time.
        key = self.file, syntax.start_byte
        text = self._texts.get(key) or templates.text_of(self.file, syntax, part).text
        if not parts:
            self._texts[key] = text
        self._characters -= len(text)
        if self._characters < 0:
            raise OutOfProportionError(
                f"A text has more than {MAX_TERRAFORM_CHARACTERS:,} characters"
            )
        if any(parts) and not is_open_arn(text):
            return UnknownNode(self.file.span(syntax), "", "", text)
        return self._node(syntax, text)

    def part(self, expression: Syntax, depth: int = 0) -> str:
        """The text that an expression comes to in a template; a placeholder if it is unknown."""
        value = self.value(expression, depth + 1)
        return self.text(Node(self.file.span(expression), value.value, ""))

    def text(self, node: Node) -> str:
        """A scalar as a text; a placeholder for any other value."""
        value = node.value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | str):
            return str(value)
        expression = self.file.source.text[slice(*node.span)]
        return part_of(expression, self.context, self._scope.output_format)

    def _arn(self, syntax: Syntax) -> str | None:
        """The ARN that a reference to an attribute or an output of a module comes to."""
        return arn_of(self.file.text(syntax), self.context, self._scope.output_format)

    def collection(self, syntax: Syntax, depth: int = 0) -> Node:
        """The value of a tuple or an object.

        Raises:
            UnreadableError: as `value` says.
        """
        if syntax.type == "tuple":
            items = [item for item in significant(syntax) if item.type == "expression"]
            return self._node(syntax, Array([self.value(item, depth + 1) for item in items]))
        if syntax.type != "object":
            return self._node(syntax, UNKNOWN)
        members = []
        for element in significant(syntax):
            if element.type == "object_elem":
                pair = [part for part in significant(element) if part.type == "expression"]
                key = self.key(pair[0], depth) if len(pair) == 2 else None  # noqa: PLR2004 - key and value
                if key is None:
                    return self._node(syntax, UNKNOWN)
                around = self.reading.enters(key)
                value = self.value(pair[1], depth + 1)
                member = Member(key, self.file.span(pair[0]), value)
                members.append(placeholders.selected_at_run_time(member))
                self.reading.in_element = around
        return self._node(syntax, Object(members))

    def key(self, syntax: Syntax, depth: int = 0) -> str | None:
        """The key of an object, which needs no quotes; None if it is unresolved."""
        parts = significant(syntax)
        if len(parts) == 1 and parts[0].type == "variable_expr":
            return self.file.text(parts[0])
        key = key_text(self.value(syntax, depth + 1))
        return None if key is None or is_open_arn(key) else key

    def _reference(self, syntax: Syntax, parts: Sequence[Syntax], depth: int) -> Node:
        """A local value, or a part of it; all else is unresolved."""
        path = [self._step(part, depth) for part in parts]
        if isinstance(path[0], str) and path[0] in self.variables:
            return self._counted(self.variables[path[0]], path[1:]) or self._node(syntax, UNKNOWN)
        if len(path) > 1 and path[0] in self.iterators and path[1] in ("key", "value"):
            iterated = self.iterators[str(path[0])][path[1] == "value"]
            return self._counted(iterated, path[2:]) or self._node(syntax, UNKNOWN)
        name = path[1] if len(path) > 1 and path[0] == "local" else None
        local = self._scope.local(name) if isinstance(name, str) else None
        if local is None or self._within >= MAX_LOCAL_REFERENCES:
            self._cut |= local is not None
            arn = self._node(syntax, self._arn(syntax) or UNKNOWN)
            is_list = arn.value is not UNKNOWN and any(part.type == "splat" for part in parts)
            item = SeveralNode(self.file.span(syntax), arn.value, "")
            return self._node(syntax, Array([item])) if is_list else arn
        span = self.file.span(syntax)
        value = self._of_local(str(name), local, depth)
        found = self._counted(value, path[2:])
        if found is None or (found.value is UNKNOWN and not isinstance(found, ChoiceNode)):
            return Node(span, UNKNOWN, "")
        if local.file is self._home:
            self.shared.append(local.file.span(local.value))
            return found
        self.shared.append(span)
        return found.moved(lambda _: span)

    def _of_local(self, name: str, local: Local, depth: int) -> Node:
        """A local value, which is evaluated once: each name may be used for a small part of it."""
        key = self._home, name, self.reading.key, self.reading.in_element
        known = self._scope.budget.locals.get(key)
        if known is None:
            asked, self.reading.asked = self.reading.asked, {}
            around = self.file, self.variables, self.iterators, self.context, self.shared, self._cut
            self.file, self.variables, self.iterators, self.context = local.file, {}, {}, ""
            self.shared, self._cut = [], False
            self._within += 1
            value = self.value(local.value, depth + 1)
            self._within -= 1
            known = KnownLocal(value, tuple(self.shared), tuple(self.reading.asked))
            if not self._cut:
                self._scope.budget.locals[key] = known
            self.reading.asked = asked
            cut = self._cut
            (self.file, self.variables, self.iterators, self.context, self.shared, before) = around
            self._cut = cut or before
        self.shared += known.shared
        self.reading.asked |= dict.fromkeys(known.asked)
        return known.node

    def _counted(self, node: Node, path: Sequence[str | int | None]) -> Node | None:
        """The part of a value at the end of a path, whose values count each time."""
        found = part_at(node, path)
        waiting = [found] if found else []
        while waiting:
            value = waiting.pop()
            self.count(1)
            waiting += (child for _, child in value.children())
            if isinstance(value, ChoiceNode):
                waiting += (branch for _, branch in value.branches)
        return found

    def _step(self, syntax: Syntax, depth: int) -> str | int | None:
        """What leads from a value to a part of it; None if that is unknown."""
        parts = significant(syntax)
        if syntax.type == "variable_expr" or (syntax.type == "get_attr" and len(parts) == 1):
            return self.file.text(parts[0])
        if syntax.type == "index" and parts and parts[0].type == "new_index":
            inner = significant(parts[0])
            value = self.value(inner[0], depth + 1).value if inner else None
            return value if isinstance(value, str | int) and not isinstance(value, bool) else None
        return None
