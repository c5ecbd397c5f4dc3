"""Expressions of templates in one form each, however they are written."""

from __future__ import annotations

import json
from functools import lru_cache

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.hcl.canonical import canonical as canonical_hcl
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.tree import Array, Node, Object

_ONLY_REFERENCE = lazy_pattern(r"\$\{([\w:]+)\}")
_ONLY_ATTRIBUTE = lazy_pattern(r"\$\{(\w+(?:\.\w+)+)\}")
_PATH = lazy_pattern(r"[\w.-]+(?:\[\w+\])?")
_WORD = lazy_pattern(r"[A-Za-z][\w:.-]*")


@lru_cache(maxsize=4096)
def canonical(expression: str) -> str:
    """The same text for expressions that mean the same, of CloudFormation as its short forms."""
    if expression.startswith(("!", "{")):
        from multitool_lint.syntax.yaml import parser

        try:
            documents = parser.parse(expression).documents
        except MistakeError:
            documents = ()
        if len(documents) == 1 and _function(documents[0]):
            return _short(documents[0])
    return expression if _PATH.fullmatch(expression) else canonical_hcl(expression)


def _function(node: Node) -> tuple[str, Node] | None:
    """The name and the argument of the function that an object is, if it is one."""
    members = node.fields()
    if len(members) == 1 and (members[0].key == "Ref" or members[0].key.startswith("Fn::")):
        return members[0].key.removeprefix("Fn::"), members[0].value
    return None


def _short(node: Node) -> str:
    """A value as YAML on one line, functions in their short form."""
    if function := _function(node):
        text = _text(node)
        return f"!{function[0]} {_short(function[1])}" if text is None else _substituted(text)
    if isinstance(node.value, Object):
        members = (f"{json.dumps(member.key)}: {_short(member.value)}" for member in node.fields())
        return f"{{{', '.join(members)}}}"
    if isinstance(node.value, Array):
        return f"[{', '.join(map(_short, node.items()))}]"
    word = node.string
    return word if word and _WORD.fullmatch(word) else json.dumps(node.value, default=str)


def _substituted(text: str) -> str:
    if match := _ONLY_REFERENCE.fullmatch(text):
        return f"!Ref {match[1]}"
    if match := _ONLY_ATTRIBUTE.fullmatch(text):
        return f"!GetAtt {match[1]}"
    return f"!Sub {json.dumps(text, ensure_ascii=False)}"


def _text(node: Node) -> str | None:
    """The text that a value comes to, as the argument of `Fn::Sub`; None if it is none."""
    if (word := node.string) is not None:
        return word.replace("${", "${!")
    name, argument = _function(node) or ("", node)
    if name == "Ref" and argument.string:
        return f"${{{argument.string}}}"
    if name == "Sub":
        return argument.string
    if name == "GetAtt":
        parts = [argument.string] if argument.string else [part.string for part in argument.items()]
        return f"${{{'.'.join(map(str, parts))}}}" if all(parts) else None
    if name == "Join" and len(argument.items()) == 2 and argument.items()[0].value == "":  # noqa: PLR2004 - as documented
        texts = [_text(part) for part in argument.items()[1].items()]
        known = [text for text in texts if text is not None]
        return "".join(known) if known and len(known) == len(texts) else None
    return None
