"""Operators that compare values of another type than their key or their value has."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import condition_operators as conditions
from multitool_lint.aws.catalog.queries import value_types
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.condition_values import is_value_of
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.syntax.tree import Node

_VALUE_CODES = {
    "Bool": "TYPE_MISMATCH_BOOLEAN",
    "Null": "TYPE_MISMATCH_BOOLEAN",
    "Date": "TYPE_MISMATCH_DATE",
    "Numeric": "TYPE_MISMATCH_NUMBER",
    "IPAddress": "TYPE_MISMATCH_IP_RANGE",
    "Binary": "TYPE_MISMATCH_STRING",
}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every key that an operator does not suit, else for every such value."""
    for _, condition in policy.conditions:
        operator = condition.comparison
        if operator is conditions.NO_OPERATOR:
            continue
        types = value_types(context.catalog, condition.key.key)
        # Most conditions compare text with text.
        if operator.family != "String" or (types and "String" not in types):
            yield from _in_condition(condition, operator, types, context)


def _in_condition(
    condition: Condition, operator: Operator, types: frozenset[str], context: Context
) -> Iterator[Finding]:
    if types and not _may_compare(operator, types):
        type_ = min(types)
        yield context.finding(
            condition.key,
            f"{operator.name} compares {conditions.VALUES[operator.family]}, but "
            f"{condition.key.key} is {conditions.VALUES[type_]}; an operator for it is "
            f"{_operator_for(type_, operator)}",
            issue_code="TYPE_MISMATCH",
            severity=Severity.SUGGESTION if _are_arns(condition, operator) else None,
        )
    elif operator.family != "String":
        yield from _values_of_another_type(condition, operator, context)
    elif types and not types & {"String", "ARN"}:
        yield from _texts_that_never_match(condition, operator, min(types), context)


def _are_arns(condition: Condition, operator: Operator) -> bool:
    """Whether ARNs are compared with a key of text, which works where that is an ARN as well."""
    return operator.family == "ARN" and all(is_value_of("ARN", text) for text in condition.names)


def _may_compare(operator: Operator, types: frozenset[str]) -> bool:
    # No key is documented as binary: BinaryEquals is for whatever holds Base64.
    if operator.family in ("Null", "Binary") or operator.family in types:
        return True
    # AWS documents nothing of text operators on other keys, and reports those on booleans.
    return operator.family == "String" and types != {"Bool"}


def _operator_for(type_: str, operator: Operator) -> str:
    """An operator for keys of a type, of text that is compared as an ARN one with wildcards too."""
    if type_ == "String" and operator.family == "ARN":
        return "StringNotLike" if operator.negated else "StringLike"
    return conditions.FAMILIES[type_][0]


def _values_of_another_type(
    condition: Condition, operator: Operator, context: Context
) -> Iterator[Finding]:
    code = _VALUE_CODES.get(operator.family)
    for node, value in _scalars(condition):
        if not is_value_of(operator.family, value):
            yield context.finding(
                node,
                f"{operator.name} compares {conditions.VALUES[operator.family]}, not "
                f"{_shown(value)}",
                issue_code=code,
                # AWS rejects it, where it only warns of other types.
                severity=Severity.ERROR if operator.family == "IPAddress" else None,
            )


def _texts_that_never_match(
    condition: Condition, operator: Operator, type_: str, context: Context
) -> Iterator[Finding]:
    for node, value in _scalars(condition):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if operator.accepts_wildcards and ("*" in text or "?" in text):
            continue
        if not is_value_of(type_, text) or "/" in text:
            yield context.finding(
                node,
                f"{operator.name} compares text, and {condition.key.key} is "
                f"{conditions.VALUES[type_]}, so {_shown(value)} never matches; an operator for it "
                f"is {conditions.FAMILIES[type_][0]}",
            )


def _scalars(condition: Condition) -> Iterator[tuple[Node, str | float | bool]]:
    for node in condition.values:
        if isinstance(node.value, str | int | float):
            yield node, node.value


def _shown(value: str | float | bool) -> str:  # noqa: FBT001  # a JSON value
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
