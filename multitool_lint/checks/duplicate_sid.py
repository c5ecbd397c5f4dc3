"""Sids that more than one statement has."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.diagnostics.fixes import safe
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node, strings_of


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Sid that an earlier statement has."""
    sids = list(strings_of(statement.sid for statement in policy.statements if statement.sid))
    first: dict[str, Node] = {}
    taken = {sid for _, sid in sids}
    # Where the last search for the same Sid ended, so that a thousand of them take linear time.
    numbers: dict[str, int] = {}
    recommended = policy.type is PolicyType.RESOURCE
    for node, sid in sids:
        if sid and sid in first:
            new, numbers[sid] = _free(sid, taken, numbers.get(sid, 2))
            taken.add(new)
            yield context.finding(
                node,
                f"Sid {quoted(sid)} is already used by an earlier statement",
                label="is not unique",
                notes=() if recommended else ("AWS requires the Sids of a policy to be unique",),
                help="give each statement its own Sid",
                related=(related(first[sid], "first used here"),),
                issue_code="UNIQUE_SIDS_RECOMMENDED" if recommended else "UNIQUE_SIDS_REQUIRED",
                severity=Severity.WARNING if recommended else None,
                fixes=safe(f"Rename it to {quoted(new)}", set_value(node, new)),
            )
        first.setdefault(sid, node)


def _free(sid: str, taken: set[str], number: int) -> tuple[str, int]:
    """A Sid that no statement has, and the next number to try for the same Sid."""
    while f"{sid}{number}" in taken:
        number += 1
    return f"{sid}{number}", number + 1
