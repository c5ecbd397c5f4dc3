"""The statements of a policy that can still apply to a request.

A comparison of policies does not ask: what it proves must hold at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.tree import Member

_NOW = frozenset({"aws:currenttime", "aws:epochtime"})
"""The keys, in lower case, whose value is the time of the request. Every request has them."""

_ISSUED = "aws:tokenissuetime"
"""The key, in lower case, of the time at which temporary credentials were issued.

A request without them does not have it, and those that were issued days ago have expired.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""
_DAYS_OF_TOKENS = 2

_UNTIL = ("LessThan", "LessThanEquals", "Equals")
_ENDING = {f"Date{name}": "Date" for name in _UNTIL} | {f"Numeric{name}": "" for name in _UNTIL}
"""The operators that no later time meets once their time has passed."""


@lru_cache(maxsize=4)
def in_force(policy: Policy, catalog: Catalog) -> Policy:
    """The policy without the statements that no request meets today or later.

    Kept for a while because many checks ask for it, and so that it is the same object for all.
    """
    left_out = [
        statement for statement in policy.statements if _never_applies(statement, policy, catalog)
    ]
    return policy.without(left_out) if left_out else policy


def _never_applies(statement: Statement, policy: Policy, catalog: Catalog) -> bool:
    if any(all_excluding_elements(statement)):
        return True
    return bool(statement.conditions) and (
        cannot_apply(statement, policy, catalog)
        or any(expired_conditions(statement))
        or any(map(_is_of_old_tokens, statement.conditions))
    )


def all_excluding_elements(statement: Statement) -> Iterator[Member]:
    """Those of NotAction and NotResource that list `*`, so that no action or resource is left."""
    actions, resources = statement.action, statement.resource
    if actions and statement.negates_actions and any(map(_is_every_action, statement.action_names)):
        yield actions
    if resources and statement.negates_resources and any(map(_is_all, statement.resource_names)):
        yield resources


def _is_all(text: str) -> bool:
    return "*" in text and not text.strip("*")


def _is_every_action(text: str) -> bool:
    service, colon, name = text.partition(":")
    return _is_all(service) and (not colon or _is_all(name))


def _is_of_old_tokens(condition: Condition) -> bool:
    is_needed = condition.lower_key == _ISSUED and not condition.comparison.holds_without_key
    return is_needed and _has_passed(condition, _DAYS_OF_TOKENS)


def cannot_apply(statement: Statement, policy: Policy, catalog: Catalog) -> bool:
    """Whether the conditions of a statement match no request at any time."""
    # Saves start-up: most statements have no condition.
    from multitool_lint.policy.contradictions import contradictions, matches_nothing

    return any(matches_nothing(condition, policy) for condition in statement.conditions) or any(
        contradictions(statement, catalog)
    )


def expired_conditions(statement: Statement) -> Iterator[Condition]:
    """The conditions of a statement whose date has passed, so that no request meets them again."""
    for condition in statement.conditions:
        if condition.lower_key in _NOW and _has_passed(condition):
            yield condition


def _has_passed(condition: Condition, days: int = 0) -> bool:
    """Whether the dates of a condition were so many days ago."""
    # Few policies have a date.
    from datetime import UTC, datetime, time, timedelta

    from multitool_lint import clock
    from multitool_lint.aws.condition_values import latest_moment

    name = condition.comparison.name
    if name not in _ENDING or not condition.value_count:
        return False
    day = datetime.combine(clock.today(), time(), UTC) - timedelta(days=days)
    start = int(day.timestamp())
    moments = [latest_moment(str(node.value)) for node in condition.values]
    if name.endswith("LessThan"):
        return all(moment is not None and moment <= start for moment in moments)
    return all(moment is not None and moment < start for moment in moments)
