"""What statements decide for one request, as far as that is certain: the check of every example.

`None` is the answer where AWS's documentation, or a part that is filled in elsewhere, leaves it
open. Only what holds in every reading of both is True or False.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from multitool_lint.aws import condition_operators, condition_values
from multitool_lint.aws.arn import API_GATEWAY, FIELDS, matches_all, pattern
from multitool_lint.aws.patterns import matches
from multitool_lint.aws.policy_variables import OPENER, replaced, variables
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.callers import is_principal
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK, CanonicalCondition
from multitool_lint.policy.compare.scope import RequestScope, Resources, is_arn

if TYPE_CHECKING:
    from multitool_lint.policy.compare.reading import Assumption

Values = tuple[str, ...] | None
"""The values of a key in a request; None if it is absent."""

LITERAL = str.maketrans("*?", "\ue001\ue002")
_PLAIN = str.maketrans("\ue001\ue002", "*?")
"""What characters become that are not wildcards, in texts that are compared with patterns."""


ANYTHING = "\x02"
"""A value of a condition of which an example assumes that it matches all values."""


class Request(NamedTuple):
    """A request: a principal asks for an action on a resource.

    `resource` and `principal` are None if the policies have none. `context` has the condition keys
    that the policies use, in lower case; others may have any value. `assumptions` lists what an
    example assumes about unknown parts of the policies.
    """

    action: str
    resource: str | None
    principal: tuple[str, str] | None
    context: Mapping[str, Values]
    assumptions: tuple[Assumption, ...] = ()


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of several is true: None if that depends on what is not known."""
    found: bool | None = False
    for answer in answers:
        if answer:
            return True
        found = None if answer is None else found
    return found


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether all of several are true: None if that depends on what is not known."""
    return opposite(any_of(map(opposite, answers)))


def opposite(answer: bool | None) -> bool | None:  # noqa: FBT001 - an answer, not an option
    """The answer to the opposite question."""
    return None if answer is None else not answer


def scope_matches(scope: RequestScope, request: Request) -> bool | None:
    """Whether a statement, reduced to one scope, is about a request, whatever its action is."""
    return all_of(
        (
            has_resource(scope.resources, request),
            is_principal(scope.principal, request.principal),
            *(holds(clause, request.context) for clause in scope.conditions),
        )
    )


def has_resource(resources: Resources, request: Request) -> bool | None:
    """Whether the resource of a request is among some."""
    if not resources.patterns or request.resource is None:
        return True if not resources.patterns and request.resource is None else None
    given = request.resource
    found = any_of(_is_resource(text, given, request.context) for text in resources.patterns)
    return opposite(found) if resources.negated else found


def _is_resource(listed: str, given: str, context: Mapping[str, Values]) -> bool | None:
    if matches_all(listed):
        return True
    text = resolved(listed, context)
    if text and text.startswith(API_GATEWAY) and is_arn(given):
        return _is_of_api(text.removeprefix(API_GATEWAY), given)
    if text is None or not is_arn(listed):
        return None if text or _may_match(listed, given) else False
    # Whether a wildcard goes beyond the field in which it is is not clear in all cases.
    whole = matches(text, given.translate(LITERAL))
    return whole if whole == _by_field(text, given) else None


def _may_match(text: str, given: str) -> bool:
    """Whether a text may match, whatever is filled in for its variables."""
    return UNKNOWN_MARK in text or matches(pattern(text), given.translate(LITERAL))


def _is_of_api(path: str, given: str) -> bool | None:
    """Whether a resource is one of an API, from the stage on; None if that depends on the API."""
    *_, service, _region, _account, name = given.translate(LITERAL).split(":", FIELDS - 1)
    if service != "execute-api":
        return False
    found = matches(path, name.partition("/")[2]) and "/" in name
    return found if found == matches(f"*/{path}", name) else None


def holds(clause: CanonicalCondition, context: Mapping[str, Values]) -> bool | None:
    """Whether a condition holds."""
    if clause.key not in context:
        return None
    given = context[clause.key]
    operator = clause.operator
    if operator == "Null":
        return None if clause.if_exists else _is_null(clause, given)
    negated = "Not" in operator
    if given is None:
        return _holds_without_key(clause)
    found = [_agrees_with_any(clause, value, context) for value in given]
    answers = [opposite(answer) if negated else answer for answer in found]
    if clause.qualifier is None and len(given) > 1:
        return None  # AWS: a key with several values needs a qualifier
    return any_of(answers) if clause.qualifier == "ForAnyValue" else all_of(answers)


def _holds_without_key(clause: CanonicalCondition) -> bool | None:
    if clause.qualifier == "ForAnyValue":
        return clause.without_key if clause.if_exists else False
    return clause.if_exists or clause.qualifier == "ForAllValues" or "Not" in clause.operator


def _is_null(clause: CanonicalCondition, given: Values) -> bool | None:
    answers = {"true": given is None, "false": given is not None, ANYTHING: True}
    return any_of(answers.get(value) for value in clause.values)


def _agrees_with_any(
    clause: CanonicalCondition, given: str, context: Mapping[str, Values]
) -> bool | None:
    name = clause.operator.replace("Not", "")

    def answer(value: str) -> bool | None:
        text = resolved(value, context)
        if text is None:
            return None if _may_match(value, given) or not name.startswith("String") else False
        return agrees(name, text, given)

    return any_of(map(answer, clause.values))


def agrees(operator: str, value: str, given: str) -> bool | None:
    """Whether a value of a policy agrees with one of a request, by an operator without "Not".

    None if what the value means is not known. Stars that are none are marked in it.
    """
    if UNKNOWN_MARK in value or value == ANYTHING:
        return True if value == ANYTHING else None
    found = condition_operators.operator(operator)
    if found is None:
        return None
    if found.accepts_wildcards and matches_all(value):
        return True
    if operator == "StringLike":
        return matches(value, given.translate(LITERAL))
    if operator == "ArnLike":
        return _by_field(value, given) if value.count(":") >= FIELDS - 1 else None
    return _COMPARED[found.family](operator, plain(value), given)


def plain(text: str) -> str:
    """A text without the marks of stars and question marks that are not wildcards."""
    return text.translate(_PLAIN)


def _is_text(operator: str, value: str, given: str) -> bool | None:
    if not operator.endswith("IgnoreCase"):
        return value == given
    same = condition_values.lower(value) == condition_values.lower(given)
    return same or (False if value.isascii() and given.isascii() else None)


def _is_in_order(operator: str, value: Any, given: Any) -> bool | None:  # noqa: ANN401 - of one type
    if value is None or given is None:
        return None
    if "Than" not in operator:
        return bool(value == given)
    if operator.endswith("Equals") and value == given:
        return True
    return bool(given < value if "Less" in operator else given > value)


def _is_within(_operator: str, value: str, given: str) -> bool | None:
    wide, narrow = condition_values.network(value), condition_values.network(given)
    if wide is None or narrow is None:
        return None
    return narrow.network_address in wide and narrow.broadcast_address in wide


def _is_same_boolean(_operator: str, value: str, given: str) -> bool | None:
    both = {value.lower(), given.lower()}
    return len(both) == 1 if both <= {"true", "false"} else None


_COMPARED: Mapping[str, Callable[[str, str, str], bool | None]] = {
    "String": _is_text,
    "Numeric": lambda operator, value, given: _is_in_order(
        operator, condition_values.number(value), condition_values.number(given)
    ),
    "Date": lambda operator, value, given: _is_in_order(
        operator, condition_values.moment(value), condition_values.moment(given)
    ),
    "Bool": _is_same_boolean,
    # The same bytes may be written in more than one way.
    "Binary": lambda _operator, value, given: True if value == given else None,
    "IPAddress": _is_within,
}
"""How an operator of each family that has no wildcards compares a value with one of a request."""


def _by_field(pattern: str, given: str) -> bool:
    patterns, fields = pattern.split(":", FIELDS - 1), given.split(":", FIELDS - 1)
    return len(patterns) == len(fields) and all(
        matches(part, field.translate(LITERAL))
        for part, field in zip(patterns, fields, strict=True)
    )


def resolved(text: str, context: Mapping[str, Values]) -> str | None:
    """A pattern with its variables filled in; None if what they are is not known.

    Stars and question marks that are not wildcards are marked.
    """
    if UNKNOWN_MARK in text:
        return None
    for variable in variables(text) if OPENER in text else ():
        values = context.get(variable.key.lower())
        if variable.escaped is None and (
            not variable.names_key or variable.default or values is None or len(values) != 1
        ):
            return None
    return replaced(
        text,
        lambda variable: (
            variable.escaped or (context[variable.key.lower()] or ("",))[0]
        ).translate(LITERAL),
    )
