"""Condition keys that are effective only together with another one."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.tree import UNKNOWN

_VPC_SOURCE_IP = "aws:vpcsourceip"
_OF_A_VPC = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"})
_ATTRIBUTES, _SELECT = "dynamodb:attributes", "dynamodb:select"
_READS = (
    "dynamodb:batchgetitem",
    "dynamodb:getitem",
    "dynamodb:partiqlselect",
    "dynamodb:query",
    "dynamodb:scan",
)
"""The actions that support both keys."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such key without the other one."""
    for statement in policy.statements:
        keys = {condition.lower_key for condition in statement.conditions}
        if _VPC_SOURCE_IP in keys and not keys & _OF_A_VPC:
            yield context.finding(
                _first(statement, _VPC_SOURCE_IP).key,
                "`aws:VpcSourceIp` without `aws:SourceVpc` does not identify a VPC",
                label="private addresses",
                notes=("other VPCs, also in other accounts, can use the same private addresses",),
                help="add a condition on aws:SourceVpc or aws:SourceVpce to this statement",
                issue_code="MISSING_PAIRED_CONDITION_KEYS",
            )
        if _ATTRIBUTES in keys and statement.allows and _reads(statement):
            condition = _first(statement, _ATTRIBUTES)
            if not any(_pins_select(condition) for condition in statement.conditions):
                yield context.finding(
                    condition.key,
                    f"`{condition.key.key}` does not limit reads that request no attributes",
                    label="without dynamodb:Select",
                    notes=("a read that requests no attributes returns all of them",),
                    help="add the condition StringEqualsIfExists with "
                    '"SPECIFIC_ATTRIBUTES" for dynamodb:Select',
                    issue_code="DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
                )


def _first(statement: Statement, key: str) -> Condition:
    return next(condition for condition in statement.conditions if condition.lower_key == key)


def _reads(statement: Statement) -> bool:
    """Whether the statement has an action that reads attributes; unknown actions do not count."""
    named = statement.lower_action_names
    matched = [read for read in _READS if any(patterns.matches(text, read) for text in named)]
    if not statement.negates_actions:
        return bool(matched)
    unknown = any(node.value is UNKNOWN for node in statement.actions)
    return len(matched) < len(_READS) and not unknown


def _pins_select(condition: Condition) -> bool:
    operator = condition.comparison
    if condition.lower_key != _SELECT or operator.negated:
        return False
    return operator.family == "String" and all(
        node.value is UNKNOWN or str(node.value).upper() == "SPECIFIC_ATTRIBUTES"
        for node in condition.values
    )
