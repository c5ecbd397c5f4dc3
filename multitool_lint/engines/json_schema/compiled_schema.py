"""A quick yes for most documents: JSON Schema, compiled to closures that say "valid" or "not sure".

jsonschema explains what is wrong, but its import takes as long as everything else in a run, and its
verdict on a document a hundred times as long as this one. So it is asked only about what is not
accepted here. The grammar stays written once: both read the same schemas, and a keyword that is
unknown here is an error.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

from multitool_lint.engines.json_schema.acceptors import IfNamed, Members, OfNames, acceptor
from multitool_lint.syntax.tree import UnknownType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from multitool_lint.engines.json_schema.acceptors import Accept, Checks, Json
ANNOTATIONS = frozenset({"$schema", "$comment", "title", "x-names", "x-rules"})
"""Keywords that describe a value and do not restrict it."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
_ALL_TYPES = tuple(type_ for types in _TYPES.values() for type_ in types)


def compile_schema(schema: Json) -> Accept:
    """Whether a plain value is valid by a schema without references, UNKNOWN being so anywhere.

    Raises:
        ValueError: the schema uses a keyword, or a form of one, that is not understood here. What
            it says of a member is read when a value has the member.
    """
    return acceptor(_checks(schema))


def _checks(schema: Json) -> Checks:
    checks = _checks_but_of_members(schema)
    members = _members(schema)
    if members and dict in checks:
        named = {name: partial(_checks, {"allOf": member}) for name, member in members.items()}
        check = Members(named)
        return {**checks, dict: (*checks[dict], check)}
    return checks


def _members(schema: Json) -> dict[str, list[Json]]:
    """What the `properties` of a schema and all its parts demand of each member.

    The grammar is put together of many parts: so each member is checked once, and not by each part.
    """
    found: dict[str, list[Json]] = {}
    if schema is not True:
        for name, property_ in schema.get("properties", {}).items():
            found.setdefault(name, []).append(property_)
        for part in schema.get("allOf", ()):
            for name, demands in _members(part).items():
                found.setdefault(name, []).extend(demands)
    return found


def _checks_but_of_members(schema: Json) -> Checks:
    keywords: Mapping[str, Any] = {} if schema is True else schema
    names = keywords.get("type", tuple(_TYPES))
    allowed = {t for name in ([names] if isinstance(names, str) else names) for t in _TYPES[name]}
    checks: dict[type, list[Accept]] = {type_: [] for type_ in _ALL_TYPES}
    for keyword, value in keywords.items():
        if keyword == "allOf":
            for part in map(_checks_but_of_members, value):
                allowed &= part.keys()
                for type_ in allowed:
                    checks[type_] += part[type_]
        elif keyword not in ("type", "properties") and keyword not in ANNOTATIONS:
            check = _check(keyword, keywords)
            for type_ in (_ABOUT[keyword],) if keyword in _ABOUT else _ALL_TYPES:
                checks[type_].append(check)
    return {**{type_: tuple(checks[type_]) for type_ in allowed}, UnknownType: ()}


def _check(keyword: str, schema: Mapping[str, Any]) -> Accept:
    value = schema[keyword]
    if keyword == "additionalProperties":
        return _additional(schema)
    if keyword == "items":
        return _items(_checks(value))
    if keyword == "anyOf" and all(alternative.keys() == {"required"} for alternative in value):
        return OfNames(_any_required([frozenset(alternative["required"]) for alternative in value]))
    if keyword in _OF_VALUE:
        return _OF_VALUE[keyword](value)
    if keyword in _OF_SCHEMA:
        return _OF_SCHEMA[keyword](compile_schema(value))
    if keyword in _OF_SCHEMAS:
        named = value if isinstance(value, dict) else dict(enumerate(value))
        return _OF_SCHEMAS[keyword](
            {name: compile_schema(subschema) for name, subschema in named.items()}
        )
    raise ValueError(f"a keyword that is not understood: {keyword}")


def _additional(schema: Mapping[str, Any]) -> Accept:
    if "patternProperties" in schema:
        raise ValueError("additionalProperties next to patternProperties")
    known = schema.get("properties", {}).keys()
    if schema["additionalProperties"] is False:
        return OfNames(lambda value: value.keys() <= known)
    accept = compile_schema(schema["additionalProperties"])
    return lambda value: all(accept(item) for name, item in value.items() if name not in known)


def _items(checks: Checks) -> Accept:
    accept = acceptor(checks)
    free = frozenset(type_ for type_, demands in checks.items() if not demands)
    # Most lists hold strings of which nothing is demanded: they need not be asked one by one.
    return lambda value: free.issuperset(map(type, value)) or all(map(accept, value))


def _one_of(choices: list[str]) -> Accept:
    if not all(isinstance(choice, str) for choice in choices):
        raise ValueError("a choice that is not a string")  # equality of others is not Python's
    return choices.__contains__


def _pattern(pattern: str) -> Accept:
    @lru_cache(maxsize=1)
    def search() -> Callable[[str], object]:
        # Compiled when it is first asked: most policies do not have all that schemas describe.
        return re.compile(pattern).search

    return lambda value: search()(value) is not None


def _any_of(branches: Mapping[int, Accept]) -> Accept:
    def check(value: Json) -> bool:
        for accept in branches.values():  # noqa: SIM110 - a generator would cost more
            if accept(value):
                return True
        return False

    return check


def _any_required(names: list[frozenset[str]]) -> Accept:
    """Whether an object has all of the members of one of the sets of names."""
    if all(len(name) == 1 for name in names):
        one_of = frozenset().union(*names)
        return lambda value: not one_of.isdisjoint(value)
    return lambda value: any(name.issubset(value) for name in names)


def _dependent_schemas(schemas: Mapping[str, Json]) -> Accept:
    named = {name: compile_schema(schema) for name, schema in schemas.items()}

    def check(value: dict[str, Any]) -> bool:
        for name, accept in named.items():  # noqa: SIM110 - a generator would cost more
            if name in value and not accept(value):
                return False
        return True

    if all(schema.keys() == {"properties"} for schema in schemas.values()):
        about = frozenset().union(*(schema["properties"] for schema in schemas.values()))
        return IfNamed(about, check)
    return check


def _pattern_properties(named: Mapping[str, Accept]) -> Accept:
    @lru_cache(maxsize=256)
    def fitting(name: str) -> list[Accept]:
        return [accept for pattern, accept in named.items() if re.search(pattern, name)]

    return lambda value: all(
        accept(item) for name, item in value.items() for accept in fitting(name)
    )


def _at_least(number: int) -> Accept:
    return bool if number == 1 else lambda value: len(value) >= number


_ABOUT: Mapping[str, type] = {
    "pattern": str,
    "minLength": str,
    "items": list,
    "minItems": list,
    "required": dict,
    "patternProperties": dict,
    "additionalProperties": dict,
    "propertyNames": dict,
    "dependentSchemas": dict,
    "minProperties": dict,
}
"""Of which type a value is that a keyword checks; the keywords that are not here check all."""

_OF_VALUE: Mapping[str, Callable[[Any], Accept]] = {
    "enum": _one_of,
    "const": lambda choice: _one_of([choice]),
    "pattern": _pattern,
    "dependentSchemas": _dependent_schemas,
    "required": lambda names: OfNames(frozenset(names).issubset),
    "minLength": _at_least,
    "minItems": _at_least,
    "minProperties": _at_least,
}
_OF_SCHEMA: Mapping[str, Callable[[Accept], Accept]] = {
    "not": lambda accept: lambda value: not accept(value),
    "propertyNames": lambda accept: lambda value: all(map(accept, value)),
}
_OF_SCHEMAS: Mapping[str, Callable[[Mapping[Any, Accept]], Accept]] = {
    "anyOf": _any_of,
    "patternProperties": _pattern_properties,
}
