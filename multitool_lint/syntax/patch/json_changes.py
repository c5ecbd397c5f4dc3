"""Changes of a policy that a file contains as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from multitool_lint.syntax.patch.change import (
    NEW,
    REMOVED,
    Change,
    Json,
    Removed,
    as_json,
    child_node,
    resolve,
    to_node,
)
from multitool_lint.syntax.patch.json import as_text, removals, rename_key, rewrite_items
from multitool_lint.syntax.source import Edit, Source, Span
from multitool_lint.syntax.tree import LazyStringArray, Node, Object, as_list


def json_edits(source: Source, root: Node, changes: Sequence[Change]) -> tuple[Edit, ...]:
    """The edits that make the changes in a policy that the source contains as JSON."""
    edits: list[Edit] = []
    removed: dict[Node, list[int]] = {}
    new: dict[tuple[Node, int], str] = {}
    added: dict[Node, list[str]] = {}
    for change in changes:
        trail = resolve(root, change)
        if not trail:
            return ()
        container, at = trail[-1]
        if at == NEW and not isinstance(container.value, Object):
            items = as_list(to_node(change.value))
            added.setdefault(container, []).extend(str(item.value) for item in items)
        elif at == NEW:
            edits += _new_member(source, container, change)
        elif change.value is REMOVED:
            removed.setdefault(container, []).append(at)
        elif change.key is not None and isinstance(container.value, Object):
            edits += rename_key(container.value[at], change.key)
        elif isinstance(change.value, str) and not isinstance(container.value, Object):
            new[container, at] = change.value
        else:
            edits += _new_value(source, child_node(container, at), change.value)
    edits += _item_edits(source, new, added)
    for container, places in removed.items():
        count, span = _spans_of(container)
        edits += removals(source.text, container.span, span, count, sorted(set(places)))
    return tuple(sorted(edits, key=lambda edit: edit.span))


def _spans_of(container: Node) -> tuple[int, Callable[[int], Span]]:
    """How many children a container has, and where each of them is."""
    if isinstance(container, LazyStringArray):
        return len(container.texts), container.span_of
    value = container.value
    if isinstance(value, Object):
        return len(value), lambda at: Span(value[at].key_span.start, value[at].value.span.end)
    items = as_list(container)
    return len(items), lambda at: items[at].span


def _item_edits(
    source: Source, new: dict[tuple[Node, int], str], added: Mapping[Node, Sequence[str]]
) -> Iterator[Edit]:
    """Write items of arrays, each with a new text, and what is added after the last one."""
    for array, texts in added.items():
        items = as_list(array)
        # What follows the last item is written with it: its own text may be another one, too.
        text = new.pop((array, len(items) - 1), str(items[-1].value))
        yield from rewrite_items(source, array, {items[-1]: [text, *texts]})
    for (array, at), text in new.items():
        yield from _new_value(source, child_node(array, at), text)


def _new_member(source: Source, object_: Node, change: Change) -> tuple[Edit, ...]:
    """Insert a member before the others, with the white space that they have."""
    members = object_.value
    if not members or not isinstance(members, Object):
        return ()
    start = members[0].key_span.start
    gap = source.text[object_.span.start + 1 : start]
    key = as_text(change.pointer.rpartition("/")[2])
    return (Edit(Span(start, start), f"{key}: {as_text(change.value)},{gap or ' '}"),)


def _new_value(source: Source, node: Node, value: Json | Removed) -> tuple[Edit, ...]:
    if isinstance(value, Mapping) and len(value) == 1:
        ((key, inner),) = value.items()
        if as_json(to_node(inner)) == as_json(node):
            # What is there is put into an object.
            start, end = node.span
            return (Edit(Span(start, start), f"{{{as_text(key)}: "), Edit(Span(end, end), "}"))
    if isinstance(value, list):
        before = _strings(node)
        if sorted(before) == sorted(value):
            return _in_order(source, node, before, value)
    return (Edit(node.span, as_text(value)),)


def _strings(array: Node) -> list[str]:
    if isinstance(array, LazyStringArray):
        return list(array.texts)
    return [str(item.value) for item in as_list(array)]


def _in_order(source: Source, array: Node, before: list[str], after: list[str]) -> tuple[Edit, ...]:
    """Put the strings of an array in another order, each as it is written."""
    moved = [at for at, (was, now) in enumerate(zip(before, after, strict=True)) if was != now]
    if not moved:
        return ()
    first, end = moved[0], moved[-1] + 1
    _, span = _spans_of(array)
    spans = list(map(span, range(first, end)))
    written: dict[str, list[str]] = {}
    for value, (start, stop) in zip(before[first:end], spans, strict=True):
        written.setdefault(value, []).append(source.text[start:stop])
    values = [written[value].pop(0) for value in after[first:end]]
    gaps = [source.text[previous.end : next_.start] for previous, next_ in pairwise(spans)]
    together = "".join(chain.from_iterable(zip(values, [*gaps, ""], strict=True)))
    return (Edit(Span(spans[0].start, spans[-1].end), together),)
