"""Statements with actions that another statement of the policy already covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.patterns import covers
from multitool_lint.diagnostics.finding import REDUNDANT, Context, Finding, Fix, quoted, related
from multitool_lint.diagnostics.fixes import count, drop_covered, drop_on_request
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.merged_sids import lasting_statements

if TYPE_CHECKING:
    from multitool_lint.policy.coverage_proof import Proof


class _Covered(NamedTuple):
    """The number of an action in its statement, the statement that covers it, and how."""

    at: int
    by: Statement
    same: bool
    """Whether each covers the other: which of them stays is a matter of order."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement of which another one covers some actions, but not all.

    A statement of which all actions are covered is redundant, and covers nothing here.
    """
    statements = [
        statement for statement in lasting_statements(policy) if _is_comparable(statement)
    ]
    pairs = _pairs(statements)
    if not pairs:
        return
    # Few policies have statements with actions in common.
    from multitool_lint.policy.coverage_proof import Proof

    proof = Proof(policy, context.catalog)
    covered = {
        narrow: _covered(narrow, pairs[narrow], proof) for narrow in statements if narrow in pairs
    }
    whole = {
        statement
        for statement, found in covered.items()
        if len({action.at for action in found}) == statement.action_count
    }
    order = {statement: at for at, statement in enumerate(statements)}
    for narrow, found in covered.items():
        by_other: dict[Statement, dict[int, _Covered]] = {}
        reported: set[int] = set()
        for action in found if narrow not in whole else ():
            earlier = order[action.by] < order[narrow]
            if action.by in whole or action.at in reported or (action.same and not earlier):
                continue
            reported.add(action.at)
            by_other.setdefault(action.by, {})[action.at] = action
        for other, actions in by_other.items():
            yield _finding(policy, context, narrow, other, list(actions.values()))


def _is_comparable(statement: Statement) -> bool:
    """Whether it lists actions, and all that it says is known."""
    return (
        statement.effect in ("Allow", "Deny")
        and not statement.negates_actions
        and 0 < statement.action_count == len(statement.action_names)
        and statement.resource_count == len(statement.resource_names)
    )


def _pairs(statements: Sequence[Statement]) -> dict[Statement, list[tuple[int, Statement, bool]]]:
    """The actions of statements that others with the same effect have, too.

    Each with its number, the other statement, and whether that one has just the same action.
    """
    by_name: dict[tuple[str | None, str], list[Statement]] = {}
    by_service: dict[tuple[str | None, str], list[tuple[str, Statement]]] = {}
    for statement in statements:
        names = statement.lower_action_names
        for name in dict.fromkeys(names):
            by_name.setdefault((statement.effect, name), []).append(statement)
        for at in statement.wildcards:
            prefix = names[at].partition(":")[0]
            by_service.setdefault((statement.effect, prefix), []).append((names[at], statement))
    left = MAX_COMPARISONS
    found: dict[Statement, list[tuple[int, Statement, bool]]] = {}
    for statement in statements:
        for at, name in enumerate(statement.lower_action_names):
            same = by_name[statement.effect, name]
            wider = by_service.get((statement.effect, name.partition(":")[0]), ())
            left -= len(same) + len(wider)
            if left < 0:
                return found
            others = [(at, other, True) for other in same if other is not statement]
            others += [
                (at, other, covers(name, pattern))
                for pattern, other in wider
                if other is not statement and pattern != name and covers(pattern, name)
            ]
            if others:
                found.setdefault(statement, []).extend(others)
    return found


def _covered(
    narrow: Statement, pairs: Sequence[tuple[int, Statement, bool]], proof: Proof
) -> list[_Covered]:
    """Those of the actions whose requests another statement has, too."""
    within = {other: proof.is_within(narrow, other) for _, other, _ in pairs}
    return [
        _Covered(at, other, same and proof.is_within(other, narrow))
        for at, other, same in pairs
        if within[other]
    ]


def _finding(
    policy: Policy,
    context: Context,
    narrow: Statement,
    other: Statement,
    actions: Sequence[_Covered],
) -> Finding:
    first, *others = [narrow.action_node(action.at) for action in actions]
    verb = "allows" if narrow.allows else "denies"
    subject = f'"{first.value}"' if not others else count(len(actions), "action")
    title = f"{_name(policy, other)} already {verb} {subject}"
    return context.finding(
        first,
        title[0].upper() + title[1:],
        label=REDUNDANT,
        related=(
            *(related(node, REDUNDANT) for node in others),
            related(other.sid or other.node, f"already {verb} {'it' if not others else 'them'}"),
        ),
        help="remove it here, or restrict the other statement"
        if not others
        else "remove them here, or restrict the other statement",
        fixes=(_fix(policy, narrow, other, actions),),
        issue_code="",  # Access Analyzer has no check for it
    )


def _fix(policy: Policy, narrow: Statement, other: Statement, actions: Sequence[_Covered]) -> Fix:
    """Remove the actions, but only on request where an Allow stays that allows more."""
    nodes = [narrow.action_node(action.at) for action in actions]
    if not narrow.allows or all(action.same for action in actions):
        return drop_covered(nodes, "action")
    return drop_on_request(nodes, "action", _name(policy, other))


def _name(policy: Policy, statement: Statement) -> str:
    if statement.sid and isinstance(statement.sid.value, str) and statement.sid.value:
        return f"statement {quoted(statement.sid.value)}"
    return f"statement {policy.statements.index(statement) + 1}"
