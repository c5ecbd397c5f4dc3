"""Allow statements that other statements of the policy deny completely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement

if TYPE_CHECKING:
    from multitool_lint.policy.compare.statement import StatementSemantics


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement that other statements deny completely."""
    denies = [
        (statement, _condition_keys(statement), actions_of(statement, context.catalog))
        for statement in policy.statements
        if statement.effect == "Deny"
    ]
    meanings: dict[str, StatementSemantics | None] = {}
    left = MAX_COMPARISONS
    for statement in policy.statements if denies else ():
        left -= len(denies)
        if not statement.allows or left < 0:
            continue
        # This decides most cases without the comparison, which takes time to import.
        keys = _condition_keys(statement)
        remaining = actions_of(statement, context.catalog)
        near = []
        for deny, conditions, actions in denies:
            if conditions <= keys:
                near.append(deny)
                remaining -= actions
        if remaining or not near:
            continue
        for denial in (statement, *near):
            if denial.node.pointer not in meanings:
                meanings[denial.node.pointer] = _meaning(denial, policy, context.catalog)
        allow, *others = (meanings[member.node.pointer] for member in (statement, *near))
        denying = [other for other in others if other]
        left -= len(allow.scopes) * sum(len(deny.scopes) for deny in denying) if allow else 0
        taken = _taking_all(allow, denying) if allow and left >= 0 else []
        if taken:
            yield context.finding(
                statement.sid or statement.node,
                f"{_name(statement)} has no effect: the policy denies everything that it allows",
                label="has no effect",
                related=tuple(
                    related(deny.statement.sid or deny.statement.node, "denies it")
                    for deny in taken
                ),
                help="remove the statement, or limit what the Deny statements deny",
            )


def _condition_keys(statement: Statement) -> frozenset[str]:
    return frozenset(condition.lower_key for condition in statement.conditions)


def _meaning(statement: Statement, policy: Policy, catalog: Catalog) -> StatementSemantics | None:
    """The semantics of a statement; None if unknown, or if no request matches it."""
    from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError

    try:
        meaning = StatementSemantics(statement, policy, catalog)
        has_units = bool(meaning.scopes)
    except UndecidableError:
        return None
    return meaning if has_units else None


def _taking_all(
    allow: StatementSemantics, denies: Sequence[StatementSemantics]
) -> list[StatementSemantics]:
    """The Deny statements that together deny all of an Allow, none if something is left."""
    # NotAction also includes the actions that AWS adds in the future.
    actions, names = allow.actions, {"*"} if allow.names.negated else set(allow.foreign)
    taking = []
    for deny in denies:
        taken = {name for name in names if _has(deny, name)}
        if not taken and not actions & deny.actions:
            continue
        if all(any(scope.covers(unit) for scope in deny.scopes) for unit in allow.scopes):
            taking.append(deny)
            actions -= deny.actions
            names -= taken
    return [] if actions or names else taking


def _has(deny: StatementSemantics, name: str) -> bool:
    """Whether it denies all that a pattern for actions outside the catalog matches."""
    return deny.names.have(name) and not (deny.names.negated and has_wildcard(name))


def _name(statement: Statement) -> str:
    sid = statement.sid
    return f"Statement {quoted(sid.value)}" if sid and sid.value else "This statement"
