"""Denials of other Regions that leave no global service."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns, regions
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.resources import is_everywhere

_GLOBAL_REGION = "us-east-1"
_PARTITION = "aws"
_NOTE = (
    "global services, such as IAM, AWS Organizations, Amazon CloudFront and Amazon Route 53, have "
    f"a single endpoint, in {_GLOBAL_REGION}"
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny of all other Regions than some, if us-east-1 is another one."""
    for statement in policy.statements:
        if statement.effect == "Deny" and _is_about_global_services(statement):
            for condition in filter(_denies_global_region, statement.conditions):
                yield context.finding(
                    condition.key,
                    "This Deny of other Regions also denies global services, such as IAM",
                    label=f"does not include {_GLOBAL_REGION}",
                    notes=(_NOTE,),
                    help="use NotAction to exempt the global services",
                )


def _is_about_global_services(statement: Statement) -> bool:
    """Whether all actions, or all but some that are not those of IAM, are denied everywhere."""
    if not is_everywhere(statement) or statement.action_count != len(statement.action_names):
        return False
    names = statement.lower_action_names
    if statement.negates_actions:
        return not any(patterns.intersects(name, "iam:*") for name in names)
    return "*" in names or "*:*" in names


def _denies_global_region(condition: Condition) -> bool:
    operator = condition.comparison
    if condition.lower_key != "aws:requestedregion" or operator.family != "String":
        return False
    return (
        operator.negated
        and 0 < len(condition.names) == condition.value_count
        and all(map(_is_another_region, condition.names))
    )


def _is_another_region(name: str) -> bool:
    """Whether a value is a Region of the partition whose global services are in us-east-1."""
    if patterns.has_wildcard(name):
        start = patterns.literal_prefix(name)
        partition = regions.partitions()[_PARTITION]
        return any(region.startswith(start) for region in partition.regions) and not (
            patterns.matches(name, _GLOBAL_REGION)
        )
    partition_ = regions.partition_of(name)
    return partition_ is not None and partition_.name == _PARTITION and name != _GLOBAL_REGION
