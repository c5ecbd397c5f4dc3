"""The value at a place of a policy, found by its JSON pointer."""

from __future__ import annotations

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import UNKNOWN, Array, LazyStringArray, Node, Object, key_of_token


class ResolvedPointer(NamedTuple):
    """A value of a policy: the keys that lead to it, and the statement that it is in or is.

    The keys have no numbers, and begin below the statement.
    """

    node: Node
    keys: tuple[str, ...]
    statement: Statement | None


def resolve(policy: Policy, pointer: str) -> ResolvedPointer | None:
    """The place that an RFC 6901 pointer leads to; None where there is no such value."""
    words = pointer.split("/")[1:]
    node = policy.root
    statement = _statement(policy, words)
    if statement:
        node = statement.node
        del words[: 1 + (len(words) > 1 and words[1].isdecimal())]
    keys: list[str] = []
    for word in words:
        if isinstance(node, LazyStringArray) and word.isdecimal() and int(word) < len(node.texts):
            node = node.item(int(word))  # without making the others
            continue
        value = node.value
        if isinstance(value, Array) and word.isdecimal() and int(word) < len(value):
            node = value[int(word)]
        elif isinstance(value, Object):
            key = key_of_token(word)
            inner = node.get(key)
            if inner is None:
                return None
            node = inner
            keys.append(key)
        else:
            return None
    return ResolvedPointer(node, tuple(keys), statement)


def _statement(policy: Policy, words: list[str]) -> Statement | None:
    """The statement that a pointer leads into: of a list by its number, or else the only one."""
    if not words or words[0] != "Statement" or not policy.statements:
        return None
    number = int(words[1]) if len(words) > 1 and words[1].isdecimal() else -1
    several = policy.statements[0].node.pointer != "/Statement"
    if several:
        return policy.statements[number] if 0 <= number < len(policy.statements) else None
    return policy.statements[0] if number < 0 else None


def text(policy: Policy, node: Node) -> str:
    """A scalar as a text: what a string says, or as it is written."""
    if isinstance(node.value, str):
        return as_written(node.value)
    written = policy.source.part(node.span)
    return written.strip('"') if node.value is UNKNOWN else written
