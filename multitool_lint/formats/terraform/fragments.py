"""Statements that are passed to a module or kept in a local value, in the words of Terraform.

The elements are named as the data source `aws_iam_policy_document` names them, or as a policy does;
such statements are recognised by their shape. A module makes a policy of them, together with others
and with defaults of its own: what is not written here is not known.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.terraform.cases import ReadDocument, in_readings
from multitool_lint.formats.terraform.search import parts_with_paths
from multitool_lint.formats.terraform.statement_objects import (
    TOGETHER,
    completed,
    has_elements,
    root_of,
)
from multitool_lint.syntax.hcl import strings as templates
from multitool_lint.syntax.hcl.tree import HclFile, significant
from multitool_lint.syntax.tree import Array, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.result import Problem, Skipped
    from multitool_lint.formats.terraform.evaluate import Expressions
    from multitool_lint.formats.terraform.scope import Scope
    from multitool_lint.syntax.source import Span

_WORDS = (b"action", b"Action")
_STEPS = {"expression": 0, "collection_value": 0, "object_elem": -1, "conditional": 1}
"""Where an object may be in a part of an expression, by the type of the part."""


def module_values(file: HclFile) -> Iterator[tuple[str, Syntax]]:
    """The values that may have statements for a module, each with its name."""
    for attribute in file.attributes(file.root):
        yield attribute.name, attribute.value
    for block in file.blocks():
        if block.syntax.has_error:
            continue
        labels = ".".join(block.labels)
        for attribute in file.attributes(block.body):
            if block.type == "locals":
                yield f"local.{attribute.name}", attribute.value
            elif block.type == "module":
                yield f"module.{labels}.{attribute.name}", attribute.value
            elif block.type == "variable" and attribute.name == "default":
                yield f"var.{labels}", attribute.value


def without(document: ReadDocument, read: Container[Span]) -> ReadDocument | None:
    """The fragment without statements whose actions are those of another policy; None if empty."""
    statements = document.root.get("Statement")
    left = [
        statement
        for statement in as_list(statements)
        if not (
            (action := statement.get("Action") or statement.get("NotAction"))
            and action.span in read
            and statement.span.start <= action.span.start < statement.span.end
        )
    ]
    if statements is None or not any(isinstance(statement.value, Object) for statement in left):
        return None
    root = policy_around(Node(statements.span, Array(left), ""))
    return document._replace(root=root)


def fragments(
    file: HclFile, value: Syntax, scope: Scope, name: str
) -> Iterator[ReadDocument | Problem | Skipped]:
    """The statements in an expression of a name, those of one list as one policy.

    Raises:
        UnreadableError: a value is out of all proportion.
    """
    waiting = [(value, "")]
    while waiting:
        syntax, path = waiting.pop()
        if not file.has(syntax, *_WORDS):
            continue
        string = templates.template(syntax)
        if string is not None and templates.wrapped(string) is None:
            continue
        keys = _keys(file, syntax) if syntax.type == "object" else []
        if "Statement" in keys:
            continue  # a policy
        together = TOGETHER.search(f"{name}{path}".rpartition(".")[2]) is not None
        found = []
        if syntax.type == "tuple" or has_elements(keys) or (keys and together):
            found = list(in_readings(file, scope, partial(_of_collection, syntax), path))
        yield from map(_completed, found)
        if not found:
            waiting += reversed(list(parts_with_paths(file, syntax, path)))


def _completed(case: ReadDocument | Problem | Skipped) -> ReadDocument | Problem | Skipped:
    return case._replace(root=completed(case.root)) if isinstance(case, ReadDocument) else case


def _keys(file: HclFile, syntax: Syntax) -> list[str]:
    """The keys of an object as they are written."""
    return [
        file.text(element.named_children[0]).strip('"')
        for element in significant(syntax)
        if element.type == "object_elem" and element.named_children
    ]


def _of_collection(syntax: Syntax, reader: Expressions) -> ReadDocument | None:
    """The policy of an object that is a statement, or of a list or map of statements."""
    parts = (syntax, *significant(syntax))
    if not any(_is_object_of_elements(reader.file, part) for part in parts):
        return None
    root = root_of(reader.value(syntax))
    return ReadDocument(root, "", tuple(reader.shared), fragment=True) if root else None


def _is_object_of_elements(file: HclFile, syntax: Syntax) -> bool:
    """Whether a part of an expression is an object that has actions, or chooses between such."""
    while (step := _STEPS.get(syntax.type)) is not None and significant(syntax):
        syntax = significant(syntax)[step]
    return syntax.type == "object" and has_elements(_keys(file, syntax))
