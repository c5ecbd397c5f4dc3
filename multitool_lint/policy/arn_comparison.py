"""Whether comparing ARNs as strings comes to the same as comparing them field by field.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
"""

from __future__ import annotations

from multitool_lint.aws import arn
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.policy_variables import PolicyVariable, is_part, replaced
from multitool_lint.policy.document import Condition

_WITHOUT_COLONS = frozenset(
    {"aws:principalaccount", "aws:requestedregion", "aws:resourceaccount", "aws:sourceaccount"}
)
"""The variables whose values are one field of an ARN, in lower case."""


def comes_to_the_same(condition: Condition) -> bool:
    """Whether the operator for ARNs would hold for the same requests, whatever is unknown."""
    operator = condition.comparison
    return not operator.name.endswith("IgnoreCase") and all(
        (operator.accepts_wildcards or not has_wildcard(text))
        and _matches_within_fields(condition.lower_key, text)
        for text in condition.names
    )


def _matches_within_fields(key: str, text: str) -> bool:
    """Whether all that a pattern matches has its colons between the same fields.

    What matches in the last field does so in a string as well. The name of a principal has no
    colon, unlike its path: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    *fields, last = arn.split(text)
    if len(fields) < arn.FIELDS - 1:
        return False
    if not any(has_wildcard(_with_known_parts(field)) for field in fields):
        return True
    is_name = key == "aws:principalarn" and "/" not in last
    return is_name and not has_wildcard(_with_known_parts(last))


def _with_known_parts(field: str) -> str:
    """A field with a wildcard for each variable whose value may have colons."""
    return replaced(field, lambda part: "_" if is_part(part.key) or _has_no_colon(part) else "*")


def _has_no_colon(variable: PolicyVariable) -> bool:
    return variable.key.lower() in _WITHOUT_COLONS and variable.default is None
