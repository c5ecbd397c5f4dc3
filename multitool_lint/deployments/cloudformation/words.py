"""The words by which a part of a template may make or attach policies."""

from __future__ import annotations

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
    if isinstance(value, Text):
        return any(has_word(part, word) for part in value.parts)
    if isinstance(value, dict):
        return any(has_word(part, word) for pair in value.items() for part in pair)
    if isinstance(value, Unknown):
        return any(has_word(part, word) for part in value.arguments)
    if isinstance(value, Encoded):
        return has_word(value.value, word)
    if isinstance(value, Rest):
        return has_word(value.item, word)
    return isinstance(value, list) and any(has_word(part, word) for part in value)
