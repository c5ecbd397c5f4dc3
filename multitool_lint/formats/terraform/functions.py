"""What functions of Terraform's language come to, as far as that is certain.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform import operations, text_functions
from multitool_lint.formats.terraform.attributes import is_open_arn
from multitool_lint.formats.terraform.choices import (
    ChoiceNode,
    NothingNode,
    SeveralNode,
    SomeNode,
    fallback,
    item_at,
    may_be_several,
    may_have_items,
    several,
)
from multitool_lint.limits import MAX_MERGED_CHOICES
from multitool_lint.syntax.hcl.tree import HclFile, significant
from multitool_lint.syntax.placeholders import has_expression
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
    scalars,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.evaluate import Expressions

_MAY_FAIL = {
    "try": re.compile(r"[\w\])]\[(?!\*\])"),
    "coalesce": re.compile(r"\b(?:one|join)\(.*(?:\[\*\]|\.\*\.)", re.DOTALL),
}
"""What an argument refers to if the resource may not be there: one of a list, or all of them."""

_NEVER_FAILS = re.compile(r"(?:module\.[\w-]+|(?:data\.)?aws\w*_\w+\.[\w-]+)\.[\w-]+")
"""An output of a module, or an attribute of a resource: what is there, be it null."""

_UNIQUE = frozenset({"distinct", "setunion", "toset"})
_SAME_LIST = frozenset({"compact", "reverse", "sort", "tolist", *_UNIQUE})
_OF_VALUES = frozenset(
    {"concat", "element", "flatten", "keys", "merge", "one", "values", *_SAME_LIST}
)


def called(file: HclFile, call: Syntax) -> tuple[str, list[Syntax]]:
    """The name of a function that is called, and its arguments, if all are plain expressions."""
    parts = significant(call)
    name = file.text(parts[0]) if parts else ""
    arguments = significant(parts[-1]) if len(parts) > 1 else []
    plain = all(argument.type == "expression" for argument in arguments)
    return name, arguments if plain else []


def evaluated(reader: Expressions, syntax: Syntax, call: Syntax, depth: int) -> Node:
    """What a call of a function comes to."""
    name, arguments = called(reader.file, call)
    if name == "lookup" and len(arguments) == 3:  # noqa: PLR2004 - map, key and default
        return _looked_up(reader, syntax, arguments, depth)
    if name in ("coalesce", "coalescelist", "try") and arguments:
        return _first(reader, name, syntax, arguments, depth)
    span = reader.file.span(syntax)
    if not arguments or name not in _OF_VALUES | text_functions.NAMES | operations.NAMES:
        return Node(span, UNKNOWN, "")
    values = [reader.value(argument, depth + 1) for argument in arguments]
    if name in text_functions.NAMES:
        reader.shared.append(span)  # what it makes is nowhere in the file
        return _of_texts(reader, name, values, span)
    if name == "element" and len(values) == 2:  # noqa: PLR2004 - list and number
        return _element(reader, syntax, values[0].items(), values[1].value)
    return _of_values(name, values, span)


def _looked_up(
    reader: Expressions, syntax: Syntax, arguments: Sequence[Syntax], depth: int
) -> Node:
    """A value of a map, or the default."""
    found, key = (reader.value(argument, depth + 1) for argument in arguments[:2])
    if isinstance(found.value, Object) and key.string is not None:
        return found.get(key.string) or reader.value(arguments[2], depth + 1)
    what, name = (reader.file.text(argument) for argument in arguments[:2])
    return fallback(
        reader, syntax, f"{what} has {name}", lambda: reader.value(arguments[2], depth + 1)
    )


def _first(
    reader: Expressions, name: str, syntax: Syntax, arguments: Sequence[Syntax], depth: int
) -> Node:
    """The first argument with a value."""
    node = reader.value(arguments[0], depth + 1)
    text = reader.file.text(arguments[0])
    is_reference = any(is_open_arn(scalar.string or "") for scalar in scalars(node))
    if name in _MAY_FAIL:
        may_fail = is_reference and _MAY_FAIL[name].search(text) is not None
    else:
        may_fail = bool(node.items()) and all(map(may_be_several, node.items()))
    is_used = name == "try" and _NEVER_FAILS.fullmatch(text) is not None
    is_open = node.value is UNKNOWN or may_fail
    if is_used or (not is_open and (node.value not in (None, "", ()) or not arguments[1:])):
        return node
    if not arguments[1:]:
        return node if is_reference else Node(reader.file.span(syntax), UNKNOWN, "")

    def otherwise() -> Node:
        return _first(reader, name, syntax, arguments[1:], depth)

    if not is_open:
        return otherwise()
    return fallback(reader, syntax, f"{text} has a value", otherwise, node)


def _element(reader: Expressions, syntax: Syntax, items: Sequence[Node], number: Value) -> Node:
    """An item of a list; of all of some resources and a default, the one or the other."""
    unknown = Node(reader.file.span(syntax), UNKNOWN, "")
    if type(number) is not int or not items:
        return unknown
    first, *rest = items
    if isinstance(first, SeveralNode) and number == 0 and rest and rest[0].string:
        text = reader.file.source.text[slice(*first.span)]
        node = Node(first.span, first.value, "")
        return fallback(
            reader, syntax, f"{text} has a value", lambda: item_at(rest, 0) or unknown, node
        )
    if not any(map(may_be_several, items)):
        number %= len(items)
    return item_at(items, number) or unknown


def _of_texts(
    reader: Expressions, name: str, arguments: Sequence[Node], span: tuple[int, int]
) -> Node:
    """What a function makes of texts, at the place of the call."""
    unknown = Node(span, UNKNOWN, "")
    texts: list[str | list[str]] = []
    for node in arguments:
        if isinstance(node.value, Array):
            texts.append([reader.text(item) for item in node.value])
        elif isinstance(node.value, Object) or (node.value is UNKNOWN and name == "join"):
            return unknown
        else:
            texts.append(reader.text(node))
    found = text_functions.called_with(name, texts)
    lists = [node.value for node in arguments if isinstance(node.value, Array)]
    is_open = any(may_be_several(item) for items in lists for item in items)
    if isinstance(found, list):
        made = [_with_text(unknown, text) for text in found]
        return Node(span, Array(map(several, made) if is_open else made), "")
    if is_open and any(len(items) > 1 for items in lists):
        return unknown
    return unknown if found is None else _with_text(unknown, found)


def _with_text(unknown: Node, text: str) -> Node:
    """A text at the place of a value, unless a part of it is unknown and it is not an ARN."""
    if is_open_arn(text) or not has_expression(text):
        return Node(unknown.span, text, "")
    return UnknownNode(unknown.span, "", "", text)


def _of_values(name: str, arguments: Sequence[Node], span: tuple[int, int]) -> Node:
    """What a function makes of values, at the place of the call."""
    first, *rest = arguments
    if name in _SAME_LIST and not rest:
        return _same_list(name, first)
    value: Value = UNKNOWN
    if name in operations.NAMES:
        value = operations.asked_of(name, arguments)
    elif name == "merge":
        return _merged(span, arguments)
    elif name in ("keys", "values") and isinstance(first.value, Object):
        members = sorted(first.value, key=lambda member: member.key)
        keys = [Node(member.key_span, member.key, "") for member in members]
        value = Array(keys if name == "keys" else [m.value for m in members])
    elif name == "one" and len(first.items()) == 1:
        return item_at(first.items(), 0) or Node(span, UNKNOWN, "")
    elif name in ("concat", "setunion") and any(map(may_have_items, arguments)):
        items = [item for node in arguments for item in _items(node)]
        value = Array(items) if name == "concat" else UniqueArray(_unique(items))
    elif name == "flatten" and may_have_items(first):
        value = Array(_flat(first))
    return Node(span, value, "")


def _same_list(name: str, node: Node) -> Node:
    """A list that a function sorts, or of which it leaves out items."""
    if not isinstance(node.value, Array):
        return node
    items: Sequence[Node] = node.value
    if name == "compact":
        items = [_if_not_empty(item) for item in items if not _is_nothing(item)]
    elif name in _UNIQUE:
        items = _unique(items)
    elif name == "sort" and all(item.string is not None for item in items):
        items = sorted(items, key=lambda item: item.string or "")
    elif name == "reverse":
        items = items[::-1]
    return Node(node.span, UniqueArray(items) if name == "toset" else node.value.of(items), "")


def _is_nothing(node: Node) -> bool:
    return node.value in (None, "") or isinstance(node, NothingNode)


def _if_not_empty(node: Node) -> Node:
    """An item of a list without empty texts: an unknown one may not be there."""
    is_open = node.value is UNKNOWN and not isinstance(node, ChoiceNode)
    return _items(node)[0] if is_open else node


def _unique(items: Sequence[Node]) -> Sequence[Node]:
    """The items of a list, of equal texts the first one."""
    found: dict[object, Node] = {}
    for item in items:
        found.setdefault(item if item.string is None else item.string, item)
    return list(found.values())


def _items(node: Node) -> Sequence[Node]:
    """The items of a list; of an unknown one, their number is unknown too."""
    if node.value is UNKNOWN and not isinstance(node, ChoiceNode):
        return [SomeNode(node.span, "", node.context if isinstance(node, UnknownNode) else "")]
    return as_list(node)


def _flat(node: Node) -> Sequence[Node]:
    """The items of a list, and of all lists in it."""
    if isinstance(node.value, Array):
        return [inner for item in node.value for inner in _flat(item)]
    return _items(node)


def _merged(span: tuple[int, int], objects: Sequence[Node], left: int = MAX_MERGED_CHOICES) -> Node:
    """One object of several, or a choice between those that a condition decides.

    Of members with the same key, the last one counts. Several conditions are all combined.
    """
    members: dict[str, Member] = {}
    for at, node in enumerate(objects):
        if isinstance(node, ChoiceNode) and left:
            first, rest = Object(members.values()), objects[at + 1 :]
            branches = tuple(
                (holds, _merged(span, [Node(span, first, ""), branch, *rest], left - 1))
                for holds, branch in node.branches
            )
            return ChoiceNode(span, node.condition, branches)
        if node.value is None or isinstance(node, NothingNode):
            continue  # which Terraform leaves out
        if not isinstance(node.value, Object):
            return Node(span, UNKNOWN, "")
        members.update({member.key: member for member in node.value})
    return Node(span, Object(members.values()), "")


def part_at(node: Node, path: Sequence[str | int | None]) -> Node | None:
    """The part of a value at the end of a path of keys and numbers."""
    found: Node | None = node
    for step in path:
        if found is None or step is None:
            return None
        if isinstance(found.value, Object):
            found = found.get(str(step))
        elif isinstance(found.value, Array):
            found = item_at(found.value, int(step)) if str(step).isdecimal() else None
        else:
            return None
    return found
