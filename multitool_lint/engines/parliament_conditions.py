"""What parliament suspects of the types and values of conditions: which of it is true."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from multitool_lint.iam import conditions
from multitool_lint.iam.global_keys import global_key
from multitool_lint.rulebook import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.engines.parliament_case import Case
    from multitool_lint.findings import Finding
    from multitool_lint.iam.conditions import Operator
    from multitool_lint.policy import Condition, Node

MFA = "aws:multifactorauthpresent"

_VALUE_CODES = {
    "Bool": "TYPE_MISMATCH_BOOLEAN",
    "Null": "TYPE_MISMATCH_BOOLEAN",
    "Date": "TYPE_MISMATCH_DATE",
    "Numeric": "TYPE_MISMATCH_NUMBER",
    "IPAddress": "TYPE_MISMATCH_IP_RANGE",
    "Binary": "TYPE_MISMATCH_STRING",
}


def type_mismatch(case: Case, condition: Condition) -> Iterator[Finding]:
    """Confirm MISMATCHED_TYPE and MISMATCHED_TYPE_OPERATION_TO_NULL.

    Drops what works all the same: ARN operators on keys that AWS calls strings, text operators on
    values that are also right as text, numeric ones on keys that are dates or numbers.
    """
    operator = conditions.operator(condition.operator.key)
    if operator is None:
        return
    types = case.key_types(condition.key.key)
    if types and not _may_compare(operator, types):
        type_ = min(types)
        yield case.context("condition-type-mismatch").finding(
            condition.key,
            f"{operator.name} compares {conditions.VALUES[operator.family]}, but "
            f"{condition.key.key} is {conditions.VALUES[type_]}; an operator for it is "
            f"{conditions.FAMILIES[type_][0]}",
            issue_code="TYPE_MISMATCH",
        )
    elif operator.family != "String":
        yield from _values_of_another_type(case, condition, operator)
    elif types and not types & {"String", "ARN"}:
        yield from _texts_that_never_match(case, condition, operator, min(types))


def _may_compare(operator: Operator, types: frozenset[str]) -> bool:
    if operator.family in ("Null", "String") or operator.family in types:
        return True
    return operator.family == "ARN" and "String" in types


def _values_of_another_type(
    case: Case, condition: Condition, operator: Operator
) -> Iterator[Finding]:
    for node, value in _scalars(condition):
        if not conditions.fits(operator.family, value):
            yield case.context("condition-type-mismatch").finding(
                node,
                f"{operator.name} compares {conditions.VALUES[operator.family]}, not "
                f"{_shown(value)}",
                issue_code=_VALUE_CODES.get(operator.family),
                # AWS rejects it, where it only warns of other types.
                severity=Severity.ERROR if operator.family == "IPAddress" else None,
            )


def _texts_that_never_match(
    case: Case, condition: Condition, operator: Operator, type_: str
) -> Iterator[Finding]:
    for node, value in _scalars(condition):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if operator.accepts_wildcards and ("*" in text or "?" in text):
            continue
        if not conditions.fits(type_, text) or "/" in text:
            yield case.context("condition-type-mismatch").finding(
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


def string_on_arn(case: Case, condition: Condition) -> Iterator[Finding]:
    """Confirm MISMATCHED_TYPE_BUT_USABLE.

    Drops equality on global keys: `StringEquals` on `aws:SourceArn` is what AWS's own examples
    write, and it means the same as `ArnEquals` there.
    """
    operator = conditions.operator(condition.operator.key)
    key = condition.key.key
    if operator is None or operator.family != "String" or case.key_types(key) != {"ARN"}:
        return
    context = case.context("string-operator-on-arn-key")
    better = operator.name.replace("String", "Arn").removesuffix("IgnoreCase")
    if operator.accepts_wildcards:
        yield context.finding(
            condition.key,
            f'{operator.name} compares {key} as text, where "*" also covers the colons between the '
            f"fields of an ARN; {better} compares ARNs",
        )
    elif global_key(key) is None:
        equality = context.finding(
            condition.key,
            f"{operator.name} compares {key} as text, though it is an ARN; {better} compares ARNs",
            severity=Severity.SUGGESTION,
        )
        yield replace(equality, issue_code=None)  # Access Analyzer finds no fault with it


def bypassable_mfa(case: Case, condition: Condition) -> Iterator[Finding]:
    """Confirm BAD_PATTERN_FOR_MFA, where requests without the key pass, or only those without MFA.

    Drops `BoolIfExists` with false in a Deny, which is the way that AWS recommends.
    """
    operator = conditions.operator(condition.operator.key)
    if operator is None or operator.qualifier or condition.key.key.lower() != MFA:
        return
    values = {str(value).lower() for _, value in _scalars(condition)}
    reason = _BYPASSES.get(
        (case.statement.effect or "", operator.name, operator.if_exists, *sorted(values))
    )
    if reason:
        yield case.context("bypassable-mfa-check").finding(condition.key, reason)


_BYPASSES: dict[tuple[object, ...], str] = {
    ("Deny", "Bool", False, "false"): (
        "requests signed with long-term access keys do not have aws:MultiFactorAuthPresent, so "
        "this does not deny them; BoolIfExists does"
    ),
    ("Allow", "Bool", False, "false"): (
        "this allows only what is requested without MFA; to demand MFA, the value is true"
    ),
    ("Allow", "Bool", True, "true"): (
        "requests signed with long-term access keys do not have aws:MultiFactorAuthPresent, so "
        "this allows them without MFA; Bool does not"
    ),
    ("Allow", "Null", False, "false"): (
        "temporary credentials always have aws:MultiFactorAuthPresent, with or without MFA, so "
        "this does not demand it; Bool with true does"
    ),
}
