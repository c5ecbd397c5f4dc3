"""Keys of type ARN, compared with an operator for strings."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.catalog.queries import value_types
from multitool_lint.aws.condition_keys import global_key
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write_operator
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.arn_comparison import comes_to_the_same
from multitool_lint.policy.document import Condition, Policy, Statement

_ONLY_ARN = frozenset({"ARN"})
_RESERVED = ("role/aws-reserved/", "role/aws-service-role/")
"""The paths of roles that only AWS creates: of IAM Identity Center, and for services.

https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such key with an operator for strings.

    Where that compares a wildcard literally, another rule advises the operator for patterns.
    """
    for statement, condition in arns_as_strings(policy, context):
        operator = condition.comparison
        key = condition.key.key
        if comes_to_the_same(condition):
            continue  # reported by equivalent-operator
        better = operator.name.replace("String", "Arn").removesuffix("IgnoreCase")
        if operator.accepts_wildcards:
            if _is_everything(condition):
                continue  # reported by wildcard-presence-test
            name = condition.operator.key.replace("String", "Arn")
            wide = any(map(_may_cross_fields, condition.names))
            severe = any(_matches_others(condition.lower_key, text) for text in condition.names)
            crosses = (f'in {operator.name}, "*" also matches the colons between fields',)
            yield context.finding(
                condition.key,
                title(condition),
                notes=crosses if wide else (),
                help=f"use {better}, which compares ARNs field by field",
                severity=None if severe else Severity.SUGGESTION,
                fixes=write_operator(statement, condition, name),
            )
        elif global_key(key) is None and not any(map(has_wildcard, condition.names)):
            yield context.finding(
                condition.key,
                title(condition),
                help=f"use {better}, which compares ARNs field by field",
                severity=Severity.SUGGESTION,
                issue_code="",  # Access Analyzer does not report it
            )


def arns_as_strings(policy: Policy, context: Context) -> Iterator[tuple[Statement, Condition]]:
    """The conditions of a policy that compare a key of type ARN with an operator for strings."""
    for statement, condition in policy.conditions:
        if (
            condition.comparison.family == "String"
            and value_types(context.catalog, condition.key.key) == _ONLY_ARN
        ):
            yield statement, condition


def title(condition: Condition) -> str:
    """Say how a condition compares its key."""
    return f"{condition.comparison.name} compares {condition.key.key} as a string, not as an ARN"


def _may_cross_fields(pattern: str) -> bool:
    """Whether a wildcard matches more in a string than in its field of an ARN."""
    *fields, last = pattern.split(":", arn.FIELDS - 1)
    return any(map(has_wildcard, fields)) or (len(fields) < arn.FIELDS - 1 and has_wildcard(last))


def _matches_others(key: str, pattern: str) -> bool:
    """Whether an ARN of another account, or of a principal that only AWS creates, also matches.

    A wildcard before the account matches past it: the account can be a part of a resource's name.
    One for the account matches into the path of a principal, which may have colons. A principal
    that can choose the path could also choose the name that the pattern requires, but not a path
    that is reserved.
    """
    *fields, last = pattern.split(":", arn.FIELDS - 1)
    if not any(map(has_wildcard, fields)):
        return False
    account = fields[-1] if len(fields) == arn.FIELDS - 1 else last
    is_one_account = account != "" and not has_wildcard(account)
    return is_one_account or (key == "aws:principalarn" and last.startswith(_RESERVED))


def _is_everything(condition: Condition) -> bool:
    """Whether the values match any text, so that no field of an ARN matters."""
    values = [node.value for node in condition.values]
    return bool(values) and all(
        isinstance(value, str) and arn.matches_all(value) for value in values
    )
