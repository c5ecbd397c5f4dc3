"""Statements with actions that another statement of the policy already covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.diagnostics.finding import (
    REDUNDANT,
    Context,
    Finding,
    Fix,
    counted,
    quoted,
    related,
)
from multitool_lint.diagnostics.fixes import (
    drop_covered,
    drop_on_request,
    drop_statement_beside,
)
from multitool_lint.policy.covered_actions import CoveredAction, comparable, covered_actions
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.resources import grants_everything, is_known


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement, and each other one that covers some of its actions."""
    for effect in ("Allow", "Deny"):
        statements = comparable(policy, effect)
        covered = covered_actions(policy, statements, statements, context.catalog)
        # These are redundant as a whole, which another rule reports, and cover nothing here.
        whole = {
            statement
            for statement, found in covered.items()
            if len({action.at for action in found}) == statement.action_count
            and (is_known(statement) or all(action.same for action in found))
        }
        order = {statement: at for at, statement in enumerate(statements)}
        for statement, found in covered.items():
            by_other: dict[Statement, dict[int, CoveredAction]] = {}
            reported: set[int] = set()
            for action in found if statement not in whole else ():
                # Of those that are the same, the first one stays.
                stays = action.by not in whole and not (
                    action.same and order[action.by] > order[statement]
                )
                if stays and action.at not in reported:
                    reported.add(action.at)
                    by_other.setdefault(action.by, {})[action.at] = action
            for other, actions in by_other.items():
                yield _finding(policy, context, statement, other, list(actions.values()))


def _finding(
    policy: Policy,
    context: Context,
    narrow: Statement,
    other: Statement,
    actions: Sequence[CoveredAction],
) -> Finding:
    first, *others = [narrow.action_node(action.at) for action in actions]
    verb = "allows" if narrow.allows else "denies"
    subject = counted(len(actions), "action") if others else f'"{first.value}"'
    them = "them" if others else "it"
    name = _name(policy, other)
    return context.finding(
        first,
        f"S{name[1:]} already {verb} {subject}",
        label=REDUNDANT,
        related=(
            *(related(node, REDUNDANT) for node in others),
            related(other.sid or other.node, f"already {verb} {them}"),
        ),
        help=f"remove {them} here, or restrict the other statement",
        fixes=_fixes(policy, narrow, actions, other),
        issue_code="",  # Access Analyzer has no check for it
    )


def _fixes(
    policy: Policy, narrow: Statement, actions: Sequence[CoveredAction], other: Statement
) -> tuple[Fix, ...]:
    """Remove the actions, but only on request where an Allow stays that allows more."""
    kept, everything = _name(policy, other), grants_everything(other)
    if len(actions) == narrow.action_count:
        title = f"Remove the statement and keep {kept}"
        return drop_statement_beside(policy, narrow, title, everything=everything)
    nodes = [narrow.action_node(action.at) for action in actions]
    if not narrow.allows or all(action.same for action in actions):
        return (drop_covered(nodes, "action"),)
    return (drop_on_request(nodes, "action", kept)._replace(keeps_everything=everything),)


def _name(policy: Policy, statement: Statement) -> str:
    if statement.sid and isinstance(statement.sid.value, str) and statement.sid.value:
        return f"statement {quoted(statement.sid.value)}"
    return f"statement {policy.statements.index(statement) + 1}"
