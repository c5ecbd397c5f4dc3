"""From the values of a file to those of a policy in it, with pointers of its own.

A template has functions in them. They are replaced by what they come to where that is certain; an
unresolved part of an ARN is written `${Name}`, which matches any text in an ARN; any other
value with such a part is UNKNOWN.
"""

from __future__ import annotations

from multitool_lint.formats.cloudformation.functions import NOTHING, Facts, text_of
from multitool_lint.formats.cloudformation.literals import literal_name, unknown_pseudo_parameter
from multitool_lint.formats.recognize import MACROS
from multitool_lint.formats.samples import in_arn_of_template
from multitool_lint.limits import MAX_TEMPLATE_VALUES
from multitool_lint.syntax.placeholders import (
    begins_with_name,
    has_placeholder,
    is_condition_key,
    selected_at_run_time,
)
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UnknownNode,
    Value,
    pointer_token,
)
from multitool_lint.values.cloudformation import NO_VALUE, function

_RESOURCES = frozenset({"Resource", "NotResource"})

TOO_MANY = f"The policy has more than {MAX_TEMPLATE_VALUES:,} values"


class TooManyValuesError(Exception):
    """A document that has more values than any policy."""


class DocumentReader:
    """Makes the nodes of a document.

    `functions` lists the spans of values that are functions in the file, `macros` those of
    what could not be read, `literals` those of texts with what only `Fn::Sub` replaces, `unknown`
    those of functions with a pseudo parameter that does not exist. Without
    facts, the file is not a template, and has placeholders instead; a `serverless` one has both.
    """

    def __init__(self, facts: Facts | None = None, *, serverless: bool = False) -> None:
        self.functions: list[Span] = []
        self.macros: list[tuple[Span, str]] = []
        self.literals: list[tuple[Span, str]] = []
        self.unknown: list[tuple[Span, str]] = []
        self._facts = facts
        self._has_placeholders = facts is None or serverless
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
        if isinstance(value, int | float) and self._facts is not None:
            # CloudFormation passes every scalar on as a text.
            # https://github.com/aws-cloudformation/cloudformation-cli/issues/435
            value = text_of(node)
        if isinstance(value, str) and has_placeholder(value):
            names = self._facts.names if self._facts else ()
            if names and (written := literal_name(value, names)):
                self.literals.append((node.span, written))
            # In a template, only functions fill in what a placeholder looks like.
            text, value = value, _partly_known(value, key) if self._has_placeholders else UNKNOWN
            if value is UNKNOWN:
                return UnknownNode(node.span, pointer, "", text)
        return Node(node.span, value, pointer)

    def _members(self, value: Object, pointer: str) -> Value:
        members = []
        for member in map(selected_at_run_time, value):
            if member.key.startswith(MACROS) and self._facts is not None:
                self.macros.append((member.value.span, member.key))
                continue
            if has_placeholder(member.key) and not is_condition_key(member.key):
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
            chosen = facts.branch(argument)
            return (
                Node(node.span, UNKNOWN, pointer)
                if chosen is None
                else self._node(chosen, pointer, key)
            )
        self.functions.append(node.span)
        if facts.names and (unknown := unknown_pseudo_parameter(node)):
            self.unknown.append((node.span, unknown))
        if name.startswith(MACROS):
            self.macros.append((node.span, name))
            return Node(node.span, UNKNOWN, pointer)
        found = facts.value(node)
        texts = facts.texts(found)
        if texts is not None:
            # All that the function comes to has the place of the function.
            self._left -= len(texts)
            if self._left < 0:
                raise TooManyValuesError
            items = [
                Node(node.span, _certain(text, key), f"{pointer}/{number}")
                for number, text in enumerate(texts)
            ]
            return Node(node.span, Array(items), pointer)
        text = facts.text(found)
        value = UNKNOWN if text is None else _certain(text, key)
        if text and value is UNKNOWN:
            return UnknownNode(node.span, pointer, "", text)
        return Node(node.span, value, pointer)


def _certain(text: str, key: str) -> Value:
    """A text with its unresolved parts, where checks can work with them."""
    unknown = "${" in text and has_placeholder(text)
    return _partly_known(text, key) if unknown else text


def _partly_known(text: str, key: str) -> Value:
    if key not in _RESOURCES:
        return UNKNOWN
    return text if begins_with_name(text) else in_arn_of_template(text) or UNKNOWN
