"""The edits that make a file contain another tree: what is the same in every syntax.

Only what differs is edited, at its place in the file. Comments and all else stay as they are.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.patch.align import align_items, align_members
from multitool_lint.syntax.patch.change import as_json
from multitool_lint.syntax.placeholders import known_end
from multitool_lint.syntax.source import Edit, Span
from multitool_lint.syntax.tree import Array, Member, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    Child = Node | Member
    """An item of an array, or a member of an object."""


_REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_PLAIN = re.compile(r"[A-Za-z0-9*?/:._-]+")
_CLOSED = re.compile(r"""["']?\s*\}?\s*\Z""")
"""What is after a text, in the object of a function as well."""
_OPENERS = ("{", "[", ":")
_CLOSERS = ("}", "]")


class ImpossibleError(Exception):
    """The file has no place for the change."""


class OwningMember(NamedTuple):
    """The member that a value belongs to, and its object."""

    node: Node
    member: Member


class TreePatch(ABC):
    """Computes edits of a text; a class for each syntax says how children are written there.

    `root` is the tree with its places in the text, `before` the same tree as JSON, by which values
    are compared. No edit touches a `locked` part; a `droppable` one may be removed, but not edited.
    """

    def __init__(
        self,
        text: str,
        root: Node,
        before: Node,
        locked: Sequence[Span] = (),
        droppable: Sequence[Span] = (),
    ) -> None:
        self.before = before
        self._text = text
        self._root = root
        self._locked = locked
        self._droppable = droppable
        self._edits: list[Edit] = []
        self._known_spans: dict[Node, list[Span]] = {}

    def edits(self, after: Node) -> tuple[Edit, ...] | None:
        """The edits that make the text contain a tree; None if there are none."""
        self._edits = []
        try:
            self._value(self._root, self.before, after, None)
        except ImpossibleError:
            return None
        return tuple(sorted(self._edits, key=lambda edit: edit.span))

    def _value(self, old: Node, was: Node, now: Node, owner: OwningMember | None) -> None:
        if was is now:
            return
        for kind in (Array, Object):
            if all(isinstance(node.value, kind) for node in (old, was, now)):
                self._children(old, was, now, owner)
                return
        if as_json(was) != as_json(now) and not self._extended(old, was, now):
            self._replace(old, now, owner)

    def _extended(self, old: Node, was: Node, now: Node) -> bool:
        """Add an end to a text with parts that are filled in, whose own end is written here."""
        before, after = was.string or "", now.string or ""
        end = known_end(before)
        added = after.removeprefix(before)
        if end in ("", before) or added == after or not _PLAIN.fullmatch(added):
            return False
        written = self._text[slice(*old.span)]
        closed = _CLOSED.search(written)
        if closed is None or not written.endswith(end, 0, closed.start()):
            return False
        at = old.span.start + closed.start()
        if any(span.start <= at <= span.end for span in self._locked):
            return False
        # The function that fills in the parts stays what it is.
        self._edits.append(Edit(Span(at, at), added))
        return True

    def _children(self, old: Node, was: Node, now: Node, owner: OwningMember | None) -> None:
        olds, wases, nows = children(old), children(was), children(now)
        if isinstance(was.value, Object) and isinstance(now.value, Object):
            opcodes = align_members(was.value, now.value)
        else:
            opcodes = align_items(as_list(was), as_list(now))
        for tag, start, end, first, last in opcodes:
            if tag == "equal" and isinstance(olds, Array):
                continue
            paired = min(end - start, last - first)
            for at in range(paired):
                self._pair(old, olds[start + at], wases[start + at], nows[first + at])
            if start + paired < end:
                self._remove(old, start + paired, end, owner)
            if first + paired < last:
                if not olds or end - start - paired == len(olds):
                    raise ImpossibleError
                self._insert(old, start + paired, nows[first + paired : last])

    def _pair(self, container: Node, old: Child, was: Child, now: Child) -> None:
        owner = None
        if isinstance(old, Member) and isinstance(now, Member):
            owner = OwningMember(container, old)
            if old.key != now.key:
                self._rename(container, old.key_span, now.key)
        self._value(value_of(old), value_of(was), value_of(now), owner)

    def _edit(self, start: int, end: int, text: str = "") -> None:
        for span in self._locked:
            if start < span.end and span.start < max(end, start + 1):
                raise ImpossibleError
        for span in self._droppable:
            if start < span.end and span.start < end and (text or start > span.start):
                raise ImpossibleError
        self._edits.append(Edit(Span(start, end), text))

    def _spans(self, container: Node) -> list[Span]:
        """The places of the children of a container, from dash or key on."""
        spans = self._known_spans.get(container)
        if spans is None:
            spans = self._known_spans[container] = self._find_spans(container)
        return spans

    def _find_spans(self, container: Node) -> list[Span]:
        return [
            Span(child.key_span.start, child.value.span.end)
            if isinstance(child, Member)
            else child.span
            for child in children(container)
        ]

    def _written(self, node: Node) -> str:
        return self._text[node.span.start : node.span.end]

    def _line_start(self, at: int) -> int:
        return max(self._text.rfind("\n", 0, at), self._text.rfind("\r", 0, at)) + 1

    def _next_line(self, at: int) -> int:
        match = _REST_OF_LINE.match(self._text, at)
        return match.end() if match else at

    def _remove_lines(self, start: int, end: int) -> None:
        """Remove whole lines, and the empty line next to them that would be one too many."""
        text = self._text
        taken = self._edits[-1].span.end if self._edits else 0
        before = self._line_start(start - (2 if text.endswith("\r\n", 0, start) else 1))
        previous = text[before:start].strip() if taken <= before < start else None
        after = self._next_line(end)
        following = text[end:after].strip()
        if previous == "" and (not following or following.startswith(_CLOSERS)):
            start = before
        elif not following and (previous is None or previous.endswith(_OPENERS)):
            end = after
        self._edit(start, end)

    def _insert_in_line(self, spans: Sequence[Span], at: int, gap: str, texts: list[str]) -> None:
        """Insert texts before the child of that number, with what is between two of them."""
        if at:
            place = spans[at - 1].end
            self._edit(place, place, "".join(gap + text for text in texts))
        else:
            place = spans[0].start
            self._edit(place, place, "".join(text + gap for text in texts))

    @abstractmethod
    def _replace(self, old: Node, now: Node, owner: OwningMember | None) -> None:
        """Give a value another one."""

    @abstractmethod
    def _rename(self, container: Node, span: Span, key: str) -> None:
        """Give a member another key."""

    @abstractmethod
    def _remove(self, container: Node, first: int, end: int, owner: OwningMember | None) -> None:
        """Remove children of a container, which an owner has; where all go, an empty one stays."""

    @abstractmethod
    def _insert(self, container: Node, at: int, new: Sequence[Child]) -> None:
        """Insert children before that number."""


def children(node: Node) -> Sequence[Child]:
    """The children of an array or object."""
    return node.value if isinstance(node.value, (Array, Object)) else ()


def value_of(child: Child) -> Node:
    """The value of an item or member."""
    return child.value if isinstance(child, Member) else child
