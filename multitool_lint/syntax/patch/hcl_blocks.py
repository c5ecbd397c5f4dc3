"""Statements and conditions as the blocks of an `aws_iam_policy_document` of Terraform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.syntax.patch.tree import ImpossibleError
from multitool_lint.syntax.tree import Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.syntax.patch.tree import Child
    from multitool_lint.syntax.source import Span

    Write = Callable[[Node], str]
    """How a text is written in the file."""

_UNIT = "  "
"""By how much `terraform fmt` indents what is in a block."""
_EFFECT = re.compile(r"^\s*effect\s*=", re.MULTILINE)
_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


def insertion(text: str, within: Span, new: Sequence[Child], write: Write) -> tuple[int, str]:
    """The place of new blocks, and their lines: statements after one, a condition at its end.

    Raises:
        ImpossibleError: there is no block of a statement with lines of its own, or something new
            is not written as plain values.
    """
    start, end = within
    close = max(text.rfind("\n", 0, end - 1), text.rfind("\r", 0, end - 1)) + 1
    indent = text[close : end - 1]
    if indent.strip(" \t") or not text.startswith("statement", start):
        raise ImpossibleError
    line_break = "\r\n" if "\r\n" in text else "\n"
    conditions: list[str] = []
    statements: list[str] = []
    for child in new:
        if isinstance(child, Node):
            has_effect = _EFFECT.search(text, start, end) is not None
            statements += ["", *_statement(child, write, indent, has_effect=has_effect)]
        elif child.key == "Condition":
            conditions += _conditions(child.value, write, indent + _UNIT)
        else:
            raise ImpossibleError
    if statements:
        return end, "".join(line_break + line for line in statements)
    return close, "".join(line + line_break for line in conditions)


def _conditions(condition: Node, write: Write, indent: str) -> Iterator[str]:
    """The lines of the blocks of a Condition element, each block after an empty line."""
    for operator in condition.fields():
        for key in operator.value.fields():
            yield ""
            yield f"{indent}condition {{"
            values = f"[{', '.join(map(write, as_list(key.value)))}]"
            test, variable = (write(Node((0, 0), name, "")) for name in (operator.key, key.key))
            pairs = [("test", test), ("variable", variable), ("values", values)]
            yield from _arguments(pairs, indent + _UNIT)
            yield f"{indent}}}"


def _statement(statement: Node, write: Write, indent: str, *, has_effect: bool) -> Iterator[str]:
    """The lines of the block of a statement; one that allows says so if others do."""
    arguments: list[tuple[str, str]] = []
    blocks: list[str] = []
    inner = indent + _UNIT
    for member in statement.fields():
        value = member.value
        if member.key == "Condition":
            blocks += _conditions(value, write, inner)
        elif member.key in _LISTS and not isinstance(value.value, Object):
            texts = ", ".join(map(write, as_list(value)))
            arguments.append((_LISTS[member.key], f"[{texts}]"))
        elif member.key == "Sid":
            arguments.append(("sid", write(value)))
        elif member.key != "Effect":
            raise ImpossibleError
        elif has_effect or value.value != "Allow":
            arguments.append(("effect", write(value)))
    yield f"{indent}statement {{"
    yield from _arguments(arguments, inner)
    yield from blocks
    yield f"{indent}}}"


def _arguments(pairs: list[tuple[str, str]], indent: str) -> Iterator[str]:
    """The lines of arguments, aligned as `terraform fmt` does it."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        yield f"{indent}{name:{width}} = {text}"
