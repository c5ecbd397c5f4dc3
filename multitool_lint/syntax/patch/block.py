"""What a change of a policy comes to in the file that it is written in, in the author's style.

The policy before and after is JSON. Only what differs is edited: a scalar keeps its quotes, an item
or member goes with its line, a new one is written as its neighbours are. Comments and all else stay
as they are.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.patch.align import changes, item_changes
from multitool_lint.syntax.patch.lines import Lines
from multitool_lint.syntax.patch.yaml_text import (
    DecidedElsewhereError,
    block,
    flow,
    flow_value,
    in_style,
)
from multitool_lint.syntax.source import Edit, Span
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.formats.normalized import Written

Entry = tuple[Span, Node]
"""An item or member of a container: where it stands, from dash or key on, and its value."""


class _ImpossibleError(Exception):
    """The file has no place for the change."""


def reworked(written: Written, after: str) -> tuple[Edit, ...] | None:
    """The edits of the file that make the policy what it is after; None if there are none.

    Raises:
        MistakeError: what it is after is not JSON.
    """
    before = json_text.parse(written.policy.source.text, literal=True)
    now = json_text.parse(after, literal=True)
    rework = _Rework(written)
    try:
        rework.value(written.original, before, now, None)
    except (_ImpossibleError, DecidedElsewhereError):
        return None
    return tuple(sorted(rework.edits, key=lambda edit: edit.span))


def _json(node: Node) -> str:
    """The JSON of a value, by which values are compared."""
    value = node.value
    if isinstance(value, Object):
        return f"{{{','.join(f'{json.dumps(each.key)}:{_json(each.value)}' for each in value)}}}"
    if isinstance(value, Array):
        return f"[{','.join(map(_json, value))}]"
    return json.dumps(value)


class _Rework(Lines):
    """Collects the edits."""

    def __init__(self, written: Written) -> None:
        super().__init__(written.source.text)
        self.edits: list[Edit] = []
        self._written = written

    def value(self, old: Node, was: Node, now: Node, member: Member | None) -> None:
        """Change a value; `member` is the one that it is of."""
        if _json(was) == _json(now):
            return
        kinds = [type(each.value) for each in (old, was, now)]
        if kinds == [Array] * 3:
            self._items(old, was, now, member)
        elif kinds == [Object] * 3:
            self._members(old, was, now, member)
        else:
            self._replace(old, now, member)

    def _edit(self, start: int, end: int, text: str = "") -> None:
        for span in self._written.fixed:
            if start < span.end and span.start < max(end, start + 1):
                raise _ImpossibleError
        for span in self._written.functions:
            if start < span.end and span.start < end and (text or start > span.start):
                raise _ImpossibleError
        self.edits.append(Edit(Span(start, end), text))

    def _replace(self, old: Node, now: Node, member: Member | None) -> None:
        start, end = old.span
        written = self._text[start:end]
        if start == end:
            # Nothing is written, as for null: what comes there needs a space before it.
            if member is None or isinstance(now.value, (Array, Object)):
                raise _ImpossibleError
            colon = self._colon(member, start)
            self._edit(colon, colon, f" {in_style(now.value, '')}")
            return
        if not isinstance(now.value, (Array, Object)) and not isinstance(
            old.value, (Array, Object)
        ):
            self._edit(start, end, in_style(now.value, '"' if self._is_json else written))
            return
        if member is None or self._flows_around(self._written.original, member):
            self._edit(start, end, flow(now))
            return
        # In a block, what takes several lines begins behind the colon.
        colon = self._colon(member, start)
        if not isinstance(now.value, (Array, Object)) or not now.value:
            self._edit(colon, end, f" {in_style(now.value, '')}")
            return
        indent = self._column(member.key_span.start) + self._step(self._written.original, now)
        lines = block(now, indent, written)
        self._edit(colon, end, "".join(self._break + line for line in lines))

    def _colon(self, member: Member, start: int) -> int:
        """The place behind the colon of a member, if only white space is before the value."""
        colon = self._text.find(":", member.key_span.end, start + 1)
        if colon < 0 or self._text[colon + 1 : start].strip():
            raise _ImpossibleError
        return colon + 1

    def _items(self, old: Node, was: Node, now: Node, member: Member | None) -> None:
        olds, wases, nows = _nodes(old), _nodes(was), _nodes(now)
        for tag, start, end, first, last in item_changes(wases, nows, _json):
            if tag == "equal":
                continue
            paired = min(end - start, last - first) if tag == "replace" else 0
            for at in range(paired):
                self.value(olds[start + at], wases[start + at], nows[first + at], None)
            if paired == end - start == last - first:
                continue
            entries = self._entries(old, olds)
            self._remove(old, entries, start + paired, end, member)
            self._insert(
                old,
                entries,
                start + paired,
                [(None, each) for each in nows[first + paired : last]],
                emptied=end - start - paired == len(entries),
            )

    def _members(self, old: Node, was: Node, now: Node, member: Member | None) -> None:
        olds, wases, nows = _member_list(old), _member_list(was), _member_list(now)
        entries = [(Span(each.key_span.start, each.value.span.end), each.value) for each in olds]
        keys = [[each.key for each in members] for members in (wases, nows)]
        if keys[0] == keys[1]:
            for mine, one, other in zip(olds, wases, nows, strict=True):
                self.value(mine.value, one.value, other.value, mine)
            return
        if any(self._is_explicit(each) for each in olds):
            raise _ImpossibleError
        _require_order(old, entries)
        for tag, start, end, first, last in _aligned(wases, nows):
            paired = min(end - start, last - first) if tag in ("replace", "equal") else 0
            for at in range(paired):
                mine, new = olds[start + at], nows[first + at]
                if mine.key != new.key:
                    span = mine.key_span
                    self._edit(*span, in_style(new.key, self._text[span.start : span.end]))
                self.value(mine.value, wases[start + at].value, new.value, mine)
            self._remove(old, entries, start + paired, end, member)
            self._insert(
                old,
                entries,
                start + paired,
                [(each.key, each.value) for each in nows[first + paired : last]],
                emptied=end - start - paired == len(entries),
            )

    def _entries(self, old: Node, nodes: Sequence[Node]) -> list[Entry]:
        entries = [(each.span, each) for each in nodes]
        _require_order(old, entries)
        if self._in_flow(old):
            return entries
        column = self._column(old.span.start)
        entries = []
        at = old.span.start
        for number, each in enumerate(nodes):
            if number:
                dash = re.compile(rf"^ {{{column}}}-(?=\s)", re.MULTILINE)
                found = dash.search(self._text, at, each.span.start + 1)
                if found is None:
                    raise _ImpossibleError
                at = found.end() - 1
            entries.append((Span(at, each.span.end), each))
            at = each.span.end
        return entries

    def _remove(
        self, old: Node, entries: Sequence[Entry], first: int, end: int, member: Member | None
    ) -> None:
        """Drop entries of a container, the value of a member; where all go, an empty one stays."""
        if first >= end:
            return
        spans = [span for span, _ in entries]
        if end - first == len(spans):
            empty = "{}" if isinstance(old.value, Object) else "[]"
            if member and not self._in_flow(old) and self._leads_line(old.span.start):
                self._edit(self._colon(member, old.span.start), old.span.end, f" {empty}")
            else:
                self._edit(*old.span, empty)
        elif self._in_flow(old):
            from multitool_lint.syntax.patch.json import removal

            self._edit(*removal(self._text, spans.__getitem__, first, end, len(spans)))
        elif not self._leads_line(spans[first].start):
            self._edit(spans[first].start, spans[end].start)
        else:
            stop = self._next_line(spans[end - 1].end)
            start = self._line_start(spans[first].start)
            if stop == len(self._text) and self._text[-1:] not in "\r\n":
                before = self._text[:start]
                start = len(before) - len(before[len(before.rstrip("\r\n")) :])
            self._edit(start, stop)

    def _insert(
        self,
        old: Node,
        entries: Sequence[Entry],
        at: int,
        new: Sequence[tuple[str | None, Node]],
        *,
        emptied: bool,
    ) -> None:
        """Put entries before that number, each with its key if it is a member."""
        if not new:
            return
        if emptied or not entries:
            raise _ImpossibleError
        spans = [span for span, _ in entries]
        sample = self._text[slice(*entries[max(at - 1, 0)][1].span)]
        if self._in_flow(old):
            texts = [
                flow(node) if key is None else f"{flow_value(key)}: {flow(node)}"
                for key, node in new
            ]
            self._insert_in_flow(old, spans, at, texts)
            return
        column = self._column(spans[0].start)
        lines: list[str] = []
        for key, node in new:
            head = " " * column + ("-" if key is None else f"{in_style(key, '')}:")
            inner = block(
                node,
                column + (2 if key is None else self._step(self._written.original, node)),
                sample,
            )
            nested = isinstance(node.value, (Array, Object)) and bool(node.value)
            if nested and key is not None:
                lines += [head, *inner]
            else:
                lines += [f"{head} {inner[0].lstrip(' ')}", *inner[1:]]
        if at:
            place = self._next_line(spans[at - 1].end)
            text = "".join(line + self._break for line in lines)
            if self._text[place - 1] not in "\r\n":
                text = self._break + text.removesuffix(self._break)
            self._edit(place, place, text)
        else:
            text = self._break.join(lines)[column:]
            self._edit(spans[0].start, spans[0].start, f"{text}{self._break}{' ' * column}")

    def _insert_in_flow(
        self, old: Node, spans: Sequence[Span], at: int, texts: Sequence[str]
    ) -> None:
        gap = ", "
        if len(spans) > 1:
            near = min(max(at - 1, 0), len(spans) - 2)
            gap = self._text[spans[near].end : spans[near + 1].start]
        elif re.search(r"[\r\n]", self._text[old.span.start : spans[0].start]):
            gap = "," + self._text[old.span.start + 1 : spans[0].start]
        if gap.strip() != ",":
            gap = ", "
        if at:
            place = spans[at - 1].end
            self._edit(place, place, "".join(gap + text for text in texts))
        else:
            self._edit(spans[0].start, spans[0].start, "".join(text + gap for text in texts))


def _require_order(container: Node, entries: Sequence[Entry]) -> None:
    """See that all entries are written in the container, and not where an alias leads.

    Raises:
        _ImpossibleError: one is not.
    """
    at, end = container.span
    for span, _ in entries:
        if not at <= span.start <= span.end <= end:
            raise _ImpossibleError
        at = span.end


def _nodes(node: Node) -> Array:
    return node.value if isinstance(node.value, Array) else Array()


def _member_list(node: Node) -> Object:
    return node.value if isinstance(node.value, Object) else Object()


def _aligned(wases: Object, nows: Object) -> Iterator[tuple[str, int, int, int, int]]:
    """What becomes of members: those that stay as they are first, then those of the same key."""
    whole = [[f"{each.key}\0{_json(each.value)}" for each in members] for members in (wases, nows)]
    for code in changes(*whole):
        if code[0] == "equal":
            continue
        _, start, end, first, last = code
        keys = [each.key for each in wases[start:end]], [each.key for each in nows[first:last]]
        for tag, inner, inner_end, other, other_end in changes(*keys):
            yield tag, start + inner, start + inner_end, first + other, first + other_end
