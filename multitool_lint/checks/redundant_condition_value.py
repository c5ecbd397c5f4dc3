"""Condition values that another value of the same condition covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.condition_values import lower, network, number
from multitool_lint.checks.redundant_resource import covering
from multitool_lint.diagnostics.finding import (
    REDUNDANT,
    Context,
    Finding,
    Fix,
    enumerate_briefly,
    related,
)
from multitool_lint.diagnostics.fixes import drop_beside, drop_covered
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.placeholders import may_differ
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from decimal import Decimal

Valued = tuple["Node", str]

# Several values of these operators are reported by another rule.
_OF_ONE_VALUE = frozenset({"", "Bool", "Null"})


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each value that makes others of its condition redundant."""
    for statement, condition in policy.conditions:
        if condition.value_count > 1 and condition.comparison.family not in _OF_ONE_VALUE:
            valued = list(_texts(condition, policy.source))
            yield from _in_condition(statement, condition, valued, context)


def _texts(condition: Condition, source: Source) -> Iterator[Valued]:
    """The values that are strings or numbers, as written: a float would be rounded."""
    for node in condition.values:
        if isinstance(node.value, str):
            yield node, node.value
        elif isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            yield node, source.part(node.span)


def _in_condition(
    statement: Statement, condition: Condition, valued: Sequence[Valued], context: Context
) -> Iterator[Finding]:
    operator = condition.comparison
    bound = operator.family == "Numeric" and _bound(operator)
    if bound:
        if len(valued) == condition.value_count:
            yield from _beyond_bound(bound, valued, condition, context)
        return
    for wide, covered in _redundant(operator, [text for _, text in valued]).items():
        node, text = valued[wide]
        apart = (valued[place] for place in covered)
        others = [node for node, other in apart if other != text or not may_differ(text)]
        if not others:
            continue
        texts = covering(text, others, "value", "condition")
        fix = drop_covered(others, "value")
        widens = _widens(operator, text, [str(other.value) for other in others])
        if widens and statement.allows and not operator.negated:
            fix = drop_beside(others, node, "value")
        # AWS has no check for it.
        yield _finding(context, node, others, texts, fixes=(fix,), issue_code="")


def _widens(operator: Operator, text: str, others: list[str]) -> bool:
    """Whether a value holds for more than those that it covers."""
    if operator.family == "IPAddress":
        return any(network(text) != network(other) for other in others)
    return operator.accepts_wildcards and any(text != other for other in others)


def _bound(operator: Operator) -> Callable[[Sequence[Decimal]], Decimal] | None:
    """What selects the decisive bound: it is enough that one of several values matches."""
    if operator.name.startswith("NumericLessThan"):
        return max
    return min if operator.name.startswith("NumericGreaterThan") else None


def _beyond_bound(
    bound: Callable[[Sequence[Decimal]], Decimal],
    valued: Sequence[Valued],
    condition: Condition,
    context: Context,
) -> Iterator[Finding]:
    numbers = [value for _, text in valued if (value := number(text)) is not None]
    if len(numbers) < len(valued):
        return
    decisive = numbers.index(bound(numbers))
    node, text = valued[decisive]
    others = [value_node for place, (value_node, _) in enumerate(valued) if place != decisive]
    title = f"Only the value {text} has an effect with {condition.operator.key}"
    fixes = (drop_covered(others, "value"),)
    notes = (f"redundant: {enumerate_briefly([str(other.value) for other in others])}",)
    yield _finding(context, node, others, (title, notes), fixes=fixes)


def _redundant(operator: Operator, values: Sequence[str]) -> Mapping[int, list[int]]:
    from multitool_lint.aws.redundancy import pattern_covers, redundant, resource_covers

    if operator.family == "ARN":
        return redundant(values, resource_covers)
    if operator.name in ("StringLike", "StringNotLike"):
        return redundant(values, pattern_covers)
    if operator.name.endswith("IgnoreCase"):
        return _repeated([lower(value) for value in values])
    if operator.family == "IPAddress":
        return _ranges(values)
    return _repeated(values)


def _repeated(values: Sequence[str]) -> dict[int, list[int]]:
    if len(set(values)) == len(values):
        return {}
    first: dict[str, int] = {}
    found: dict[int, list[int]] = {}
    for place, value in enumerate(values):
        if first.setdefault(value, place) != place:
            found.setdefault(first[value], []).append(place)
    return found


def _ranges(values: Sequence[str]) -> Mapping[int, list[int]]:
    """The ranges of addresses that are within another one, the widest first."""
    by_network: dict[int, dict[tuple[int, int], int]] = {4: {}, 6: {}}
    covered_by: dict[int, list[int]] = {}
    networks = [
        (found, place)
        for place, value in enumerate(values)
        if (found := network(value)) is not None
    ]
    for found, place in sorted(networks, key=lambda pair: (pair[0].prefixlen, pair[1])):
        known, bits = by_network[found.version], int(found.network_address)
        size = found.max_prefixlen
        around = ((length, bits >> size - length) for length in range(found.prefixlen + 1))
        owner = next((known[wider] for wider in around if wider in known), None)
        if owner is None:
            known[found.prefixlen, bits >> size - found.prefixlen] = place
        else:
            covered_by.setdefault(owner, []).append(place)
    return {place: sorted(covered) for place, covered in sorted(covered_by.items())}


def _finding(
    context: Context,
    node: Node,
    others: list[Node],
    texts: tuple[str, tuple[str, ...]],
    *,
    fixes: tuple[Fix, ...],
    issue_code: str | None = None,
) -> Finding:
    title, notes = texts
    return context.finding(
        node,
        title,
        related=tuple(related(other, REDUNDANT) for other in others),
        notes=notes,
        issue_code=issue_code,
        fixes=fixes,
    )
