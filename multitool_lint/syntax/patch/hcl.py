"""What a change of a policy comes to in the Terraform file that it is written in.

The policy before and after is JSON. Only what differs is edited, and only what is written there: a
value that is decided elsewhere, or used elsewhere as well, stays. Comments stay, but for those on
the line of what is dropped.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.patch.align import changes, item_changes
from multitool_lint.syntax.patch.json import LINE_AT_MOST, removal
from multitool_lint.syntax.source import Edit, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.formats.normalized import Written
    from multitool_lint.syntax.tree import Value

_JSON = json.JSONEncoder(ensure_ascii=False).encode
_INTERPOLATION = re.compile(r"(?<![$%])[$%]\{")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*+"|true|false|null|-?[0-9][0-9.eE+-]*+')
_NAME = re.compile(r"[A-Za-z_]\w*")
_COMMENT = re.compile(r"#|//|/\*")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_REST = re.compile(r"[ \t]*+,?[ \t]*+(?:(?:#|//)[^\r\n]*+)?+")
_COMMA = re.compile(r"\s*+,")


class _ImpossibleError(Exception):
    """The file has no place for the change."""


def reworked(written: Written, after: str, *, is_json: bool) -> tuple[Edit, ...] | None:
    """The edits of the file that make the policy what it is after; None if there are none.

    `is_json` tells the JSON of a heredoc from an expression or blocks.

    Raises:
        MistakeError: what it is after is not JSON.
    """
    before = json_text.parse(written.policy.source.text, literal=True)
    now = json_text.parse(after, literal=True)
    rework = _Rework(written, is_json=is_json)
    try:
        rework.value(written.original, before, now)
    except _ImpossibleError:
        return None
    return tuple(sorted(rework.edits, key=lambda edit: edit.span))


def _same(one: Node, other: Node) -> bool:
    return _json(one.value) == _json(other.value)


def _json(value: Value) -> str:
    """The JSON of a value, by which values are compared."""
    if isinstance(value, Object):
        return f"{{{','.join(f'{_JSON(each.key)}:{_json(each.value.value)}' for each in value)}}}"
    if isinstance(value, Array):
        return f"[{','.join(_json(each.value) for each in value)}]"
    return _JSON(None if value is UNKNOWN else value)


def _json_of(node: Node) -> str:
    return _json(node.value)


class _Rework:
    """Collects the edits."""

    def __init__(self, written: Written, *, is_json: bool) -> None:
        self.edits: list[Edit] = []
        self._text = written.source.text
        self._fixed = written.fixed
        self._is_json = is_json

    def value(self, old: Node, was: Node, now: Node) -> None:
        """Change a value."""
        if _same(was, now):
            return
        values = (old.value, was.value, now.value)
        if all(isinstance(each, Array) for each in values):
            self._items(old, was, now)
        elif all(isinstance(each, Object) for each in values):
            self._members(old, was, now)
        else:
            self._replace(old, now)

    def _edit(self, start: int, end: int, text: str = "") -> None:
        if any(start < span.end and span.start < max(end, start + 1) for span in self._fixed):
            raise _ImpossibleError
        self.edits.append(Edit(Span(start, end), text))

    def _written(self, node: Node) -> str:
        return self._text[node.span.start : node.span.end]

    def _replace(self, old: Node, now: Node) -> None:
        text = self._written(old)
        container = text[:1] in "[{" and isinstance(old.value, Array | Object)
        if _INTERPOLATION.search(text) or not (container or _LITERAL.fullmatch(text)):
            raise _ImpossibleError
        self._edit(*old.span, self._new(now, like=text))

    def _new(self, node: Node, like: str = "") -> str:
        """A value as it is written here."""
        value = node.value
        if isinstance(value, Object):
            equals = ": " if self._is_json else " = "
            parts = (f"{self._key(each.key)}{equals}{self._new(each.value)}" for each in value)
            return f"{{{', '.join(parts)}}}" if self._is_json else f"{{ {', '.join(parts)} }}"
        if isinstance(value, Array):
            return f"[{', '.join(map(self._new, value))}]"
        if not isinstance(value, str):
            return _JSON(None if value is UNKNOWN else value)
        if value.startswith("{{ "):  # what stands for a value that is decided elsewhere
            raise _ImpossibleError
        text = _JSON(value).replace("%{", "%%{")
        return text.replace("${", "&{" if "&{" in like else "$${")

    def _key(self, key: str) -> str:
        if self._is_json or not _NAME.fullmatch(key):
            return _JSON(key).replace("${", "$${").replace("%{", "%%{")
        return key

    def _items(self, old: Node, was: Node, now: Node) -> None:
        olds, wases, nows = (
            each.value if isinstance(each.value, Array) else Array() for each in (old, was, now)
        )
        spans = [each.span for each in olds]
        keys = [[_json(each.value) for each in nodes] for nodes in (wases, nows)]
        if len(nows) > len(olds) and self._broken_up(old, olds, nows, keys):
            return
        for tag, start, end, first, last in item_changes(wases, nows, _json_of):
            if tag == "equal":
                continue
            paired = min(end - start, last - first) if tag == "replace" else 0
            for at in range(paired):
                self.value(olds[start + at], wases[start + at], nows[first + at])
            self._remove(old, spans, start + paired, end)
            texts = [self._new(each) for each in nows[first + paired : last]]
            self._insert(old, spans, start + paired, texts)

    def _broken_up(
        self, old: Node, olds: Array, nows: Array, keys: Sequence[Sequence[str]]
    ) -> bool:
        """Give each item a line, where a list grows that is too long for the line it is on."""
        text = self._written(old)
        start = self._line_start(old.span.start)
        if text[:1] != "[" or _LINE_BREAK.search(text) or _COMMENT.search(text):
            return False
        if any(isinstance(each.value, Array | Object) for each in nows):
            return False
        written = dict(zip(keys[0], map(self._written, olds), strict=True))
        items = [
            written.get(key) or self._new(each) for key, each in zip(keys[1], nows, strict=True)
        ]
        if old.span.start - start + sum(map(len, items)) + 2 * len(items) <= LINE_AT_MOST:
            return False
        outer = re.compile(r"[ \t]*+").match(self._text, start)
        lead = ("\r\n" if "\r\n" in self._text else "\n") + (outer[0] if outer else "")
        inner = "".join(f"{lead}  {item}," for item in items)
        self._edit(*old.span, f"[{inner.rstrip(',') if self._is_json else inner}{lead}]")
        return True

    def _members(self, old: Node, was: Node, now: Node) -> None:
        olds, wases, nows = (
            each.value if isinstance(each.value, Object) else Object() for each in (old, was, now)
        )
        spans = [Span(each.key_span.start, each.value.span.end) for each in olds]
        keys = [[each.key for each in members] for members in (wases, nows)]
        for tag, start, end, first, last in changes(*keys):
            paired = min(end - start, last - first) if tag in ("replace", "equal") else 0
            for at in range(paired):
                mine, new = olds[start + at], nows[first + at]
                if mine.key != new.key:
                    self._rename(old, mine.key_span, new.key)
                self.value(mine.value, wases[start + at].value, new.value)
            self._remove(old, spans, start + paired, end)
            equals = ": " if self._is_json else " = "
            texts = [
                f"{self._key(each.key)}{equals}{self._new(each.value)}"
                for each in nows[first + paired : last]
            ]
            self._insert(old, spans, start + paired, texts)

    def _rename(self, old: Node, span: Span, key: str) -> None:
        text = self._text[span.start : span.end]
        if not self._is_literal(old) or _INTERPOLATION.search(text):
            raise _ImpossibleError
        if not (_NAME.fullmatch(text) or _LITERAL.fullmatch(text)):
            raise _ImpossibleError
        self._edit(*span, _JSON(key) if text.startswith('"') else self._key(key))

    def _is_literal(self, node: Node) -> bool:
        """Whether a list or object stands there as such."""
        return self._written(node)[:1] in ("[", "{")

    def _remove(self, old: Node, spans: Sequence[Span], first: int, end: int) -> None:
        """Drop parts of a list, an object, or some blocks."""
        if first >= end:
            return
        if not self._is_literal(old):
            for span in spans[first:end]:
                self._remove_block(span, alone=len(spans) == end - first)
        elif end - first == len(spans):
            self._edit(old.span.start + 1, old.span.end - 1)
        elif self._is_json:
            self._edit(*removal(self._text, spans.__getitem__, first, end, len(spans)))
        else:
            self._remove_parts(spans, first, end)

    def _remove_block(self, span: Span, *, alone: bool) -> None:
        text = self._text[span.start : span.end]
        start = self._line_start(span.start)
        rest = _REST.match(self._text, span.end)
        stop = rest.end() if rest else span.end
        after = _LINE_BREAK.match(self._text, stop)
        if alone or not text.startswith("statement") or self._text[start : span.start].strip():
            raise _ImpossibleError
        if after is None:
            raise _ImpossibleError
        self._edit(start, after.end())

    def _remove_parts(self, spans: Sequence[Span], first: int, end: int) -> None:
        """Each part goes with its comma, and with its line if it has one of its own."""
        for at in range(first, end):
            span = spans[at]
            start = self._line_start(span.start)
            rest = _REST.match(self._text, span.end)
            stop = rest.end() if rest else span.end
            after = _LINE_BREAK.match(self._text, stop)
            if after and not self._text[start : span.start].strip():
                self._edit(start, after.end())
                continue
            following = spans[at + 1].start if at + 1 < len(spans) else None
            gap = self._text[span.end : following] if following is not None else ""
            if following is not None and not _COMMENT.search(gap) and not _LINE_BREAK.search(gap):
                self._edit(span.start, following)
            elif first > 0:
                begin = spans[at - 1].end if at == first else span.start
                if at > first or _COMMENT.search(self._text[begin : span.start]):
                    raise _ImpossibleError
                self._edit(begin, spans[end - 1].end)
                return
            else:
                comma = _COMMA.match(self._text, span.end)
                self._edit(span.start, comma.end() if comma else span.end)

    def _line_start(self, at: int) -> int:
        return max(self._text.rfind("\n", 0, at), self._text.rfind("\r", 0, at)) + 1

    def _insert(self, old: Node, spans: Sequence[Span], at: int, texts: Sequence[str]) -> None:
        """Put parts before that number."""
        if not texts:
            return
        if not spans or not self._is_literal(old):
            raise _ImpossibleError
        gap = self._gap(old, spans, at)
        if at:
            place = spans[at - 1].end
            self._edit(place, place, "".join(gap + text for text in texts))
        else:
            place = spans[0].start
            self._edit(place, place, "".join(text + gap for text in texts))

    def _gap(self, old: Node, spans: Sequence[Span], at: int) -> str:
        """What the author has between two parts."""
        lead = self._text[old.span.start + 1 : spans[0].start]
        commas = self._is_json or isinstance(old.value, Array)
        if len(spans) > 1:
            near = min(max(at - 1, 0), len(spans) - 2)
            gap = self._text[spans[near].end : spans[near + 1].start]
            if gap.strip() == "," or (not commas and _LINE_BREAK.search(gap) and not gap.strip()):
                return gap
        if _LINE_BREAK.search(lead) and not lead.strip():
            return ("," if commas else "") + lead
        return ", "
