"""What a value comes to as a policy: its statements, and when each is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from multitool_lint.aws.policy_variables import SINCE
from multitool_lint.limits import MAX_TEXT_CHOICES
from multitool_lint.policy.variables import BEFORE_VARIABLES
from multitool_lint.syntax.choices import cases
from multitool_lint.syntax.terms import (
    Document,
    Encoded,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    identity,
)
from multitool_lint.syntax.texts import joined
from multitool_lint.values.collections import items_in
from multitool_lint.values.json_texts import parse_json
from multitool_lint.values.steps import conditional

_PASSING = frozenset({"coalesce", "one", "try"})
"""Functions that return one of their arguments, most often the first one."""


def statements_of(value: Value) -> list[StatementValue]:
    """The statements of a policy; a document that is unknown is one statement that is."""
    if value is None or value == "":
        return []
    if isinstance(value, list) and len(value) == 1:
        only = value[0]
        inner, once = (only.item, only.once) if isinstance(only, Rest) else (only, ())
        return [statement.under(once) for statement in statements_of(inner)]
    for kind, read in _READERS:
        if isinstance(value, kind):
            found: list[StatementValue] = read(value)
            return found
    return _of_value(value)


def _of_unknown(value: Unknown) -> list[StatementValue]:
    if value.operator == "if":
        found = cases(value)
        return [
            statement.under(guards)
            for guards, branch in found
            for statement in statements_of(branch)
        ]
    if value.operator in _PASSING and value.arguments:
        first = value.arguments[0]
        if isinstance(first, (Document, Encoded)):
            return statements_of(first)
    return [StatementValue({}, (), value)]


def _of_text(value: Text) -> list[StatementValue]:
    """The statements of a text; where a part is a choice and the text is not JSON, of each text."""
    choices = [
        number
        for number, part in enumerate(value.parts)
        if isinstance(part, Unknown) and part.operator == "if"
    ]
    parsed = parse_json(value)
    if isinstance(parsed, Unknown) and 0 < len(choices) <= MAX_TEXT_CHOICES:
        at = choices[0]
        before, part, rest = value.parts[:at], value.parts[at], value.parts[at + 1 :]
        return [
            statement.under(guards)
            for guards, branch in cases(part)
            for statement in statements_of(joined([*before, branch, *rest]))
        ]
    return _of_value(parsed)


def _of_value(value: Value) -> list[StatementValue]:
    """The statements of a value that has the form of a policy."""
    if isinstance(value, Unknown):
        return (
            statements_of(value)
            if value.operator != "not-json"
            else [StatementValue({}, (), value)]
        )
    if not isinstance(value, dict) or "Statement" not in value:
        return [StatementValue({}, (), Unknown("not-policy", value))]
    found = []
    for guards, listed in cases(value["Statement"]):
        for item in listed if isinstance(listed, list) else [listed]:
            found += [statement.under(guards) for statement in _of_item(item)]
    return [*of_version(found, value.get("Version"))]


def value_of(document: Document) -> Value:
    """The object that the text of a document says, of which a statement may be there or not."""
    is_former = any(not statement.has_variables for statement in document.statements)
    items = [statement.unknown or dict(statement.elements) for statement in document.statements]
    return {
        "Version": BEFORE_VARIABLES if is_former else SINCE,
        "Statement": [
            Rest(item, statement.guards) if statement.guards else item
            for item, statement in zip(items, document.statements, strict=True)
        ],
    }


def of_version(statements: list[StatementValue], version: Value) -> Iterator[StatementValue]:
    """The statements of a document of a version, of which the former one has no variables."""
    is_former = version is None or version == BEFORE_VARIABLES
    for statement in statements:
        is_text = is_former and _has_dollar(dict(statement.elements))
        yield statement._replace(has_variables=not is_text)


def _has_dollar(value: Value) -> bool:
    """Whether a text in a value has what begins a policy variable."""
    if isinstance(value, str):
        return "${" in value or "&{" in value
    if isinstance(value, Text):
        return any(map(_has_dollar, value.parts))
    if isinstance(value, dict):
        return any(_has_dollar(part) for member in value.items() for part in member)
    return isinstance(value, list) and any(map(_has_dollar, value))


def _of_item(item: Value) -> Iterator[StatementValue]:
    if isinstance(item, Rest):
        yield from _of_rest(item)
        return
    for guards, statement in cases(item):
        if isinstance(statement, dict):
            yield StatementValue(_without_nothing(statement), guards)
        elif isinstance(statement, Unknown):
            yield StatementValue({}, guards, statement)
        elif statement is not None:
            yield StatementValue({}, guards, Unknown("statement", statement))


def _of_rest(rest: Rest) -> Iterator[StatementValue]:
    """The statements of an item of a list that may be there, or any number of times."""
    inner = rest.item
    is_conditional = isinstance(inner, Unknown) and inner.operator == "item-if"
    if rest.once or is_conditional:
        value = inner if rest.once else conditional(inner)[0]
        found = list(_of_item(value))
        for _, _, guards in items_in([rest]):
            yield from (statement.under(guards) for statement in found)
    elif isinstance(inner, dict):
        for _, _, guards in items_in([rest]):
            yield StatementValue(_without_nothing(inner), guards)
    else:
        yield StatementValue(
            {}, (), inner if isinstance(inner, Unknown) else Unknown("some", inner)
        )


def _without_nothing(elements: Mapping[object, Value]) -> dict[str, Value]:
    """The elements of a statement; one with an unknown name is one of a name of its own."""
    return {
        key if isinstance(key, str) else f"\ue000{identity(key)}\ue001": value
        for key, value in elements.items()
        if value is not None
    }


_READERS: tuple[tuple[type, Callable[[Any], list[StatementValue]]], ...] = (
    (Document, lambda document: list(document.statements)),
    (Unknown, _of_unknown),
    (Encoded, lambda encoded: _of_value(encoded.value)),
    (Text, _of_text),
    (str, lambda text: _of_value(parse_json(text))),
)
