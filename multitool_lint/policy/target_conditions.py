"""Whether conditions let a principal act on a resource that a deployment has, with its tags."""

from __future__ import annotations

from collections.abc import Mapping

from multitool_lint.aws.condition_keys import global_key
from multitool_lint.aws.tagging import resource_tag
from multitool_lint.policy.document import Condition, Statement
from multitool_lint.policy.escalation import PASSED_TO, POLICY_ARN
from multitool_lint.policy.resources import (
    has_unknown_condition,
    restricting_conditions,
    restricts_values,
)
from multitool_lint.policy.tag_requests import holds_for

_LIMITING = frozenset({PASSED_TO, POLICY_ARN})
"""Keys of what is passed or attached, which leave others."""

_OWN_ACCOUNT = ("aws:principalaccount", "aws:principalorg")
"""Keys of which each principal of an account has the same value."""


def have_tags(statement: Statement, tags: Mapping[str, str]) -> bool:
    """Whether all that ties a statement to targets is met by some tags."""
    tying = [*restricting_conditions(statement)]
    return (
        bool(tying)
        and not has_unknown_condition(statement)
        and all(_holds(condition, tags) for condition in tying)
    )


def _holds(condition: Condition, tags: Mapping[str, str]) -> bool | None:
    """Whether a condition on a tag holds for what has some; None if that is not known."""
    found = resource_tag(condition.lower_key)
    value = tags.get(found[1]) if found else None
    return None if value is None else holds_for(condition, value)


def is_about_others(condition: Condition, tags: Mapping[str, str]) -> bool:
    """Whether a condition on a tag holds for other resources only, also for none without it."""
    operator = condition.comparison
    is_positive = operator.family != "Null" and not operator.negated
    return is_positive and not operator.if_exists and _holds(condition, tags) is False


def may_exclude(condition: Condition, tags: Mapping[str, str]) -> bool:
    """Whether a condition may exclude the principal, or one of the resources that it does not name.

    What ties an action to resources is another question, with the tags that the principal can set.
    """
    if condition.lower_key in _LIMITING or condition.lower_key.startswith(_OWN_ACCOUNT):
        return False
    known = global_key(condition.key.key)
    if known and known.scope != "resource":
        return known.scope == "principal"
    return not restricts_values(condition) and not _holds(condition, tags)
