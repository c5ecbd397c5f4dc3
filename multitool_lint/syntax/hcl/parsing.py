"""Texts of Terraform's language as blocks and expressions; each is parsed once."""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.syntax.hcl.expression_reader import ExpressionReader
from multitool_lint.syntax.hcl.expressions import Body, Expression, MistakenError
from multitool_lint.syntax.hcl.heredocs import without_last_break
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.source import Source


@lru_cache(maxsize=4096)
def parse(text: str) -> Body:
    """The attributes and blocks of a file.

    Raises:
        MistakenError: it is not HCL.
    """
    reader = ExpressionReader(HclFile(Source("", text)))
    if reader.file.root.has_error:
        raise MistakenError("not valid Terraform syntax")
    return reader.body(reader.file.root)


@lru_cache(maxsize=1024)
def parse_template(text: str) -> Expression | None:
    """The expression that a text with `${...}` and `%{...}` is; None if it cannot be read."""
    mark = "TEXT"
    while mark in text:
        mark += "_"
    head = f"x = <<{mark}\n"
    around = HclFile(Source("", f"{head}{text}\n{mark}\n"))
    reader = ExpressionReader(around, shift=len(head))
    if reader.file.root.has_error:
        return None
    made = reader.body(reader.file.root).attributes.get("x")
    return made and without_last_break(made)


@lru_cache(maxsize=4096)
def parse_string(text: str) -> Expression | None:
    """The expression that a string of `.tf.json` is; None if it cannot be read."""
    if "${" not in text and "%{" not in text:
        return Expression("literal", (text,), 0, 0)
    made = parse_template(text)
    if made and made.kind == "template" and len(made.parts) == 1:
        only: Expression = made.parts[0]
        return only
    return made
