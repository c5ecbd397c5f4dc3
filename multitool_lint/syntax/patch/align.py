"""Which children of a container became which of another, so that each is changed in its place."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_ALIGNMENTS
from multitool_lint.syntax.patch.change import as_json
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Opcode = tuple[str, int, int, int, int]
    """As difflib has it: a tag, and from where to where before and after."""


def align_items(before: Sequence[Node], after: Sequence[Node]) -> Iterator[Opcode]:
    """What becomes of the items of an array.

    Of objects, as statements are, those that share the most members are taken for the same, and of
    those that share as many, the ones that share the most items of lists in them: one that was
    merged into another, or split in two, is not mistaken for the next one.
    """
    start, behind = _shared_ends(before, after)
    olds, news = before[start : len(before) - behind], after[start : len(after) - behind]
    for tag, i, j, first, last in _opcodes([*map(as_json, olds)], [*map(as_json, news)]):
        several = (j - i) * (last - first) > 1
        if (tag == "replace" and several) and all(
            isinstance(node.value, Object) for node in (*olds[i:j], *news[first:last])
        ):
            opcodes = _most_alike(olds[i:j], news[first:last])
        else:
            opcodes = iter([(tag, 0, j - i, 0, last - first)])
        for inner, *places in opcodes:
            old, old_end, new, new_end = places
            offset, new_offset = start + i, start + first
            yield inner, offset + old, offset + old_end, new_offset + new, new_offset + new_end


def align_members(before: Object, after: Object) -> Iterator[Opcode]:
    """What becomes of members: those that stay as they are first, then those of the same key."""
    if [member.key for member in before] == [member.key for member in after]:
        yield "replace", 0, len(before), 0, len(after)
        return
    whole = [_key_and_value(member) for member in before], [*map(_key_and_value, after)]
    for tag, start, end, first, last in _opcodes(*whole):
        if tag == "equal":
            continue
        keys = (
            [member.key for member in before[start:end]],
            [member.key for member in after[first:last]],
        )
        for inner_tag, i, j, new, new_end in _opcodes(*keys):
            yield inner_tag, start + i, start + j, first + new, first + new_end


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Sequence[Opcode]:
    return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def _shared_ends(before: Sequence[Node], after: Sequence[Node]) -> tuple[int, int]:
    """How many items at the start and at the end are the same objects in both arrays."""
    most = min(len(before), len(after))
    start = 0
    while start < most and before[start] is after[start]:
        start += 1
    behind = 0
    while behind < most - start and before[-1 - behind] is after[-1 - behind]:
        behind += 1
    return start, behind


def _most_alike(olds: Sequence[Node], news: Sequence[Node]) -> Iterator[Opcode]:
    """Pairs that share the most in all, in order, and what is left between them."""
    if len(olds) * len(news) > MAX_ALIGNMENTS:
        yield "replace", 0, len(olds), 0, len(news)
        return
    members = [
        [set(map(_key_and_value, node.fields())) for node in nodes] for nodes in (olds, news)
    ]
    items = [[set(_keys_and_items(node)) for node in nodes] for nodes in (olds, news)]
    # No number of items counts as much as a member.
    scale = 1 + sum(map(len, items[0]))
    # best[i][j]: what can be shared by the olds from i on and the news from j on.
    best = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    # Of several that are as much alike, the first is the same: what is split off comes after it.
    pairs = [[False] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in reversed(range(len(olds))):
        for j in reversed(range(len(news))):
            shared = 1 + 2 * len(members[0][i] & members[1][j])
            paired = shared * scale + len(items[0][i] & items[1][j]) + best[i + 1][j + 1]
            skipped = max(best[i + 1][j], best[i][j + 1])
            best[i][j] = max(paired, skipped)
            pairs[i][j] = paired >= skipped
    i = j = 0
    while i < len(olds) or j < len(news):
        start, first = i, j
        if pairs[i][j]:
            i, j = i + 1, j + 1
        else:
            # What goes, or comes, goes or comes as one.
            while i < len(olds) and not pairs[i][j] and best[i][j] == best[i + 1][j]:
                i += 1
            while i == start and j < len(news) and not pairs[i][j] and best[i][j] == best[i][j + 1]:
                j += 1
        tag = "replace" if i > start and j > first else "delete" if i > start else "insert"
        yield tag, start, i, first, j


def _keys_and_items(node: Node) -> Iterator[str]:
    """The items of the lists in an object."""
    for member in node.fields():
        if isinstance(member.value.value, Array):
            for item in member.value.items():
                yield f"{member.key}\0{as_json(item)}"


def _key_and_value(member: Member) -> str:
    return f"{member.key}\0{as_json(member.value)}"
