"""What each value of the policies of a file is, wherever and however they are written."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.linter.locate import Locator
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.managed_references import PARTITION
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Member, Node, as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.formats.result import ReadResult


class TokenKind(Enum):
    """What a value or key is."""

    ELEMENT = "element"
    EFFECT = "effect"
    ACTION = "action"
    RESOURCE = "resource"
    PRINCIPAL_TYPE = "principal type"
    PRINCIPAL = "principal"
    OPERATOR = "operator"
    KEY = "condition key"
    VALUE = "condition value"
    MANAGED_POLICY = "managed policy"
    VERSION = "version"
    BLOCK = "argument of a block"


class Written(NamedTuple):
    """A policy, and how what is in it is found and changed in the file."""

    policy: Policy
    span: Span
    to_file: Callable[[Span], Span]
    locate: Callable[[Finding], Finding]


class Token(NamedTuple):
    """A value, or the key of a member, where it is in the file.

    `about` is the type of a principal, and the key of a value of a condition.
    """

    kind: TokenKind
    text: str
    span: Span
    node: Node
    statement: Statement | None = None
    written: Written | None = None
    about: str = ""


def tokens_of(loaded: ReadResult) -> Iterator[tuple[Written, tuple[Token, ...]]]:
    """The policies of a file, each with its tokens in order."""
    for entry in loaded.policies:
        if not (entry.case or entry.merged):
            written = Written(entry.policy, entry.span, entry.to_file, Locator(entry).locate)
            yield written, tuple(_tokens(written))


def reference_tokens(loaded: ReadResult, source: Source) -> Iterator[Token]:
    """The references to managed policies of AWS, by the ARN of each."""
    for reference in loaded.references:
        node = Node(reference.span, source.part(reference.span), "")
        text = f"arn:{PARTITION}:iam::aws:policy/{reference.name}"
        yield Token(TokenKind.MANAGED_POLICY, text, reference.span, node)


def _tokens(written: Written) -> Iterator[Token]:
    for member in written.policy.root.fields():
        yield from _key(written, TokenKind.ELEMENT, member)
        if member.key == "Version":
            yield from _texts(written, TokenKind.VERSION, member.value)
    for statement in written.policy.statements:
        for member in statement.members:
            yield from _key(written, TokenKind.ELEMENT, member, statement)
            yield from _in_element(written, member, statement)


def _in_element(written: Written, member: Member, statement: Statement) -> Iterator[Token]:
    match member.key:
        case "Effect":
            yield from _texts(written, TokenKind.EFFECT, member.value, statement)
        case "Action" | "NotAction":
            yield from _texts(written, TokenKind.ACTION, member.value, statement)
        case "Resource" | "NotResource":
            yield from _texts(written, TokenKind.RESOURCE, member.value, statement)
        case "Principal" | "NotPrincipal":
            yield from _texts(written, TokenKind.PRINCIPAL_TYPE, member.value, statement)
            for type_ in member.value.fields():
                yield from _key(written, TokenKind.PRINCIPAL_TYPE, type_, statement)
                yield from _texts(written, TokenKind.PRINCIPAL, type_.value, statement, type_.key)
        case "Condition":
            for operator in member.value.fields():
                yield from _key(written, TokenKind.OPERATOR, operator, statement)
                for key in operator.value.fields():
                    yield from _key(written, TokenKind.KEY, key, statement)
                    yield from _texts(written, TokenKind.VALUE, key.value, statement, key.key)


def _key(
    written: Written, kind: TokenKind, member: Member, statement: Statement | None = None
) -> Iterator[Token]:
    span = written.to_file(member.key_span)
    yield Token(kind, member.key, span, member.value, statement, written)


def _texts(
    written: Written,
    kind: TokenKind,
    node: Node,
    statement: Statement | None = None,
    about: str = "",
) -> Iterator[Token]:
    for item in as_list(node) if isinstance(node.value, Array) else (node,):
        if isinstance(text := item.value, str):
            yield Token(kind, text, written.to_file(item.span), item, statement, written, about)
