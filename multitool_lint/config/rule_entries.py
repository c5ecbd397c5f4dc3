"""Reads the rules that a configuration writes: the entries of `[[rules]]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.extra_rules import ExtraRule, page, taken
from multitool_lint.config.values import check_severity, check_type
from multitool_lint.diagnostics.rule import ALL_TYPES, Rule, Severity
from multitool_lint.diagnostics.suggestion import alternatives, suggestion
from multitool_lint.limits import MAX_COMPARED_NAME
from multitool_lint.org_rules import WRITTEN, Forbid, Limit, Matcher, RequireDeny
from multitool_lint.org_rules.plugins import ID
from multitool_lint.syntax.path_patterns import glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.config.toml_value import TomlValue

KEYS = ("id", "message", "severity", "types", "paths", "forbid", "unless", "require")
FORBID_KEYS = ("actions", "resources", "principals", "conditions", "written")
UNLESS_KEYS = ("resources", "principals", "conditions")
REQUIRE_KEYS = ("deny", "resources", "conditions")

_NAMES = {
    "resources": re.compile(r"(arn:|[*?]).*", re.DOTALL),
    "principals": re.compile(r"arn:.*|\d{12}|[0-9a-f]{64}|.*[.*?].*", re.DOTALL),
}
_FORMS = {
    "resources": "not an ARN; expected one such as arn:aws:s3:::prod-*",
    "principals": "not a principal; expected an account id, an ARN, or a service such as "
    "ec2.amazonaws.com",
}
"""What can be a resource or a principal, and the message for what cannot."""

_NEEDS_DENY = "require needs deny: the actions that must be denied"

_GRANTING = ("identity", "resource", "trust")
"""The types of policies that grant something: what the others allow is a bound."""

_REFERENCE = r"https://[^\s<>\"')]*[^\s<>\"').,;:]"


def read_rules(value: TomlValue, ids: set[str]) -> Iterator[ExtraRule]:
    """The rules of a list of tables without mistakes; their ids are added to those in use."""
    for entry in value.items("a list of tables: [[rules]]"):
        known_mistakes = len(entry.mistakes.messages)
        if entry.table(KEYS) or entry.content == {}:
            rule = _rule(entry, ids)
            if rule and len(entry.mistakes.messages) == known_mistakes:
                actions, keys = _mentions(entry)
                yield rule._replace(actions=actions, keys=keys)


def _rule(entry: TomlValue, ids: set[str]) -> ExtraRule | None:
    id_ = _id(entry, ids)
    message = _message(entry)
    severity = entry["severity"].parse(check_severity) or Severity.ERROR
    types = [type_.parse(check_type) for type_ in entry["types"].strings()]
    paths = [path.parse(glob) for path in entry["paths"].strings()]
    check = _check(entry, message)
    if check is None:
        return None
    if isinstance(check, RequireDeny) and not (types or paths):
        entry.add_mistake("require needs types or paths: the policies that must deny the actions")
    where = entry.location
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


def _id(entry: TomlValue, ids: set[str]) -> str:
    id_ = entry["id"].content
    if not isinstance(id_, str) or not re.fullmatch(ID, id_) or len(id_) > MAX_COMPARED_NAME:
        shown = f'; "{id_}" is not valid' if id_ else ""
        entry.add_mistake(f"a rule needs an id such as no-public-bucket{shown}", "id")
        return ""
    if why := taken(id_, ids):
        entry.add_mistake(f"{why}; choose another id", "id")
    ids.add(id_)
    return id_


def _message(entry: TomlValue) -> str:
    message = entry["message"].content
    words = message.split() if isinstance(message, str) else ()
    if message is not None and not isinstance(message, str):
        entry["message"].add_wrong_type("a string")
    elif not words:
        entry.add_mistake("a rule needs a message that says what to do instead", "message")
    return " ".join(words)


def _check(entry: TomlValue, message: str) -> Forbid | RequireDeny | None:
    forbid, unless, require = entry["forbid"], entry["unless"], entry["require"]
    if ("forbid" in entry) == ("require" in entry):
        entry.add_mistake("a rule needs either forbid or require")
        return None
    if "forbid" in entry:
        if forbid.content == {} and not unless.one_or_more():
            forbid.add_mistake("forbid = {} covers every grant, and needs an unless")
        return Forbid(message, _forbidden(forbid), tuple(map(_limit, unless.one_or_more())))
    if "unless" in entry:
        unless.add_mistake("unless needs forbid")
    if require.content == []:
        require.add_mistake(_NEEDS_DENY)
    return RequireDeny(message, tuple(map(_required, require.one_or_more())))


def _forbidden(value: TomlValue) -> Matcher:
    value.table(FORBID_KEYS)
    forms = [form.parse(_check_form) for form in value["written"].strings()]
    return Matcher(
        value["actions"].texts(),
        _names(value["resources"]),
        _names(value["principals"]),
        _conditions(value["conditions"]),
        tuple(form for form in forms if form),
    )


def _check_form(form: str) -> str:
    if form not in WRITTEN:
        hint = suggestion(form, WRITTEN) or f"; expected {alternatives(WRITTEN)}"
        raise ConfigError(f'unknown "{form}" in written{hint}')
    return form


def _limit(value: TomlValue) -> Limit:
    value.table(UNLESS_KEYS)
    if value.content == {}:
        value.add_mistake(f"unless needs one of {', '.join(UNLESS_KEYS)}")
    return Limit(
        _names(value["resources"]), _names(value["principals"]), _conditions(value["conditions"])
    )


def _required(value: TomlValue) -> Matcher:
    value.table(REQUIRE_KEYS)
    if isinstance(value.content, dict) and "deny" not in value:
        value.add_mistake(_NEEDS_DENY)
    return Matcher(
        value["deny"].texts(),
        _names(value["resources"]),
        conditions=_conditions(value["conditions"]),
    )


def _names(value: TomlValue) -> tuple[str, ...]:
    """The resources or principals of a rule, which never matches what is neither."""
    names = value.strings()
    for name in names:
        if not _NAMES[value.key].fullmatch(name.content):
            name.add_mistake(f'"{name.content[:MAX_COMPARED_NAME]}" is {_FORMS[value.key]}')
    return tuple(name.content for name in names)


def _conditions(value: TomlValue) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The condition keys, each with its values, which may be numbers and booleans too."""
    if value.content is not None and not (isinstance(value.content, dict) and value.content):
        example = '{ "aws:PrincipalOrgID" = "o-example" }'
        value.add_mistake(f"conditions must be a table of condition keys and values: {example}")
        return ()
    return tuple((key, _condition_values(values)) for key, values in value.table().items())


def _condition_values(value: TomlValue) -> tuple[str, ...]:
    values = [item.content for item in value.one_or_more()]
    if not values or not all(isinstance(item, str | int | float) for item in values):
        value.add_mistake(f"{value.key} must be a string or a list of strings")
        return ()
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


def _mentions(entry: TomlValue) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The actions and the condition keys of a rule without mistakes, with their locations."""
    parts = [part for key in ("forbid", "unless", "require") for part in entry[key].one_or_more()]
    actions = tuple(
        (action.content, action.location)
        for part in parts
        for action in (*part["actions"].strings(), *part["deny"].strings())
        if action.content != "*"
    )
    keys = tuple(
        (key, value.location) for part in parts for key, value in part["conditions"].table().items()
    )
    return actions, keys
