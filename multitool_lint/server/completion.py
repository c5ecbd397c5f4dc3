"""Completion, also in a text that does not parse yet."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_COMPLETIONS
from multitool_lint.server.candidates import BLOCKS, CompletionCandidate, candidates
from multitool_lint.server.hover import hover_text
from multitool_lint.server.tokens import TokenKind
from multitool_lint.server.unfinished import Cursor, cursor_at
from multitool_lint.syntax.source import Edit

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.server.hover import LookUp
    from multitool_lint.server.texts import OpenDocument

COMPLETION = types.CompletionOptions(
    trigger_characters=['"', ":", "*", "/", ".", "-"], resolve_provider=True
)
_VARIABLE = lazy_pattern(r"\$\{(\w+)\}")
"""What is filled in, in an ARN format or the name of a condition key."""

_OBJECTS = {"Principal", "NotPrincipal", "Condition"}


def completions(
    text: OpenDocument, offset: int, catalog: Catalog, *, snippets: bool = False
) -> Any:  # noqa: ANN401 - of the protocol
    """What can be written at an offset."""
    cursor = cursor_at(text.source, offset)
    if cursor is None:
        return types.CompletionList(is_incomplete=False, items=[])
    wanted = cursor.prefix.lower()
    found = [
        candidate for candidate in candidates(cursor, catalog) if wanted in candidate.text.lower()
    ]
    found.sort(key=lambda candidate: not _begins(candidate.text.lower(), wanted))
    items = [
        _item(text, cursor, candidate, snippets=snippets) for candidate in found[:MAX_COMPLETIONS]
    ]
    return types.CompletionList(is_incomplete=len(found) > len(items), items=items)


def _begins(text: str, wanted: str) -> bool:
    """Whether a text, or the name at its end, begins with what is written."""
    return text.startswith(wanted) or text.rpartition("/")[2].startswith(wanted)


def with_description(item: Any, catalog: Catalog, look_up: LookUp) -> Any:  # noqa: ANN401
    """A completion with what is known about it."""
    data = item.data if isinstance(item.data, dict) else {}
    kind = TokenKind.__members__.get(str(data.get("kind")))
    found = kind and hover_text(kind, item.label, str(data.get("about")), catalog, look_up)
    if found:
        item.documentation = types.MarkupContent(types.MarkupKind.Markdown, found)
    return item


def _item(
    text: OpenDocument, cursor: Cursor, candidate: CompletionCandidate, *, snippets: bool
) -> Any:  # noqa: ANN401 - of the protocol
    # What is written already may have variables of the file.
    start = len(cursor.prefix) if candidate.text.startswith(cursor.prefix) else 0
    written, form = candidate.text[:start], candidate.text[start:]
    is_snippet = snippets and _VARIABLE.search(form) is not None
    if is_snippet:
        filled = _literally(written) + _as_snippet(form)
    else:
        filled = written + _VARIABLE.sub(partial(_filled, cursor.kind), form)
    edit = Edit(cursor.span, _written(cursor, filled))
    return types.CompletionItem(
        candidate.text,
        kind=_ITEM_KINDS.get(cursor.kind, types.CompletionItemKind.Value),
        detail=candidate.detail or None,
        sort_text=f"{candidate.order}{candidate.text}",
        filter_text=candidate.text if cursor.is_quoted else _written(cursor, candidate.text),
        text_edit=types.TextEdit(text.range(edit.span), edit.text),
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else None,
        data={"kind": cursor.kind.name, "about": cursor.about},
    )


def _as_snippet(text: str) -> str:
    """A form whose variables an editor asks for one after the other."""
    parts = _VARIABLE.split(text)
    literal = list(map(_literally, parts[::2]))
    asked = [f"${{{number}:{name}}}" for number, name in enumerate(parts[1::2], 1)]
    return "".join(x for pair in zip(literal, [*asked, ""], strict=True) for x in pair)


def _literally(text: str) -> str:
    return re.sub(r"([\\$}])", r"\\\1", text)


def _filled(kind: TokenKind, variable: re.Match[str]) -> str:
    """A variable of a form without one; only in a principal, no wildcard is valid."""
    if kind is not TokenKind.PRINCIPAL:
        return "*"
    return "123456789012" if variable[1] == "Account" else variable[1]


def _written(cursor: Cursor, text: str) -> str:
    """A text as it is written there: with quotes and a colon where these are missing."""
    if cursor.is_quoted or (cursor.is_block and cursor.is_key):
        opens = " {" if text in BLOCKS else " = "
        return text if cursor.is_quoted else f"{text}{opens}"
    is_plain = cursor.is_yaml and not text.startswith(("*", "!", "&")) and ": " not in text
    is_reference = cursor.kind is TokenKind.RESOURCE and text.endswith(".arn")
    written = text if is_plain or is_reference or text.startswith("!GetAtt ") else f'"{text}"'
    if not cursor.is_key:
        return written
    return f"{written}:" if cursor.is_yaml and text in _OBJECTS else f"{written}: "


_ITEM_KINDS = {
    TokenKind.ELEMENT: types.CompletionItemKind.Property,
    TokenKind.BLOCK: types.CompletionItemKind.Property,
    TokenKind.EFFECT: types.CompletionItemKind.EnumMember,
    TokenKind.ACTION: types.CompletionItemKind.Function,
    TokenKind.RESOURCE: types.CompletionItemKind.Reference,
    TokenKind.OPERATOR: types.CompletionItemKind.Operator,
    TokenKind.KEY: types.CompletionItemKind.Variable,
}
