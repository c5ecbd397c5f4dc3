"""What the intrinsic functions of a template come to, as far as that is certain.

An unresolved part of a text is written `${Name}`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from multitool_lint.aws.arn_references import REF, arn_formats, named_types
from multitool_lint.aws.policy_variables import is_part
from multitool_lint.syntax.placeholders import of_arn, of_expression
from multitool_lint.syntax.tree import Array, Node, Object

NO_VALUE = "AWS::NoValue"

_SUB_PART = re.compile(r"\$\{(!?)([^{}]*)\}")


class Facts(NamedTuple):
    """What a template is certain about.

    `parameters` have the only value that a parameter can have, `mappings` are those of the
    template, and `conditions` are true or false in the case that is read. `resources` are the
    types of the resources by their logical ids. `names` are those of the
    resources and parameters.
    """

    parameters: Mapping[str, str]
    mappings: Mapping[str, Node]
    conditions: Mapping[str, bool]
    resources: Mapping[str, str]
    names: frozenset[str] = frozenset()


NOTHING = Facts({}, {}, {}, {})


def facts_of_resources(sections: Iterable[Node | None]) -> Facts:
    """What is certain of templates of which only the resources are known: their types."""
    types = {
        member.key: type_.string or ""
        for resources in sections
        for member in (resources.fields() if resources else ())
        if (type_ := member.value.get("Type"))
    }
    return NOTHING._replace(resources=types)


def function(node: Node) -> tuple[str | None, Node]:
    """The name and the argument of the function that an object is; else None and the node."""
    if isinstance(node.value, Object) and len(node.value) == 1:
        (member,) = node.value
        if member.key == "Ref" or member.key.startswith("Fn::"):
            return member.key, member.value
    return None, node


def branch(argument: Node, facts: Facts) -> Node | None:
    """The branch of `Fn::If` that holds in the case that is read; None if that is unknown."""
    parts = argument.items()
    if len(parts) != 3 or not isinstance(parts[0].value, str):  # noqa: PLR2004 - as documented
        return None
    holds = facts.conditions.get(parts[0].value)
    return None if holds is None else parts[1 if holds else 2]


def text_of(node: Node, facts: Facts) -> str | None:
    """The text that a value comes to, unresolved parts written `${Name}`.

    None if it is not a text, or one of which nothing is known.
    """
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    name, argument = function(node)
    evaluate = _TEXTS.get(name or "")
    return evaluate(argument, facts) if evaluate else None


def _reference(argument: Node, facts: Facts) -> str | None:
    return _known(argument.value, facts) if isinstance(argument.value, str) else None


def _of_branch(argument: Node, facts: Facts) -> str | None:
    chosen = branch(argument, facts)
    return None if chosen is None else text_of(chosen, facts)


def _known(name: str, facts: Facts) -> str | None:
    value = facts.parameters.get(name)
    if value is not None:
        return value
    if not is_part(name):
        return None
    resource, _, attribute = name.partition(".")
    type_ = facts.resources.get(resource, "")
    format_ = arn_formats().get((type_, attribute or REF))
    if format_ is None and not attribute and type_ in named_types():
        format_ = "${Any}"
    return of_arn(name, format_) if format_ else f"${{{name}}}"


def _attribute(argument: Node, facts: Facts) -> str | None:
    parts = argument.value
    if isinstance(parts, str):
        return _known(parts, facts)
    if isinstance(parts, Array) and all(isinstance(part.value, str) for part in parts):
        return _known(".".join(str(part.value) for part in parts), facts)
    return None


def _substituted(argument: Node, facts: Facts) -> str | None:
    given: dict[str, Node] = {}
    template = argument.value
    if isinstance(template, Array):
        if len(template) != 2 or not isinstance(template[1].value, Object):  # noqa: PLR2004 - as documented
            return None
        given = {member.key: member.value for member in template[1].value}
        template = template[0].value
    if not isinstance(template, str):
        return None
    parts: list[str] = []
    end = 0
    for match in _SUB_PART.finditer(template):
        literal, name = match[1], match[2].strip()
        parts.append(template[end : match.start()])
        end = match.end()
        if literal:
            parts.append(f"${{{match[2]}}}")
            continue
        part = text_of(given[name], facts) if name in given else _known(name, facts)
        if part is None:
            return None
        parts.append(part)
    return "".join([*parts, template[end:]])


def _joined(argument: Node, facts: Facts) -> str | None:
    parts = argument.items()
    if len(parts) != 2 or not isinstance(parts[0].value, str):  # noqa: PLR2004 - as documented
        return None
    if any(function(piece)[0] == "Fn::If" for piece in parts[1].items()):
        return None  # a branch may be nothing, and then its separator is none either
    texts = texts_of(parts[1], facts)
    return None if texts is None else parts[0].value.join(texts)


def _cells(argument: Node, facts: Facts) -> list[Node]:
    """The values of a mapping that a function may find: of an unknown row, those of all rows."""
    parts = argument.items()
    if len(parts) != 3:  # noqa: PLR2004 - as documented
        return []
    name, row, column = (text_of(part, facts) for part in parts)
    table = facts.mappings.get(name or "")
    if table is None or row is None or column is None:
        return []
    return [
        cell.value
        for member in table.fields()
        if member.key == row or "${" in row
        for cell in member.value.fields()
        if cell.key == column
    ]


def _found_in_map(argument: Node, facts: Facts) -> str | None:
    found = {text_of(cell, facts) for cell in _cells(argument, facts)}
    if len(found) > 1 and None not in found:
        parts = ", ".join(text_of(part, facts) or "" for part in argument.items())
        return of_expression(f"Fn::FindInMap {parts}")
    return found.pop() if len(found) == 1 else None


def _imported(argument: Node, facts: Facts) -> str | None:
    """The value that another stack exports by a name: the same for the same name only."""
    name = text_of(argument, facts)
    return None if name is None else of_expression(f"Fn::ImportValue {name}")


def _selected(argument: Node, facts: Facts) -> str | None:
    parts = argument.items()
    if len(parts) != 2:  # noqa: PLR2004 - as documented
        return None
    index, choices = text_of(parts[0], facts), parts[1]
    if index is None or not index.isdecimal():
        return None
    if isinstance(choices.value, Array):
        number = int(index)
        return text_of(choices.value[number], facts) if number < len(choices.value) else None
    texts = texts_of(choices, facts)
    return texts[int(index)] if texts is not None and int(index) < len(texts) else None


def texts_of(node: Node, facts: Facts) -> list[str] | None:
    """The texts of a list, which a function may make; None if not all of them are known."""
    name, argument = function(node)
    make_list = LISTS.get(name or "")
    if make_list:
        return make_list(argument, facts)
    if not isinstance(node.value, Array):
        return None
    texts = [text_of(item, facts) for item in node.value]
    return None if None in texts else [text for text in texts if text is not None]


def _list_in_map(argument: Node, facts: Facts) -> list[str] | None:
    lists = [texts_of(cell, facts) for cell in _cells(argument, facts)]
    return lists[0] if lists and all(texts == lists[0] for texts in lists) else None


def _split(argument: Node, facts: Facts) -> list[str] | None:
    """The parts of a text; one with an unresolved part may have more of them."""
    parts = argument.items()
    if len(parts) != 2 or not parts[0].string:  # noqa: PLR2004 - as documented
        return None
    text = text_of(parts[1], facts)
    return None if text is None or "${" in text else text.split(parts[0].string)


_TEXTS: Mapping[str, Callable[[Node, Facts], str | None]] = {
    "Ref": _reference,
    "Fn::GetAtt": _attribute,
    "Fn::Sub": _substituted,
    "Fn::Join": _joined,
    "Fn::FindInMap": _found_in_map,
    "Fn::ImportValue": _imported,
    "Fn::Select": _selected,
    "Fn::If": _of_branch,
}
"""What functions come to that make texts."""

LISTS: Mapping[str, Callable[[Node, Facts], list[str] | None]] = {
    "Fn::FindInMap": _list_in_map,
    "Fn::Split": _split,
}
"""What functions come to that make lists of texts."""
