"""Statements that differ in nothing but their actions, or the values of a condition, made one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.limits import MAX_MERGED_CONDITIONS
from multitool_lint.policy.compare.conditions import canonical_condition
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.syntax.patch.json import remove_items, rewrite_items
from multitool_lint.syntax.source import Edit, Span
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.scope import RequestScope
    from multitool_lint.policy.document import Condition, Policy, Statement


_OF_ANY_VALUE = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "IpAddress"}
)
"""Operators by which a condition holds if any of its values agrees, in canonical form."""


class Merge(NamedTuple):
    """Statements, by their places in the policy, that become the first of them.

    They differ in their actions or, of each of them by place, in the values of one condition.
    """

    first: int
    others: tuple[int, ...]
    conditions: Mapping[int, Condition] = MappingProxyType({})

    @property
    def difference(self) -> str:
        """What they differ in."""
        if not self.conditions:
            return "their actions"
        condition = self.conditions[self.first]
        return f'the values of {condition.operator.key} on "{condition.key.key}"'


def merges(policy: Policy, catalog: Catalog) -> Iterator[Merge]:
    """List the statements that can be one.

    They are compared by what they mean; one that a template has a part in is like no other.
    """
    merged = set()
    for found in _with_other_actions(policy, catalog):
        merged |= {found.first, *found.others}
        yield found
    yield from _with_other_values(policy, catalog, merged)


def _with_other_actions(policy: Policy, catalog: Catalog) -> Iterator[Merge]:
    """List the statements with equal effect, resources, conditions and principals."""
    alike: dict[tuple[bool, frozenset[RequestScope]], list[int]] = {}
    for place, statement in enumerate(policy.statements):
        units = scopes_of(statement, policy, catalog)
        is_plain = len(statement.action_texts) == len(statement.actions) > 0
        if units and is_plain and not statement.negates_actions:
            alike.setdefault((statement.allows, units), []).append(place)
    for first, *others in alike.values():
        if others:
            yield Merge(first, tuple(others))


def _with_other_values(policy: Policy, catalog: Catalog, merged: set[int]) -> Iterator[Merge]:
    """List the Allow statements that are equal but for the values of one condition."""
    alike: dict[object, dict[int, Condition]] = {}
    for place, statement in enumerate(policy.statements):
        if place in merged or not statement.allows:
            continue
        if not 0 < len(statement.conditions) <= MAX_MERGED_CONDITIONS:
            continue
        if len(statement.action_texts) < len(statement.actions):
            continue
        for key, condition in _but_for_values(statement, policy, catalog):
            alike.setdefault(key, {})[place] = condition
    for conditions in alike.values():
        first, *others = conditions
        if others and merged.isdisjoint(conditions):
            merged |= conditions.keys()
            yield Merge(first, tuple(others), conditions)


def _but_for_values(
    statement: Statement, policy: Policy, catalog: Catalog
) -> Iterator[tuple[object, Condition]]:
    """What a statement says apart from the values of a condition, for each that is met by any."""
    units = scopes_of(statement, policy, catalog) or frozenset()
    actions = statement.negates_actions, frozenset(statement.lower_action_names)
    targets = frozenset(unit[:2] for unit in units)
    for clauses in {unit.conditions for unit in units}:
        for condition in statement.conditions:
            written = condition.operator.key
            clause = canonical_condition(written, condition.key.key, list(condition.names))
            if (
                clause in clauses
                and clause.operator in _OF_ANY_VALUE
                and clause.qualifier != "ForAllValues"
                and len(condition.names) == condition.value_count
                and not any(OPENER in value for value in condition.names)
            ):
                yield (actions, targets, clauses - {clause}, written, clause.key), condition


def scopes_of(
    statement: Statement, policy: Policy, catalog: Catalog
) -> frozenset[RequestScope] | None:
    """What a statement says of each of its actions; None if that is not known."""
    try:
        return frozenset(StatementSemantics(statement, policy, catalog).scopes)
    except UndecidableError:
        return None


def merge(policy: Policy, wanted: Sequence[Merge]) -> Iterator[Edit]:
    """Give the first of each group of statements what the others have, and drop those."""
    element = policy.element("Statement")
    if element is None or not isinstance(element.value.value, Array):
        return
    gone: list[Node] = []
    for first, others, conditions in wanted:
        gone += (policy.statements[place].node for place in others)
        places = (first, *others)
        if conditions:
            member = conditions[first].key
            listed = [[*conditions[place].texts] for place in places]
            yield from _joined(policy, member, listed, lambda text: text)
        elif action := policy.statements[first].action:
            listed = [[*policy.statements[place].action_texts] for place in places]
            yield from _joined(policy, action, listed, str.lower)
    gone.sort(key=lambda node: node.span)
    yield from remove_items(policy.source, element.value, gone)


def _joined(
    policy: Policy,
    member: Member,
    listed: Sequence[Sequence[tuple[Node, str]]],
    same: Callable[[str], str],
) -> Iterator[Edit]:
    """Give a member, which has the first of some lists, the texts of the others as well."""
    first, *others = listed
    there = {same(text) for _, text in first}
    added: dict[str, str] = {}
    for _, text in chain.from_iterable(others):
        if same(text) not in there:
            added.setdefault(same(text), text)
    if added:
        last, text = first[-1]
        yield from rewrite_items(policy.source, member.value, {last: [text, *added.values()]})


def minified(policy: Policy) -> str:
    """The text of a policy with no whitespace between values; each string as it was written."""
    parts: list[str] = []
    _write(policy.root, policy.source.text, parts)
    return "".join(parts)


def minify(policy: Policy) -> tuple[Edit, ...]:
    """Take the whitespace out of a policy."""
    text = minified(policy)
    start, end = policy.root.span
    return () if policy.source.text[start:end] == text else (Edit(policy.root.span, text),)


def _write(node: Node, text: str, parts: list[str]) -> None:
    # The loader bounds the depth.
    if isinstance(node.value, Object):
        for at, member in enumerate(node.value):
            parts += "," if at else "{", _of(member.key_span, text), ":"
            _write(member.value, text, parts)
        parts.append("}" if node.value else "{}")
    elif isinstance(node.value, Array):
        for at, item in enumerate(node.value):
            parts.append("," if at else "[")
            _write(item, text, parts)
        parts.append("]" if node.value else "[]")
    else:
        parts.append(_of(node.span, text))


def _of(span: Span, text: str) -> str:
    return text[span.start : span.end]
