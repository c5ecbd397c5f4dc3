"""Edits of policies in Terraform's files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.syntax.patch.change import as_json
from multitool_lint.syntax.patch.json import LINE_BREAK, LINE_LENGTH, as_text, removal
from multitool_lint.syntax.patch.tree import ImpossibleError, TreePatch, children, value_of
from multitool_lint.syntax.placeholders import split_expressions
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.syntax.patch.tree import Child, OwningMember

_INTERPOLATION = re.compile(r"(?<![$%])[$%]\{")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*+"|true|false|null|-?[0-9][0-9.eE+-]*+')
_NAME = re.compile(r"[A-Za-z_]\w*")
_EXPRESSION = re.compile(r"\$\{([^{}\"]+)\}")
_REFERENCE = re.compile(r"[A-Za-z_][\w.\[\]-]*")
_END = re.compile(r"[/:][\w/*:.-]*")
_PART = re.compile(r"\s*([A-Za-z_][\w.\[\]-]*|\"(?:[^\"\\]|\\.)*+\")\s*(,|$)")
"""An item of a list that is a reference or a text."""
_COMMENT = re.compile(r"#|//|/\*")
_REST = re.compile(r"[ \t]*+,?[ \t]*+(?:(?:#|//)[^\r\n]*+)?+")
_TEST = re.compile(r"(?:^|[\s{])test\s*=\s*$")
"""What is before the operator of a block with a condition."""
_COMMA = re.compile(r"\s*+,")


def _parts(text: str, start: int, end: int) -> list[Span]:
    """The places of the items of a list of references and texts, up to another item."""
    found = []
    while start < end and (match := _PART.match(text, start, end)):
        found.append(Span._make(match.span(1)))
        start = match.end()
    return found


class HclPatch(TreePatch):
    """Computes edits of an expression or of blocks.

    Only what is written there is edited: an unresolved value, or one that is used elsewhere as
    well, stays. Comments stay, except those on the line of what is removed.
    """

    is_json = False
    """Whether the text is JSON, as in a heredoc."""

    def _replace(self, old: Node, now: Node, owner: OwningMember | None) -> None:  # noqa: ARG002 - others ask it
        text = self._written(old)
        container = text[:1] in "[{" and isinstance(old.value, Array | Object)
        if _INTERPOLATION.search(text) or not (container or _LITERAL.fullmatch(text)):
            raise ImpossibleError
        self._edit(*old.span, self._new(now, like=text))

    def _new(self, node: Node, like: str = "") -> str:
        """A value as it is written here."""
        value = node.value
        if isinstance(value, Object):
            parts = (
                f"{self._key(member.key)}{self._equals}{self._new(member.value)}"
                for member in value
            )
            return f"{{{', '.join(parts)}}}" if self.is_json else f"{{ {', '.join(parts)} }}"
        if isinstance(value, Array):
            return f"[{', '.join(map(self._new, value))}]"
        if not isinstance(value, str):
            return as_text(None if value is UNKNOWN else value)
        if value.startswith("{{ "):  # the placeholder of an unresolved value
            raise ImpossibleError
        opener = "&{" if "&{" in like else "$${"
        pieces = split_expressions(as_text(value))
        return "".join(
            part if is_expression else part.replace("%{", "%%{").replace("${", opener)
            for part, is_expression in pieces
        )

    @property
    def _equals(self) -> str:
        return ": " if self.is_json else " = "

    def _key(self, key: str) -> str:
        if self.is_json or not _NAME.fullmatch(key):
            return as_text(key).replace("${", "$${").replace("%{", "%%{")
        return key

    def _children(self, old: Node, was: Node, now: Node, owner: OwningMember | None) -> None:
        if not self._broken_up(old, children(was), children(now)):
            super()._children(old, was, now, owner)

    def _broken_up(self, old: Node, wases: Sequence[Child], nows: Sequence[Child]) -> bool:
        """Give each item a line, where a list grows that is too long for the line it is on."""
        text = self._written(old)
        line = self._line_start(old.span.start)
        if len(nows) <= len(wases) or text[:1] != "[" or LINE_BREAK.search(text):
            return False
        values = list(map(value_of, nows))
        if _COMMENT.search(text) or any(
            isinstance(value.value, Array | Object) for value in values
        ):
            return False
        written = {
            as_json(value_of(was)): self._text[start:stop]
            for was, (start, stop) in zip(wases, self._spans(old), strict=True)
        }
        items = [
            written.get(as_json(value)) or self._near(old, value) or self._new(value)
            for value in values
        ]
        if old.span.start - line + sum(map(len, items)) + 2 * len(items) <= LINE_LENGTH:
            return False
        outer = re.compile(r"[ \t]*+").match(self._text, line)
        lead = ("\r\n" if "\r\n" in self._text else "\n") + (outer[0] if outer else "")
        inner = "".join(f"{lead}  {item}," for item in items)
        self._edit(*old.span, f"[{inner.rstrip(',') if self.is_json else inner}{lead}]")
        return True

    def _find_spans(self, container: Node) -> list[Span]:
        """The places of children, of items within their list even if they are written elsewhere."""
        spans = super()._find_spans(container)
        start, end = container.span
        if self._text[start : start + 1] != "[" or all(
            start < span.start and span.end < end for span in spans
        ):
            return spans
        parts = _parts(self._text, start + 1, end - 1)
        if len(parts) != len(spans):
            raise ImpossibleError
        return parts

    def _near(self, container: Node, new: Node) -> str:
        """A value as the item is written whose beginning it is, or that it adds an end to.

        An expression such as a local value stays, instead of what it comes to. Empty if no item is
        such a one.
        """
        value = new.value
        if not isinstance(value, str) or self.is_json:
            return ""
        for item, (start, stop) in zip(container.items(), self._spans(container), strict=True):
            known, written = item.value, self._text[start:stop]
            shorter, longer = sorted((str(known), value), key=len)
            end = longer.removeprefix(shorter)
            if not (isinstance(known, str) and _END.fullmatch(end) and longer != end):
                continue
            is_text = _LITERAL.fullmatch(written) is not None
            if longer == value and (is_text or _REFERENCE.fullmatch(written)):
                return f'{written[:-1]}{end}"' if is_text else f'"${{{written}}}{end}"'
            if longer == known and is_text and written.endswith(f'{end}"'):
                inner = written[1 : -1 - len(end)]
                expression = _EXPRESSION.fullmatch(inner)
                return expression[1] if expression else f'"{inner}"'
        return ""

    def _rename(self, container: Node, span: Span, key: str) -> None:
        text = self._text[span.start : span.end]
        tests = _TEST.search(self._text[self._line_start(span.start) : span.start])
        if not (self._is_literal(container) or tests) or _INTERPOLATION.search(text):
            raise ImpossibleError
        if not (_NAME.fullmatch(text) or _LITERAL.fullmatch(text)):
            raise ImpossibleError
        self._edit(*span, as_text(key) if text.startswith('"') else self._key(key))

    def _is_literal(self, node: Node) -> bool:
        """Whether a list or object is written there."""
        return self._written(node)[:1] in ("[", "{")

    def _remove(self, container: Node, first: int, end: int, owner: OwningMember | None) -> None:  # noqa: ARG002 - others ask it
        spans = self._spans(container)
        if not self._is_literal(container):
            for span in spans[first:end]:
                self._remove_block(span, alone=len(spans) == end - first)
        elif end - first == len(spans):
            self._edit(container.span.start + 1, container.span.end - 1)
        elif self.is_json:
            self._edit(*removal(self._text, spans.__getitem__, first, end, len(spans)))
        else:
            self._remove_parts(spans, first, end)

    def _own_line(self, span: Span) -> Span | None:
        """The line of a part, with its comma and comment, if nothing else is on it."""
        start = self._line_start(span.start)
        rest = _REST.match(self._text, span.end)
        after = LINE_BREAK.match(self._text, rest.end() if rest else span.end)
        if after is None or self._text[start : span.start].strip():
            return None
        return Span(start, after.end())

    def _remove_block(self, span: Span, *, alone: bool) -> None:
        line = self._own_line(span)
        if alone or line is None or not self._text.startswith("statement", span.start):
            raise ImpossibleError
        self._remove_lines(*line)

    def _remove_parts(self, spans: Sequence[Span], first: int, end: int) -> None:
        """Remove each part with its comma, and with its line if it has one of its own."""
        for at in range(first, end):
            span = spans[at]
            line = self._own_line(span)
            if line:
                self._remove_lines(*line)
                continue
            following = spans[at + 1].start if at + 1 < len(spans) else None
            gap = self._text[span.end : following] if following is not None else ""
            if following is not None and not _COMMENT.search(gap) and not LINE_BREAK.search(gap):
                self._edit(span.start, following)
            elif first > 0:
                begin = spans[at - 1].end if at == first else span.start
                if at > first or _COMMENT.search(self._text[begin : span.start]):
                    raise ImpossibleError
                self._edit(begin, spans[end - 1].end)
                return
            else:
                comma = _COMMA.match(self._text, span.end)
                self._edit(span.start, comma.end() if comma else span.end)

    def _insert(self, container: Node, at: int, new: Sequence[Child]) -> None:
        spans = self._spans(container)
        if not self._is_literal(container):
            from multitool_lint.syntax.patch.hcl_blocks import insertion

            is_block = isinstance(container.value, Object)
            if not (at or is_block):
                raise ImpossibleError
            within = container.span if is_block else spans[at - 1]
            place, blocks = insertion(self._text, within, new, self._new)
            self._edit(place, place, blocks)
            return
        gap = self._gap(container, spans, at)
        breaks = list(LINE_BREAK.finditer(gap))
        lead = gap[breaks[-1].start() :] if breaks else ""
        texts = [
            f"{self._key(child.key)}{self._equals}{self._over_lines(child.value, lead)}"
            if isinstance(child, Member)
            else self._near(container, child) or self._over_lines(child, lead)
            for child in new
        ]
        self._insert_in_line(spans, at, gap, texts)

    def _over_lines(self, node: Node, lead: str) -> str:
        """A new value; an object that is too long for its line has one for each of its members."""
        text = self._new(node)
        if not (lead and isinstance(node.value, Object) and len(lead) + len(text) > LINE_LENGTH):
            return text
        names = [self._key(member.key) for member in node.value]
        width = 0 if self.is_json else max(map(len, names), default=0)
        members = (
            f"{lead}  {name:{width}}{self._equals}{self._over_lines(member.value, f'{lead}  ')}"
            for name, member in zip(names, node.value, strict=True)
        )
        return f"{{{(',' if self.is_json else '').join(members)}{lead}}}"

    def _gap(self, old: Node, spans: Sequence[Span], at: int) -> str:
        """What the author has between two parts."""
        lead = self._text[old.span.start + 1 : spans[0].start]
        commas = self.is_json or isinstance(old.value, Array)
        if len(spans) > 1:
            near = min(max(at - 1, 0), len(spans) - 2)
            gap = self._text[spans[near].end : spans[near + 1].start]
            if gap.strip() == "," or (not commas and LINE_BREAK.search(gap) and not gap.strip()):
                return gap
        if LINE_BREAK.search(lead) and not lead.strip():
            return ("," if commas else "") + lead
        return ", "


class HeredocPatch(HclPatch):
    """Computes edits of the JSON of a heredoc."""

    is_json = True


class StatementsPatch(HclPatch):
    """Computes edits of statements whose elements have other names in the file.

    Values are replaced, added to lists and removed from them; elements stay as they are.
    """

    def _new(self, node: Node, like: str = "") -> str:
        if isinstance(node.value, Object):
            raise ImpossibleError
        return super()._new(node, like)

    def _rename(self, container: Node, span: Span, key: str) -> None:  # noqa: ARG002 - others ask it
        raise ImpossibleError

    def _remove(self, container: Node, first: int, end: int, owner: OwningMember | None) -> None:
        if not (isinstance(container.value, Array) and self._written(container).startswith("[")):
            raise ImpossibleError
        super()._remove(container, first, end, owner)

    def _insert(self, container: Node, at: int, new: Sequence[Child]) -> None:
        if not isinstance(container.value, Array):
            raise ImpossibleError
        super()._insert(container, at, new)
