"""What the values of a template come to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import REF
from multitool_lint.deployments.cloudformation.logic import all_of, equal, negated
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.cloudformation.sam import published_aliases
from multitool_lint.syntax.terms import Unknown, Value, identity
from multitool_lint.syntax.texts import as_text, joined
from multitool_lint.values.cloudformation import Functions
from multitool_lint.values.variables import REQUIRED

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node
    from multitool_lint.values.reading import Reading

_LISTS = ("CommaDelimitedList", "List<")
_LOOKED_UP = "AWS::SSM::Parameter::Value"
_OUTPUTS = "Outputs."
_ALIAS = "Alias"
_TWO = 2

Output = Callable[[str, str], Value]
"""What an output of a nested stack comes to, by the logical id and the name."""


class Values(Functions):
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

    def spend(self) -> None:
        """Count a value.

        Raises:
            TooMuchError: it takes more work than any real one.
        """
        self._reading.spend()

    def written(self, node: Node) -> str:
        """What identifies a value that is not understood: how it is written."""
        return self._source[node.span.start : node.span.end]

    def member(self, node: Node | None, name: str, whole: Node) -> Value:
        """What a key of an object in another value comes to; None if it is not there."""
        found: Value = None
        for member in node.fields() if node else ():
            if member.key == name:
                value = self.part(member.value, member.key_span, whole, 0)
                is_other = found is not None and identity(found) != identity(value)
                found = self.repeated(found, value) if is_other else value
        return found

    def mapping(self, name: str) -> Node | None:
        """The mapping of a name."""
        return self._mappings.get(name)

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


def _listed(value: Value, type_: str) -> Value:
    """A value of a parameter, which is a list of the parts of a text where its type is one."""
    is_list = type_.startswith(_LISTS) and isinstance(value, str)
    return [part.strip() for part in str(value).split(",")] if is_list else value
