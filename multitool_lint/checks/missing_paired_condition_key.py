"""Condition keys that are effective only together with another one."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.aws.service_requests import SOURCE_KEYS
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import principal_values
from multitool_lint.policy.resources import has_unknown_condition, is_everywhere
from multitool_lint.syntax.tree import UNKNOWN, partly_known_text

_VPC_SOURCE_IP = "aws:vpcsourceip"
_OF_A_VPC = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"})
_SOURCE_ARN = "aws:sourcearn"
_ACCOUNTS = SOURCE_KEYS - {_SOURCE_ARN}
_S3 = {("Service", "s3.amazonaws.com")}
"""The service of which every source is a bucket."""
_UNKNOWN = lazy_pattern(r"|\$\{[^{}]*\}")
_BUCKET = lazy_pattern(r"arn:(?:\$\{[^{}]*\}|[^:]*):s3:::(?![*?]+$).+")
_ATTRIBUTES, _SELECT = "dynamodb:attributes", "dynamodb:select"
_READS = (
    "dynamodb:batchgetitem",
    "dynamodb:getitem",
    "dynamodb:partiqlselect",
    "dynamodb:query",
    "dynamodb:scan",
)
"""The actions that support both keys."""

_LIMITED = frozenset({"SPECIFIC_ATTRIBUTES", "COUNT"})
"""The values of dynamodb:Select with which a read returns requested attributes or only a number."""

_ALL_ATTRIBUTES = frozenset({"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"})
"""The others: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html"""


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
        if _SOURCE_ARN in keys and statement.allows and not keys & _ACCOUNTS:
            yield from _of_buckets(statement, context)
        if _ATTRIBUTES in keys and statement.allows and _reads(statement):
            yield from _without_select(policy, statement, context)


def _of_buckets(statement: Statement, context: Context) -> Iterator[Finding]:
    """The finding about sources that are buckets, whose ARNs have no account.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
    """
    condition = _first(statement, _SOURCE_ARN)
    named = {(principal.kind, principal.text) for principal in principal_values(statement)}
    of_s3 = named == _S3
    texts = map(partly_known_text, condition.values)
    of_buckets = all(
        _BUCKET.fullmatch(text) or (of_s3 and _UNKNOWN.fullmatch(text)) for text in texts
    )
    if of_buckets and condition.values and not condition.comparison.negated:
        yield context.finding(
            condition.values[0],
            "`aws:SourceArn` of a bucket does not specify its account",
            label="has no account",
            notes=("a bucket that is deleted can be created again by another account",),
            help="add a condition on aws:SourceAccount",
            issue_code="",
            severity=Severity.SUGGESTION,
        )


def _without_select(policy: Policy, statement: Statement, context: Context) -> Iterator[Finding]:
    selects = [condition for condition in statement.conditions if condition.lower_key == _SELECT]
    if any(map(_pins_select, selects)) or has_unknown_condition(statement):
        return
    if any(_denies_other_selects(other, statement) for other in policy.statements):
        return
    condition = _first(statement, _ATTRIBUTES)
    advice = 'add the condition StringEqualsIfExists with "SPECIFIC_ATTRIBUTES" for dynamodb:Select'
    yield context.finding(
        condition.key,
        f"`{condition.key.key}` does not limit reads that request no attributes",
        label="" if selects else "without dynamodb:Select",
        notes=("a read that requests no attributes returns all of them",),
        help='allow only "SPECIFIC_ATTRIBUTES" in dynamodb:Select' if selects else advice,
        related=tuple(related(select.key, "allows such reads") for select in selects),
        issue_code="DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
    )


def _first(statement: Statement, key: str) -> Condition:
    return next(condition for condition in statement.conditions if condition.lower_key == key)


def _reads(statement: Statement) -> bool:
    """Whether the statement has an action that reads attributes; unknown actions do not count."""
    matched = _matched_reads(statement)
    if not statement.negates_actions:
        return bool(matched)
    unknown = any(node.value is UNKNOWN for node in statement.actions)
    return len(matched) < len(_READS) and not unknown


def _matched_reads(statement: Statement) -> list[str]:
    named = statement.lower_action_names
    return [read for read in _READS if any(patterns.matches(text, read) for text in named)]


def _pins_select(condition: Condition) -> bool:
    """Whether the reads that meet a condition on dynamodb:Select return no other attributes.

    What an operator that AWS does not have was intended for is for the rule about it to say.
    """
    operator = condition.comparison
    if not operator.family:
        return True
    values = {str(node.value).upper() for node in condition.values if node.value is not UNKNOWN}
    if operator.family != "String":
        return False
    if operator.negated:
        return values >= _ALL_ATTRIBUTES or len(values) < condition.value_count
    return values <= _LIMITED


def _denies_other_selects(denial: Statement, allowing: Statement) -> bool:
    """Whether another statement denies the reads of all attributes that a statement allows."""
    return (
        denial.effect == "Deny"
        and not denial.negates_actions
        and not denial.negates_resources
        and all(_is_other_select(condition) for condition in denial.conditions)
        and patterns.all_covered(_matched_reads(allowing), denial.lower_action_names)
        and (is_everywhere(denial) or _is_about_all_of(denial, allowing))
    )


def _is_about_all_of(denial: Statement, allowing: Statement) -> bool:
    return not allowing.negates_resources and patterns.all_covered(
        allowing.resource_names, denial.resource_names, resource_covers
    )


def _is_other_select(condition: Condition) -> bool:
    """Whether a condition holds for every dynamodb:Select but those of limited reads."""
    if condition.lower_key != _SELECT or condition.comparison.family != "String":
        return False
    values = {str(node.value).upper() for node in condition.values}
    if condition.comparison.negated:
        return condition.comparison.qualifier is None and values <= _LIMITED
    return values >= _ALL_ATTRIBUTES
