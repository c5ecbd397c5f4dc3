"""Conditions that every request meets, or none, alone or with others on the same key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.aws.condition_keys import ALWAYS_PRESENT, PRESENT_IF_SIGNED
from multitool_lint.aws.condition_values import network
from multitool_lint.policy.policy_type import PolicyType

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.conditions import CanonicalCondition
    from multitool_lint.policy.document import Condition, Policy, Statement

_FROM_ANYONE = frozenset({PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP})
"""The types of policies that are evaluated for unsigned requests, too."""


def asks(condition: Condition) -> str:
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


def is_always_present(condition: Condition, policy: Policy) -> bool:
    """Whether every request for which a policy is evaluated has the key of a condition."""
    key = condition.lower_key
    return key in ALWAYS_PRESENT or (key in PRESENT_IF_SIGNED and policy.type not in _FROM_ANYONE)


def matches_nothing(condition: Condition, policy: Policy) -> bool:
    """Whether no request meets a condition, whatever its other ones are."""
    asked = asks(condition)
    return asked == "never" or (asked == "absent" and is_always_present(condition, policy))


def contradictions(statement: Statement, catalog: Catalog) -> Iterator[list[Condition]]:
    """The conditions on each key of which no value, and not its absence, meets all of them."""
    by_key: dict[str, list[Condition]] = {}
    for condition in statement.conditions:
        by_key.setdefault(condition.lower_key, []).append(condition)
    for conditions in by_key.values() if len(by_key) < len(statement.conditions) else ():
        asked = list(map(asks, conditions))
        if "absent" not in asked and len(asked) - asked.count("present") < 2:  # noqa: PLR2004
            continue  # as most are: a value, and that there is one
        if _contradict(conditions, catalog):
            yield conditions


def _contradict(conditions: Sequence[Condition], catalog: Catalog) -> bool:
    """Whether it is proved that no request meets all conditions on a key."""
    known = known_key(catalog, conditions[0].key.key)
    if known and known.multivalued and any(map(_compares_one_value, conditions)):
        return False  # what that means is not documented: missing-set-operator
    if len({condition.operator.key.lower() for condition in conditions}) < len(conditions):
        return False  # duplicate-key
    from multitool_lint.aws.pattern_cells import TooManyCellsError
    from multitool_lint.policy.compare.effort import Effort
    from multitool_lint.policy.compare.key_kinds import key_kinds, nature_of_key
    from multitool_lint.policy.compare.kinds import TooManyKindsError
    from multitool_lint.policy.compare.statement import UndecidableError

    clauses = list(map(_canonical, conditions))
    meaningful = [clause for clause in clauses if clause]
    if len(meaningful) < len(clauses):
        return False
    nature = nature_of_key(meaningful[0].key, meaningful, ("AWS", "*"))
    everything = (1 << len(meaningful)) - 1
    try:
        kinds = list(key_kinds(meaningful, nature, Effort().spend))
    except (TooManyCellsError, TooManyKindsError, UndecidableError):
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
