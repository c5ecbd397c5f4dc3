"""Whether statements let a principal set a tag with a value that meets conditions.

The principal chooses the value of the tag, and which other tags the request sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from multitool_lint.aws import patterns
from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.condition_values import lower
from multitool_lint.aws.tagging import TAG_KEYS, request_tag, resource_tag
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Statement
from multitool_lint.policy.resources import has_unknown_condition, restricts_values

_OPENER = "${"
_HOW_AND_WHEN = frozenset(
    {
        *("aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "aws:securetransport"),
        *("aws:multifactorauthage", "aws:multifactorauthpresent", "aws:useragent", "aws:referer"),
        *("aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce"),
        *("aws:vpcsourceip", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"),
    }
)
"""The keys, in lower case, that are about how and when a request is made, or by which owner."""

_VIA_SERVICE = "aws:viaawsservice"
"""False in the requests that the principal makes itself."""

_PRESENT = ("aws:principalarn", "aws:requestedregion", "aws:username", "aws:userid")


class _SetTag(NamedTuple):
    """A tag in a request: its key in lower case, and its value; None is a value of any kind."""

    key: str
    value: str | None


class TagDenial(NamedTuple):
    """A Deny about an action that sets a tag; `both` if also about what the tag is needed for."""

    statement: Statement
    both: bool


def can_set(
    statement: Statement, needing: Statement, key: str, denials: Sequence[TagDenial]
) -> bool:
    """Whether a statement allows setting a tag as the conditions of another statement need it."""
    own = [other for other in needing.conditions if tag_of(other) == key]
    same = set(map(_written, needing.conditions))
    about = [other for other in statement.conditions if is_about_request_tags(other)]
    if has_unknown_condition(statement) or not all(
        other in about or tag_of(other) or _is_met_at_will(other) or _written(other) in same
        for other in statement.conditions
    ):
        return False
    values = _values_named(
        [*own, *(other for other in about if request_tag(other.lower_key) == key)]
    )
    return any(
        (value is None or all(holds_for(other, value) for other in own))
        and all(_allows_tag(other, _SetTag(key, value)) for other in about)
        and not any(_prevents(denial, _SetTag(key, value), about) for denial in denials)
        for value in (*values, None)
    )


def _prevents(denial: TagDenial, tag: _SetTag, about: Sequence[Condition]) -> bool:
    """Whether a Deny may prevent that a tag is set, by a request that has to meet conditions."""
    if has_unknown_condition(denial.statement):
        return True
    sets_others = any(_needs_other_tags(condition, tag) for condition in about)
    return all(
        _may_deny_tag(condition, tag, denies_both=denial.both)
        or (sets_others and is_about_request_tags(condition))
        for condition in denial.statement.conditions
    )


def tag_of(condition: Condition) -> str:
    """The tag of a resource that a condition is on; "" of another condition."""
    found = resource_tag(condition.lower_key)
    return found[1] if found else ""


def _written(condition: Condition) -> object:
    return condition.comparison, condition.lower_key, condition.names, condition.value_count


def is_about_request_tags(condition: Condition) -> bool:
    """Whether a condition is on the tags that a request sets, or on their keys."""
    key = condition.lower_key
    return request_tag(key) is not None or TAG_KEYS.fullmatch(key) is not None


def _allows_tag(condition: Condition, tag: _SetTag) -> bool:
    """Whether a condition on the tags of a request is met by some request that sets a tag."""
    about = request_tag(condition.lower_key)
    if about is None:
        # Another tag in the request meets what has to hold for some of them only.
        some = condition.comparison.qualifier == "ForAnyValue"
        return some or _agrees_with_key(condition, tag.key) is True
    return about != tag.key or holds_for(condition, tag.value) is True


def _needs_other_tags(condition: Condition, tag: _SetTag) -> bool:
    """Whether only a request that also sets other tags meets a condition that allows a tag."""
    about = request_tag(condition.lower_key)
    if about is None:
        return _agrees_with_key(condition, tag.key) is not True
    return about != tag.key and not _holds_without(condition)


def _may_deny_tag(condition: Condition, tag: _SetTag, *, denies_both: bool) -> bool:
    """Whether a condition of a Deny may hold for a request that sets a tag and nothing else.

    One on how or when the request is made does not, because the principal decides about it, nor one
    that denies the action on resources with certain tags only. Where a Deny `denies_both`, setting
    the tag and what the tag is needed for, other conditions apply to both in the same way.
    """
    if is_about_request_tags(condition):
        about = request_tag(condition.lower_key)
        if about is None:
            return _agrees_with_key(condition, tag.key) is not False
        if about != tag.key:
            return _holds_without(condition)
        return holds_for(condition, tag.value) is not False
    if condition.lower_key in _HOW_AND_WHEN:
        return False
    if resource_tag(condition.lower_key):
        return _holds_without(condition) or not restricts_values(condition)
    return not denies_both


def _is_met_at_will(condition: Condition) -> bool:
    """Whether a condition, on neither the tags of the request nor the resource, prevents nothing.

    It is on how or when the request is made, or holds for requests without its key.
    """
    if condition.lower_key in _HOW_AND_WHEN:
        return True
    if condition.lower_key == _VIA_SERVICE and holds_for(condition, "false"):
        return True
    operator = condition.comparison
    if operator.negated:
        return operator.qualifier != "ForAnyValue"
    return condition.lower_key not in _PRESENT and _holds_without(condition)


def _holds_without(condition: Condition) -> bool:
    operator = condition.comparison
    if operator.family == "Null":
        return _null_values(condition) != {"false"}
    return operator.holds_without_key or not operator.family


def _null_values(condition: Condition) -> set[str]:
    return {str(node.value).lower() for node in condition.values}


def _agrees_with_key(condition: Condition, key: str) -> bool | None:
    """Whether a condition on the keys of tags holds for one key; None if that is not known.

    AWS finds the tag of a resource for a condition in any case.
    """
    if condition.comparison.family == "String":
        return _agrees(condition, [lower(name) for name in condition.names], key)
    return holds_for(condition, key)


def holds_for(condition: Condition, value: str | None) -> bool | None:
    """Whether a condition on a tag holds for a value; None if that is not known."""
    operator = condition.comparison
    if operator.family == "Null":
        return {"true": False, "false": True}.get("".join(_null_values(condition)))
    if operator.family == "Bool":
        return None if value is None else _agrees(condition, [*_null_values(condition)], value)
    if operator.family != "String" or value is None:
        return None
    return _agrees(condition, condition.names, value)


def _agrees(condition: Condition, listed: Sequence[str], value: str) -> bool | None:
    operator = condition.comparison
    answers = {_is_like(condition, text, value) for text in listed}
    if True in answers:
        return not operator.negated
    if None in answers or not 0 < condition.value_count == len(listed):
        return None
    return operator.negated


def _is_like(condition: Condition, listed: str, value: str) -> bool | None:
    operator = condition.comparison
    if listed == value or (operator.accepts_wildcards and matches_all(listed)):
        return True
    if _OPENER in listed or _OPENER in value:
        return None
    if operator.family == "Bool" or operator.name.endswith("IgnoreCase"):
        return lower(listed) == lower(value)
    return operator.accepts_wildcards and patterns.matches(listed, value)


def _values_named(conditions: Iterable[Condition]) -> Iterator[str]:
    """Values that may meet conditions: those that they list, with a letter for each wildcard."""
    for condition in conditions:
        for text in condition.names:
            wild = condition.comparison.accepts_wildcards and _OPENER not in text
            yield re.sub(r"[*?]", "x", text) if wild else text
