"""What a value comes to as a policy: its statements, and when each is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from multitool_lint.deployments.terraform.collections import items_in
from multitool_lint.deployments.terraform.definitions import once
from multitool_lint.deployments.terraform.json_texts import parse_json
from multitool_lint.limits import MAX_TEXT_CHOICES
from multitool_lint.policy.variables import BEFORE_VARIABLES
from multitool_lint.syntax.terms import (
    Document,
    Encoded,
    Guards,
    Origin,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    cases,
    identity,
    joined,
)

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.module import Instance
    from multitool_lint.deployments.terraform.shared import Evaluates
    from multitool_lint.syntax.hcl.expressions import Block, Body

TYPE = "aws_iam_policy_document"
"""The data source that makes documents."""

SOURCES = ("source_json", "source_policy_documents")
OVERRIDES = ("override_json", "override_policy_documents")
_ELEMENTS = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_DEFAULT_VERSION = "2012-10-17"
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_PASSING = frozenset({"coalesce", "one", "try"})
"""Functions that return one of their arguments, most often the first one."""


def document(instance: Instance) -> Value:
    """The document of a data source, merged as the provider does.

    A statement replaces the one of the same Sid in the source documents, and the override documents
    replace both:
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    """
    instance.module.shared.used_documents.add(instance.address)
    key = ("document", instance.address)
    return once(instance.module, key, lambda: _document(instance))


def _document(instance: Instance) -> Value:
    evaluator = instance.evaluator
    body = instance.block.body
    merged = list(_named(evaluator, body, SOURCES))
    own = [
        _statement(inner, block.body, guards)._replace(
            origin=Origin(instance.path, block.start, block.end)
        )
        for inner, block, guards in blocks_in(evaluator, body)
        if block.type == "statement"
    ]
    for layer in (own, _named(evaluator, body, OVERRIDES)):
        for statement in layer:
            _add(merged, statement)
    given = body.attributes.get("version")
    version = evaluator.evaluate(given) if given else _DEFAULT_VERSION
    return Document(tuple(_of_version(merged, version)))


def _named(evaluator: Evaluates, body: Body, names: tuple[str, ...]) -> Iterator[StatementValue]:
    """The statements of the documents that some arguments list."""
    for name in names:
        if name not in body.attributes:
            continue
        for guards, value in cases(evaluator.evaluate(body.attributes[name])):
            for item in value if isinstance(value, list) else [value]:
                for statement in statements_of(item.item if isinstance(item, Rest) else item):
                    yield statement.under(guards)


def _add(merged: list[StatementValue], statement: StatementValue) -> None:
    """Add a statement, which replaces the one of its Sid where it is there."""
    sid = statement.elements.get("Sid")
    if isinstance(sid, str) and sid:
        for number, other in enumerate(merged):
            if other.elements.get("Sid") != sid:
                continue
            if not statement.guards:
                merged[number] = statement
                return
            if len(statement.guards) == 1:  # otherwise the other one may still be there
                merged[number] = other.under((statement.guards[0].opposite,))
            break
    merged.append(statement)


def blocks_in(
    evaluator: Evaluates, body: Body, guards: Guards = ()
) -> Iterator[tuple[Evaluates, Block, Guards]]:
    """The blocks of a body, those that are made for each item of a collection among them."""
    for block in body.blocks:
        if block.type != "dynamic":
            yield evaluator, block, guards
            continue
        name = block.labels[0] if block.labels else ""
        attributes = block.body.attributes
        iterator = attributes.get("iterator")
        word = str(iterator.parts[0]) if iterator and iterator.kind == "name" else name
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        if content is None or "for_each" not in attributes:
            continue
        for some, over in cases(evaluator.evaluate(attributes["for_each"])):
            for key, item, more in items_in(over):
                inner = evaluator.within({word: {"key": key, "value": item}})
                yield inner, content._replace(type=name), (*guards, *some, *more)


def _statement(evaluator: Evaluates, body: Body, guards: Guards) -> StatementValue:
    elements: dict[str, Value] = {"Effect": "Allow"}
    for name, element in _ELEMENTS.items():
        if name in body.attributes:
            value = evaluator.evaluate(body.attributes[name])
            if value is not None and value not in ("", []):
                elements[element] = value
    conditions: dict[object, dict[object, list[Value]]] = {}
    principals: dict[str, dict[object, list[Value]]] = {}
    for inner, block, some in blocks_in(evaluator, body):
        given = {
            name: inner.evaluate(expression) for name, expression in block.body.attributes.items()
        }
        if block.type == "condition":
            operator = _or_maybe(given.get("test"), some)
            values = conditions.setdefault(_key(operator), {})
            values.setdefault(_key(given.get("variable")), []).extend(_items(given.get("values")))
        elif block.type in _PRINCIPALS:
            found = principals.setdefault(_PRINCIPALS[block.type], {})
            names = _items(given.get("identifiers"))
            names = [Rest(_or_maybe(name, some)) for name in names] if some else names
            found.setdefault(_key(given.get("type")), []).extend(names)
    for element, by_type in principals.items():
        elements[element] = "*" if by_type == {"*": ["*"]} else by_type
    if conditions:
        elements["Condition"] = conditions
    return StatementValue(elements, guards)


def _or_maybe(value: Value, guards: Guards) -> Value:
    if not guards:
        return value
    terms = [guard.condition if guard.holds else Unknown("!", guard.condition) for guard in guards]
    return Unknown("maybe", value, *terms)


def _key(value: Value) -> str | Unknown:
    return value if isinstance(value, (str, Unknown)) else Unknown("key", value)


def _items(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return [Rest(value)] if isinstance(value, Unknown) else [value]


def statements_of(value: Value) -> list[StatementValue]:
    """The statements of a policy; a document that is unknown is one statement that is."""
    if value is None or value == "":
        return []
    if isinstance(value, list) and len(value) == 1:
        only = value[0]
        return statements_of(only.item if isinstance(only, Rest) else only)
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
    return [*_of_version(found, value.get("Version"))]


def _of_version(statements: list[StatementValue], version: Value) -> Iterator[StatementValue]:
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
        inner = item.item
        if isinstance(inner, Unknown) and inner.operator == "item-if":
            found = list(_of_item(inner.arguments[0]))
            for _, _, guards in items_in([item]):
                yield from (statement.under(guards) for statement in found)
            return
        if isinstance(inner, dict):
            for _, _, guards in items_in([item]):
                yield StatementValue(_without_nothing(inner), guards)
            return
        yield StatementValue(
            {}, (), inner if isinstance(inner, Unknown) else Unknown("some", inner)
        )
        return
    for guards, statement in cases(item):
        if isinstance(statement, dict):
            yield StatementValue(_without_nothing(statement), guards)
        elif isinstance(statement, Unknown):
            yield StatementValue({}, guards, statement)
        elif statement is not None:
            yield StatementValue({}, guards, Unknown("statement", statement))


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
