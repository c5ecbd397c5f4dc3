"""Actions that another action of the same statement covers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.patterns import covers, has_wildcard
from multitool_lint.diagnostics.finding import (
    Context,
    Finding,
    Fix,
    enumerate_briefly,
    related,
)
from multitool_lint.diagnostics.fixes import count, drop_covered, drop_either
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_ACTION_COMPARISONS, MAX_LISTED_NAMES
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Member, Node, strings_of


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action that makes others of its statement redundant."""
    for statement in policy.statements:
        if statement.action and statement.action_count > 1:
            for wide, covered in _redundancies(statement):
                yield _finding(context, statement, statement.action, wide, covered)


def _redundancies(statement: Statement) -> Iterator[tuple[Node, list[Node]]]:
    """Each action that covers others, with those; of equal ones the first covers the later."""
    names = statement.lower_action_names
    if not statement.wildcards and len(set(names)) == len(names):
        return
    from multitool_lint.aws.redundancy import redundant

    for wide, covered in redundant(names, covers, at_most=MAX_ACTION_COMPARISONS).items():
        yield statement.action_node(wide), [statement.action_node(at) for at in covered]


def _finding(
    context: Context, statement: Statement, element: Member, wide: Node, covered: list[Node]
) -> Finding:
    fixes: tuple[Fix, ...] = (drop_covered(covered, "action"),)
    beyond = _beyond(context, wide, covered)
    adds = bool(beyond) and statement.allows and element.key == "Action"
    if not has_wildcard(str(wide.value)):
        message = f'"{wide.value}" is listed {len(covered) + 1} times in this {element.key}'
    else:
        names = enumerate_briefly([f'"{node.value}"' for node in covered], 2)
        message = f'"{wide.value}" makes {names} redundant in this {element.key}'
        if not beyond:
            message += " and matches nothing else"
        elif element.key == "Action":
            verb = "grants" if statement.allows else "denies"
            message += f" and {verb} {len(beyond):,} more: {_listed(context, beyond)}"
        # Without it a Deny denies less and a NotAction leaves out less: only an Allow gets smaller.
        # What it covers must not go unasked: the finding would end, and the wildcard stay.
        if adds:
            fewer = f"{count(len(beyond), 'action')} fewer"
            loss = f" ({fewer}, also with tighten --drop-wildcards)"
            fixes = drop_either(covered, wide, "action", loss)
    return context.finding(
        wide,
        message,
        related=tuple(related(node, f'covers "{node.value}"') for node in covered),
        fixes=fixes,
        severity=Severity.WARNING if adds and has_wildcard(str(wide.value)) else None,
    )


def _beyond(context: Context, wide: Node, covered: list[Node]) -> ActionSet:
    """What the wildcard matches and no covered action names."""
    beyond = context.catalog.match(str(wide.value))
    for _, text in strings_of(covered):
        beyond -= context.catalog.match(text)
    return beyond


def _listed(context: Context, actions: ActionSet) -> str:
    shown = ", ".join(islice(context.catalog.names(actions), MAX_LISTED_NAMES))
    left = len(actions) - MAX_LISTED_NAMES
    return f"{shown} and {left:,} more" if left > 0 else shown
