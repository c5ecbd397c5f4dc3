"""On which line of a TOML file each key and each value is, which the standard parser does not say.

The text has been parsed by that parser before, so it is known to be right.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

Place = tuple[str | int, ...]
"""The keys and indices that lead from the root of a document to a value."""


def lines(text: str) -> dict[Place, int]:
    """The lines of all keys and values of a document, counted from 1."""
    found: dict[Place, int] = {}
    with suppress(RecursionError):  # some are enough
        for table, pair in _pairs(text.encode(), found):
            _add(pair, table, found)
    return found


def list_end(text: str, place: Place) -> int | None:
    """The position of the bracket that ends a list; None if no list in brackets is at the place."""
    data = text.encode()
    for table, pair in _pairs(data, {}):
        children = [child for child in pair.named_children if child.type != "comment"]
        if pair.type == "pair" and (*table, *_names(children[0])) == place:
            end = children[1].end_byte - 1
            return len(data[:end].decode()) if children[1].type == "array" else None
    return None


def _pairs(data: bytes, found: dict[Place, int]) -> Iterator[tuple[Place, Node]]:
    """The pairs of a key and a value, each at the place of its table, whose line is added."""
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    tables: Counter[Place] = Counter()
    for node in parser.parse(data).root_node.named_children:
        if node.type == "pair":
            yield (), node
        elif node.type != "comment":
            table = _table(node, tables, found)
            yield from ((table, pair) for pair in node.named_children[1:])


def _table(node: Node, tables: Counter[Place], found: dict[Place, int]) -> Place:
    """The place of a table; `tables` counts the tables that are written with `[[...]]`."""
    table: Place = ()
    names = _names(node.named_children[0])
    for depth, name in enumerate(names, start=1):
        table = (*table, name)
        found.setdefault(table, _line(node))
        tables[table] += depth == len(names) and node.type == "table_array_element"
        if tables[table]:
            table = (*table, tables[table] - 1)
            found.setdefault(table, _line(node))
    return table


def _add(node: Node, place: Place, found: dict[Place, int]) -> None:
    """Add the lines of a pair with what is in it, or of the items of a value at a place."""
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type == "pair":
        for name in _names(children[0]):
            place = (*place, name)
            found.setdefault(place, _line(node))
        _add(children[1], place, found)
    elif node.type == "array":
        for index, child in enumerate(children):
            found.setdefault((*place, index), _line(child))
            _add(child, (*place, index), found)
    elif node.type == "inline_table":
        for child in children:
            _add(child, place, found)


def _names(key: Node) -> list[str]:
    if key.type == "dotted_key":
        return [name for child in key.named_children for name in _names(child)]
    name = key.text.decode() if key.text else ""
    if key.type != "quoted_key":
        return [name]
    import tomllib

    return list(tomllib.loads(f"{name} = 0"))


def _line(node: Node) -> int:
    return node.start_point.row + 1
