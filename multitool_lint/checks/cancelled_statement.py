"""Allow statements that other statements of the policy deny completely."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.policy.coverage import Coverage
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.in_force import all_excluding_elements
from multitool_lint.policy.merged_sids import lasting_statements


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement that other statements deny completely."""
    statements = lasting_statements(policy)
    denies = [statement for statement in statements if statement.effect == "Deny"]
    coverage = Coverage(policy, context.catalog)
    for statement in statements if denies else ():
        if any(all_excluding_elements(statement)):
            continue  # it allows nothing anyway
        near = coverage.near(statement, denies) if statement.allows else []
        if cancelled := coverage.by_one(statement, near) or coverage.by_several(statement, near):
            yield context.finding(
                statement.sid or statement.node,
                f"{_name(statement)} has no effect: the policy denies everything that it allows",
                label="has no effect",
                related=tuple(
                    related(deny.statement.sid or deny.statement.node, "denies it")
                    for deny in cancelled.by
                ),
                help="remove the statement, or limit what the Deny statements deny",
            )


def _name(statement: Statement) -> str:
    sid = statement.sid.value if statement.sid else None
    return f"Statement {quoted(sid)}" if sid and isinstance(sid, str) else "This statement"
