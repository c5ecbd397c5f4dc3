"""Changes of a policy that a file contains as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    for change in changes:
        trail = resolve(root, change)
        if not trail:
            return ()
        container, at = trail[-1]
        if at == NEW:
            edits += _new_child(source, container, change)
        elif change.value is REMOVED:
            removed.setdefault(container, []).append(at)
        elif change.key is not None and isinstance(container.value, Object):
            edits += rename_key(container.value[at], change.key)
        else:
            edits += _new_value(source, child_node(container, at), change.value)
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


def _new_child(source: Source, container: Node, change: Change) -> tuple[Edit, ...]:
    """Insert a member before the others, with the white space that they have, or append items."""
    members = container.value
    if not isinstance(members, Object):
        last = as_list(container)[-1]
        added = [str(item.value) for item in as_list(to_node(change.value))]
        return rewrite_items(source, container, {last: [str(last.value), *added]})
    if not members:
        return ()
    start = members[0].key_span.start
    gap = source.text[container.span.start + 1 : start]
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
