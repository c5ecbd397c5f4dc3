"""What is in the blocks of a data source, including those that `dynamic` blocks make.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats.terraform.choices import PolicyReading, SeveralNode, ask, may_be_several
from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.formats.terraform.loops import context_of, contexts, pairs_of
from multitool_lint.formats.terraform.scope import Blocks, OutOfProportionError, Scope
from multitool_lint.limits import MAX_EXPRESSION_DEPTH
from multitool_lint.syntax.tree import Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock
    from multitool_lint.syntax.source import Span

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
    often it is there, if that is unknown. `context` distinguishes the blocks that a dynamic one
    makes.
    """

    head: Span
    span: Span
    attributes: Mapping[str, tuple[Span, Node]]
    blocks: Sequence[tuple[str, BlockContent]]
    open: str = ""
    context: str = ""


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
    return BlockContent(head, span, attributes, blocks, open, reader.context)


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
            reader.context,
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
    values = reader.value(collection) if collection else None
    repeated = Repeated(name, values, file.text(collection) if collection else "for_each")
    made = list(
        blocks_of(
            reader,
            repeated,
            file.source.text,
            lambda decides: _body(file, reader, content, depth + 1, open=decides),
            in_statement=depth > 0,
        )
    )
    if len(made) > 1:
        reader.shared.append(file.span(content.syntax))
    yield from made


class Repeated(NamedTuple):
    """The name of the iterator of a dynamic block, its values, and how these are written."""

    iterator: str
    values: Node | None
    written: str


def blocks_of(
    reader: Blocks,
    repeated: Repeated,
    text: str,
    make: Callable[[str], BlockContent],
    *,
    in_statement: bool,
) -> Iterator[BlockContent]:
    """The blocks that a dynamic one makes: one for each value, if these are certain.

    `make` makes one, given the expression that decides how often it is there, if that is unknown.
    A statement is read in each case of the number of its blocks. Of all of some resources, there is
    one at least where a statement needs it.
    """
    name, values, written = repeated
    written = " ".join(written.split())
    outer, around = reader.iterators.get(name), reader.context
    pairs = pairs_of(values.value) if values else None
    if pairs is None or not all(_is_known(value) for _, value in pairs):
        if values and in_statement:
            ask(reader, values)
        reader.context = f"{around} for each of {context_of(repeated.written)}".lstrip()
        reader.unknown_iterators.append(name)
        yield make(written)
        reader.unknown_iterators.pop()
        reader.context = around
        return
    for pair, context in zip(pairs, contexts(text, pairs), strict=True):
        reader.iterators[name] = pair
        reader.context = f"{around} for {context}".lstrip()
        is_open = isinstance(pair[1], SeveralNode) and not in_statement
        yield make(written if is_open else "")
    reader.context = around
    reader.iterators.pop(name, None)
    if outer:
        reader.iterators[name] = outer


def _is_known(item: Node) -> bool:
    """Whether each block of an item has the same known value, however many items it may be."""
    return isinstance(item, SeveralNode) or not may_be_several(item)
