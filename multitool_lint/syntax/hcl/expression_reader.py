"""Reads blocks and expressions of Terraform's language from HCL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from multitool_lint.limits import MAX_EXPRESSION_DEPTH
from multitool_lint.syntax.hcl.escapes import HEREDOC_ESCAPE, QUOTED_ESCAPE, unescaped
from multitool_lint.syntax.hcl.expressions import EACH, Block, Body, Expression, Kind, MistakenError
from multitool_lint.syntax.hcl.heredocs import dedented
from multitool_lint.syntax.hcl.tree import HclFile, conditional_parts, parts_of, significant

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


class ExpressionReader:
    """Reads the syntax tree of a file, whose offsets are `shift` more than those of another one.

    It `is_cut` where values are in each other deeper than is read.
    """

    def __init__(self, file: HclFile, shift: int = 0) -> None:
        self.file = file
        self.is_cut = False
        self._shift = shift
        self._depth = 0

    def body(self, syntax: Syntax | None) -> Body:
        """The attributes and blocks of a part of the tree.

        Raises:
            MistakenError: blocks are nested too deeply.
        """
        if self._depth > MAX_EXPRESSION_DEPTH:
            raise MistakenError("blocks are nested too deeply")
        found = Body({}, [])
        for child in parts_of(syntax):
            if child.type == "attribute":
                parts = significant(child)
                if len(parts) > 1:
                    found.attributes[self.file.text(parts[0])] = self.expression(parts[-1])
            elif child.type == "block":
                block = self.file.block(child)
                start, end = self.file.span(child)
                self._depth += 1
                inner = self.body(block.body)
                self._depth -= 1
                found.blocks.append(Block(block.type, block.labels, inner, start, end))
        return found

    def expression(self, syntax: Syntax) -> Expression:
        """The expression that a part of the tree is."""
        parts = significant(syntax)
        if not parts or self._depth > MAX_EXPRESSION_DEPTH:
            self.is_cut |= self._depth > MAX_EXPRESSION_DEPTH
            return self._made("broken", (self.file.text(syntax),), syntax)
        self._depth += 1
        try:
            if syntax.type != "expression":
                return self._term(syntax)
            found = self._term(parts[0])
            for step in parts[1:]:
                found = self._step(found, step)
        finally:
            self._depth -= 1
        return found

    def _made(self, kind: Kind, parts: tuple[Any, ...], syntax: Syntax) -> Expression:
        offset = self.file.offset_in_file
        start, end = offset(syntax.start_byte), offset(syntax.end_byte)
        return Expression(kind, parts, start - self._shift, end - self._shift)

    def _step(self, base: Expression, syntax: Syntax) -> Expression:
        """What an attribute, an index or a splat makes of an expression."""
        parts = significant(syntax)
        if syntax.type == "get_attr":
            name = self.file.text(parts[0]) if parts else self.file.text(syntax)[1:]
            return self._after(base, "attribute", (base, name), syntax)
        if syntax.type == "index":
            if parts[0].type == "new_index":
                key = self.expression(significant(parts[0])[0])
            else:
                number = int(self.file.text(parts[0]).strip(".") or 0)
                key = self._made("literal", (number,), parts[0])
            return self._after(base, "index", (base, key), syntax)
        if syntax.type == "splat":
            inner = self._made("name", (EACH,), syntax)
            for step in significant(parts[0]):
                inner = self._step(inner, step)
            return self._after(base, "splat", (base, inner), syntax)
        return self._made("broken", (self.file.text(syntax),), syntax)

    def _after(
        self, base: Expression, kind: Kind, parts: tuple[Any, ...], syntax: Syntax
    ) -> Expression:
        end = self.file.offset_in_file(syntax.end_byte) - self._shift
        return Expression(kind, parts, base.start, end)

    def _term(self, syntax: Syntax) -> Expression:
        kind = syntax.type
        if kind == "variable_expr":
            return self._made("name", (self.file.text(syntax),), syntax)
        if kind in _READERS:
            return _READERS[kind](self, syntax)
        if kind == "expression":
            return self.expression(syntax)
        if kind in ("template_expr", "collection_value", "operation"):
            return self._term(significant(syntax)[0])
        return self._made("broken", (self.file.text(syntax),), syntax)

    def _literal(self, syntax: Syntax) -> Expression:
        inner = significant(syntax)[0]
        text = self.file.text(inner)
        if inner.type == "bool_lit":
            return self._made("literal", (text == "true",), syntax)
        if inner.type == "null_lit":
            return self._made("literal", (None,), syntax)
        if inner.type == "numeric_lit":
            try:
                number = float(text) if re.search(r"[.eE]", text) else int(text, 0)
            except ValueError:
                return self._made("broken", (text,), syntax)
            return self._made("literal", (number,), syntax)
        return self._term(inner)

    def _string(self, syntax: Syntax) -> Expression:
        text = QUOTED_ESCAPE.sub(unescaped, self.file.text(syntax)[1:-1])
        return self._made("literal", (text,), syntax)

    def _tuple(self, syntax: Syntax) -> Expression:
        items = (part for part in significant(syntax) if part.type == "expression")
        return self._made("tuple", tuple(map(self.expression, items)), syntax)

    def _object(self, syntax: Syntax) -> Expression:
        members = []
        for element in significant(syntax):
            if element.type != "object_elem":
                continue
            parts = [part for part in significant(element) if part.type == "expression"]
            if len(parts) != 2:  # noqa: PLR2004 - key and value
                return self._made("broken", (self.file.text(syntax),), syntax)
            key, value = map(self.expression, parts)
            if key.kind == "name":
                key = Expression("literal", key.parts, key.start, key.end)
            members.append((key, value))
        return self._made("object", tuple(members), syntax)

    def _call(self, syntax: Syntax) -> Expression:
        name, *rest = significant(syntax)
        arguments = significant(rest[0]) if rest else []
        given = tuple(self.expression(part) for part in arguments if part.type == "expression")
        expands = any(part.type == "ellipsis" for part in arguments)
        return self._made("call", (self.file.text(name), given, expands), syntax)

    def _conditional(self, syntax: Syntax) -> Expression:
        *parts, last = conditional_parts(syntax)
        links = [*zip(parts[::2], parts[1::2], strict=True)]
        levels = len(links) - 1  # each conditional is in the one before it
        if self._depth + levels > MAX_EXPRESSION_DEPTH:
            self.is_cut |= levels <= MAX_EXPRESSION_DEPTH  # else as a long operation: no mistake
            return self._made("broken", (self.file.text(syntax),), syntax)
        self._depth += levels
        made = self.expression(last)
        for condition, chosen in reversed(links):
            start, end = self.file.offset_in_file(condition.start_byte) - self._shift, made.end
            inner = (self.expression(condition), self.expression(chosen), made)
            made = Expression("conditional", inner, start, end)
        self._depth -= levels
        return made

    def _operation(self, syntax: Syntax) -> Expression:
        """An operation, whose operands the grammar has in one list with their steps."""
        is_cut = self.is_cut
        words = (self.file.text(part) for part in syntax.children if not part.is_named)
        operator = "".join(word for word in words if word not in "()")
        operands: list[Expression] = []
        for part in significant(syntax):
            if part.type in ("get_attr", "index", "splat") and operands:
                operands[-1] = self._step(operands[-1], part)
            else:
                operands.append(self.expression(part))
        self.is_cut = is_cut  # an operation that is as long is not known, and no mistake
        return self._made("operation", (operator, tuple(operands)), syntax)

    def _for(self, syntax: Syntax) -> Expression:
        inner = significant(syntax)[0]
        parts = significant(inner)
        intro = next(part for part in parts if part.type == "for_intro")
        words = significant(intro)
        names = tuple(self.file.text(word) for word in words if word.type == "identifier")
        collection = next(self.expression(word) for word in words if word.type == "expression")
        conditions = [
            self.expression(significant(part)[0]) for part in parts if part.type == "for_cond"
        ]
        results = tuple(self.expression(part) for part in parts if part.type == "expression")
        grouped = any(part.type == "ellipsis" for part in parts)
        is_object = inner.type == "for_object_expr"
        condition = conditions[0] if conditions else None
        made = (is_object, names, collection, results, condition, grouped)
        return self._made("for", made, syntax)

    def _quoted(self, syntax: Syntax) -> Expression:
        inside = syntax.start_byte + 1, syntax.end_byte - 1
        return self._template(syntax, inside, QUOTED_ESCAPE, syntax.named_children)

    def _heredoc(self, syntax: Syntax) -> Expression:
        first, *_, last = [
            part for part in syntax.named_children if part.type == "heredoc_identifier"
        ]
        data = self.file.data
        start = data.find(b"\n", first.end_byte) + 1
        end = data.rfind(b"\n", start, max(start, last.start_byte)) + 1 or last.start_byte
        inside = start, max(start, end)
        made = self._template(syntax, inside, HEREDOC_ESCAPE, syntax.named_children)
        is_indented = data.startswith(b"<<-", syntax.start_byte)
        return dedented(made) if is_indented else made

    def _template(
        self,
        syntax: Syntax,
        inside: tuple[int, int],
        escape: re.Pattern[str],
        children: Sequence[Syntax],
    ) -> Expression:
        """A text with parts; what is between the children belongs to the text."""
        at, last = inside
        parts: list[Expression] = []
        for child in children:
            if child.type not in _INSERTED or child.start_byte < at:
                continue
            parts += self._text(at, child.start_byte, escape, syntax)
            at = child.end_byte
            parts += self._inserted(child, escape)
        parts += self._text(at, last, escape, syntax)
        if not parts:
            return self._made("literal", ("",), syntax)
        if len(parts) == 1 and (parts[0].kind == "literal" or escape is QUOTED_ESCAPE):
            only = parts[0]
            if only.kind == "literal" and isinstance(only.parts[0], str):
                return self._made("literal", only.parts, syntax)
            return only
        return self._made("template", tuple(parts), syntax)

    def _text(
        self, start: int, end: int, escape: re.Pattern[str], around: Syntax
    ) -> Iterator[Expression]:
        data = self.file.data
        text = data[start:end].decode("utf-8", "replace")
        if data[max(0, start - 2) : start] == b"~}":
            text = text.lstrip()
        if data[end : end + 3] in (b"${~", b"%{~"):
            text = text.rstrip()
        if text:
            offset = self.file.offset_in_file
            place = offset(start) - self._shift, offset(min(end, around.end_byte)) - self._shift
            yield Expression("literal", (escape.sub(unescaped, text),), *place)

    def _inserted(self, syntax: Syntax, escape: re.Pattern[str]) -> Iterator[Expression]:
        """The expression or directive that is put into a text."""
        inner = significant(syntax)
        if syntax.type == "template_interpolation":
            yield from (self.expression(part) for part in inner if part.type == "expression")
        elif inner and inner[0].type in ("template_if", "template_for"):
            yield self._directive(inner[0], escape)
        else:
            yield self._made("broken", (self.file.text(syntax),), syntax)

    def _directive(self, syntax: Syntax, escape: re.Pattern[str]) -> Expression:
        """`%{ if }` as a conditional, `%{ for }` as a joined `for`."""
        children = list(syntax.named_children)
        marks = [
            number
            for number, child in enumerate(children)
            if child.type.endswith(("_intro", "_end", "_start"))
        ]
        texts = [
            self._template(
                syntax,
                (children[first].end_byte, children[last].start_byte),
                escape,
                children[first + 1 : last],
            )
            for first, last in pairwise(marks)
        ]
        head = significant(children[0])
        subject = next(self.expression(part) for part in head if part.type == "expression")
        nothing = self._made("literal", ("",), syntax)
        if syntax.type == "template_if":
            otherwise = texts[1] if len(texts) > 1 else nothing
            return self._made("conditional", (subject, texts[0], otherwise), syntax)
        names = tuple(self.file.text(part) for part in head if part.type == "identifier")
        loop = self._made("for", (False, names, subject, (texts[0],), None, False), syntax)
        return self._made("call", ("join", (nothing, loop), False), syntax)


_INSERTED = ("template_interpolation", "template_directive")
_READERS = {
    "literal_value": ExpressionReader._literal,  # noqa: SLF001 - its own methods
    "string_lit": ExpressionReader._string,  # noqa: SLF001
    "tuple": ExpressionReader._tuple,  # noqa: SLF001
    "object": ExpressionReader._object,  # noqa: SLF001
    "function_call": ExpressionReader._call,  # noqa: SLF001
    "conditional": ExpressionReader._conditional,  # noqa: SLF001
    "binary_operation": ExpressionReader._operation,  # noqa: SLF001
    "unary_operation": ExpressionReader._operation,  # noqa: SLF001
    "for_expr": ExpressionReader._for,  # noqa: SLF001
    "quoted_template": ExpressionReader._quoted,  # noqa: SLF001
    "heredoc_template": ExpressionReader._heredoc,  # noqa: SLF001
}
