"""Edits of JSON that keep the author's formatting: indentation, line endings, one line or many."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, islice

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.source import Edit, Source, Span
from multitool_lint.syntax.tree import Array, Member, Node, as_list

LINE_LENGTH = 80
"""What an array on one line may grow to before each of its items gets a line."""

LINE_BREAK = lazy_pattern(r"\r\n|\n|\r")
# Markdown repeats the markers of the block quotes around a block on each line.
_LEAD = lazy_pattern(r"[ \t>]*")
# An author with a style shows it in fewer.
_GAPS_TO_ASK = 100
_LINES_TO_ASK = 100
_STRING_OR_BRACKET = lazy_pattern(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]')


as_text = json.JSONEncoder(ensure_ascii=False).encode
"""The JSON of a value, its letters as they are."""


def rename_key(member: Member, key: str) -> tuple[Edit, ...]:
    """Give a member another key."""
    return (Edit(member.key_span, as_text(key)),)


_FEW_OF = 16


def remove_items(source: Source, array: Node, items: Sequence[Node]) -> tuple[Edit, ...]:
    """Drop items of an array; where all go, `[]` stays.

    Raises:
        ValueError: one of them is not an item of that array.
    """
    return rewrite_items(source, array, dict.fromkeys(items, ()))


def rewrite_items(
    source: Source, node: Node, new: Mapping[Node, Sequence[str]]
) -> tuple[Edit, ...]:
    """Put strings (none: remove it) in the place of each item of an array that has some.

    A single value means a list of one: it becomes an array where it gets several strings. What
    is on one line stays there up to `LINE_LENGTH`, and a document on one line whatever its length.

    Raises:
        ValueError: one of the old ones is not an item of that array.
    """
    items = as_list(node)
    # Of a few of many items, each is searched for.
    many = items if _FEW_OF * len(new) > len(items) else ()
    places = {id(item): at for at, item in enumerate(many)}
    changes = {
        places[id(item)] if id(item) in places else _place(node, items, item): texts
        for item, texts in new.items()
    }
    changes = {at: texts for at, texts in changes.items() if list(texts) != [items[at].value]}
    if not changes:
        return ()
    grows = any(len(texts) > 1 for texts in changes.values())
    if not isinstance(node.value, Array):
        (texts,) = changes.values()
        only = as_text(texts[0]) if len(texts) == 1 else ""
        return (Edit(node.span, only or _array(source, node, [*map(as_text, texts)])),)
    if grows and not LINE_BREAK.search(source.part(node.span)):
        array = _array(source, node, _new_items(source, items, changes))
        if LINE_BREAK.search(array):
            return (Edit(node.span, array),)
    return tuple(_item_edits(source, node, items, changes))


def _place(node: Node, items: Sequence[Node], item: Node) -> int:
    place = bisect_left(items, item.span, key=lambda node: node.span)
    if place == len(items) or items[place] is not item:
        raise ValueError(f"no item of {node.pointer or 'the document'}: {item.pointer}")
    return place


def _new_items(
    source: Source, items: Sequence[Node], changes: Mapping[int, Sequence[str]]
) -> list[str]:
    texts: list[str] = []
    for at, item in enumerate(items):
        texts += map(as_text, changes[at]) if at in changes else [source.part(item.span)]
    return texts


def _item_edits(
    source: Source, array: Node, items: Sequence[Node], changes: Mapping[int, Sequence[str]]
) -> list[Edit]:
    removed = sorted(at for at, texts in changes.items() if not texts)
    edits = removals(source.text, array.span, lambda at: items[at].span, len(items), removed)
    for at, texts in changes.items():
        if texts:
            separator = _separator(source, array, at) if len(texts) > 1 else ""
            edits.append(Edit(items[at].span, separator.join(map(as_text, texts))))
    return sorted(edits, key=lambda edit: edit.span)


def removals(
    text: str, container: Span, span: Callable[[int], Span], count: int, removed: Sequence[int]
) -> list[Edit]:
    """A run of removed neighbours goes with the comma after it, at the end with the one before."""
    if len(removed) == count > 0:
        return [Edit(Span(container.start + 1, container.end - 1), "")]
    edits = []
    # The places of a run are as far apart as their ranks among the removed.
    for _, group in groupby(enumerate(removed), key=lambda pair: pair[1] - pair[0]):
        run = [place for _, place in group]
        edits.append(Edit(removal(text, span, run[0], run[-1] + 1, count), ""))
    return edits


def removal(text: str, span: Callable[[int], Span], first: int, end: int, count: int) -> Span:
    """What goes with the parts of a list from the first to before the end, not all of them."""
    if end == count:
        return Span(span(first - 1).end, span(end - 1).end)
    if first > 0:
        before = text[span(first - 1).end : span(first).start]
        behind = text[span(end - 1).end : span(end).start]
        # The last of several on a line: what follows stays on its own line.
        if LINE_BREAK.search(behind) and not LINE_BREAK.search(before):
            return Span(span(first - 1).end, span(end - 1).end)
    return Span(span(first).start, span(end).start)


def _separator(source: Source, array: Node, at: int) -> str:
    """What the author has between items: next to the item, and with a line break if any has one."""
    items = as_list(array)
    gaps = (
        source.text[items[place].span.end : items[place + 1].span.start]
        for place in (at - 1, at, *range(len(items) - 1))
        if 0 <= place < len(items) - 1
    )
    lead_in = source.text[array.span.start + 1 : items[0].span.start]
    asked = [*islice(gaps, _GAPS_TO_ASK), f",{lead_in}"]
    broken = next(filter(LINE_BREAK.search, asked), None)
    if broken:
        return _without_blank_lines(broken)
    return asked[0] if len(items) > 1 else _inline_separator(source, array)


def _without_blank_lines(separator: str) -> str:
    breaks = list(LINE_BREAK.finditer(separator))
    if len(breaks) == 1:
        return separator
    return f",{breaks[-1][0]}{separator[breaks[-1].end() :].replace(',', '')}"


def _array(source: Source, node: Node, texts: Sequence[str]) -> str:
    """An array in the place of a value: on one line, or with each item on its own."""
    separator = _inline_separator(source, node)
    if len(as_list(node)) > 1:
        separator = _separator(source, node, 0)
    inline = f"[{separator.join(texts)}]"
    number, column = source.position(node.span.start)
    line = source.line(number)
    longer = len(line) - (node.span.end - node.span.start) + len(inline)
    if longer <= max(LINE_LENGTH, len(line)) or _begins_in(line, column - 1, node):
        return inline
    line_break = LINE_BREAK.search(source.text, node.span.end) or LINE_BREAK.search(source.text)
    outer = (line_break[0] if line_break else "\n") + _lead(line)
    inner = outer + _indent_unit(source, number)
    return f"[{inner}{f',{inner}'.join(texts)}{outer}]"


def _inline_separator(source: Source, node: Node) -> str:
    """A comma, with a space unless the author has none after colons either."""
    return "," if source.text[node.span.start - 1 : node.span.start] == ":" else ", "


def _begins_in(line: str, end: int, node: Node) -> bool:
    """Whether all that a value is in, up to the document itself, is opened on its line."""
    places, opened = _brackets(line)
    return opened[bisect_left(places, end)] >= node.pointer.count("/")


@lru_cache(maxsize=4)
def _brackets(line: str) -> tuple[list[int], list[int]]:
    """Where a line has brackets, and how many are open before each of them and at the end."""
    places, opened = [], [0]
    for match in _STRING_OR_BRACKET.finditer(line):
        if match[0][0] != '"':
            places.append(match.start())
            opened.append(opened[-1] + (1 if match[0] in "[{" else -1))
    return places, opened


def _indent_unit(source: Source, number: int) -> str:
    """By how much a line is indented more than the nearest one before it that is indented less."""
    lead = _lead(source.line(number))
    for before in range(number - 1, max(number - _LINES_TO_ASK, 0), -1):
        line = source.line(before)
        outer = _lead(line)
        if outer not in (line, lead) and lead.startswith(outer):
            unit = lead[len(outer) :]
            return "  " if ">" in unit else unit
    return "\t" if "\t" in lead else "  "


def _lead(line: str) -> str:
    match = _LEAD.match(line)
    return match[0] if match else ""
