"""Statements that differ in nothing but their actions, made one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.syntax.patch.json import remove_items, rewrite_items
from multitool_lint.syntax.source import Edit
from multitool_lint.syntax.tree import Array, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.scope import RequestScope
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.syntax.source import Span
    from multitool_lint.syntax.tree import Node


class Merge(NamedTuple):
    """Statements, by their places in the policy, that become the first of them."""

    first: int
    others: tuple[int, ...]


def merges(policy: Policy, catalog: Catalog) -> Iterator[Merge]:
    """List the statements with equal effect, resources, conditions and principals.

    They are compared by what they mean; one that a template has a part in is like no other.
    """
    alike: dict[tuple[bool, frozenset[RequestScope]], list[int]] = {}
    for place, statement in enumerate(policy.statements):
        units = scopes_of(statement, policy, catalog)
        is_plain = len(statement.action_texts) == len(statement.actions) > 0
        if units and is_plain and not statement.negates_actions:
            alike.setdefault((statement.allows, units), []).append(place)
    for first, *others in alike.values():
        if others:
            yield Merge(first, tuple(others))


def scopes_of(
    statement: Statement, policy: Policy, catalog: Catalog
) -> frozenset[RequestScope] | None:
    """What a statement says of each of its actions; None if that cannot be told."""
    try:
        return frozenset(StatementSemantics(statement, policy, catalog).scopes)
    except UndecidableError:
        return None


def merge(policy: Policy, wanted: Sequence[Merge]) -> Iterator[Edit]:
    """Give the first of each group of statements the actions of the others, and drop those."""
    element = policy.element("Statement")
    if element is None or not isinstance(element.value.value, Array):
        return
    gone: list[Node] = []
    for first, others in wanted:
        kept = policy.statements[first]
        there = {text.lower() for _, text in kept.action_texts}
        fresh: list[str] = []
        for place in others:
            gone.append(policy.statements[place].node)
            for _, text in policy.statements[place].action_texts:
                if text.lower() not in there:
                    there.add(text.lower())
                    fresh.append(text)
        if fresh and kept.action:
            last, text = kept.action_texts[-1]
            yield from rewrite_items(policy.source, kept.action.value, {last: [text, *fresh]})
    gone.sort(key=lambda node: node.span)
    yield from remove_items(policy.source, element.value, gone)


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
