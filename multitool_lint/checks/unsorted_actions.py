"""Lists of actions that are not in alphabetical order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from operator import le

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.fixes import safe
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import set_value


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every list that is not sorted, at the first value out of order."""
    for statement in policy.statements:
        # The position of an unknown value is unknown, too.
        if statement.action is None or len(statement.action_names) < statement.action_count:
            continue
        names, folded = statement.action_names, statement.lower_action_names
        if _is_sorted(folded) or _is_sorted(names):
            continue
        pairs = enumerate(pairwise(folded), 1)
        place = next(at for at, (previous, following) in pairs if following < previous)
        yield context.finding(
            statement.action_node(place),
            f"The actions are not in alphabetical order at {quoted(names[place])}",
            label=f"comes before {quoted(names[place - 1])}",
            fixes=safe("Sort the actions", set_value(statement.action.value, _sorted(statement))),
        )


def _is_sorted(names: Sequence[str]) -> bool:
    # Stops at the first action that is out of order, which sorting would not.
    return all(map(le, names, islice(names, 1, None)))


def _sorted(statement: Statement) -> list[str]:
    """The actions in order, ignoring case."""
    return sorted(statement.action_names, key=str.lower)
