"""What heredocs of Terraform's language leave out of their texts."""

from __future__ import annotations

from multitool_lint.syntax.hcl.expressions import EACH, Expression


def dedented(made: Expression) -> Expression:
    """A heredoc without the indent that all of its lines have."""
    parts = made.parts if made.kind == "template" else (made,)
    text = "".join(
        part.parts[0] if part.kind == "literal" and isinstance(part.parts[0], str) else EACH
        for part in parts
    )
    lines = [line for line in text.split("\n") if line.strip()]
    indent = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
    if not indent:
        return made
    found = []
    for number, part in enumerate(parts):
        if part.kind == "literal" and isinstance(part.parts[0], str):
            first, *rest = part.parts[0].split("\n")
            first = first if number else first[indent:]
            dedented = "\n".join([first, *(line[indent:] for line in rest)])
            found.append(Expression("literal", (dedented,), part.start, part.end))
        else:
            found.append(part)
    return (
        Expression("template", tuple(found), made.start, made.end)
        if made.kind == "template"
        else found[0]
    )


def without_last_break(made: Expression) -> Expression:
    """A text without the line break that ends it in a heredoc."""
    parts = list(made.parts) if made.kind == "template" else [made]
    last = parts[-1]
    if last.kind == "literal" and isinstance(last.parts[0], str):
        text = last.parts[0].removesuffix("\n")
        parts[-1:] = [Expression("literal", (text,), last.start, last.end)] if text else []
    if made.kind == "template":
        return Expression("template", tuple(parts), made.start, made.end)
    return parts[0] if parts else Expression("literal", ("",), made.start, made.end)
