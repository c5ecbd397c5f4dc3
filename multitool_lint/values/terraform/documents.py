"""The policies that data sources of Terraform make of their blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws.patterns import intersects
from multitool_lint.syntax.choices import cases, equality, guards_of, under_guards
from multitool_lint.syntax.terms import (
    Document,
    Guards,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    identity,
)
from multitool_lint.syntax.written import Origin
from multitool_lint.values.collections import items_in, of_choice, term_of
from multitool_lint.values.statements import of_version, statements_of
from multitool_lint.values.terraform.definitions import once
from multitool_lint.values.terraform.operations import operation

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Block, Body
    from multitool_lint.values.terraform.module import Instance
    from multitool_lint.values.terraform.shared import Evaluates

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


_WORK = 10
"""The terms that a block counts as, and a statement that is merged from another document."""


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
    _add(merged, own, len(merged))  # two blocks of the same Sid are refused
    _add(merged, _named(evaluator, body, OVERRIDES))
    given = body.attributes.get("version")
    version = evaluator.evaluate(given) if given else _DEFAULT_VERSION
    return Document(tuple(of_version(merged, version)))


def _named(evaluator: Evaluates, body: Body, names: tuple[str, ...]) -> Iterator[StatementValue]:
    """The statements of the documents that some arguments list."""
    for name in names:
        if name not in body.attributes:
            continue
        for guards, value in cases(evaluator.evaluate(body.attributes[name])):
            for item in value if isinstance(value, list) else [value]:
                inner, once = (item.item, item.once) if isinstance(item, Rest) else (item, ())
                for statement in statements_of(inner):
                    evaluator.module.shared.spend(_WORK)
                    yield statement.under((*guards, *once))


def _add(
    merged: list[StatementValue], layer: Iterable[StatementValue], before: int | None = None
) -> None:
    """Add statements, each of which replaces that of its Sid, where both are there.

    All before it may be replaced, or only so many.
    """
    for statement in layer:
        sid = statement.elements.get("Sid")
        for number, other in enumerate(merged[:before] if sid else ()):
            replaces = _is_same(sid, other.elements.get("Sid"))
            if replaces is True and not statement.guards:
                merged[number] = statement
                break
            if replaces is not False:
                conditions = [term_of(guard) for guard in statement.guards]
                conditions += [replaces] if isinstance(replaces, Unknown) else []
                merged[number] = other.under(guards_of(operation("&&", conditions), holds=False))
        else:
            merged.append(statement)


def _is_same(sid: Value, other: Value) -> Value:
    """Whether two Sids are the same; a condition if that is not known."""
    if not sid or not other:
        return False
    if isinstance(sid, str) and isinstance(other, str):
        return sid == other
    if identity(sid) == identity(other):
        return True
    one, another = (_as_pattern(value) for value in (sid, other))
    return intersects(one, another) and equality(sid, other)


def _as_pattern(sid: Value) -> str:
    """What a Sid matches, of which each unknown part may be anything."""
    parts = sid.parts if isinstance(sid, Text) else (sid,)
    return "".join(part if isinstance(part, str) else "*" for part in parts)


def blocks_in(
    evaluator: Evaluates, body: Body, guards: Guards = ()
) -> Iterator[tuple[Evaluates, Block, Guards]]:
    """The blocks of a body, those that are made for each item of a collection among them."""
    for block in body.blocks:
        evaluator.module.shared.spend(_WORK)
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
                evaluator.module.shared.spend(_WORK)
                inner = evaluator.within({word: {"key": key, "value": item}})
                yield inner, content._replace(type=name), (*guards, *some, *more)


def _statement(evaluator: Evaluates, body: Body, guards: Guards) -> StatementValue:
    elements: dict[str, Value] = {"Effect": "Allow"}
    for name, element in _ELEMENTS.items():
        if name in body.attributes:
            value = evaluator.evaluate(body.attributes[name])
            if value is not None and value not in ("", []):
                elements[element] = value
    conditions: dict[object, dict[object, Value]] = {}
    principals: dict[str, dict[object, list[Value]]] = {}
    for inner, block, some in blocks_in(evaluator, body):
        given = {
            name: inner.evaluate(expression) for name, expression in block.body.attributes.items()
        }
        if block.type == "condition":
            values = conditions.setdefault(_key(given.get("test")), {})
            key, items = _key(given.get("variable")), _items(given.get("values"))
            values[key] = _together(values.get(key), under_guards(items, some))
        elif block.type in _PRINCIPALS:
            found = principals.setdefault(_PRINCIPALS[block.type], {})
            names = _items(given.get("identifiers"))
            names = [under_guards(name, some) for name in names]
            found.setdefault(_key(given.get("type")), []).extend(names)
    for element, by_type in principals.items():
        elements[element] = "*" if by_type == {"*": ["*"]} else by_type
    if conditions:
        elements["Condition"] = conditions
    return StatementValue(elements, guards)


def _together(values: Value, others: Value) -> Value:
    """The values of a condition that is written twice."""
    if values is None:
        return others
    lists = [value if isinstance(value, list) else [Rest(value)] for value in (values, others)]
    return [*lists[0], *lists[1]]


def _key(value: Value) -> str | Unknown:
    return value if isinstance(value, (str, Unknown)) else Unknown("key", value)


def _items(value: Value) -> list[Value]:
    if isinstance(value, Unknown) and value.operator == "if":
        value = of_choice(value)
    if isinstance(value, list):
        return value
    return [Rest(value)] if isinstance(value, Unknown) else [value]
