"""What an expression may come to, as far as nothing else is made of it on the way.

A policy that is written in an expression is not the one that the expression comes to where another
function changes it, or where it is one of several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.limits import MAX_EXPRESSION_DEPTH
from multitool_lint.syntax.hcl import strings as templates
from multitool_lint.syntax.hcl.tree import (
    HclFile,
    SyntaxBlock,
    called,
    conditional_branches,
    significant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node as Syntax


_ALL: Final = frozenset(
    {
        *("chomp", "compact", "concat", "distinct", "flatten", "jsondecode", "jsonencode", "one"),
        *("nonsensitive", "reverse", "sensitive", "sort", "tolist", "toset", "tostring"),
        *("trimspace", "values"),
    }
)
"""Functions that come to their arguments, or to a list of them."""

_CHOICES: Final = frozenset({"coalesce", "try"})
"""Functions that come to one of their arguments."""

_LOOKUPS: Final = frozenset({"element", "lookup"})
"""Functions that come to a part of their first argument; `lookup` to its last one, otherwise."""


class Alternative(NamedTuple):
    """An expression, whether it is certain that its value is used, and whether it is a document."""

    syntax: Syntax
    certain: bool
    document: bool


def alternatives(file: HclFile, value: Syntax) -> Iterator[Alternative]:
    """The expressions that a value is made of, in their order."""
    waiting = [(value, True, 0)]
    while waiting:
        syntax, certain, depth = waiting.pop()
        inner = _inner(file, syntax) if depth < MAX_EXPRESSION_DEPTH else None
        if inner is None:
            yield Alternative(syntax, certain, _is_document(file, syntax))
            continue
        parts, choice = inner
        certain &= not choice
        waiting += [(part, certain, depth + 1) for part in reversed(parts)]


def _inner(file: HclFile, syntax: Syntax) -> tuple[list[Syntax], bool] | None:
    """What a value comes to, and whether it is one of these only; None if it cannot be divided."""
    syntax = _peeled(syntax)
    string = templates.template(syntax)
    wrapped = templates.wrapped(string) if string is not None else None
    if wrapped is not None:
        return [wrapped], False
    if syntax.type == "tuple":
        return [part for part in significant(syntax) if part.type == "expression"], False
    if syntax.type == "conditional":
        return conditional_branches(syntax), True
    if syntax.type == "for_expr":
        # The last expression is the value of each; what it is made from is not a policy by itself.
        values = [part for part in significant(significant(syntax)[0]) if part.type == "expression"]
        return values[-1:], True
    return _of_call(file, syntax) if syntax.type == "function_call" else None


def part_of(file: HclFile, value: Syntax, steps: Sequence[Syntax]) -> Syntax:
    """The value in an object that steps lead to, as far as these are plain."""
    for step in steps:
        name = file.text(step).strip('.["]')
        members = [pair for key, pair in members_of(file, value) if key == name]
        if not members:
            break
        value = members[-1]
    return value


def members_of(file: HclFile, value: Syntax) -> Iterator[tuple[str, Syntax]]:
    """The members of an object, each with its key as it is written; none of any other value."""
    syntax = _peeled(value)
    for element in significant(syntax) if syntax.type == "object" else ():
        parts = significant(element)
        if element.type == "object_elem" and len(parts) > 1:
            yield file.text(parts[0]).strip('"'), parts[-1]


def given(file: HclFile, block: SyntaxBlock, value: Syntax) -> list[Syntax]:
    """The values that an attribute may have: those that a block around it is repeated for, or it.

    These are read where the attribute is the value of `each`, or of the iterator of the block.
    """
    name, dot, _ = file.text(value).partition(".value")
    collections = [("each", inner) for inner in _attribute(file, block, "for_each")]
    collections += _repeated(file, block, value)
    found = dict(collections).get(name) if dot else None
    if found is None:
        return [value]
    steps = significant(value)[2:]
    return [part_of(file, inner, steps) for inner in _values(file, found)]


def _repeated(file: HclFile, block: SyntaxBlock, value: Syntax) -> Iterator[tuple[str, Syntax]]:
    """What dynamic blocks around a value are repeated for, with the names of their iterators."""
    for inner in file.blocks(block.body) if block.body else ():
        if not inner.syntax.start_byte <= value.start_byte < inner.syntax.end_byte:
            continue
        if inner.type == "dynamic" and inner.labels:
            names = [file.text(name) for name in _attribute(file, inner, "iterator")]
            for collection in _attribute(file, inner, "for_each"):
                yield (names or inner.labels)[0], collection
        yield from _repeated(file, inner, value)


def _attribute(file: HclFile, block: SyntaxBlock, name: str) -> list[Syntax]:
    return [part.value for part in file.attributes(block.body) if part.name == name]


def _values(file: HclFile, value: Syntax) -> list[Syntax]:
    """The values of an object, or those that a loop may keep of it."""
    syntax = _peeled(value)
    if kept := _kept_of(file, syntax):
        return _values(file, kept)
    return [inner for _, inner in members_of(file, syntax)] or [value]


def _kept_of(file: HclFile, syntax: Syntax) -> Syntax | None:
    """The collection of a loop whose values are those of it; None for anything else."""
    parts = significant(significant(syntax)[0]) if syntax.type == "for_expr" else []
    intro = next((significant(part) for part in parts if part.type == "for_intro"), [])
    values = [part for part in parts if part.type == "expression"]
    names = [part for part in intro if part.type == "identifier"]
    is_kept = values and names and file.text(values[-1]) == file.text(names[-1])
    return intro[-1] if is_kept and intro[-1].type == "expression" else None


def _of_call(file: HclFile, syntax: Syntax) -> tuple[list[Syntax], bool] | None:
    name, arguments = called(file, syntax)
    if not arguments or (name == "jsonencode" and _is_object(file, arguments[0])):
        return None
    if name in _ALL:
        return arguments, False
    if name in _CHOICES:
        return arguments, True
    if name in _LOOKUPS:
        return [arguments[0], *arguments[2:]], True
    if name == "join" and len(arguments) == 2 and file.text(arguments[0]) == '""':  # noqa: PLR2004 - separator and list
        # Of several texts, what they come to together is not what each of them is.
        several = _peeled(arguments[1]).type in ("tuple", "function_call")
        return None if several else (arguments[1:], False)
    return None


def _is_document(file: HclFile, syntax: Syntax) -> bool:
    """Whether an expression is JSON in a text, or an object that is turned into JSON."""
    if templates.template(syntax) is not None:
        return True
    syntax = _peeled(syntax)
    if syntax.type == "function_call":
        name, arguments = called(file, syntax)
        return name == "jsonencode" and len(arguments) == 1
    return _is_object(file, syntax)


def _is_object(file: HclFile, syntax: Syntax) -> bool:
    """Whether an expression is an object, or several that are merged to one."""
    syntax = _peeled(syntax)
    return syntax.type == "object" or (
        syntax.type == "function_call" and called(file, syntax)[0] == "merge"
    )


def _peeled(syntax: Syntax) -> Syntax:
    """An expression without the parentheses around it."""
    parts = significant(syntax)
    while syntax.type in ("expression", "collection_value") and len(parts) == 1:
        syntax = parts[0]
        parts = significant(syntax)
    return syntax
