"""Where the cursor is in a text that is being written, and that no parser reads yet.

The text is taken apart with a mark at the cursor. Whatever is not closed ends where the text does;
what is not understood is left out. Nothing is linted by this: it says what can be written here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from multitool_lint.formats import is_code, is_terraform, is_yaml
from multitool_lint.limits import MAX_UNFINISHED_CHARACTERS
from multitool_lint.policy.document import Statement
from multitool_lint.server.tokens import TokenKind
from multitool_lint.server.unclosed import MARK, Brackets, Indents
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Member, Node, Object

STATEMENT_BLOCK = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "principals": "Principal",
    "not_principals": "NotPrincipal",
    "condition": "Condition",
}
"""What the arguments and blocks of Terraform's statements are in a policy."""

MANAGED = frozenset(
    {"ManagedPolicyArns", "managed_policy_arns", "policy_arn", "policy_arns", "PermissionsBoundary"}
)
_KINDS = {
    "Effect": TokenKind.EFFECT,
    "Action": TokenKind.ACTION,
    "NotAction": TokenKind.ACTION,
    "Resource": TokenKind.RESOURCE,
    "NotResource": TokenKind.RESOURCE,
}
_POLICY = re.compile(r"polic(?:y|y_?document)$", re.IGNORECASE)
"""The end of the names of what has a policy."""

_WORD = re.compile(r"[\w:*?./-]*")
_PRINCIPALS = {"Principal", "NotPrincipal"}
_OPERATOR, _KEY, _VALUE = 1, 2, 3
_BRACE = re.compile(r"^[ \t>]*\{", re.MULTILINE)
_MOST_BLOCKS = 20


class Cursor(NamedTuple):
    """What is being written at a place: of what kind, and what of it there is.

    `prefix` is its text before the cursor, and `span` all of it, without quotes. `members` are the
    keys that are there already. `is_key` says that a colon may follow, `is_block` that it is in a
    block of Terraform, whose statements have other names.
    """

    kind: TokenKind
    prefix: str
    span: Span
    is_quoted: bool
    is_key: bool = False
    is_block: bool = False
    is_yaml: bool = False
    members: tuple[str, ...] = ()
    statement: Statement | None = None
    about: str = ""
    root: Node | None = None


def cursor_at(source: Source, offset: int) -> Cursor | None:
    """What is being written at an offset of a text; None where nothing is known about it."""
    text = source.text
    start = text.rfind("\n", 0, max(offset - MAX_UNFINISHED_CHARACTERS, 0)) + 1
    if not is_code(source):
        return _cursor_from(source, start, offset)
    # A block of code begins with one of the last lines that begin with a brace.
    begins = [match.end() - 1 for match in _BRACE.finditer(text, start, offset)]
    tried = (_cursor_from(source, at, offset) for at in begins[: -_MOST_BLOCKS - 1 : -1])
    found = [cursor for cursor in tried if cursor]
    return next((cursor for cursor in found if cursor.statement), found[0] if found else None)


def _cursor_from(source: Source, start: int, offset: int) -> Cursor | None:
    """What is being written, as the text from a place on says it."""
    text = source.text
    end = min(len(text), offset + MAX_UNFINISHED_CHARACTERS)
    marked = f"{text[start:offset]}{MARK}{text[offset:end]}"
    yaml = is_yaml(source) and not is_terraform(source)
    root = (Indents(marked) if yaml else Brackets(marked)).read()
    trail = _trail(root, offset - start)
    if trail is None:
        return None
    found = _cursor(trail, is_yaml=yaml, root=root, text=marked)
    if found is None:
        return None
    first, last = found.span
    written = marked[first:last]
    quote = written[:1] if written[:1] in ('"', "'") and len(written) > 1 else ""
    if first == offset - start and marked[first - 1 : first] in ('"', "'"):
        return None  # after a value
    first += len(quote)
    prefix = marked[first : offset - start]
    if not quote or not written.endswith(quote):  # what follows may be something else
        word = _WORD.match(marked, offset - start + 1, last)
        last = word.end() if word else last
    else:
        last -= 1
    return found._replace(
        prefix=prefix, span=Span(first + start, last + start - 1), is_quoted=bool(quote)
    )


class _Step(NamedTuple):
    """A container on the way to the cursor, and the key that the way goes through."""

    node: Node
    member: Member | None


class _Trail(NamedTuple):
    """The way from the root to the mark, where the word with it is, and whether that is a key.

    A word without a value may become one, if it `is_item` of a list.
    """

    steps: list[_Step]
    span: Span
    is_key: bool = False
    is_item: bool = False


def _trail(root: Node, offset: int) -> _Trail | None:
    steps: list[_Step] = []
    node, is_item = root, False
    while True:
        if isinstance(node.value, Object):
            member = next(
                (m for m in node.value if m.key_span.start <= offset < m.key_span.end), None
            )
            if member is not None:
                steps.append(_Step(node, None))
                return _Trail(steps, member.key_span, is_key=True)
            member = next((m for m in node.value if _has(m.value, offset)), None)
            if member is None:
                return None
            steps.append(_Step(node, member))
            node, is_item = member.value, False
        elif isinstance(node.value, Array):
            item = next((item for item in node.value if _has(item, offset)), None)
            if item is None:
                return None
            node, is_item = item, True
        else:
            return _Trail(steps, node.span, is_item=is_item)


def _has(node: Node, offset: int) -> bool:
    return node.span.start <= offset < node.span.end


def _cursor(trail: _Trail, *, is_yaml: bool, root: Node, text: str) -> Cursor | None:
    steps, span, is_key, is_item = trail
    if not steps:  # the first word of a document
        first = Cursor(TokenKind.ELEMENT, "", span, is_quoted=False, is_key=True, is_yaml=True)
        return first if is_yaml else None
    keys = [step.member.key for step in steps if step.member]
    for n, key in enumerate(keys[1:], 1):
        if (keys[n - 1], key) == ("dynamic statement", "content"):
            keys[n] = "statement"
    at = max((n for n, key in enumerate(keys) if key in ("Statement", "statement")), default=None)
    container = steps[-1].node
    members = tuple(m.key for m in container.fields() if MARK not in m.key)
    base = Cursor(
        TokenKind.ELEMENT,
        "",
        span,
        is_quoted=False,
        is_key=is_key,
        is_yaml=is_yaml,
        members=members,
    )
    base = base._replace(root=root)
    if at is None:
        last = steps[-1].member
        if is_yaml and not is_item and last and "\n" in text[last.key_span.end : span.start]:
            base = base._replace(is_key=True, members=())  # the first word below a key
        return _outside(base, keys)
    inside = keys[at + 1 :]
    if is_yaml and is_item and not inside:  # the first word of a statement
        empty = Statement(Node(span, Object(), ""))
        return base._replace(is_key=True, members=(), statement=empty)
    is_block = keys[at] == "statement"
    node = steps[at + 1].node if at + 1 < len(steps) else container
    statement = Statement(_without_mark(node, is_block=is_block))
    base = base._replace(is_block=is_block, statement=statement)
    if is_block:
        inside = [STATEMENT_BLOCK.get(key, key) if n == 0 else key for n, key in enumerate(inside)]
    return _inside(base, inside, container)


def _outside(base: Cursor, keys: list[str]) -> Cursor | None:
    last = keys[-1] if keys else ""
    if base.is_key:
        is_policy = {"Version", "Statement", "Id"} & set(base.members) or (
            not base.members and (not last or _POLICY.search(last))
        )
        return base if is_policy else None
    if last == "Version":
        return base._replace(kind=TokenKind.VERSION)
    return base._replace(kind=TokenKind.MANAGED_POLICY) if last in MANAGED else None


def _inside(base: Cursor, keys: list[str], container: Node) -> Cursor | None:
    """What is written in a statement, by the keys that lead there."""
    if not keys:
        return base if base.is_key else None
    if kind := _KINDS.get(keys[0]):
        return None if base.is_key else base._replace(kind=kind)
    if keys[0] in _PRINCIPALS:
        return _in_principal(base, keys, container)
    return _in_condition(base, keys, container) if keys[0] == "Condition" else None


def _in_condition(base: Cursor, keys: list[str], container: Node) -> Cursor | None:
    if base.is_block:
        return _in_condition_block(base, keys, container)
    depth = len(keys)
    if depth == _VALUE:
        return None if base.is_key else base._replace(kind=TokenKind.VALUE, about=keys[2])
    kinds = {_OPERATOR: TokenKind.OPERATOR, _KEY: TokenKind.KEY}
    # In YAML, a word without a colon may become a key.
    return base._replace(kind=kinds[depth], is_key=True) if depth in kinds else None


def _in_principal(base: Cursor, keys: list[str], container: Node) -> Cursor | None:
    if not base.is_block:
        if len(keys) == 1:
            return base._replace(kind=TokenKind.PRINCIPAL_TYPE)
        return base._replace(kind=TokenKind.PRINCIPAL, about=keys[1])
    if keys[1:] == ["type"]:
        return base._replace(kind=TokenKind.PRINCIPAL_TYPE)
    type_ = container.get("type")
    if keys[1:] == ["identifiers"]:
        return base._replace(kind=TokenKind.PRINCIPAL, about=(type_ and type_.string) or "")
    return base._replace(kind=TokenKind.BLOCK, about="principals") if base.is_key else None


def _in_condition_block(base: Cursor, keys: list[str], container: Node) -> Cursor | None:
    kinds = {"test": TokenKind.OPERATOR, "variable": TokenKind.KEY, "values": TokenKind.VALUE}
    if base.is_key and len(keys) == 1:
        return base._replace(kind=TokenKind.BLOCK, about="condition")
    kind = kinds.get(keys[-1])
    variable = container.get("variable")
    about = (variable and variable.string) or ""
    return base._replace(kind=kind, about=about) if kind else None


def _without_mark(node: Node, *, is_block: bool) -> Node:
    """A statement with the names of a policy, and without the word that is being written."""
    members = []
    for member in node.fields():
        key = STATEMENT_BLOCK.get(member.key, member.key) if is_block else member.key
        value = member.value
        if isinstance(value.value, Array):
            kept = [item for item in value.value if MARK not in (item.string or "")]
            value = Node(value.span, Array(kept), value.pointer)
        if MARK not in key and MARK not in (value.string or ""):
            members.append(Member(key, member.key_span, value))
    return Node(node.span, Object(members), node.pointer)
