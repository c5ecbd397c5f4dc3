"""The features of a policy, by which the engine chooses the checks to run.

Most checks are about something that most policies do not have, and list it in `needs` on the page
of their rule. Features are computed once for each policy; a check is imported and run only if the
policy has one of the features that it needs.
"""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.sensitive_actions import KINDS
from multitool_lint.aws.service_requests import REGIONAL_KEY, SERVICE_VALUED_KEYS
from multitool_lint.policy.action_status import notable_actions
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.variables import may_have_variables
from multitool_lint.syntax.tree import partly_known_text

ELEMENTS = frozenset({"Sid", "Principal", "NotPrincipal", "NotAction", "NotResource", "Condition"})
"""The elements of a statement that are features of a policy under their names."""

CONDITION_KEYS = frozenset(
    {
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:useragent",
        "aws:sourcearn",
        "aws:vpcsourceip",
        "dynamodb:attributes",
        "s3:prefix",
    }
)
"""The condition keys, in lower case, that are features as well."""

ARNS = "specific-resources"
CONDITION_WILDCARDS = "condition-wildcards"
DENIALS = "denials"
FOR_ALL_VALUES = "ForAllValues"
IP_ADDRESSES = "ip-address-operators"
NULLS = "Null"
SERVICE_CONDITIONS = "service-conditions"
SEVERAL_VALUES = "multiple-condition-values"
STATEMENTS = "multiple-statements"
UNFAMILIAR_ACTIONS = "unrecognized-actions"
VARIABLES = "policy-variables"

FEATURES = frozenset(
    {
        *ELEMENTS,
        *CONDITION_KEYS,
        *KINDS,
        ARNS,
        CONDITION_WILDCARDS,
        DENIALS,
        FOR_ALL_VALUES,
        IP_ADDRESSES,
        NULLS,
        SERVICE_CONDITIONS,
        SEVERAL_VALUES,
        STATEMENTS,
        UNFAMILIAR_ACTIONS,
        VARIABLES,
    }
)
"""What `needs` of a rule may list: the rule finds nothing in a policy without any of it.

Among them are the kinds of actions that the policy allows or denies.
"""


_EVERYTHING = ("*",)


def features(policy: Policy, catalog: Catalog) -> frozenset[str]:
    """Those of the features that the policy has, or may have."""
    statements = policy.statements
    found = set(
        ELEMENTS.intersection(
            [member.key for statement in statements for member in statement.members]
        )
    )
    if len(statements) > 1:
        found.add(STATEMENTS)
    if any(statement.effect == "Deny" for statement in statements):
        found.add(DENIALS)
    if any(
        statement.resource_count and statement.resource_names != _EVERYTHING
        for statement in statements
    ):
        found.add(ARNS)
    if may_have_variables(policy):
        found.add(VARIABLES)
    for action in notable_actions(policy, catalog).values():
        for _, summary in action:
            found |= summary.kinds
            if not summary.known:
                found.add(UNFAMILIAR_ACTIONS)
    if "NotAction" in found:
        found |= KINDS.keys()
    if "Condition" in found:
        found.update(
            _of_conditions(
                [condition for statement in statements for condition in statement.conditions]
            )
        )
    return frozenset(found)


def _of_conditions(all_conditions: list[Condition]) -> Iterator[str]:
    keys = [condition.lower_key for condition in all_conditions]
    yield from CONDITION_KEYS.intersection(keys)
    if not SERVICE_VALUED_KEYS.isdisjoint(keys) or REGIONAL_KEY in keys:
        yield SERVICE_CONDITIONS
    for operator in {condition.comparison for condition in all_conditions}:
        yield from _of_comparison(operator)
    if any(condition.value_count > 1 for condition in all_conditions):
        yield SEVERAL_VALUES
    if any(map(_has_wildcards, all_conditions)):
        yield CONDITION_WILDCARDS


def _has_wildcards(condition: Condition) -> bool:
    if any(map(has_wildcard, condition.names)):
        return True
    return len(condition.names) < condition.value_count and any(
        has_wildcard(partly_known_text(node)) for node in condition.values
    )


def _of_comparison(operator: Operator) -> Iterator[str]:
    if operator.qualifier == "ForAllValues":
        yield FOR_ALL_VALUES
    if operator.family == "IPAddress":
        yield IP_ADDRESSES
    if operator.family == "Null":
        yield NULLS
