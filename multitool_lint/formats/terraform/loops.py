"""Values that an expression repeats, and what distinguishes them.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from operator import is_not
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.terraform.choices import (
    ChoiceNode,
    NothingNode,
    SeveralNode,
    may_be_several,
    several,
)
from multitool_lint.limits import MAX_SHOWN_EXPRESSION
from multitool_lint.syntax.hcl.tree import HclFile, significant
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UniqueArray,
    UnknownNode,
    Value,
    as_list,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.evaluate import Expressions
    from multitool_lint.syntax.source import Span


class Loop(NamedTuple):
    """A `for` expression: the names of its variables, what it is about, and what it makes.

    A `key` is that of an object. One with a `condition`, or whose values are grouped, is not
    `plain`: which values are there is decided by what is not evaluated here.
    """

    names: tuple[str, ...]
    collection: Syntax
    key: Syntax | None
    value: Syntax
    plain: bool


def parsed(file: HclFile, syntax: Syntax) -> Loop | None:
    """The loop that a `for` expression is; None if it has a mistake."""
    parts = significant(significant(syntax)[0])
    intro = next((part for part in parts if part.type == "for_intro"), None)
    values = [part for part in parts if part.type == "expression"]
    inner = significant(intro) if intro else []
    if not inner or not values or inner[-1].type != "expression":
        return None
    names = tuple(file.text(part) for part in inner if part.type == "identifier")
    plain = not any(part.type in ("for_cond", "ellipsis") for part in parts)
    return Loop(names, inner[-1], values[0] if len(values) > 1 else None, values[-1], plain)


def pairs_of(values: Value) -> list[tuple[Node, Node]] | None:
    """What is repeated for a collection, each key with its value; None if that is unknown."""
    if isinstance(values, UniqueArray):
        return [(node, node) for node in values]
    if isinstance(values, Array):
        certain = next((at for at, node in enumerate(values) if may_be_several(node)), len(values))
        return [
            (Node(node.span, at if at < certain else UNKNOWN, ""), node)
            for at, node in enumerate(values)
        ]
    if isinstance(values, Object):
        return [(Node(member.key_span, member.key, ""), member.value) for member in values]
    return None


def contexts(text: str, pairs: Sequence[tuple[Node, Node]]) -> list[str]:
    """What distinguishes values that are repeated: key and text, and the number if those are equal.

    A list in another file has one text for all of its values.
    """
    written = [
        context_of(f"{key.value} = " * isinstance(key.value, str) + text[slice(*node.span)])
        for key, node in pairs
    ]
    times = Counter(written)
    return [
        f"{context} {number}" if times[context] > 1 else context
        for number, context in enumerate(written)
    ]


def context_of(text: str) -> str:
    """A text as a context, which is repeated for each value: of a long one, its hash."""
    return text if len(text) <= MAX_SHOWN_EXPRESSION else sha256(text.encode()).hexdigest()


def with_context(node: Node, context: str) -> Node:
    """A copy of a value with unknown values; of one without any, the value itself."""
    value = node.value
    if isinstance(node, ChoiceNode):
        branches = tuple((holds, with_context(branch, context)) for holds, branch in node.branches)
        return ChoiceNode(node.span, node.condition, branches)
    if isinstance(node, UnknownNode):
        inner = f"{node.context}, {context}" if node.context else context
        return type(node)(node.span, "", inner, node.text)
    if value is UNKNOWN:
        is_nothing = isinstance(node, NothingNode)
        return node if is_nothing else UnknownNode(node.span, "", context)
    if isinstance(value, Array):
        items = [with_context(item, context) for item in value]
        changed = any(map(is_not, items, value))
        return Node(node.span, value.of(items), "") if changed else node
    if isinstance(value, Object):
        nodes = [with_context(member.value, context) for member in value]
        if any(node is not member.value for node, member in zip(nodes, value, strict=True)):
            pairs = zip(value, nodes, strict=True)
            members = [Member(member.key, member.key_span, node) for member, node in pairs]
            return Node(node.span, Object(members), "")
    return node


def loop(reader: Expressions, syntax: Syntax, part: Syntax, depth: int) -> Node:
    """What a `for` expression makes; of a collection that is unknown, one value or none."""
    found = parsed(reader.file, part)
    if found is None:
        return Node(reader.file.span(syntax), UNKNOWN, "")
    pairs = pairs_of(reader.value(found.collection, depth + 1).value) if found.plain else None
    if pairs is None and found.key:
        return Node(reader.file.span(syntax), UNKNOWN, "")
    text = " ".join(reader.file.text(syntax).split())
    if pairs is None:
        unknown = Node(reader.file.span(found.collection), UNKNOWN, "")
        [(_, value)] = _repeated(reader, found, [(unknown, unknown)], [context_of(text)], depth)
        return _perhaps(reader.file.span(syntax), text, value)
    if len(pairs) > 1:
        reader.shared.append(reader.file.span(found.value))
    names = contexts(reader.file.source.text, pairs)
    made = _repeated(reader, found, pairs, names, depth)
    if found.key is None:
        values = [
            _of_item(item, value, f"{text} for {context}")
            for (_, value), (_, item), context in zip(made, pairs, names, strict=True)
        ]
        return Node(reader.file.span(syntax), Array(values), "")
    members = [
        Member(key.value, key.span, value) for key, value in made if isinstance(key.value, str)
    ]
    return Node(
        reader.file.span(syntax), Object(members) if len(members) == len(made) else UNKNOWN, ""
    )


def _of_item(item: Node, value: Node, condition: str) -> Node:
    """What is made of an item of a list, which may be any number of items."""
    if isinstance(item, SeveralNode) and all(isinstance(n.value, str) for n in as_list(value)):
        return several(value)
    return _perhaps(value.span, condition, value) if may_be_several(item) else value


def _perhaps(span: Span, condition: str, value: Node) -> Node:
    """What is made of one value of an unknown list, which may have none."""
    return ChoiceNode(span, condition, ((True, value), (False, Node(span, None, ""))))


def _repeated(
    reader: Expressions,
    found: Loop,
    pairs: Sequence[tuple[Node, Node]],
    contexts: Sequence[str],
    depth: int,
) -> list[tuple[Node, Node]]:
    """The key and value that a loop makes of each pair; without a key, both are the value."""
    made = []
    outer, around = reader.variables, reader.context
    for pair, context in zip(pairs, contexts, strict=True):
        given = pair if len(found.names) > 1 else pair[1:]
        reader.variables = {**outer, **dict(zip(found.names, given, strict=False))}
        reader.context = f"{around} for {context}".lstrip()
        value = with_context(reader.value(found.value, depth + 1), reader.context)
        key = reader.value(found.key, depth + 1) if found.key else value
        made.append((key, value))
    reader.variables, reader.context = outer, around
    return made
