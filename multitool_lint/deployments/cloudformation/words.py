"""The words by which a part of a template may make or attach policies."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value
from multitool_lint.syntax.tree import Node

_WORDS = ("AWS::IAM::", "olicy", "olicies", "ermission")


def may_have_access(value: Value) -> bool:
    """Whether a value has a word that makes or attaches policies."""
    return any(has_word(value, word) for word in _WORDS)


def node_may_have_access(node: Node) -> bool:
    """Whether what is written has one, also in a key."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        texts = [member.key for member in found.fields()] + [found.string or ""]
        if any(word in text for text in texts for word in _WORDS):
            return True
        waiting += (child for _, child in found.children())
    return False


def has_word(value: Value, word: str) -> bool:
    """Whether a part of a value, or a key, has a word."""
    if isinstance(value, str):
        return word in value
    return any(has_word(part, word) for part in _parts(value))


def _parts(value: Value) -> Iterable[Value]:
    """What a value is made of, one step down."""
    if isinstance(value, Text):
        return value.parts
    if isinstance(value, dict):
        return chain.from_iterable(value.items())
    if isinstance(value, Unknown):
        return value.arguments
    if isinstance(value, (Encoded, Rest)):
        return [value.value if isinstance(value, Encoded) else value.item]
    return value if isinstance(value, list) else ()
