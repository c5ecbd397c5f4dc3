"""What we use of `tree_sitter`, over the parser for the web: a tree is read once, into nodes.

The module `hcl_parser` is the page's: `parse` returns the names of the kinds of nodes, and five
numbers for each node in the order of the text (kind, flags, first byte, end, number of children).
"""

from __future__ import annotations

from array import array
from typing import Any, Final

import hcl_parser

_NAMED, _MISSING, _ERROR = 1, 2, 4


class Node:
    """A part of a tree."""

    __slots__ = (
        *("children", "end_byte", "has_error", "id", "is_error", "is_missing", "is_named"),
        *("named_children", "parent", "start_byte", "type"),
    )

    def __init__(self, id_: int, kind: str, flags: int, start: int, end: int) -> None:
        self.id: Final = id_
        self.type: Final = kind
        self.start_byte: Final = start
        self.end_byte: Final = end
        self.is_named: Final = bool(flags & _NAMED)
        self.is_missing: Final = bool(flags & _MISSING)
        self.is_error: Final = bool(flags & _ERROR)
        self.has_error = self.is_missing or self.is_error
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.named_children: list[Node] = []

    def add(self, child: Node) -> None:
        """Take a part as the last one."""
        child.parent = self
        self.children.append(child)
        if child.is_named:
            self.named_children.append(child)

    def walk(self) -> TreeCursor:
        """A cursor on this part."""
        return TreeCursor(self)

    def descendant_for_byte_range(self, start: int, end: int) -> Node:
        """The smallest part that has all of a range."""
        node, inner = self, self._touching(start, end)
        while inner is not None:
            node, inner = inner, inner._touching(start, end)  # noqa: SLF001 - of this class
        return node

    def _touching(self, start: int, end: int) -> Node | None:
        """The first child from the start of a range to its end, as tree-sitter sees it."""
        for child in self.children:
            is_empty = child.start_byte == child.end_byte
            if child.end_byte >= end and (
                child.end_byte >= start if is_empty else child.end_byte > start
            ):
                return child if child.start_byte <= start else None
        return None


class TreeCursor:
    """A place in a tree, below the part where it began."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._siblings: list[Node] = [node]
        self._at = 0

    def goto_first_child(self) -> bool:
        """Go down, if there is anything."""
        return self._goto(self.node.children, 0)

    def goto_next_sibling(self) -> bool:
        """Go on, if something follows."""
        return self._goto(self._siblings, self._at + 1)

    def _goto(self, siblings: list[Node], at: int) -> bool:
        if at >= len(siblings):
            return False
        self._siblings, self._at, self.node = siblings, at, siblings[at]
        return True


class Tree:
    """A parsed text."""

    def __init__(self, root: Node) -> None:
        self.root_node: Final = root


class Language:
    """The language that `hcl_parser` parses."""

    def __init__(self, pointer: object) -> None:
        self.pointer: Final = pointer


class Parser:
    """A parser of that language."""

    def __init__(self, language: Language) -> None:
        self.language: Final = language

    def parse(self, data: bytes) -> Tree:
        """Parse a text in UTF-8."""
        found: Any = hcl_parser.parse(data)
        numbers = array("i", found.numbers.to_bytes())
        return Tree(_nodes(list(found.kinds), numbers))


def _nodes(kinds: list[str], numbers: array[int]) -> Node:
    """The root of the nodes, of which each is followed by those in it."""
    root = Node(0, kinds[numbers[0]], *numbers[1:4])
    waiting = [(root, numbers[4])]
    for id_ in range(1, len(numbers) // 5):
        kind, flags, start, end, count = numbers[5 * id_ : 5 * id_ + 5]
        while not waiting[-1][1]:
            _close(waiting)
        parent, left = waiting[-1]
        waiting[-1] = parent, left - 1
        node = Node(id_, kinds[kind], flags, start, end)
        parent.add(node)
        waiting.append((node, count))
    while len(waiting) > 1:
        _close(waiting)
    return root


def _close(waiting: list[tuple[Node, int]]) -> None:
    node, _ = waiting.pop()
    if node.has_error:
        waiting[-1][0].has_error = True
