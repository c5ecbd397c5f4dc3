"""Which items of a list became which of another one, so that each is changed where it stands."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from multitool_lint.syntax.tree import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.syntax.tree import Node

    Change = tuple[str, int, int, int, int]
    """As difflib has it: a tag, and from where to where before and after."""

_COMPARISONS_AT_MOST = 20_000


def changes(before: Sequence[str], after: Sequence[str]) -> Sequence[Change]:
    """What becomes of texts, what stays included."""
    return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def item_changes(
    before: Sequence[Node], after: Sequence[Node], text: Callable[[Node], str]
) -> Iterator[Change]:
    """What becomes of the items of a list; `text` is what they are compared by.

    Of objects, as statements are, those that share the most members are taken for the same: one
    that was merged into another, or split in two, is not mistaken for the next one.
    """
    for change in changes([text(each) for each in before], [text(each) for each in after]):
        tag, start, end, first, last = change
        olds, news = before[start:end], after[first:last]
        several = len(olds) * len(news) > 1
        if tag == "replace" and several and all(_is_object(each) for each in (*olds, *news)):
            for tag_, one, two, three, four in _alike(olds, news, text):
                yield tag_, start + one, start + two, first + three, first + four
        else:
            yield change


def _is_object(node: Node) -> bool:
    return isinstance(node.value, Object)


def _alike(
    olds: Sequence[Node], news: Sequence[Node], text: Callable[[Node], str]
) -> Iterator[Change]:
    """Pairs that share the most in all, in order, and what is left between them."""
    if len(olds) * len(news) > _COMPARISONS_AT_MOST:
        yield "replace", 0, len(olds), 0, len(news)
        return
    sets = [[_members(each, text) for each in nodes] for nodes in (olds, news)]
    # best[i][j]: what can be shared by the olds from i on and the news from j on.
    best = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in reversed(range(len(olds))):
        for j in reversed(range(len(news))):
            paired = 1 + 2 * len(sets[0][i] & sets[1][j]) + best[i + 1][j + 1]
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(olds) or j < len(news):
        one, two = i, j
        # What goes, or comes, goes or comes as one.
        while i < len(olds) and (j == len(news) or best[i][j] == best[i + 1][j]):
            i += 1
        if i == one:
            while j < len(news) and (i == len(olds) or best[i][j] == best[i][j + 1]):
                j += 1
        if (i, j) == (one, two):
            i, j = i + 1, j + 1
        yield (
            ("replace" if i > one and j > two else "delete" if i > one else "insert"),
            one,
            i,
            two,
            j,
        )


def _members(node: Node, text: Callable[[Node], str]) -> set[tuple[str, str]]:
    value = node.value if isinstance(node.value, Object) else Object()
    return {(each.key, text(each.value)) for each in value}
