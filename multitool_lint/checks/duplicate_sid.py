"""Sids that stand more than once."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node, strings_of


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every Sid that an earlier statement has."""
    sids = list(strings_of(statement.sid for statement in policy.statements if statement.sid))
    first: dict[str, Node] = {}
    taken = {sid for _, sid in sids}
    # Where the last search of the same Sid ended: a thousand of them would begin anew each time.
    numbers: dict[str, int] = {}
    recommended = policy.type is PolicyType.RESOURCE
    for node, sid in sids:
        if sid and sid in first:
            new, numbers[sid] = _free(sid, taken, numbers.get(sid, 2))
            taken.add(new)
            advice = "give each its own" if recommended else "AWS requires each to have its own"
            yield context.finding(
                node,
                f'"{sid}" is the Sid of an earlier statement; {advice}',
                related=(related(first[sid], "first used here"),),
                issue_code="UNIQUE_SIDS_RECOMMENDED" if recommended else "UNIQUE_SIDS_REQUIRED",
                severity=Severity.WARNING if recommended else None,
                fixes=(Fix(f'rename it to "{new}"', (set_value(node, new),), Safety.SAFE),),
            )
        first.setdefault(sid, node)


def _free(sid: str, taken: set[str], number: int) -> tuple[str, int]:
    """A Sid that no statement has, and the first number that may be free after it."""
    while f"{sid}{number}" in taken:
        number += 1
    return f"{sid}{number}", number + 1
