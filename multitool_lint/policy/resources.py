"""How far a statement reaches: on which resources, and whether a condition ties it to some."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

from multitool_lint.aws import arn, arn_overlap, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.condition_keys import global_key
from multitool_lint.aws.service_requests import CALLED_VIA_KEYS
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Condition, Statement
from multitool_lint.syntax.tree import Object, scalars


class ResourceScope(IntEnum):
    """Of the resources that an action can act on, those that a statement grants it on."""

    NONE = 0
    SOME = 1
    ALL = 2


_EVERYTHING = lazy_pattern(r"\*+|arn:[^:]*(:\*+){4}")  # the end of most texts rules it out


def is_everywhere(statement: Statement) -> bool:
    """Whether the resources are all there are, or all but those of a NotResource."""
    return statement.negates_resources or any(
        text == "*" or (text.endswith(("**", ":*")) and _EVERYTHING.fullmatch(text))
        for text in statement.resource_names
    )


def grants_everything(statement: Statement) -> bool:
    """Whether a statement allows every action on everything, whatever its conditions."""
    return statement.allows and "*" in statement.lower_action_names and is_everywhere(statement)


_PROTECTED_ROLES = (":role/aws-reserved/", ":role/aws-service-role/")
"""Roles that services of AWS manage: nobody else can create or change one.

https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
"""


def is_about_protected_roles(statement: Statement) -> bool:
    """Whether all resources are roles that only AWS can create or change."""
    names = statement.resource_names
    return (
        0 < len(names) == statement.resource_count
        and not statement.negates_resources
        and all(any(path in name for path in _PROTECTED_ROLES) for name in names)
    )


_ABOUT_NO_TARGET = (
    "aws:currenttime",
    "aws:epochtime",
    "aws:referer",
    "aws:request",
    "aws:resourceaccount",
    "aws:resourceorg",
    "aws:securetransport",
    "aws:tagkeys",
    "aws:useragent",
)
"""How those keys of the request and the resource begin that say when and how, but not on what."""


@lru_cache(maxsize=256)
def _is_about_a_target(key: str) -> bool:
    known = global_key(key)
    return known is None or (
        known.scope in ("resource", "request") and not key.lower().startswith(_ABOUT_NO_TARGET)
    )


@lru_cache(maxsize=32)
def restricts_target(statement: Statement, apart_from: str = "") -> bool:
    """Whether a condition, on another key than that one, ties the actions to certain targets.

    What is unknown may do so.
    """
    if statement.condition is None:
        return False
    return has_unknown_condition(statement) or any(restricting_conditions(statement, apart_from))


def restricting_conditions(statement: Statement, apart_from: str = "") -> Iterator[Condition]:
    """The conditions, on other keys than that one, that tie the actions to certain targets."""
    for condition in statement.conditions:
        if (
            condition.lower_key != apart_from
            and _is_about_a_target(condition.key.key)
            and restricts_values(condition)
        ):
            yield condition


def is_left_to_services(statement: Statement) -> bool:
    """Whether a condition allows only requests of services that the principal cannot direct.

    CloudFormation does what the principal's template says, and counts as the principal.
    """
    return any(
        condition.lower_key in CALLED_VIA_KEYS and _names_other_services(condition)
        for condition in statement.conditions
    )


_DOES_AS_TOLD = "cloudformation.amazonaws.com"


def _names_other_services(condition: Condition) -> bool:
    operator = condition.comparison
    services = condition.names
    return (
        not operator.if_exists
        and operator.qualifier != "ForAllValues"
        and operator.family == "String"
        and restricts_values(condition)
        and not any(patterns.matches(service, _DOES_AS_TOLD) for service in services)
    )


def has_unknown_condition(statement: Statement) -> bool:
    """Whether some of the keys or operators of the Condition cannot be read."""
    if statement.condition is None:
        return False
    operators = statement.condition.value.value
    return not isinstance(operators, Object) or any(
        not isinstance(operator.value.value, Object) for operator in operators
    )


def is_known(statement: Statement) -> bool:
    """Whether it has each element once, and no principal or condition that a template fills in."""
    if statement.plain and statement.condition is None:
        return True
    elements = [element for element in (statement.principal, statement.condition) if element]
    return len({member.key for member in statement.members}) == len(statement.members) and all(
        isinstance(scalar.value, (str, int, float))
        for element in elements
        for scalar in scalars(element.value)
    )


def restricts_values(condition: Condition) -> bool:
    """Whether a condition lets through named values only, or tagged resources only.

    A negated one does not, nor does one that only asks for a key which every request has.
    """
    operator = condition.comparison
    if operator.negated or not operator.family:
        return False
    if operator.family == "Null":
        if operator.qualifier == "ForAllValues":  # it always holds
            return False
        asks_for_key = any(str(node.value).lower() == "false" for node in condition.values)
        return asks_for_key and _is_tag(condition.key.key)
    if operator.accepts_wildcards and any(arn.matches_all(text) for text in condition.names):
        return _is_tag(condition.key.key)
    return True


def _is_tag(key: str) -> bool:
    return "resourcetag/" in key.lower()


def resource_scope(
    statement: Statement, action: str, catalog: Catalog, types: frozenset[str] | None = None
) -> ResourceScope:
    """Say on which resources a statement grants an action.

    ALL of them if, of every type that it touches, it covers the whole, be it of one account. Where
    types are given, only those count; `document/AWS-RunShellScript` is that one of a type.
    """
    return (
        ResourceScope.ALL
        if is_everywhere(statement)
        else restricted_scope(statement, action, catalog, types)
    )


def restricted_scope(
    statement: Statement, action: str, catalog: Catalog, types: frozenset[str] | None = None
) -> ResourceScope:
    """Say the same of a statement that is not about all resources there are."""
    of_formats = {_of_format(statement, format_) for format_ in _formats(action, catalog, types)}
    touched = of_formats - {ResourceScope.NONE}
    return min(touched) if touched else ResourceScope.NONE


@lru_cache(maxsize=64)
def _of_format(statement: Statement, format_: str) -> ResourceScope:
    resources = statement.resource_names
    if any(covers_format(text, format_) for text in resources):
        return ResourceScope.ALL
    return (
        ResourceScope.SOME
        if any(arn_overlap.may_name(format_, text) for text in resources)
        else ResourceScope.NONE
    )


@lru_cache(maxsize=4096)
def _formats(action: str, catalog: Catalog, types: frozenset[str] | None) -> tuple[str, ...]:
    """The formats of what an action touches."""
    return tuple(_each_format(action, catalog, types))


def _each_format(action: str, catalog: Catalog, types: frozenset[str] | None) -> Iterator[str]:
    known, service = catalog.action(action), catalog.service(action.partition(":")[0])
    if known is None or service is None:
        return
    for wanted in types or [resource_type.name for resource_type in known.resource_types]:
        type_, _, name = wanted.partition("/")
        if any(resource_type.name == type_ for resource_type in known.resource_types):
            resource = service.resource_types.get(type_)
            for format_ in resource.arn_formats if resource else ():
                yield f"{format_.rpartition('${')[0]}{name}" if name else format_


def covers_format(resource: str, format_: str) -> bool:
    """Whether a resource covers all ARNs of a format, be it of one account and region only."""
    if format_.endswith("}") and not resource.endswith("*"):
        return False
    fields = resource.split(":", arn.FIELDS - 1)
    if resource.endswith("*") and patterns.matches(fields[0], "arn"):
        # A star that ends a field matches those after it too, but what a template fills in before
        # `/*` names a resource.
        fields += ["*"] * (arn.FIELDS - len(fields))
    if len(fields) < arn.FIELDS or fields[4] in arn.ACCOUNTS_BY_NAME:
        return False
    # Most resources name something that no format does, and are done with here.
    beginning, *pieces = fields[5].split("*")
    literals = _literals(format_)
    return (
        literals.startswith(beginning)
        and all(piece in literals for piece in pieces)
        and _covers(f"arn:*:{fields[2]}:*:*:{fields[5]}", format_)
    )


@lru_cache(maxsize=512)
def _literals(format_: str) -> str:
    """What the last field of a format says literally, with a null character for each variable."""
    return arn.wildcard_of(format_.split(":", arn.FIELDS - 1)[-1]).replace("*", "\0")


@lru_cache(maxsize=1024)
def _covers(resource: str, format_: str) -> bool:
    return patterns.covers(resource, arn.wildcard_of(format_))
