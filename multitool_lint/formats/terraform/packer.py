"""Policies that are written as blocks, as the builders of Packer have them.

https://developer.hashicorp.com/packer/integrations/hashicorp/amazon/latest/components/builder/ebs
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.terraform.cases import ReadDocument, in_readings
from multitool_lint.limits import MAX_BLOCK_DEPTH
from multitool_lint.syntax.tree import Array, Member, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.formats.result import Problem, Skipped
    from multitool_lint.formats.terraform.evaluate import Expressions
    from multitool_lint.formats.terraform.scope import Scope
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

_STATEMENT = "Statement"


def documents(
    file: HclFile, block: SyntaxBlock, scope: Scope, path: str = "", depth: int = 0
) -> Iterator[ReadDocument | Problem | Skipped]:
    """The policies in a block: those of its blocks that have blocks of statements.

    Raises:
        UnreadableError: a value is out of all proportion.
    """
    if depth > MAX_BLOCK_DEPTH or block.body is None or not file.has(block.syntax, b"Statement"):
        return
    inner = list(file.blocks(block.body))
    statements = [part for part in inner if part.type == _STATEMENT]
    if not statements:
        for part in inner:
            yield from documents(file, part, scope, f"{path}.{part.type}", depth + 1)
        return
    yield from in_readings(file, scope, partial(_document, block, statements), path)


def _document(
    block: SyntaxBlock, statements: Sequence[SyntaxBlock], reader: Expressions
) -> ReadDocument:
    file = reader.file
    items = [
        Node(file.span(part.syntax), Object(_members(file, part, reader)), "")
        for part in statements
    ]
    place = (items[0].span.start, items[-1].span.end)
    listed = Node(place, Array(items), "")
    members = _members(file, block, reader)
    if any(member.key == "Version" for member in members):
        members.append(Member(_STATEMENT, file.span(statements[0].head), listed))
        root = Node(file.span(block.syntax), Object(members), "")
    else:
        root = policy_around(listed)  # Packer has a default
    return ReadDocument(root, "", tuple(reader.shared))


def _members(file: HclFile, block: SyntaxBlock, reader: Expressions) -> list[Member]:
    """The attributes of a block as members of an object."""
    members = []
    for attribute in file.attributes(block.body):
        around = reader.reading.enters(attribute.name)
        value = reader.value(attribute.value)
        reader.reading.in_element = around
        members.append(Member(attribute.name, file.span(attribute.key), value))
    return members
