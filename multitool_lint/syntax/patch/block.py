"""Edits of YAML, and of JSON within a template, in the author's style.

A scalar keeps its quotes, an item or member goes with its line, a new one is written as its
neighbours are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.syntax.patch.json import removal
from multitool_lint.syntax.patch.tree import (
    ImpossibleError,
    OwningMember,
    TreePatch,
    children,
    value_of,
)
from multitool_lint.syntax.patch.yaml_text import block, flow, flow_value, in_style
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from multitool_lint.syntax.patch.tree import Child


class BlockPatch(TreePatch):
    """Computes edits of a file that is written in blocks, or in brackets."""

    def _replace(self, old: Node, now: Node, owner: OwningMember | None) -> None:
        start, end = old.span
        if start == end:
            # Nothing is written, as for null: what comes there needs a space before it.
            if owner is None or _is_container(now):
                raise ImpossibleError
            colon = self._colon(owner.member, start)
            self._edit(colon, colon, f" {in_style(now.value, '')}")
        elif not _is_container(now) and not _is_container(old):
            self._edit(
                start, end, in_style(now.value, '"' if self._is_json else self._written(old))
            )
        elif owner is None or self._in_flow(owner.node):
            self._edit(start, end, flow(now))
        else:
            # In a block, what has several lines begins after the colon.
            colon = self._colon(owner.member, start)
            if not _is_container(now) or not now.value:
                self._edit(colon, end, f" {in_style(now.value, '')}")
                return
            step = self._list_step if isinstance(now.value, Array) else 2
            indent = self._column(owner.member.key_span.start) + step
            lines = block(now, indent, self._written(old))
            self._edit(colon, end, "".join(self._break + line for line in lines))

    def _rename(self, container: Node, span: Span, key: str) -> None:
        self._spans(container)
        self._edit(*span, in_style(key, self._text[span.start : span.end]))

    def _remove(self, container: Node, first: int, end: int, owner: OwningMember | None) -> None:
        spans = self._spans(container)
        if end - first == len(spans):
            empty = "{}" if isinstance(container.value, Object) else "[]"
            start = container.span.start
            if owner and not self._in_flow(container) and self._leads_line(start):
                self._edit(self._colon(owner.member, start), container.span.end, f" {empty}")
            else:
                self._edit(*container.span, empty)
        elif self._in_flow(container):
            self._edit(*removal(self._text, spans.__getitem__, first, end, len(spans)))
        elif not self._leads_line(spans[first].start):
            self._edit(spans[first].start, spans[end].start)
        else:
            stop = self._next_line(spans[end - 1].end)
            start = self._line_start(spans[first].start)
            if stop == len(self._text) and self._text[-1:] not in "\r\n":
                start = len(self._text[:start].rstrip("\r\n"))
            self._remove_lines(start, stop)

    def _insert(self, container: Node, at: int, new: Sequence[Child]) -> None:
        spans = self._spans(container)
        if self._in_flow(container):
            texts = [
                f"{flow_value(child.key)}: {flow(child.value)}"
                if isinstance(child, Member)
                else flow(child)
                for child in new
            ]
            self._insert_in_line(spans, at, self._gap(container, spans, at), texts)
            return
        sample = self._written(value_of(children(container)[max(at - 1, 0)]))
        column = self._column(spans[0].start)
        members = Object(child for child in new if isinstance(child, Member))
        items = Array(child for child in new if isinstance(child, Node))
        lines = block(Node((0, 0), members or items, ""), column, sample, self._list_step)
        if at:
            place = self._next_line(spans[at - 1].end)
            text = "".join(line + self._break for line in lines)
            if self._text[place - 1] not in "\r\n":
                text = self._break + text.removesuffix(self._break)
            self._edit(place, place, text)
        else:
            text = self._break.join(lines)[column:]
            self._edit(spans[0].start, spans[0].start, f"{text}{self._break}{' ' * column}")

    def _gap(self, container: Node, spans: Sequence[Span], at: int) -> str:
        """What the author has between two children in brackets."""
        gap = ", "
        if len(spans) > 1:
            near = min(max(at - 1, 0), len(spans) - 2)
            gap = self._text[spans[near].end : spans[near + 1].start]
        elif re.search(r"[\r\n]", self._text[container.span.start : spans[0].start]):
            gap = "," + self._text[container.span.start + 1 : spans[0].start]
        return gap if gap.strip() == "," else ", "

    def _find_spans(self, container: Node) -> list[Span]:
        spans = super()._find_spans(container)
        if any(
            isinstance(child, Member) and self._is_explicit(child) for child in children(container)
        ):
            raise ImpossibleError
        # All are written in the container, and not where an alias leads.
        at, end = container.span
        for span in spans:
            if not at <= span.start <= span.end <= end:
                raise ImpossibleError
            at = span.end
        if isinstance(container.value, Array) and not self._in_flow(container):
            return self._from_dashes(container, spans)
        return spans

    def _from_dashes(self, container: Node, spans: Sequence[Span]) -> list[Span]:
        column = self._column(container.span.start)
        dash = re.compile(rf"^ {{{column}}}-(?=\s)", re.MULTILINE)
        at = container.span.start
        found = []
        for number, span in enumerate(spans):
            if number:
                match = dash.search(self._text, at, span.start + 1)
                if match is None:
                    raise ImpossibleError
                at = match.end() - 1
            found.append(Span(at, span.end))
            at = span.end
        return found

    def _colon(self, member: Member, start: int) -> int:
        """The place after the colon of a member, if only white space is before the value."""
        colon = self._text.find(":", member.key_span.end, start + 1)
        if colon < 0 or self._text[colon + 1 : start].strip():
            raise ImpossibleError
        return colon + 1

    @cached_property
    def _is_json(self) -> bool:
        return self._text.lstrip("\ufeff \t\r\n").startswith("{")

    @cached_property
    def _break(self) -> str:
        return "\r\n" if "\r\n" in self._text else "\n"

    def _in_flow(self, node: Node) -> bool:
        return self._text[node.span.start : node.span.start + 1] in ("[", "{")

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _line_start(self, at: int) -> int:
        start = super()._line_start(at)
        return start + self._text.startswith(BYTE_ORDER_MARK, start)

    def _leads_line(self, at: int) -> bool:
        return not self._text[self._line_start(at) : at].strip()

    def _is_explicit(self, member: Member) -> bool:
        """Whether a `?` precedes a key, with which its value may be anywhere."""
        start = member.key_span.start
        return self._text[self._line_start(start) : start].rstrip().endswith("?")

    @cached_property
    def _list_step(self) -> int:
        """By how much the author indents a list below its key; an object has to be indented."""
        waiting = [self._root]
        while waiting:
            for child in children(waiting.pop()):
                value = value_of(child)
                waiting.append(value)
                if isinstance(child, Member) and isinstance(value.value, Array):
                    column = self._column(value.span.start)
                    if not self._in_flow(value):
                        return max(column - self._column(child.key_span.start), 0)
        return 2


def _is_container(node: Node) -> bool:
    return isinstance(node.value, (Array, Object))
