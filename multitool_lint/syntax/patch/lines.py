"""Where lines begin and end in a file that is written in blocks, or in brackets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.syntax.source import BYTE_ORDER_MARK
from multitool_lint.syntax.tree import Array, Object

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Member, Node


class Lines:
    """The lines of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
        self._break = "\r\n" if "\r\n" in text else "\n"

    def _in_flow(self, node: Node) -> bool:
        return self._text[node.span.start : node.span.start + 1] in ("[", "{")

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _line_start(self, at: int) -> int:
        start = max(self._text.rfind("\n", 0, at), self._text.rfind("\r", 0, at)) + 1
        return start + self._text.startswith(BYTE_ORDER_MARK, start)

    def _next_line(self, at: int) -> int:
        match = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)").match(self._text, at)
        return match.end() if match else at

    def _leads_line(self, at: int) -> bool:
        return not self._text[self._line_start(at) : at].strip()

    def _is_explicit(self, member: Member) -> bool:
        """Whether a `?` stands before a key, with which its value may stand anywhere."""
        start = member.key_span.start
        return self._text[self._line_start(start) : start].rstrip().endswith("?")

    def _flows_around(self, root: Node, member: Member) -> bool:
        """Whether a member stands in a flow mapping, by the brackets that are open before it."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node.value, Object):
                if any(each is member for each in node.value):
                    return self._in_flow(node)
                waiting += (each.value for each in node.value)
            elif isinstance(node.value, Array):
                waiting += node.value
        return True

    def _step(self, root: Node, value: Node) -> int:
        """By how much the author indents a list below its key; an object has to be indented."""
        if not isinstance(value.value, Array):
            return 2
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node.value, Object):
                for each in node.value:
                    waiting.append(each.value)
                    if isinstance(each.value.value, Array) and not self._in_flow(each.value):
                        column = self._column(each.value.span.start)
                        return max(column - self._column(each.key_span.start), 0)
            elif isinstance(node.value, Array):
                waiting += node.value
        return 2
