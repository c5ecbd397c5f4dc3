"""The statements of a deployment as a policy, with the places of its values in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from multitool_lint.deployments.cases import can_hold, split
from multitool_lint.syntax.placeholders import of_expression
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.terms import Rest, StatementValue, Text, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UniqueArray,
    UnknownNode,
    pointer_token,
)
from multitool_lint.syntax.tree import Value as NodeValue
from multitool_lint.syntax.written import Literal, Origin

_VERSION = "2012-10-17"
_ORDER = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource")
_IS_LIST = frozenset({"Action", "NotAction", "Resource", "NotResource"})

Reference = Callable[[str], str]
"""What a reference that is written in a text comes to there, as a placeholder."""

SpanOf = Callable[[Origin], "Span | None"]
"""Where an origin is in the text that the nodes are about; None if it is not in it."""


class Writer:
    """Writes values as nodes; those that are not in the file are at `otherwise`."""

    def __init__(
        self, span_of: SpanOf, otherwise: Span, reference: Reference = of_expression
    ) -> None:
        self._span_of = span_of
        self._otherwise = otherwise
        self._reference = reference

    def policy(self, statements: Iterable[StatementValue]) -> Node:
        """The root of the policy that some statements make."""
        place = self._otherwise
        items = [
            self._members(f"/Statement/{number}", _in_order(statement.elements))
            for number, statement in enumerate(statements)
        ]
        listed = Node(place, Array(items), "/Statement")
        version = Member("Version", place, Node(place, _VERSION, "/Version"))
        return Node(place, Object([version, Member("Statement", place, listed)]), "")

    def _members(self, pointer: str, members: Mapping[object, Value]) -> Node:
        found = []
        for key, value in members.items():
            name = key if isinstance(key, str) else self.text(key)
            inner = f"{pointer}/{pointer_token(name)}"
            is_list = name in _IS_LIST
            node = self._node(inner, value, is_list=is_list)
            found.append(Member(name, self._span(key), node))
        spans = [member.value.span for member in found if member.value.span != self._otherwise]
        place = spans[0] if spans else self._otherwise
        return Node(place, Object(found), pointer)

    def _node(self, pointer: str, value: Value, *, is_list: bool = False) -> Node:
        if isinstance(value, Mapping):
            return self._members(pointer, value)
        if isinstance(value, list) or (is_list and isinstance(value, Unknown)):
            is_one = isinstance(value, Unknown) and self.text(value).startswith("arn:")
            items = value if isinstance(value, list) else [value if is_one else Rest(value)]
            nodes = [self._node(f"{pointer}/{at}", item) for at, item in enumerate(_flat(items))]
            place = next((n.span for n in nodes if n.span != self._otherwise), self._otherwise)
            return Node(place, UniqueArray(nodes), pointer)
        span = self._span(value)
        if isinstance(value, Rest):
            return UnknownNode(span, pointer, identity(value.item))
        if isinstance(value, Unknown):
            text = self.text(value)
            return (
                Node(span, text, pointer)
                if text.startswith("arn:")
                else UnknownNode(span, pointer, value.identity)
            )
        if isinstance(value, (str, Text)):
            return Node(span, self.text(value).replace("&{", "${"), pointer)
        known: NodeValue = (
            value if value is None or isinstance(value, (bool, int, float)) else UNKNOWN
        )
        return Node(span, known, pointer)

    def text(self, value: Value) -> str:
        """A value as a text, what is not known in it as placeholders."""
        if isinstance(value, Text):
            return "".join(map(self.text, value.parts))
        if isinstance(value, Unknown):
            return self._reference(value.shown or value.identity)
        text = as_text(value)
        return text if isinstance(text, str) else of_expression(identity(value))

    def _span(self, value: object) -> Span:
        origin: Origin | None = None
        if isinstance(value, (Literal, Text, Unknown)):
            origin = getattr(value, "origin", None)
        if isinstance(value, Rest):
            return self._span(value.item)
        return (origin and self._span_of(origin)) or self._otherwise


def _in_order(elements: Mapping[str, Value]) -> dict[object, Value]:
    names = sorted(elements, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    return {name: elements[name] for name in names}


def _flat(items: list[Value]) -> list[Value]:
    return [part for item in items for part in (_flat(item) if isinstance(item, list) else [item])]


def in_cases(statements: tuple[StatementValue, ...]) -> list[tuple[StatementValue, ...]]:
    """The statements that are there together, in the cases of what decides parts of them.

    They are those where all conditions hold, and those where none does.
    """
    if not statements:
        return [statements]
    found: list[tuple[StatementValue, ...]] = []
    for holds in (True, False):
        some = tuple(
            statement
            for statement in statements
            if all(guard.holds is holds for guard in statement.guards)
        )
        for guards, elements in split([dict(statement.elements) for statement in some]):
            parts = elements if isinstance(elements, list) else []
            made = tuple(
                statement._replace(elements=part)
                for statement, part in zip(some, parts, strict=True)
                if can_hold((*statement.guards, *guards))
            )
            if made and made not in found:
                found.append(made)
        if not any(statement.guards for statement in statements):
            break
    return found
