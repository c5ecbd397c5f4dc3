"""What the values of a template come to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import REF
from multitool_lint.deployments.cloudformation.logic import all_of, equal, negated
from multitool_lint.formats.cloudformation.functions import NO_VALUE, function
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.cloudformation.sam import published_aliases
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Encoded, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text, joined
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object
from multitool_lint.values.steps import Step, after
from multitool_lint.values.variables import REQUIRED

if TYPE_CHECKING:
    from multitool_lint.values.reading import Reading

_PART = re.compile(r"\$\{(!?)([^{}]*)\}")
_LISTS = ("CommaDelimitedList", "List<")
_LOOKED_UP = "AWS::SSM::Parameter::Value"
_OUTPUTS = "Outputs."
_ALIAS = "Alias"
_TWO, _THREE = 2, 3

Output = Callable[[str, str], Value]
"""What an output of a nested stack comes to, by the logical id and the name."""


class Values:
    """The values of a template, with what its parameters are `given` if it is a nested one.

    The addresses of its resources begin with the `prefix`.
    """

    def __init__(  # the fields
        self,
        root: Node,
        source: str,
        reading: Reading,
        output: Output,
        given: Mapping[str, Value] | None = None,
        prefix: str = "",
    ) -> None:
        self._source = source
        self._reading = reading
        self._output = output
        self._given = given
        self._prefix = prefix
        self.parameters = by_key(root.get("Parameters"))
        self._mappings = by_key(root.get("Mappings"))
        self._conditions = by_key(root.get("Conditions"))
        resources = by_key(root.get("Resources")).items()
        self.types = {name: text(resource.get("Type")) or "" for name, resource in resources}
        self._aliases = published_aliases(root)
        self._memo: dict[tuple[str, str], Value] = {}

    def value(self, node: Node, depth: int = 0) -> Value:
        """What a value comes to; None for AWS::NoValue.

        Raises:
            TooMuchError: it takes more work than any real one.
        """
        self._reading.spend()
        if depth > MAX_TREE_DEPTH:
            return Unknown("nested", self._written(node))
        found = node.value
        name, argument = function(node)
        if name:
            evaluate = _FUNCTIONS.get(name, Values._other)
            return evaluate(self, name, argument, depth + 1)
        if isinstance(found, Array):
            items = [self.part(item, item.span, node, depth + 1) for item in found]
            return [item for item in items if item is not None]
        if isinstance(found, Object):
            return self._members(node, depth + 1)
        return Unknown("text", self._written(node)) if found is UNKNOWN else found

    def member(self, node: Node | None, name: str, whole: Node) -> Value:
        """What a key of an object in another value comes to; None if it is not there."""
        found: Value = None
        for member in node.fields() if node else ():
            if member.key == name:
                value = self.part(member.value, member.key_span, whole, 0)
                is_other = found is not None and identity(found) != identity(value)
                found = self.repeated(found, value) if is_other else value
        return found

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

    def _written(self, node: Node) -> str:
        return self._source[node.span.start : node.span.end]

    def condition(self, name: str) -> Value:
        """Whether a condition holds, or the term that decides it: that of its definition."""
        return self._once(("condition", name), lambda: self._defined(name))

    def _once(self, key: tuple[str, str], make: Callable[[], Value]) -> Value:
        if key not in self._memo:
            self._memo[key] = Unknown("cycle")
            self._memo[key] = make()
        return self._memo[key]

    def _defined(self, name: str) -> Value:
        node = self._conditions.get(name)
        return Unknown("undefined", name, shown=name) if node is None else self._holds(node)

    def _holds(self, node: Node) -> Value:
        members = node.fields()
        if len(members) != 1:
            return Unknown("condition", self.value(node))
        key, argument = members[0].key, members[0].value
        if key == "Condition" and argument.string:
            return self.condition(argument.string)
        if key == "Fn::Equals":
            return equal(*map(self.value, argument.items()))
        parts = [self._holds(item) for item in argument.items()]
        if key == "Fn::Not" and len(parts) == 1:
            return negated(parts[0])
        if key in ("Fn::And", "Fn::Or"):
            return all_of(parts) if key == "Fn::And" else negated(all_of([*map(negated, parts)]))
        return Unknown(key, self.value(argument))

    def parameter(self, name: str) -> Value:
        """The value of a parameter: what it is given, or its default, which may be another one."""
        type_ = text(self.parameters[name].get("Type")) if name in self.parameters else ""
        if self._given is not None and name in self._given:
            return _listed(self._given[name], type_ or "")
        callers = self._reading.callers
        is_required = self._given is None and name in callers.required
        value = REQUIRED if is_required else self.default(name)
        if (type_ or "").startswith(_LOOKED_UP):
            value = Unknown("ssm", value, shown=name)
        if self._given is not None:
            return value
        return Unknown("var", callers.known_as(name), value, shown=name)

    def default(self, name: str) -> Value:
        """The default of a parameter."""
        node = self.parameters[name]
        default, type_ = node.get("Default"), text(node.get("Type")) or ""
        if default is None:
            return REQUIRED
        return _listed(as_text(self.value(default)), type_)

    def reference(self, name: str, attribute: str = REF) -> Value:
        """What a reference comes to: a parameter, a resource, or what AWS gives."""
        if attribute == REF and (name in self.parameters or name in (self._given or ())):
            return self.parameter(name)
        if name in self.types:
            if attribute.startswith(_OUTPUTS):
                return self._output(name, attribute.removeprefix(_OUTPUTS))
            shown = name if attribute == REF else f"{name}.{attribute}"
            address = f"{self._prefix}{name}"
            resource = Unknown("resource", address, self.types[name], shown=name)
            if attribute == _ALIAS and name in self._aliases:
                return joined([self.reference(name, "Arn"), ":", self.value(self._aliases[name])])
            return Unknown("get", resource, attribute, shown=shown)
        kind = "own" if name.startswith("AWS::") else "undefined"
        return Unknown(kind, name, attribute, shown=name)

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
            return Unknown("get", self.value(argument, depth))
        name, _, attribute = ".".join(filter(None, words)).partition(".")
        return self.reference(name, attribute)

    def _sub(self, _: str, argument: Node, depth: int) -> Value:
        template, *rest = argument.items() or (argument,)
        if template.string is None:
            return Unknown("sub", self.value(argument, depth))
        given = by_key(rest[0]) if rest else {}
        return joined(self._pieces(template.string, given, depth))

    def _pieces(self, template: str, given: Mapping[str, Node], depth: int) -> Iterator[Value]:
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
        asked = [self.value(part, depth) for part in argument.items()[:_THREE]]
        name, keys = (asked[0], asked[1:]) if asked else (None, [])
        table = self._mappings.get(name) if isinstance(name, str) else None
        if table is None:
            return Unknown("map", name, *keys)
        return after(self.value(table, depth), [*map(Step, map(as_text, keys))])

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


_FUNCTIONS: Mapping[str, Callable[[Values, str, Node, int], Value]] = {
    "Ref": Values._ref,  # noqa: SLF001 - its own methods
    "Fn::FindInMap": Values._find,  # noqa: SLF001
    "Fn::GetAtt": Values._get,  # noqa: SLF001
    "Fn::If": Values._if,  # noqa: SLF001
    "Fn::Join": Values._join,  # noqa: SLF001
    "Fn::Select": Values._select,  # noqa: SLF001
    "Fn::Split": Values._split,  # noqa: SLF001
    "Fn::Sub": Values._sub,  # noqa: SLF001
    "Fn::ToJsonString": Values._json,  # noqa: SLF001
}


def _listed(value: Value, type_: str) -> Value:
    """A value of a parameter, which is a list of the parts of a text where its type is one."""
    is_list = type_.startswith(_LISTS) and isinstance(value, str)
    return [part.strip() for part in str(value).split(",")] if is_list else value


def _may_be_nothing(item: Value) -> bool:
    """Whether an item of a list is AWS::NoValue in some case."""
    if not (isinstance(item, Unknown) and item.operator == "if"):
        return False
    return any(part is None or _may_be_nothing(part) for part in item.arguments[1:])
