"""From the values of a file to those of a policy in it, with pointers of its own.

A template has functions in them. What they come to is told where that is certain; a part of an ARN
that is decided elsewhere is written `${Name}`, which all who read ARNs take for any text; any other
value with such a part is UNKNOWN.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn_references import REF, arn_formats, named_types
from multitool_lint.aws.policy_variables import is_part
from multitool_lint.formats.recognize import MACROS
from multitool_lint.formats.samples import in_arn_of_template
from multitool_lint.limits import MAX_TEMPLATE_VALUES
from multitool_lint.syntax.placeholders import begins_with_name, has_placeholder, of_arn
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, Value, pointer_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multitool_lint.syntax.source import Span


NO_VALUE = "AWS::NoValue"

_SUB_PART = re.compile(r"\$\{(!?)([^{}]*)\}")
_RESOURCES = frozenset({"Resource", "NotResource"})


TOO_MANY = f"The policy has more than {MAX_TEMPLATE_VALUES:,} values"


class TooManyValuesError(Exception):
    """A document that has more values than any policy."""


class Facts(NamedTuple):
    """What a template is certain about.

    `parameters` have the only value that a parameter can have, `mappings` are those of the
    template, and `conditions` are true or false in the case that is looked at. `resources` are the
    types of the resources by their logical ids.
    """

    parameters: Mapping[str, str]
    mappings: Mapping[str, Node]
    conditions: Mapping[str, bool]
    resources: Mapping[str, str]


NOTHING = Facts({}, {}, {}, {})


class Document:
    """Makes the nodes of a document.

    `functions` lists the spans of values that are functions in the file, `macros` those of
    what could not be read. Without facts, the file is no template, and has placeholders instead.
    """

    def __init__(self, facts: Facts | None = None) -> None:
        self.functions: list[Span] = []
        self.macros: list[tuple[Span, str]] = []
        self._facts = facts
        self._left = MAX_TEMPLATE_VALUES

    def root(self, node: Node) -> Node:
        """The document that a value is.

        Raises:
            TooManyValuesError: it has too many values.
        """
        return self._node(node, "", "") or Node(node.span, UNKNOWN, "")

    def _node(self, node: Node, pointer: str, key: str) -> Node | None:
        """The node of a value, None where there is none in this case."""
        self._left -= 1
        if self._left < 0:
            raise TooManyValuesError
        value = node.value
        if isinstance(value, Object):
            name, argument = function(node)
            if self._facts is not None and name:
                return self._function(node, name, argument, pointer, key)
            if name and pointer:
                return Node(node.span, UNKNOWN, pointer)
            return Node(node.span, self._members(value, pointer), pointer)
        if isinstance(value, Array):
            return Node(node.span, self._items(value, pointer, key), pointer)
        if isinstance(value, str) and has_placeholder(value):
            # In a template, only functions fill in what a placeholder looks like.
            value = UNKNOWN if self._facts is not None else _partly_known(value, key)
        return Node(node.span, value, pointer)

    def _members(self, value: Object, pointer: str) -> Value:
        members = []
        for member in value:
            if member.key.startswith(MACROS) and self._facts is not None:
                self.macros.append((member.value.span, member.key))
                continue
            if has_placeholder(member.key):
                return UNKNOWN if pointer else Object()
            key = member.key
            node = self._node(member.value, f"{pointer}/{pointer_token(key)}", key)
            if node is not None:
                members.append(Member(key, member.key_span, node))
        return Object(members)

    def _items(self, value: Array, pointer: str, key: str) -> Array:
        items: list[Node] = []
        for item in value:
            node = self._node(item, f"{pointer}/{len(items)}", key)
            if node is not None:
                items.append(node)
        return Array(items)

    def _function(
        self, node: Node, name: str, argument: Node, pointer: str, key: str
    ) -> Node | None:
        facts = self._facts or NOTHING
        if name == "Ref" and argument.value == NO_VALUE:
            return None
        if name == "Fn::If":
            chosen = branch(argument, facts)
            return (
                Node(node.span, UNKNOWN, pointer)
                if chosen is None
                else self._node(chosen, pointer, key)
            )
        self.functions.append(node.span)
        if name.startswith(MACROS):
            self.macros.append((node.span, name))
            return Node(node.span, UNKNOWN, pointer)
        text = text_of(node, facts)
        return Node(node.span, UNKNOWN if text is None else _certain(text, key), pointer)


def function(node: Node) -> tuple[str | None, Node]:
    """The name and the argument of the function that an object is; else None and the node."""
    if isinstance(node.value, Object) and len(node.value) == 1:
        (member,) = node.value
        if member.key == "Ref" or member.key.startswith("Fn::"):
            return member.key, member.value
    return None, node


def branch(argument: Node, facts: Facts) -> Node | None:
    """The branch of `Fn::If` that holds in the case that is looked at; None if that is unknown."""
    parts = argument.items()
    if len(parts) != 3 or not isinstance(parts[0].value, str):  # noqa: PLR2004 - as documented
        return None
    holds = facts.conditions.get(parts[0].value)
    return None if holds is None else parts[1 if holds else 2]


def _certain(text: str, key: str) -> Value:
    """A text with the parts that are decided elsewhere, where checks can work with them."""
    unknown = "${" in text and has_placeholder(text)
    return _partly_known(text, key) if unknown else text


def _partly_known(text: str, key: str) -> Value:
    if key not in _RESOURCES:
        return UNKNOWN
    return text if begins_with_name(text) else in_arn_of_template(text) or UNKNOWN


def text_of(node: Node, facts: Facts) -> str | None:
    """The text that a value comes to, what is decided elsewhere written `${Name}`.

    None if it is no text, or one of which nothing is known.
    """
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    name, argument = function(node)
    evaluate = _TEXTS.get(name or "")
    return evaluate(argument, facts) if evaluate else None


def _reference(argument: Node, facts: Facts) -> str | None:
    return _known(argument.value, facts) if isinstance(argument.value, str) else None


def _of_branch(argument: Node, facts: Facts) -> str | None:
    chosen = branch(argument, facts)
    return None if chosen is None else text_of(chosen, facts)


def _known(name: str, facts: Facts) -> str | None:
    value = facts.parameters.get(name)
    if value is not None:
        return value
    if not is_part(name):
        return None
    resource, _, attribute = name.partition(".")
    type_ = facts.resources.get(resource, "")
    format_ = arn_formats().get((type_, attribute or REF))
    if format_ is None and not attribute and type_ in named_types():
        format_ = "${Any}"
    return of_arn(name, format_) if format_ else f"${{{name}}}"


def _attribute(argument: Node, facts: Facts) -> str | None:
    parts = argument.value
    if isinstance(parts, str):
        return _known(parts, facts)
    if isinstance(parts, Array) and all(isinstance(part.value, str) for part in parts):
        return _known(".".join(str(part.value) for part in parts), facts)
    return None


def _substituted(argument: Node, facts: Facts) -> str | None:
    given: dict[str, Node] = {}
    template = argument.value
    if isinstance(template, Array):
        if len(template) != 2 or not isinstance(template[1].value, Object):  # noqa: PLR2004 - as documented
            return None
        given = {member.key: member.value for member in template[1].value}
        template = template[0].value
    if not isinstance(template, str):
        return None
    parts: list[str] = []
    end = 0
    for match in _SUB_PART.finditer(template):
        literal, name = match[1], match[2].strip()
        parts.append(template[end : match.start()])
        end = match.end()
        if literal:
            parts.append(f"${{{match[2]}}}")
            continue
        part = text_of(given[name], facts) if name in given else _known(name, facts)
        if part is None:
            return None
        parts.append(part)
    return "".join([*parts, template[end:]])


def _joined(argument: Node, facts: Facts) -> str | None:
    parts = argument.items()
    if len(parts) != 2 or not isinstance(parts[0].value, str):  # noqa: PLR2004 - as documented
        return None
    pieces = parts[1].value
    if not isinstance(pieces, Array):
        return None
    texts = []
    for piece in pieces:
        if function(piece)[0] == "Fn::If":
            return None  # a branch may be nothing, and then its separator is none either
        text = text_of(piece, facts)
        if text is None:
            return None
        texts.append(text)
    return parts[0].value.join(texts)


def _found_in_map(argument: Node, facts: Facts) -> str | None:
    """The value of a mapping: the one that is named, or the one that all rows have."""
    parts = argument.items()
    if len(parts) != 3:  # noqa: PLR2004 - as documented
        return None
    name, row, column = (text_of(part, facts) for part in parts)
    table = facts.mappings.get(name or "")
    if table is None or row is None or column is None:
        return None
    found = {
        text_of(cell.value, facts)
        for member in table.fields()
        if member.key == row or "${" in row
        for cell in member.value.fields()
        if cell.key == column
    }
    return found.pop() if len(found) == 1 else None


def _selected(argument: Node, facts: Facts) -> str | None:
    parts = argument.items()
    if len(parts) != 2:  # noqa: PLR2004 - as documented
        return None
    index, choices = text_of(parts[0], facts), parts[1].value
    if index is None or not index.isdecimal() or not isinstance(choices, Array):
        return None
    return text_of(choices[int(index)], facts) if int(index) < len(choices) else None


_TEXTS: Mapping[str, Callable[[Node, Facts], str | None]] = {
    "Ref": _reference,
    "Fn::GetAtt": _attribute,
    "Fn::Sub": _substituted,
    "Fn::Join": _joined,
    "Fn::FindInMap": _found_in_map,
    "Fn::Select": _selected,
    "Fn::If": _of_branch,
}
"""What functions come to that make texts."""
