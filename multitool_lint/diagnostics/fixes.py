"""The fixes that several checks offer."""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.diagnostics.finding import Fix, Safety, counted, quoted
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.patch.change import Change, insert_first, remove, rename, set_value
from multitool_lint.syntax.tree import Array, Node, Object

ON_REQUEST = "(access unchanged, with fix --keep-wildcards)"
"""How the title of a fix ends that nobody wants unless the wildcards are intended."""


def safe(title: str, *changes: Change) -> tuple[Fix, ...]:
    """The only fix of a finding, which changes no access."""
    return (Fix(f"{title} (access unchanged)", changes, Safety.SAFE),)


def unsafe(title: str, *changes: Change) -> tuple[Fix, ...]:
    """The only fix of a finding, which may change access."""
    return (Fix(title, changes, Safety.UNSAFE),)


def write(node: Node, text: str) -> tuple[Fix, ...]:
    """Replace a value with another text, which changes access."""
    return unsafe(f"Replace with {quoted(text)}", set_value(node, text))


def write_operator(statement: Statement, condition: Condition, name: str) -> tuple[Fix, ...]:
    """Give a condition another operator, where no other condition is affected by that."""
    change = rename_operator(statement, condition, name)
    return unsafe(f"Change the operator to {name}", change) if change else ()


def rename_operator(statement: Statement, condition: Condition, name: str) -> Change | None:
    """The change of an operator; None if it has other keys, or the statement has the new one."""
    keys = condition.operator.value.value
    if not isinstance(keys, Object) or len(keys) != 1:
        return None
    if any(sibling.operator.key.lower() == name.lower() for sibling in statement.conditions):
        return None
    return rename(condition.operator, name)


def move_key(statement: Statement, condition: Condition, name: str) -> tuple[Fix, ...]:
    """Give one key of several another operator, which the statement may have for other keys."""
    texts, whole = condition.names, statement.members.find("Condition")
    if whole is None or len(texts) < condition.value_count:
        return ()
    key = condition.key.key
    value = list(texts) if isinstance(condition.key.value.value, Array) else texts[0]
    new = insert_first(whole.value, name, {key: value})
    for sibling in statement.conditions:
        if sibling.operator.key.lower() == name.lower():
            if sibling.lower_key == condition.lower_key:
                return ()
            new = insert_first(sibling.operator.value, key, value)
    return unsafe(f"Move {key} to {name}", remove(condition.key), new)


def drop_covered(nodes: Sequence[Node], noun: str) -> Fix:
    """Remove values that another value covers, which changes no access."""
    title = f"Remove {_the(len(nodes), f'redundant {noun}')} (access unchanged)"
    return Fix(title, tuple(map(remove, nodes)), Safety.SAFE)


def drop_beside(covered: Sequence[Node], wide: Node, noun: str) -> Fix:
    """On request, remove what a wildcard covers that grants more: the wildcard stays."""
    return drop_on_request(covered, noun, f'"{wide.value}"')


def drop_on_request(covered: Sequence[Node], noun: str, kept: str) -> Fix:
    """On request, remove what something wider covers, which stays."""
    title = f"Remove {_the(len(covered), f'redundant {noun}')} and keep {kept} {ON_REQUEST}"
    return Fix(title, tuple(map(remove, covered)), Safety.MANUAL)


def drop_statement(policy: Policy, statement: Statement) -> tuple[Fix, ...]:
    """Remove a statement that changes no access, if it is in a list."""
    element = policy.element("Statement")
    if element is None or not isinstance(element.value.value, Array):
        return ()
    return safe("Remove the statement", remove(statement.node))


def drop_statement_beside(
    policy: Policy, statement: Statement, title: str, *, everything: bool
) -> tuple[Fix, ...]:
    """On request, remove a statement that a wider one includes, which stays."""
    return tuple(
        Fix(f"{title} {ON_REQUEST}", fix.changes, Safety.MANUAL, keeps_everything=everything)
        for fix in drop_statement(policy, statement)
    )


def _the(number: int, noun: str) -> str:
    return f"the {noun}" if number == 1 else f"the {counted(number, noun)}"
