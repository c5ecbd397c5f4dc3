"""Conditions that match every request, or no request."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, Fix, related
from multitool_lint.diagnostics.fixes import drop_statement, safe
from multitool_lint.policy.contradictions import asks, contradictions, is_always_present
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.patch.change import Change, remove

_ALWAYS = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
_NEVER = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition that matches every request or none, alone or with others."""
    for statement in policy.statements:
        never = False
        for condition in statement.conditions:
            asked = asks(condition)
            present = asked in ("present", "absent") and is_always_present(condition, policy)
            if asked == "always" or (present and asked == "present"):
                yield _always(statement, condition, context, present=present)
            elif asked == "never" or present:
                never = True
                yield _never(policy, statement, condition, context, present=present)
        if not never:
            yield from _contradictions(statement, context)


def _always(
    statement: Statement, condition: Condition, context: Context, *, present: bool
) -> Finding:
    key = condition.key.key
    title = f"Every request has {key}, so this condition matches every request"
    fixes: tuple[Fix, ...] = ()
    if not present:
        title = f"{_with_values(condition)} matches every request, even without {key}"
        fixes = safe(f"Remove the condition on {key}", _without(statement, condition))
    return context.finding(
        condition.key,
        title,
        label="restricts nothing",
        help="specify the intended values, or remove the condition",
        issue_code=_ALWAYS if _has_star(condition) else "",
        fixes=fixes,
    )


def _has_star(condition: Condition) -> bool:
    return condition.comparison.accepts_wildcards


def _with_values(condition: Condition) -> str:
    values = '"*"' if _has_star(condition) else "all values"
    return f"{condition.operator.key} with {values}"


def _without(statement: Statement, condition: Condition) -> Change:
    """Remove the condition, and the operator or element that would be left empty."""
    element = next(member for member in reversed(statement.members) if member.key == "Condition")
    if sum(sibling.operator is condition.operator for sibling in statement.conditions) > 1:
        return remove(condition.key)
    if any(sibling.operator is not condition.operator for sibling in statement.conditions):
        return remove(condition.operator)
    return remove(element)


def _never(
    policy: Policy, statement: Statement, condition: Condition, context: Context, *, present: bool
) -> Finding:
    title = f"{_with_values(condition)} matches no request, so this statement"
    if present:
        title = f"Every request has {condition.key.key}, so this statement"
    return context.finding(
        condition.key,
        f"{title} {_nothing(statement)}",
        label="never matches",
        help="specify the intended values, or remove the statement",
        issue_code=_NEVER if _has_star(condition) else "",
        fixes=drop_statement(policy, statement)
        if len(policy.statements) > 1 and not present
        else (),
    )


def _nothing(statement: Statement) -> str:
    return f"{'allows' if statement.allows else 'denies'} nothing"


def _contradictions(statement: Statement, context: Context) -> Iterator[Finding]:
    """One finding for each key of which no value, and not its absence, meets all conditions."""
    for *others, last in contradictions(statement, context.catalog):
        yield context.finding(
            last.key,
            f"The conditions on {last.key.key} contradict each other, so this statement "
            f"{_nothing(statement)}",
            label="never matches with the other condition",
            related=tuple(related(other.key, "contradicts it") for other in others),
            help="correct one of the conditions, or remove the statement",
            issue_code="",
        )
