"""Condition operators that do not match the type of their key or value."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import condition_operators as conditions
from multitool_lint.aws.catalog.queries import value_types
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.condition_values import is_value_of
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.placeholder import to_be_replaced
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

_WORDS = {"IPAddress": {"address", "cidr", "ip"}, "Date": {"date"}}
"""The words by which a text names a value of the type instead of being one."""

_ONLY_STRING = frozenset({"String"})


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each key that has another type, else for each such value."""
    for _, condition in policy.conditions:
        operator = condition.comparison
        if operator is conditions.NO_OPERATOR or compares_arns(condition, context):
            continue  # the latter is reported by equivalent-operator
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
            f"{operator.name} requires {conditions.VALUES[operator.family]}, but "
            f"{condition.key.key} is {conditions.VALUES[type_]}",
            help=f"use an operator for this type, such as {_operator_for(type_, operator)}",
            issue_code="TYPE_MISMATCH",
        )
    elif operator.family != "String":
        yield from _values_of_another_type(condition, operator, context)
    elif types and not types & {"String", "ARN"}:
        yield from _texts_that_never_match(condition, operator, min(types), context)


def compares_arns(condition: Condition, context: Context) -> bool:
    """Whether ARNs are compared as ARNs with a key of type String, as AWS's policies do."""
    return (
        condition.comparison.family == "ARN"
        and value_types(context.catalog, condition.key.key) == _ONLY_STRING
        and all(is_value_of("ARN", text) for text in condition.names)
    )


def _may_compare(operator: Operator, types: frozenset[str]) -> bool:
    # No key is documented as binary: BinaryEquals compares any key that contains Base64.
    if operator.family in ("Null", "Binary") or operator.family in types:
        return True
    # AWS does not document string operators on other types, and reports those on Booleans.
    return operator.family == "String" and types != {"Bool"}


def _operator_for(type_: str, operator: Operator) -> str:
    """An operator for keys of a type; for a string compared as an ARN, one with wildcards."""
    if type_ == "String" and operator.family == "ARN":
        return "StringNotLike" if operator.negated else "StringLike"
    return conditions.FAMILIES[type_][0]


def _values_of_another_type(
    condition: Condition, operator: Operator, context: Context
) -> Iterator[Finding]:
    code = _VALUE_CODES.get(operator.family)
    for node, value in _scalars(condition):
        if is_value_of(operator.family, value):
            continue
        if isinstance(value, str) and _is_for_the_reader(value, operator):
            yield to_be_replaced(context, node, value, code)
        else:
            yield context.finding(
                node,
                f"{_shown(value)} is not {conditions.VALUES[operator.family]}, as "
                f"{operator.name} requires",
                label=f"expected {conditions.EXAMPLES.get(operator.family, '')}"
                if operator.family in conditions.EXAMPLES
                else "",
                issue_code=code,
                # AWS rejects an invalid address and only warns about other types.
                severity=Severity.ERROR if operator.family == "IPAddress" else None,
            )


def _is_for_the_reader(text: str, operator: Operator) -> bool:
    """Whether a value that is not of the type of its operator says what to put in its place."""
    from multitool_lint.policy.placeholder_forms import words_of  # saves start-up
    from multitool_lint.policy.placeholders import in_condition

    if not text.strip() or operator.family == "ARN":
        return False  # of the names of fields in ARNs, invalid-arn knows which are placeholders
    is_name = not any(character.isdigit() for character in text)
    return in_condition(text, prose=True) != text or (
        is_name and not words_of(text).isdisjoint(_WORDS.get(operator.family, ()))
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
                f"{_shown(value)} never matches {condition.key.key}, which is "
                f"{conditions.VALUES[type_]}",
                notes=(f"{operator.name} compares strings",),
                help=f"use an operator for this type, such as {conditions.FAMILIES[type_][0]}",
            )


def _scalars(condition: Condition) -> Iterator[tuple[Node, str | float | bool]]:
    for node in condition.values:
        if isinstance(node.value, str | int | float):
            yield node, node.value


def _shown(value: str | float | bool) -> str:  # noqa: FBT001  # a JSON value
    return quoted(value) if isinstance(value, str) else str(value).lower()
