"""What is in the blocks of a data source, including those that `dynamic` blocks make.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats.terraform.choices import PolicyReading, SeveralNode, ask, may_be_several
from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.formats.terraform.scope import OutOfProportionError, Scope
from multitool_lint.limits import MAX_EXPRESSION_DEPTH
from multitool_lint.syntax.terms import Unknown
from multitool_lint.syntax.tree import UNKNOWN, Node, Object, as_list
from multitool_lint.values.collections import items_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from multitool_lint.formats.terraform.nodes import Nodes
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock
    from multitool_lint.syntax.source import Span
    from multitool_lint.syntax.terms import Value

BLOCKS: Final = ("statement", "principals", "not_principals", "condition")
SOURCES: Final = ("source_json", "source_policy_documents")
OVERRIDES: Final = ("override_policy_documents", "override_json")
MERGED: Final = (*SOURCES, *OVERRIDES)
"""Attributes of documents that are merged with the statements, in the order of the provider."""
VALUES_OF_A_BLOCK: Final = 5
"""A block takes the memory of some values, even an empty one that a dynamic block repeats."""


class BlockContent(NamedTuple):
    """What is in a block: its attributes, each with the place of its name, and its blocks.

    `head` is the place of the word that it begins with. `open` is the expression that decides how
    often it is there, if that is unknown.
    """

    head: Span
    span: Span
    attributes: Mapping[str, tuple[Span, Node]]
    blocks: Sequence[tuple[str, BlockContent]]
    open: str = ""


def bodies(
    file: HclFile, scope: Scope, block: SyntaxBlock, reading: PolicyReading | None = None
) -> tuple[BlockContent, tuple[Span, ...]]:
    """What is in a block, and the places of values that are also used elsewhere.

    Raises:
        UnreadableError: that is out of all proportion.
    """
    reader = Expressions(file, scope, reading)
    return _body(file, reader, block, 0), tuple(reader.shared)


def _body(
    file: HclFile, reader: Expressions, block: SyntaxBlock, depth: int, *, open: str = ""
) -> BlockContent:
    if depth > MAX_EXPRESSION_DEPTH:
        raise OutOfProportionError("The blocks are nested deeper than in any policy")
    reader.count(VALUES_OF_A_BLOCK)
    reader.reading.in_element = depth > 0
    attributes = {}
    blocks = []
    for attribute in file.attributes(block.body):
        key, node = file.span(attribute.key), reader.value(attribute.value)
        if attribute.name in BLOCKS:
            reader.shared.append(node.span)  # no edit keeps this form
            made = _of_values(reader, key, node, file.text(attribute.value))
            blocks += [(attribute.name, body) for body in made]
        else:
            attributes[attribute.name] = (key, node)
    for inner in file.blocks(block.body) if block.body else ():
        if inner.type in BLOCKS:
            blocks.append((inner.type, _body(file, reader, inner, depth + 1)))
        elif inner.type == "dynamic" and inner.labels and inner.labels[0] in BLOCKS:
            blocks += [(inner.labels[0], made) for made in _dynamic(file, reader, inner, depth)]
    head, span = file.span(block.head), file.span(block.syntax)
    return BlockContent(head, span, attributes, blocks, open)


def _of_values(reader: Expressions, head: Span, node: Node, text: str) -> Iterator[BlockContent]:
    """The blocks of an attribute with the name of one, which is how they could be written once.

    Before version 0.12 of Terraform, a block could be written as an object, or as a list of some:
    https://developer.hashicorp.com/terraform/language/v1.1.x/upgrade-guides/0-12
    """
    for item in as_list(node):
        members = [(member.key, member.key_span, member.value) for member in item.fields()]
        yield BlockContent(
            head,
            item.span,
            {name: (key, value) for name, key, value in members if name not in BLOCKS},
            [
                (name, inner)
                for name, key, value in members
                if name in BLOCKS
                for inner in _of_values(reader, key, value, text)
            ],
            "" if isinstance(item.value, Object) else text,
        )


def _dynamic(
    file: HclFile, reader: Expressions, block: SyntaxBlock, depth: int
) -> Iterator[BlockContent]:
    """The blocks that a dynamic one makes: one for each value, if these are certain."""
    attributes = {attribute.name: attribute.value for attribute in file.attributes(block.body)}
    content = next((b for b in file.blocks(block.body) if b.type == "content"), None)
    if content is None:
        return
    iterator = attributes.get("iterator")
    name = file.text(iterator) if iterator else block.labels[0]
    reader.reading.in_element = False
    collection = attributes.get("for_each")
    over = reader.evaluate(collection) if collection else Unknown("for_each")
    place = file.span(collection or block.head)
    written = " ".join(file.text(collection or block.head).split())
    made = list(
        blocks_of(
            reader,
            Repeated(name, over, place, written),
            lambda decides: _body(file, reader, content, depth + 1, open=decides),
            in_statement=depth > 0,
        )
    )
    if len(made) > 1:
        reader.shared.append(file.span(content.syntax))
    yield from made


class Repeated(NamedTuple):
    """The name of the iterator of a dynamic block, what it is repeated for, and where that is."""

    iterator: str
    over: Value
    place: Span
    written: str


def blocks_of(
    reader: Nodes,
    repeated: Repeated,
    make: Callable[[str], BlockContent],
    *,
    in_statement: bool,
) -> Iterator[BlockContent]:
    """The blocks that a dynamic one makes: one for each value, if these are certain.

    `make` makes one, given the expression that decides how often it is there, if that is unknown.
    A statement is read in each case of the number of its blocks. Of all of some resources, there is
    one at least where a statement needs it.
    """
    name, over, place, written = repeated
    around = reader.names
    node = reader.node(over, place)
    items = _items_of(over, node)
    if items is None:
        if in_statement:
            ask(reader.reading, node)
        term = over if isinstance(over, Unknown) else Unknown("items", over)
        items = [(Unknown("each.key", term), Unknown("each.value", term), True)]
        in_statement = False
    for key, item, is_open in items:
        reader.names = {**around, name: {"key": key, "value": item}}
        yield make(written if is_open and not in_statement else "")
    reader.names = around


def _items_of(over: Value, node: Node) -> list[tuple[Value, Value, bool]] | None:
    """The keys and items of a collection, and whether an item may be any number of items.

    None if it is not known which there are.
    """
    nodes = [inner for _, inner in node.children()]
    if not isinstance(over, (list, dict)) or not all(map(_is_known, nodes)):
        return None
    if node.value is UNKNOWN:
        return None
    return [
        (key, item, isinstance(inner, SeveralNode))
        for (key, item, _), inner in zip(items_in(over), nodes, strict=True)
    ]


def _is_known(item: Node) -> bool:
    """Whether each block of an item has the same known value, however many items it may be."""
    return isinstance(item, SeveralNode) or not may_be_several(item)
