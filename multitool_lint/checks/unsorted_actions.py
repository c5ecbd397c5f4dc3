"""Lists of actions that are not in alphabetical order."""

from __future__ import annotations

from itertools import chain, islice, pairwise
from operator import le
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Fix, Safety
from multitool_lint.syntax.source import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.diagnostics.finding import Context, Finding
    from multitool_lint.policy.document import Policy, Statement


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every list that is out of order, at the first value that is."""
    for statement in policy.statements:
        # Where a part is decided elsewhere, so is its place.
        if len(statement.action_names) < statement.action_count:
            continue
        names, folded = statement.action_names, statement.lower_action_names
        if _is_sorted(folded) or _is_sorted(names):
            continue
        place = next(at for at, (one, next_) in enumerate(pairwise(folded), 1) if next_ < one)
        edits = _sort(context.policy.source.text, statement)
        yield context.finding(
            statement.action_node(place),
            f'"{names[place]}" comes before "{names[place - 1]}" in alphabetical order',
            fixes=(Fix("put the actions in order", edits, Safety.SAFE),),
        )


def _is_sorted(names: Sequence[str]) -> bool:
    # Ends at the first that is out of order, which sorting them would not.
    return all(map(le, names, islice(names, 1, None)))


def _sort(text: str, statement: Statement) -> tuple[Edit, ...]:
    """Put the values of a list in order, each as it is written."""
    names, nodes = statement.lower_action_names, statement.actions
    ordered = sorted(range(len(names)), key=names.__getitem__)
    moved = [at for at, new in enumerate(ordered) if new != at]
    first, last = moved[0], moved[-1]
    spans = [node.span for node in nodes[first : last + 1]]
    values = [text[slice(*spans[new - first])] for new in ordered[first : last + 1]]
    between = [text[one.end : next_.start] for one, next_ in pairwise(spans)]
    together = "".join(chain.from_iterable(zip(values, [*between, ""], strict=True)))
    return (Edit(Span(spans[0].start, spans[-1].end), together),)
