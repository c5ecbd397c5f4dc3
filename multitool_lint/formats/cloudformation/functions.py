"""What the values of a template come to as texts, as far as that is certain.

An unresolved part of a text is written `${Name}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from multitool_lint.aws.arn_references import REF, arn_formats, named_types
from multitool_lint.aws.policy_variables import is_part
from multitool_lint.syntax.placeholders import of_arn, of_expression
from multitool_lint.syntax.terms import Text, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text
from multitool_lint.syntax.tree import Node
from multitool_lint.values.cloudformation import Functions

_NAMED = "name"
"""The term of a reference: all that is known is its name."""
_CELL = "cell"
"""The term of one of the values that a mapping has in an unknown row."""
_IMPORTED = "Fn::ImportValue"


class Facts(Functions):
    """What a template is certain about.

    `parameters` have the only value that a parameter can have, `mappings` are those of the
    template, and `conditions` are true or false in the case that is read. `resources` are the
    types of the resources by their logical ids. `names` are those of the
    resources and parameters.
    """

    def __init__(
        self,
        parameters: Mapping[str, str] | None = None,
        mappings: Mapping[str, Node] | None = None,
        conditions: Mapping[str, bool] | None = None,
        resources: Mapping[str, str] | None = None,
        names: frozenset[str] = frozenset(),
    ) -> None:
        self.resources = resources or {}
        self.names = names
        self._parameters = parameters or {}
        self._mappings = mappings or {}
        self._conditions = conditions or {}

    def spend(self) -> None:
        """Count nothing: who reads a document counts its values."""

    def written(self, _: Node) -> str:
        """What identifies a value that is not understood: it has no text."""
        return ""

    def mapping(self, name: str) -> Node | None:
        """The mapping of a name."""
        return self._mappings.get(name)

    def condition(self, name: str) -> Value:
        """Whether a condition holds in the case that is read."""
        return self._conditions.get(name, Unknown("condition", name))

    def reference(self, name: str, attribute: str = REF) -> Value:
        """What a reference comes to: the only value of a parameter, or a term with its name."""
        whole = name if attribute == REF else f"{name}.{attribute}"
        return self._parameters.get(whole, Unknown(_NAMED, whole))

    def cell(self, asked: list[Value], depth: int) -> Value:
        """What is in a mapping: of an unknown row, what all rows have."""
        name, row, column = (*asked, None, None, None)[:3]
        table = self.mapping(name) if isinstance(name, str) else None
        found = {
            identity(value): value
            for member in (table.fields() if table else ())
            if member.key == row or not isinstance(row, str)
            for cell in member.value.fields()
            if cell.key == column
            for value in [self.value(cell.value, depth)]
        }
        only = [*found.values()]
        return only[0] if len(only) == 1 else Unknown(_CELL, asked, only)

    def branch(self, argument: Node) -> Node | None:
        """The branch of `Fn::If` that holds in the case that is read; None if that is unknown."""
        parts = argument.items()
        if len(parts) != 3 or not isinstance(parts[0].value, str):  # noqa: PLR2004 - as documented
            return None
        holds = self._conditions.get(parts[0].value)
        return None if holds is None else parts[1 if holds else 2]

    def text(self, value: Value) -> str | None:
        """The text that a value is; None if it is not one, or nothing is known of a part of it."""
        if isinstance(value, Text):
            parts = [self.text(part) for part in value.parts]
            return None if None in parts else "".join(map(str, parts))
        if isinstance(value, Unknown):
            return self._of_unknown(value)
        text = as_text(value)
        return text if isinstance(text, str) else None

    def texts(self, value: Value) -> list[str] | None:
        """The texts of a list; None if not all of them are known."""
        found = [*map(self.text, value)] if isinstance(value, list) else [None]
        return None if None in found else [text for text in found if text is not None]

    def _of_unknown(self, value: Unknown) -> str | None:
        if value.operator == _NAMED:
            return self._named(str(value.arguments[0]))
        if value.operator == _IMPORTED:  # the same for the same name only
            name = self.text(value.arguments[0])
            return None if name is None else of_expression(f"{_IMPORTED} {name}")
        if value.operator == _CELL:
            asked, found = map(self.texts, value.arguments)
            return of_expression(f"Fn::FindInMap {', '.join(asked)}") if asked and found else None
        return None

    def _named(self, name: str) -> str | None:
        if not is_part(name):
            return None
        resource, _, attribute = name.partition(".")
        type_ = self.resources.get(resource, "")
        format_ = arn_formats().get((type_, attribute or REF))
        if format_ is None and not attribute and type_ in named_types():
            format_ = "${Any}"
        return of_arn(name, format_) if format_ else f"${{{name}}}"


NOTHING: Final = Facts()
"""What is known without a template."""


def types_in(sections: Iterable[Node | None]) -> dict[str, str]:
    """The types of the resources of templates of which only the resources are known."""
    return {
        member.key: type_.string or ""
        for resources in sections
        for member in (resources.fields() if resources else ())
        if (type_ := member.value.get("Type"))
    }


def text_of(node: Node, facts: Facts = NOTHING) -> str | None:
    """The text that a value comes to, unresolved parts written `${Name}`.

    None if it is not a text, or one of which nothing is known.
    """
    return facts.text(facts.value(node))
