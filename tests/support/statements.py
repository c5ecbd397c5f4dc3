"""What the statements of a policy say, as far as the encoding for a solver has it.

The package under test is not imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Document = Mapping[str, Any]
Test = tuple[str, str]
"""An operator in lower case, without qualifier, "Not" and "IfExists", and one of its values."""

_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_ESCAPES = ("${*}", "${?}", "${$}")
_VERSION = "2012-10-17"
_ANY = "foranyvalue"


class NotEncodedError(Exception):
    """A policy has what the encoding does not have; the message says what."""


class Condition(NamedTuple):
    """One operator on one key of a condition, in lower case, with its values."""

    key: str
    operator: str
    qualifier: str
    negated: bool
    if_exists: bool
    values: tuple[str, ...]

    @property
    def tests(self) -> tuple[Test, ...]:
        """What is asked of a value; nothing by an operator that asks whether there is one."""
        return (
            () if self.operator == "null" else tuple((self.operator, text) for text in self.values)
        )


class Statement(NamedTuple):
    """A statement; its actions are in lower case."""

    effect: str
    actions: tuple[str, ...]
    all_but_actions: bool
    resources: tuple[str, ...]
    all_but_resources: bool
    conditions: tuple[Condition, ...]


def statements_of(policy: Document) -> list[Statement]:
    """The statements of an identity policy.

    Raises:
        NotEncodedError: the encoding does not have something of it.
    """
    text = str(policy)
    for escape in _ESCAPES if policy.get("Version") == _VERSION else ():
        text = text.replace(escape, "")
    if "${" in text:
        raise NotEncodedError("a policy variable")
    return [_statement(statement) for statement in listed(policy["Statement"])]


def _statement(statement: Document) -> Statement:
    if unknown := sorted(statement.keys() - _ELEMENTS):
        raise NotEncodedError(unknown[0])
    actions, all_but_actions = _element(statement, "Action")
    resources, all_but_resources = _element(statement, "Resource")
    return Statement(
        statement["Effect"],
        tuple(action.lower() for action in actions),
        all_but_actions,
        resources,
        all_but_resources,
        tuple(_conditions(statement.get("Condition", {}))),
    )


def _element(statement: Document, name: str) -> tuple[tuple[str, ...], bool]:
    negated = f"Not{name}" in statement
    if name not in statement and not negated:
        raise NotEncodedError(f"a statement without {name}")
    return tuple(listed(statement[f"Not{name}" if negated else name])), negated


def conditions_by_key(statements: Iterable[Statement]) -> dict[str, list[Condition]]:
    """The conditions by their keys."""
    found: dict[str, list[Condition]] = {}
    for statement in statements:
        for condition in statement.conditions:
            found.setdefault(condition.key, []).append(condition)
    return found


def _conditions(condition: Document) -> Iterator[Condition]:
    for operator, keys in condition.items():
        qualifier, _, name = operator.lower().rpartition(":")
        base = name.removesuffix("ifexists")
        plain, if_exists = base.replace("not", ""), base != name
        if (plain == "null" and operator.lower() != plain) or (if_exists and qualifier == _ANY):
            raise NotEncodedError(operator)  # not documented, or always true or false
        for key, values in keys.items():
            texts = tuple(map(_text, listed(values)))
            if plain == "null" and not {"true", "false"}.issuperset(texts):
                raise NotEncodedError("Null with such a value")
            yield Condition(key.lower(), plain, qualifier, plain != base, if_exists, texts)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON as it comes
    """The values of an element, of which a single one may be without a list."""
    return value if isinstance(value, list) else [value]
