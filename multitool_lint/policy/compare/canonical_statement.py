"""A statement as it is written, without its formatting."""

from __future__ import annotations

from multitool_lint.policy.compare.statement import has_variables
from multitool_lint.policy.compare.unknown_texts import unknown_text
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object


def canonical_statement(statement: Statement, policy: Policy) -> object:
    """A statement as it is written, without its formatting: what is equal means the same."""
    members = statement.node.value
    if not isinstance(members, Object):
        return _plain(statement.node, policy.source)
    kept = Object(member for member in members if member.key != "Sid")
    return _plain(Node(statement.node.span, kept, ""), policy.source), has_variables(policy)


def _plain(node: Node, source: Source) -> object:
    value = node.value
    if isinstance(value, Object):
        return "{}", *((member.key, _plain(member.value, source)) for member in value)
    if isinstance(value, Array):
        return "[]", *(_plain(item, source) for item in value)
    if isinstance(value, float):
        return "float", source.text[node.span.start : node.span.end]
    if value is UNKNOWN:
        return unknown_text(source.part(node.span))
    return type(value).__name__, value
