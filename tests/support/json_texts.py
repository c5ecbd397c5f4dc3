"""Texts of JSON, and the nodes that are read from them."""

from collections.abc import Iterator

from multitool_lint.formats import ReadResult, read_source
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Node, Object

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def load_text(text: str) -> ReadResult:
    return read_source(Source("policy.json", text))


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node.value, Array):
        for item in node.value:
            yield from walk(item)
    elif isinstance(node.value, Object):
        for member in node.value:
            yield from walk(member.value)


def cut(text: str, span: Span) -> str:
    return text[span.start : span.end]
