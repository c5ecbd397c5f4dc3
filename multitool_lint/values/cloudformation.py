"""What the intrinsic functions of templates come to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from multitool_lint.aws.arn_references import REF
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Encoded, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text, joined
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object
from multitool_lint.values.steps import Step, after

NO_VALUE = "AWS::NoValue"

_PART = re.compile(r"\$\{(!?)([^{}]*)\}")
_TWO, _THREE = 2, 3


def function(node: Node) -> tuple[str | None, Node]:
    """The name and the argument of the function that an object is; else None and the node."""
    if isinstance(node.value, Object) and len(node.value) == 1:
        (member,) = node.value
        if member.key == "Ref" or member.key.startswith("Fn::"):
            return member.key, member.value
    return None, node


class Functions(ABC):
    """Evaluates the values of a template, by what is known of it."""

    @abstractmethod
    def spend(self) -> None:
        """Count a value.

        Raises:
            TooMuchError: it takes more work than any real one.
        """

    @abstractmethod
    def written(self, node: Node) -> str:
        """What identifies a value that is not understood."""

    @abstractmethod
    def reference(self, name: str, attribute: str = REF) -> Value:
        """What a reference comes to: a parameter, a resource, or what AWS gives."""

    @abstractmethod
    def condition(self, name: str) -> Value:
        """Whether a condition holds, or the term that decides it."""

    @abstractmethod
    def mapping(self, name: str) -> Node | None:
        """The mapping of a name."""

    @cached_property
    def _tables(self) -> dict[Node, Value]:
        """What mappings come to of which something was looked up."""
        return {}

    def value(self, node: Node, depth: int = 0) -> Value:
        """What a value comes to; None for AWS::NoValue.

        Raises:
            TooMuchError: it takes more work than any real one.
        """
        self.spend()
        if depth > MAX_TREE_DEPTH:
            return Unknown("nested", self.written(node))
        found = node.value
        name, argument = function(node)
        if name:
            evaluate = _FUNCTIONS.get(name, Functions._other)
            return evaluate(self, name, argument, depth + 1)
        if isinstance(found, Array):
            items = [self.part(item, item.span, node, depth + 1) for item in found]
            return [item for item in items if item is not None]
        if isinstance(found, Object):
            return self._members(node, depth + 1)
        return Unknown("text", self.written(node)) if found is UNKNOWN else found

    def repeated(self, before: Value, after: Value) -> Value:
        """What a key that occurs twice comes to: it is not known which one counts."""
        return Unknown("repeated", before, after)

    def part(self, node: Node, _place: tuple[int, int], _whole: Node, depth: int) -> Value:
        """What an item or member of another value comes to, which begins at a place."""
        return self.value(node, depth)

    def _members(self, node: Node, depth: int) -> Value:
        """An object; of a key that occurs twice, it is not known which one counts."""
        made: dict[object, Value] = {}
        for member in node.fields():
            value = self.part(member.value, member.key_span, node, depth)
            if member.key in made and identity(made[member.key]) != identity(value):
                value = self.repeated(made[member.key], value)
            made[member.key] = value
        return {key: value for key, value in made.items() if value is not None}

    def _ref(self, _: str, argument: Node, depth: int) -> Value:
        if argument.string == NO_VALUE:
            return None
        if argument.string is None:
            return Unknown(REF, self.value(argument, depth))
        name, dot, attribute = argument.string.partition(".")
        return self.reference(name, attribute) if dot else self.reference(name)

    def _get(self, _: str, argument: Node, depth: int) -> Value:
        parts = [argument] if argument.string else argument.items()
        words = [part.string for part in parts]
        if None in words:
            return Unknown("Fn::GetAtt", self.value(argument, depth))
        name, _, attribute = ".".join(filter(None, words)).partition(".")
        return self.reference(name, attribute)

    def _sub(self, _: str, argument: Node, depth: int) -> Value:
        template, *rest = argument.items() or (argument,)
        if template.string is None:
            return Unknown("sub", self.value(argument, depth))
        given = {member.key: member.value for member in rest[0].fields()} if rest else {}
        return joined(self.pieces(template.string, given, depth))

    def pieces(self, template: str, given: Mapping[str, Node], depth: int) -> Iterator[Value]:
        """The parts of a text in which names are replaced, some of which are given."""
        end = 0
        for match in _PART.finditer(template):
            yield template[end : match.start()]
            end = match.end()
            name, dot, attribute = match[2].strip().partition(".")
            if match[1]:
                yield f"${{{match[2]}}}"
            elif match[2].strip() in given:
                yield self.value(given[match[2].strip()], depth)
            else:
                yield self.reference(name, attribute if dot else REF)
        yield template[end:]

    def _join(self, _: str, argument: Node, depth: int) -> Value:
        parts = argument.items()
        items = self.value(parts[1], depth) if len(parts) == _TWO else None
        separator = parts[0].string if parts else None
        if separator is None or not isinstance(items, list) or any(map(_may_be_nothing, items)):
            return Unknown("join", self.value(argument, depth))
        between = [piece for item in items for piece in (separator, item)]
        return joined(between[1:])

    def _if(self, _: str, argument: Node, depth: int) -> Value:
        parts = argument.items()
        if len(parts) != _THREE or parts[0].string is None:
            return Unknown("if-else", self.value(argument, depth))
        branches = (self.value(part, depth) for part in parts[1:])
        return choice(self.condition(parts[0].string), *branches)

    def _find(self, _: str, argument: Node, depth: int) -> Value:
        asked = [as_text(self.value(part, depth)) for part in argument.items()[:_THREE]]
        return self.cell(asked, depth)

    def cell(self, asked: list[Value], depth: int) -> Value:
        """What is in a mapping, by its name, the row and the column."""
        name, keys = (asked[0], asked[1:]) if asked else (None, [])
        table = self.mapping(name) if isinstance(name, str) else None
        if table is None:
            return Unknown("map", name, *keys)
        if table not in self._tables:
            self._tables[table] = self.value(table, depth)
        return after(self._tables[table], [*map(Step, keys)])

    def _select(self, _: str, argument: Node, depth: int) -> Value:
        parts = [as_text(self.value(part, depth)) for part in argument.items()]
        number, items = parts if len(parts) == _TWO else (None, None)
        if isinstance(items, list) and isinstance(number, str) and number.isdecimal():
            at = int(number)
            if at < len(items) and not any(map(_may_be_nothing, items[: at + 1])):
                return items[at]
        return Unknown("select", *parts)

    def _split(self, _: str, argument: Node, depth: int) -> Value:
        parts = [self.value(part, depth) for part in argument.items()]
        if len(parts) == _TWO and all(isinstance(part, str) for part in parts) and parts[0]:
            return [*str(parts[1]).split(str(parts[0]))]
        return Unknown("split", *parts)

    def _json(self, _: str, argument: Node, depth: int) -> Value:
        return Encoded(self.value(argument, depth))

    def _other(self, name: str, argument: Node, depth: int) -> Value:
        return Unknown(name, self.value(argument, depth))


_FUNCTIONS: Mapping[str, Callable[[Functions, str, Node, int], Value]] = {
    "Ref": Functions._ref,  # noqa: SLF001 - its own methods
    "Fn::FindInMap": Functions._find,  # noqa: SLF001
    "Fn::GetAtt": Functions._get,  # noqa: SLF001
    "Fn::If": Functions._if,  # noqa: SLF001
    "Fn::Join": Functions._join,  # noqa: SLF001
    "Fn::Select": Functions._select,  # noqa: SLF001
    "Fn::Split": Functions._split,  # noqa: SLF001
    "Fn::Sub": Functions._sub,  # noqa: SLF001
    "Fn::ToJsonString": Functions._json,  # noqa: SLF001
}


def _may_be_nothing(item: Value) -> bool:
    """Whether an item of a list is AWS::NoValue in some case."""
    if not (isinstance(item, Unknown) and item.operator == "if"):
        return False
    return any(part is None or _may_be_nothing(part) for part in item.arguments[1:])
