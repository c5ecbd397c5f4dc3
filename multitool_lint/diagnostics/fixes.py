"""Giving a condition another operator, where no other condition is touched by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.patch.change import Change, rename
from multitool_lint.syntax.tree import Object

if TYPE_CHECKING:
    from multitool_lint.policy.document import Condition, Statement


def rename_operator(statement: Statement, condition: Condition, name: str) -> Change | None:
    """Write another operator; None if other keys stand under the old one, or it stands already."""
    keys = condition.operator.value.value
    if not isinstance(keys, Object) or len(keys) != 1:
        return None
    if any(sibling.operator.key.lower() == name.lower() for sibling in statement.conditions):
        return None
    return rename(condition.operator, name)
