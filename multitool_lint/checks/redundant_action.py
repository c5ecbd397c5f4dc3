"""Actions that another action of the same statement makes redundant."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.patterns import covers
from multitool_lint.diagnostics.finding import (
    FILE,
    REDUNDANT,
    Context,
    Finding,
    counted,
    quoted,
    related,
)
from multitool_lint.diagnostics.fixes import drop_beside, drop_covered
from multitool_lint.diagnostics.granting import by_service
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_ACTION_COMPARISONS
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Member, Node, strings_of

_CHANGES = ("Write", "Tagging", "Permissions management")
"""The access levels of actions that do more than list and read."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action that makes others of its statement redundant."""
    for statement in policy.statements:
        if statement.action and statement.action_count > 1:
            for wide, covered in _redundancies(statement):
                yield _finding(context, statement, statement.action, wide, covered)


def _redundancies(statement: Statement) -> Iterator[tuple[Node, list[Node]]]:
    """Each action that covers others, with these; of equal ones, the first covers the others."""
    names = statement.lower_action_names
    if not statement.wildcards and len(set(names)) == len(names):
        return
    from multitool_lint.aws.redundancy import redundant

    for wide, covered in redundant(names, covers, at_most=MAX_ACTION_COMPARISONS).items():
        yield statement.action_node(wide), [statement.action_node(at) for at in covered]


def _finding(
    context: Context, statement: Statement, element: Member, wide: Node, covered: list[Node]
) -> Finding:
    fix = drop_covered(covered, "action")
    beyond = _beyond(context, wide, covered)
    verb = "grants" if statement.allows else "denies"
    label, advice = "", ""
    notes: tuple[str, ...] = ()
    if beyond and element.key == "Action":
        label = f"{verb} {counted(len(beyond), 'more action')}"
        notes = by_service(context.catalog.names(beyond), f"also {verb} ")
    # Without the wildcard, a Deny denies less and a NotAction excludes less: only an Allow grants
    # less. Removing what it covers needs a request: the wildcard would stay, unreported.
    adds = bool(label) and statement.allows
    if adds:
        fix = drop_beside(covered, wide, "action")
        advice = (
            f"keep the listed actions: multitool-lint tighten --drop-wildcards {FILE}; or keep the "
            f"wildcard: multitool-lint fix --keep-wildcards {FILE}"
        )
    return context.finding(
        wide,
        _title(element, wide, covered, f"{verb} {len(beyond):,} more" if label else ""),
        label=label,
        related=tuple(related(node, REDUNDANT) for node in covered),
        notes=notes,
        help=advice,
        fixes=(fix,),
        severity=Severity.WARNING if adds and _list_is_intended(covered, beyond, context) else None,
    )


def _list_is_intended(covered: list[Node], beyond: ActionSet, context: Context) -> bool:
    """Whether the covered actions are likely what is intended, and not the wildcard.

    Several of them are a list of what is needed. A single one was often added to a wildcard that is
    intended, and nobody narrows a wildcard down that only lists and reads more.
    """
    return len(covered) > 1 and bool(context.catalog.at_levels(beyond, _CHANGES))


def _title(element: Member, wide: Node, covered: list[Node], more: str) -> str:
    name = quoted(wide.value)
    if all(str(node.value).lower() == str(wide.value).lower() for node in covered):
        return f"{name} is listed {len(covered) + 1} times in this {element.key}"
    where = "statement" if element.key == "Action" else element.key
    others = f"{len(covered):,} actions in this {where}"
    if len(covered) == 1:
        others = quoted(covered[0].value)
    return f"{name} makes {others} redundant{f' and {more}' if more else ''}"


def _beyond(context: Context, wide: Node, covered: list[Node]) -> ActionSet:
    """The actions that the wildcard matches and no covered action does."""
    beyond = context.catalog.match(str(wide.value))
    for _, text in strings_of(covered):
        beyond -= context.catalog.match(text)
    return beyond
