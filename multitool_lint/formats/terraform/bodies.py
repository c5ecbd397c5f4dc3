"""The blocks of a data source as they are read: their attributes, and how often they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.data_source import BLOCKS, Body
from multitool_lint.formats.terraform.evaluate import DEPTH_AT_MOST, Expressions, UnreadableError
from multitool_lint.syntax.tree import Items, Members, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.terraform.evaluate import Scope
    from multitool_lint.syntax.hcl.tree import Block, File
    from multitool_lint.syntax.source import Span


def bodies(file: File, scope: Scope, block: Block) -> tuple[Body, tuple[Span, ...]]:
    """What stands in a block, and the places of values that are used elsewhere as well.

    Raises:
        UnreadableError: that is out of all proportion.
    """
    reader = Expressions(file, scope)
    return _body(file, reader, block, 0), tuple(reader.shared)


def _body(file: File, reader: Expressions, block: Block, depth: int, *, open: bool = False) -> Body:
    if depth > DEPTH_AT_MOST:
        raise UnreadableError("blocks nested deeper than any policy's")
    attributes = {
        each.name: (file.span(each.key), reader.value(each.value))
        for each in file.attributes(block.body)
    }
    blocks = []
    for each in file.blocks(block.body) if block.body else ():
        if each.type in BLOCKS:
            blocks.append((each.type, _body(file, reader, each, depth + 1)))
        elif each.type == "dynamic" and each.labels and each.labels[0] in BLOCKS:
            blocks += [(each.labels[0], made) for made in _dynamic(file, reader, each, depth)]
    return Body(file.span(block.head), file.span(block.syntax), attributes, blocks, open)


def _dynamic(file: File, reader: Expressions, block: Block, depth: int) -> Iterator[Body]:
    """The blocks that a dynamic one makes: one for each value, if these are certain."""
    attributes = {each.name: each.value for each in file.attributes(block.body)}
    content = next((b for b in file.blocks(block.body) if b.type == "content"), None)
    if content is None:
        return
    iterator = attributes.get("iterator")
    name = file.text(iterator) if iterator else block.labels[0]
    each = reader.value(attributes["for_each"]).value if "for_each" in attributes else None
    if isinstance(each, Items):
        pairs = [(Node(node.span, number, ""), node) for number, node in enumerate(each)]
    elif isinstance(each, Members):
        pairs = [(Node(member.key_span, member.key, ""), member.value) for member in each]
    else:
        yield _body(file, reader, content, depth + 1, open=True)
        return
    outer = reader.iterators.get(name)
    for pair in pairs:
        reader.iterators[name] = pair
        if len(pairs) > 1:
            reader.shared.append(file.span(content.syntax))
        yield _body(file, reader, content, depth + 1)
    reader.iterators.pop(name, None)
    if outer:
        reader.iterators[name] = outer
