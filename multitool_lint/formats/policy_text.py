"""Policies that a value of a file holds as a text of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import json as json_
from multitool_lint.formats import recognize as shape
from multitool_lint.formats.cloudformation import sam
from multitool_lint.formats.cloudformation.functions import Document
from multitool_lint.formats.normalized import IN_A_STRING, Embedded
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.policy.document import Policy
from multitool_lint.syntax import decoded_text as embedded
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Items

if TYPE_CHECKING:
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.tree import Node


def read(
    source: Source,
    node: Node,
    type: PolicyType | None,
    resource_type: str | None,
    name: str | None,
) -> Embedded | Problem | Skipped:
    """Read the policy in a string, escaped or folded as it may be."""
    start, end = node.span
    if source.text[start] == '"' and source.text[end - 1] == '"' and _is_json(source):
        text = embedded.cut(source.text, node.span)
    else:
        from multitool_lint.syntax.yaml import scalars as yaml_scalars

        text = yaml_scalars.cut(source.text, node.span, str(node.value))
    if not text.text.strip():
        return Skipped(node.span, "an empty string", unread=True)
    root = _statements(text.text) or json_.examine(text.text)
    if isinstance(root, Problem):
        return Problem(text.span(root.span), root.message)
    if isinstance(root, Skipped):
        return Skipped(node.span, root.reason, unread=True)
    if not shape.speaks_of_access(root):
        return Skipped(node.span, "a policy in another language than IAM's")
    type = type or shape.type_of(root, resource_type)  # noqa: A001 - what AWS calls it
    policy = Policy(Source(source.path, text.text), root, type, resource_type, name)
    return Embedded(policy, source, text, unchanged=IN_A_STRING)


def _statements(text: str) -> Node | None:
    """The policy that a list of statements stands for, as kops takes them."""
    if not text.lstrip().startswith("["):
        return None
    try:
        listed = json_text.parse(text, literal=True)
    except MistakeError:
        return None
    items = listed.value
    if not isinstance(items, Items) or not shape.are_statements(items):
        return None
    return Document().root(sam.around(listed))


def _is_json(source: Source) -> bool:
    return source.text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
