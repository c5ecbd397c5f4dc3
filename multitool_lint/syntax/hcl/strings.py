"""The text of strings and heredocs of Terraform's language, with a source map to the file.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.hcl.escapes import HEREDOC_ESCAPE, QUOTED_ESCAPE, unescaped
from multitool_lint.syntax.hcl.tree import HclFile, significant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node as Syntax


def template(value: Syntax) -> Syntax | None:
    """The string or heredoc that an expression is, if it is one."""
    while value.type in ("expression", "literal_value", "template_expr"):
        parts = significant(value)
        if len(parts) != 1:
            return None
        value = parts[0]
    return value if value.type in ("string_lit", "quoted_template", "heredoc_template") else None


def wrapped(syntax: Syntax) -> Syntax | None:
    """The expression of a string that is nothing but one, as in `"${var.x}"`."""
    inner = [
        child for child in syntax.named_children if not child.type.startswith("quoted_template_")
    ]
    if syntax.type != "quoted_template" or len(inner) != 1:
        return None
    return _expression(inner[0]) if inner[0].type == "template_interpolation" else None


def has_directives(syntax: Syntax) -> bool:
    """Whether a template decides with `%{ if }` or `%{ for }` what is there at all."""
    return any(child.type == "template_directive" for child in syntax.named_children)


def text_of(file: HclFile, syntax: Syntax, known: Callable[[Syntax], str]) -> DecodedText:
    """The text of a template; `known` returns the text of an expression in it."""
    heredoc = syntax.type == "heredoc_template"
    escape = HEREDOC_ESCAPE if heredoc else QUOTED_ESCAPE
    decoder = Decoder(file.source.text, *_inside(file, syntax))

    for child in syntax.named_children:
        if child.type == "template_interpolation":
            start, end = file.span(child)
            decoder.sub(escape, unescaped, start)
            expression = _expression(child)
            decoder.put("" if expression is None else known(expression), end)
    decoder.sub(escape, unescaped, decoder.end)
    return decoder.decoded()


def _expression(interpolation: Syntax) -> Syntax | None:
    if interpolation.type != "template_interpolation":
        return None
    parts = [part for part in significant(interpolation) if part.type == "expression"]
    return parts[0] if parts else None


def _inside(file: HclFile, syntax: Syntax) -> tuple[int, int]:
    """Where the text of a template begins and ends."""
    start, end = file.span(syntax)
    if syntax.type != "heredoc_template":
        return start + 1, end - 1
    names = [child for child in syntax.named_children if child.type == "heredoc_identifier"]
    line_end = file.source.text.find("\n", file.span(names[0]).end) + 1
    return (line_end, max(line_end, file.span(names[-1]).start)) if line_end else (end, end)
