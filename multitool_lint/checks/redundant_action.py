"""Actions that another action of the same statement covers."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.edits import remove_items
from multitool_lint.findings import LISTED_AT_MOST, Fix, Safety, related
from multitool_lint.iam.patterns import covers, has_wildcard, literal_prefix
from multitool_lint.policy import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.findings import Context, Finding
    from multitool_lint.iam.actions import ActionSet
    from multitool_lint.policy import Member, Node, Policy, Statement

COMPARISONS_AT_MOST = 200_000
"""Per statement: far more than what IAM's largest policy needs. No input makes the check slow."""

_SIZE_OF_ONE = 2048  # more than the product of the lengths of two actions as policies have them


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action that makes others of its statement redundant."""
    for statement in policy.statements:
        if statement.action and len(statement.actions) > 1:
            for wide, covered in _redundancies(statement.action_texts):
                yield _finding(context, statement, statement.action, wide, covered)


def _redundancies(actions: Sequence[tuple[Node, str]]) -> Iterator[tuple[Node, list[Node]]]:
    """Each action that covers others, with those; of equal ones the first covers the later."""
    same: dict[str, list[Node]] = {}
    for node, text in actions:
        same.setdefault(text.lower(), []).append(node)
    patterns = list(filter(has_wildcard, same))
    if not patterns and len(same) == len(actions):
        return
    owner = _owners(sorted(same), patterns)
    covered: dict[str, list[Node]] = {name: nodes[1:] for name, nodes in same.items()}
    for narrow, wide in owner.items():
        covered[_root(owner, wide)] += [same[narrow][0], *covered[narrow]]
    for name, nodes in covered.items():
        if nodes and name not in owner:
            yield same[name][0], sorted(nodes, key=lambda node: node.span)


def _owners(names: Sequence[str], patterns: Sequence[str]) -> dict[str, str]:
    """For each name that a pattern covers, that pattern."""
    owner: dict[str, str] = {}
    comparisons = 0
    # The shortest literal beginning first: what covers much is asked before what it covers itself.
    for wide in sorted(patterns, key=lambda name: (len(literal_prefix(name)), len(name), name)):
        if wide in owner:
            continue
        prefix = literal_prefix(wide)
        for narrow in islice(names, bisect_left(names, prefix), None):
            if not narrow.startswith(prefix) or comparisons > COMPARISONS_AT_MOST:
                break
            comparisons += 1 + len(wide) * len(narrow) // _SIZE_OF_ONE
            if narrow != wide and narrow not in owner and covers(wide, narrow):
                owner[narrow] = wide
    return owner


def _root(owner: dict[str, str], name: str) -> str:
    while name in owner:
        name = owner[name]
    return name


def _finding(
    context: Context, statement: Statement, element: Member, wide: Node, covered: list[Node]
) -> Finding:
    source = context.policy.source
    drop_covered = Fix(
        f"drop the {_count(len(covered), 'action')} that it covers: same access",
        remove_items(source, element.value, covered),
        Safety.SAFE,
    )
    fixes = [drop_covered]
    beyond = _beyond(context, wide, covered)
    if not has_wildcard(str(wide.value)):
        message = f'"{wide.value}" stands {len(covered) + 1} times in this {element.key}'
    else:
        message = f'"{wide.value}" covers {_count(len(covered), "other")} of this {element.key}'
        if not beyond:
            message += " and matches nothing else"
        elif element.key == "Action":
            verb = "grants" if statement.allows else "denies"
            message += f" and {verb} {len(beyond):,} more: {_listed(context, beyond)}"
        # Without it a Deny denies less and a NotAction leaves out less: only an Allow gets smaller.
        if beyond and statement.allows and element.key == "Action":
            drop_wide = Fix(
                f'drop "{wide.value}", keep the others: {_count(len(beyond), "action")} fewer',
                remove_items(source, element.value, [wide]),
                Safety.UNSAFE,
            )
            fixes.append(drop_wide)
    return context.finding(
        wide,
        message,
        related=tuple(related(node, f'covers "{node.value}"') for node in covered),
        fixes=tuple(fixes),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _beyond(context: Context, wide: Node, covered: list[Node]) -> ActionSet:
    """What the wildcard matches and no covered action names."""
    beyond = context.catalog.match(str(wide.value))
    for _, text in texts(covered):
        beyond -= context.catalog.match(text)
    return beyond


def _listed(context: Context, actions: ActionSet) -> str:
    shown = ", ".join(islice(context.catalog.names(actions), LISTED_AT_MOST))
    left = len(actions) - LISTED_AT_MOST
    return f"{shown} and {left:,} more" if left > 0 else shown
