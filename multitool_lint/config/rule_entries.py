"""Reads the rules that a configuration writes: the entries of `[[rules]]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.extra_rules import ExtraRule, page, taken
from multitool_lint.config.toml_value import optional, strings, texts
from multitool_lint.config.values import LONGEST, check_severity, check_type
from multitool_lint.diagnostics.rule import ALL_TYPES, Rule, Severity
from multitool_lint.diagnostics.suggestion import suggestion
from multitool_lint.org_rules import WRITTEN, Forbid, Limit, Matcher, RequireDeny
from multitool_lint.org_rules.plugins import ID
from multitool_lint.syntax.path_patterns import glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.config.toml_value import TomlValue

    Table = dict[str, TomlValue]

KEYS = ("id", "message", "severity", "types", "paths", "forbid", "unless", "require")
FORBID_KEYS = ("actions", "resources", "principals", "conditions", "written")
UNLESS_KEYS = ("resources", "principals", "conditions")
REQUIRE_KEYS = ("deny", "resources", "conditions")

_NAMES = {
    "resources": re.compile(r"(arn:|[*?]).*", re.DOTALL),
    "principals": re.compile(r"arn:.*|\d{12}|[0-9a-f]{64}|.*[.*?].*", re.DOTALL),
}
_FORMS = {
    "resources": "no ARN: write one such as arn:aws:s3:::prod-*",
    "principals": "no principal: write an account id, an ARN, or a service such as "
    "ec2.amazonaws.com",
}
"""What can be a resource or a principal, and the message for what cannot."""

_NEEDS_DENY = "require needs deny: the actions that are to be denied"

_GRANTING = ("identity", "resource", "trust")
"""The types of policies that grant something: what the others allow is a bound."""

_REFERENCE = r"https://[^\s<>\"')]*[^\s<>\"').,;:]"


def read_rules(value: TomlValue, ids: set[str]) -> Iterator[ExtraRule]:
    """The rules of a list of tables without mistakes; their ids are added to those in use."""
    for entry in value.items("a list of tables: [[rules]]"):
        known_mistakes = len(entry.mistakes.messages)
        table = entry.table(KEYS)
        if table or entry.content == {}:
            rule = _rule(entry, table, ids)
            if rule and len(entry.mistakes.messages) == known_mistakes:
                actions, keys = _mentions(table)
                yield rule._replace(actions=actions, keys=keys)


def _rule(entry: TomlValue, table: Table, ids: set[str]) -> ExtraRule | None:
    id_ = _id(entry, table, ids)
    message = _message(entry, table)
    severity = optional(table, "severity", check_severity) or Severity.ERROR
    types = [type_.parse(check_type) for type_ in strings(table, "types")]
    paths = [path.parse(glob) for path in strings(table, "paths")]
    check = _check(entry, table, message)
    if check is None:
        return None
    if isinstance(check, RequireDeny) and not (types or paths):
        entry.add_mistake("require needs types or paths: the policies that are to deny it")
    where = entry.mistakes.location(entry.place)
    rule = Rule(
        id=id_,
        summary=message,
        severity=severity,
        types=tuple(type_.value for type_ in types if type_)
        or (_GRANTING if isinstance(check, Forbid) else ALL_TYPES),
        fix=None,
        default=True,
        since="",
        access_analyzer=(),
        parliament=(),
        references=tuple(re.findall(_REFERENCE, message)),
        origin=where,
        text=page(id_, message, entry.content, where),
        check=check,
    )
    return ExtraRule(
        rule,
        tuple(path for path in paths if path),
        line=entry.mistakes.line(entry.place),
    )


def _id(entry: TomlValue, table: Table, ids: set[str]) -> str:
    id_ = table["id"].content if "id" in table else None
    if not isinstance(id_, str) or not re.fullmatch(ID, id_) or len(id_) > LONGEST:
        shown = f'; "{id_}" is none' if id_ else ""
        entry.add_mistake(f"a rule needs an id such as no-public-bucket{shown}", "id")
        return ""
    if why := taken(id_, ids):
        entry.add_mistake(f"{why}; choose another id", "id")
    ids.add(id_)
    return id_


def _message(entry: TomlValue, table: Table) -> str:
    message = table["message"].content if "message" in table else None
    words = message.split() if isinstance(message, str) else ()
    if not words:
        entry.add_mistake("a rule needs a message that says what to do instead", "message")
    return " ".join(words)


def _check(entry: TomlValue, table: Table, message: str) -> Forbid | RequireDeny | None:
    if ("forbid" in table) == ("require" in table):
        entry.add_mistake("a rule needs either forbid or require")
        return None
    if "require" in table:
        if "unless" in table:
            entry.add_mistake("unless goes with forbid", "unless")
        denied = tuple(map(_required, table["require"].one_or_more()))
        if not denied:
            table["require"].add_mistake(_NEEDS_DENY)
        return RequireDeny(message, denied)
    forbid, unless = table["forbid"], table.get("unless")
    if forbid.content == {} and (unless is None or unless.content == []):
        forbid.add_mistake("forbid = {} is about any grant, and needs an unless")
    limits = tuple(map(_limit, unless.one_or_more())) if unless else ()
    return Forbid(message, _forbidden(forbid), limits)


def _forbidden(value: TomlValue) -> Matcher:
    table = value.table(FORBID_KEYS)
    forms = [form.parse(_check_form) for form in strings(table, "written")]
    return Matcher(
        texts(table, "actions"),
        _names(table, "resources"),
        _names(table, "principals"),
        _conditions(table),
        tuple(form for form in forms if form),
    )


def _check_form(form: str) -> str:
    if form not in WRITTEN:
        hint = suggestion(form[:LONGEST], WRITTEN) or f"; there are {', '.join(WRITTEN)}"
        raise ConfigError(f'unknown "{form}" in written{hint}')
    return form


def _limit(value: TomlValue) -> Limit:
    table = value.table(UNLESS_KEYS)
    if value.content == {}:
        value.add_mistake(f"unless needs one of {', '.join(UNLESS_KEYS)}")
    return Limit(_names(table, "resources"), _names(table, "principals"), _conditions(table))


def _required(value: TomlValue) -> Matcher:
    table = value.table(REQUIRE_KEYS)
    if isinstance(value.content, dict) and "deny" not in table:
        value.add_mistake(_NEEDS_DENY)
    return Matcher(texts(table, "deny"), _names(table, "resources"), conditions=_conditions(table))


def _names(table: Table, key: str) -> tuple[str, ...]:
    """The resources or principals of a rule, which never matches what is neither."""
    names = strings(table, key)
    for name in names:
        if not _NAMES[key].fullmatch(name.content):
            name.add_mistake(f'"{name.content[:LONGEST]}" is {_FORMS[key]}')
    return tuple(name.content for name in names)


def _conditions(table: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The condition keys, each with its values, which may be numbers and booleans too."""
    if "conditions" not in table:
        return ()
    conditions = table["conditions"]
    if not isinstance(conditions.content, dict) or not conditions.content:
        example = '{ "aws:PrincipalOrgID" = "o-example" }'
        conditions.add_mistake(f"conditions must be a table of keys and values: {example}")
        return ()
    return tuple((key, _condition_values(value)) for key, value in conditions.table().items())


def _condition_values(value: TomlValue) -> tuple[str, ...]:
    values = [item.content for item in value.one_or_more()]
    if not values or not all(isinstance(item, str | int | float) for item in values):
        value.add_mistake(f"{value.key} must have a string or a list of strings")
        return ()
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


def _mentions(table: Table) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The actions and the condition keys of a rule without mistakes, with their locations."""
    parts = [
        part.table()
        for key in ("forbid", "unless", "require")
        if key in table
        for part in table[key].one_or_more()
    ]
    actions = tuple(
        (action.content, action.mistakes.location(action.place))
        for part in parts
        for key in ("actions", "deny")
        for action in strings(part, key)
        if action.content != "*"
    )
    keys = tuple(
        (key, value.mistakes.location(value.place))
        for part in parts
        if "conditions" in part
        for key, value in part["conditions"].table().items()
    )
    return actions, keys
