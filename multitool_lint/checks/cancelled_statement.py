"""Allow statements that other statements of the policy deny completely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement

if TYPE_CHECKING:
    from multitool_lint.policy.compare.effort import Effort
    from multitool_lint.policy.compare.question import Search
    from multitool_lint.policy.compare.statement import StatementSemantics


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement that other statements deny completely."""
    denies = [
        (statement, _condition_keys(statement), actions_of(statement, context.catalog))
        for statement in policy.statements
        if statement.effect == "Deny"
    ]
    with_keys = Counter(keys for _, keys, _ in denies)
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
            # Of keys that the Allow does not restrict, one Deny leaves something, two may not.
            if conditions <= keys or with_keys[conditions] > 1:
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
    """The Deny statements that together take all that an Allow gives, none if something is left."""
    from multitool_lint.policy.compare.effort import Effort
    from multitool_lint.policy.compare.question import Search
    from multitool_lint.policy.compare.statement import UndecidableError

    effort = Effort()
    search = Search(effort)
    taking: list[StatementSemantics] = []
    try:
        groups = {frozenset(group) for group in _about_the_same(allow, denies, effort)}
        if _take_all(allow, groups, search):
            taking = [deny for deny in denies if any(deny in group for group in groups)]
        for deny in tuple(taking):
            others = {group - {deny} for group in groups}
            if _take_all(allow, others, search):
                groups = others
                taking.remove(deny)
    except UndecidableError:
        return []
    return taking


def _about_the_same(
    allow: StatementSemantics, denies: Sequence[StatementSemantics], effort: Effort
) -> Iterator[Iterable[StatementSemantics]]:
    """The Deny statements about each of the actions of an Allow."""
    from multitool_lint.policy.compare.blocks import blocks_of

    for about, actions, _ in blocks_of((allow, *denies), effort.spend):
        if about & 1 and actions:
            yield (deny for at, deny in enumerate(denies, 1) if about >> at & 1)
    # NotAction is also about all that AWS will add.
    for name in {"*"} if allow.names.negated else allow.foreign:
        yield (deny for deny in denies if _has(deny, name))


def _take_all(
    allow: StatementSemantics, groups: Iterable[frozenset[StatementSemantics]], search: Search
) -> bool:
    """Whether the statements of each group are about all requests that an Allow is about."""
    from multitool_lint.policy.compare.rows import Row

    rows = [tuple(Row.of(deny.scopes) for deny in group) for group in groups]
    return all(
        group and search.find(scope, group) is None for group in rows for scope in allow.scopes
    )


def _has(deny: StatementSemantics, name: str) -> bool:
    """Whether it denies all that a pattern for actions outside the catalog matches."""
    return deny.names.have(name) and not (deny.names.negated and has_wildcard(name))


def _name(statement: Statement) -> str:
    sid = statement.sid
    return f"Statement {quoted(sid.value)}" if sid and sid.value else "This statement"
