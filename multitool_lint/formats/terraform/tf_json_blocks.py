"""Blocks and templates of Terraform's language as its configuration in JSON has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.formats.terraform.body import (
    BLOCKS,
    MERGED,
    VALUES_OF_A_BLOCK,
    BlockContent,
    Repeated,
    blocks_of,
)
from multitool_lint.formats.terraform.data_source import LISTS
from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.placeholders import placeholder_end
from multitool_lint.syntax.terms import Unknown
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.terraform.tf_json_values import JsonValues
    from multitool_lint.syntax.source import Span

_COMMENTS = frozenset({"//"})
_LISTS = frozenset({*LISTS, "identifiers", "values"})
_DYNAMIC = re.compile(r"\bdynamic\.([\w-]+)\.content\b")
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")


def members(node: Node) -> Iterator[tuple[str, Node]]:
    """The members of an object, or of all objects in a list."""
    for item in as_list(node):
        for member in item.fields():
            if member.key not in _COMMENTS:
                yield member.key, member.value


def attribute_path(path: str) -> str:
    """The path of an attribute, without what a dynamic block adds."""
    return _DYNAMIC.sub(r"\1", path)


def scalars(node: Node, values: JsonValues, path: str = "") -> Iterator[tuple[str, Node]]:
    """The scalars of a block with their paths, those of its blocks among them.

    Raises:
        UnreadableError: a value is out of all proportion.
    """
    for key, value in members(node):
        for item in as_list(value):
            if isinstance(item.value, Object):
                yield from scalars(item, values, f"{path}{key}.")
            else:
                yield attribute_path(f"{path}{key}"), values.value(item)


def template_text(text: DecodedText) -> DecodedText:
    """What a template says: escapes resolved, a placeholder for each expression."""
    decoder = Decoder(text.text, 0, len(text.text))
    for start, end, new in _replaced(text.text):
        decoder.copy(start)
        decoder.put(new, end)
    return decoder.decoded(text.steps)


def _replaced(template: str) -> Iterator[tuple[int, int, str]]:
    """The escapes and expressions of a template: where they are, and what the text has instead."""
    position = 0
    for match in _TEMPLATE.finditer(template):
        start, end = match.span()
        if start < position:
            continue
        new = match[0][1:]
        if end - start == 2:  # noqa: PLR2004 - `${`
            end = placeholder_end(template, start) or len(template)
            expression = template[start + 2 : end - 1]
            new = part_of(expression)
        yield start, end, new
        position = end


def body_of(
    node: Node, text: str, values: JsonValues, depth: int = 0, *, open: str = ""
) -> BlockContent:
    """An object in a text as the block that it means.

    Raises:
        UnreadableError: a value is out of all proportion.
    """
    values.count(VALUES_OF_A_BLOCK)
    attributes: dict[str, tuple[Span, Node]] = {}
    blocks: list[tuple[str, BlockContent]] = []
    for member in node.fields():
        if member.key in BLOCKS:
            blocks += [
                (member.key, body_of(block, text, values, depth + 1))
                for block in as_list(member.value)
            ]
        elif member.key == "dynamic":
            blocks += [
                (name, made)
                for name, dynamic in members(member.value)
                for block in (as_list(dynamic) if name in BLOCKS else ())
                for made in _dynamic(name, block, text, values, depth)
            ]
        else:
            values.reading.in_element = member.key not in MERGED
            value = values.value(member.value)
            attributes[member.key] = member.key_span, _of_attribute(member.key, value)
    return BlockContent(node.span, node.span, attributes, blocks, open)


def _dynamic(
    name: str, block: Node, text: str, values: JsonValues, depth: int
) -> Iterator[BlockContent]:
    """The blocks that a dynamic one of a name makes."""
    content = next(iter(as_list(block.get("content"))), None)
    if content is None:
        return
    iterator, collection = block.get("iterator"), block.get("for_each")
    values.reading.in_element = False
    repeated = Repeated(
        (iterator.string if iterator else None) or name,
        values.evaluate(collection) if collection else Unknown("for_each"),
        (collection or block).span,
        text[slice(*collection.span)] if collection else "for_each",
    )
    yield from blocks_of(
        values,
        repeated,
        lambda decides: body_of(content, text, values, depth + 1, open=decides),
        in_statement=depth > 0,
    )


def _of_attribute(name: str, value: Node) -> Node:
    """The value of an attribute of a data source; a text where it has a list is one of the list."""
    if isinstance(value.value, Object):
        return Node(value.span, UNKNOWN, "")
    if name in _LISTS and isinstance(value.value, str):
        return Node(value.span, Array([value]), "")
    return value
