"""Conditions that match every request, or no request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.aws.condition_keys import ALWAYS_PRESENT, PRESENT_IF_SIGNED
from multitool_lint.aws.condition_values import network
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, related
from multitool_lint.diagnostics.fixes import drop_statement
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.patch.change import Change, remove

if TYPE_CHECKING:
    from multitool_lint.policy.compare.conditions import CanonicalCondition

_ALWAYS = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
_NEVER = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"
_FROM_ANYONE = frozenset({PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP})
"""The types of policies that are evaluated for unsigned requests, too."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition that matches every request or none, alone or with others."""
    for statement in policy.statements:
        never = False
        for condition in statement.conditions:
            asked = _asks(condition)
            present = asked in ("present", "absent") and _is_always_present(condition, policy)
            if asked == "always" or (present and asked == "present"):
                yield _always(statement, condition, context, present=present)
            elif asked == "never" or present:
                never = True
                yield _never(policy, statement, condition, context, present=present)
        keys = [condition.lower_key for condition in statement.conditions]
        if not never and len(set(keys)) < len(keys):
            yield from _contradictions(statement, context)


def _asks(condition: Condition) -> str:
    """What is asked by a condition that does not depend on which value its key has.

    "always", "never", "present" or "absent", as `asks_with_star` of an operator; "" if it depends.
    """
    operator = condition.comparison
    if operator.family == "Null":
        if operator.qualifier or operator.if_exists:
            return ""  # modified-null-operator
        values = {str(node.value).lower() for node in condition.values}
        if values == {"true", "false"}:
            return "always"
        return {"true": "absent", "false": "present"}.get("".join(values), "")
    if operator.accepts_wildcards:
        has_all = any(text and not text.strip("*") for text in condition.names)
    else:
        has_all = operator.family == "IPAddress" and _are_all_addresses(condition.names)
    return operator.asks_with_star if has_all else ""


def _are_all_addresses(texts: Sequence[str]) -> bool:
    from ipaddress import IPv4Network, IPv6Network, collapse_addresses

    networks = list(map(network, texts))
    old = collapse_addresses(found for found in networks if isinstance(found, IPv4Network))
    new = collapse_addresses(found for found in networks if isinstance(found, IPv6Network))
    return any(not found.prefixlen for found in old) and any(not found.prefixlen for found in new)


def _is_always_present(condition: Condition, policy: Policy) -> bool:
    key = condition.lower_key
    return key in ALWAYS_PRESENT or (key in PRESENT_IF_SIGNED and policy.type not in _FROM_ANYONE)


def _always(
    statement: Statement, condition: Condition, context: Context, *, present: bool
) -> Finding:
    key = condition.key.key
    title = f"Every request has {key}, so this condition matches every request"
    fixes: tuple[Fix, ...] = ()
    if not present:
        title = f"{_with_values(condition)} matches every request, even without {key}"
        fix = f"Remove the condition on {key} (access unchanged)"
        fixes = (Fix(fix, (_without(statement, condition),), Safety.SAFE),)
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
    by_key: dict[str, list[Condition]] = {}
    for condition in statement.conditions:
        by_key.setdefault(condition.lower_key, []).append(condition)
    for conditions in by_key.values():
        asked = list(map(_asks, conditions))
        if "absent" not in asked and len(asked) - asked.count("present") < 2:  # noqa: PLR2004
            continue  # as most are: a value, and that there is one
        if _contradict(conditions, context):
            *others, last = conditions
            yield context.finding(
                last.key,
                f"The conditions on {last.key.key} contradict each other, so this statement "
                f"{_nothing(statement)}",
                label="never matches with the other condition",
                related=tuple(related(other.key, "contradicts it") for other in others),
                help="correct one of the conditions, or remove the statement",
                issue_code="",
            )


def _contradict(conditions: Sequence[Condition], context: Context) -> bool:
    """Whether it is proved that no request meets all conditions on a key."""
    known = known_key(context.catalog, conditions[0].key.key)
    if known and known.multivalued and any(map(_compares_one_value, conditions)):
        return False  # what that means is not documented: missing-set-operator
    if len({condition.operator.key.lower() for condition in conditions}) < len(conditions):
        return False  # duplicate-key
    from multitool_lint.aws.pattern_cells import TooManyCellsError
    from multitool_lint.policy.compare.effort import Effort
    from multitool_lint.policy.compare.key_kinds import key_kinds, nature_of_key
    from multitool_lint.policy.compare.kinds import TooMuchError
    from multitool_lint.policy.compare.statement import UndecidableError

    clauses = list(map(_canonical, conditions))
    meaningful = [clause for clause in clauses if clause]
    if len(meaningful) < len(clauses):
        return False
    nature = nature_of_key(meaningful[0].key, ("AWS", "*"))
    everything = (1 << len(meaningful)) - 1
    try:
        kinds = list(key_kinds(meaningful, nature, Effort().spend))
    except (TooManyCellsError, TooMuchError, UndecidableError):
        return False
    return not any(everything in kind.fitting for kind in kinds)


def _compares_one_value(condition: Condition) -> bool:
    return condition.comparison.qualifier is None and condition.comparison.family != "Null"


def _canonical(condition: Condition) -> CanonicalCondition | None:
    from multitool_lint.policy.compare.conditions import canonical_condition

    texts = []
    for node in condition.values:
        if not isinstance(node.value, (str, bool)):
            return None
        texts.append(node.value if isinstance(node.value, str) else str(node.value).lower())
    found = canonical_condition(condition.operator.key, condition.key.key, texts)
    return found if found and found.key and found.values else None
