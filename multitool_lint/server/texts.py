"""The texts of open documents, and positions in them as the protocol counts them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from typing import Any, Final

from lsprotocol import types
from pygls.uris import to_fs_path

from multitool_lint.syntax.source import Edit, Source, Span, line_starts
from multitool_lint.syntax.unsaved import hold, release

_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class OpenDocument:
    """An open document: its text, as changes make it, and its version.

    Columns are counted in the units of an `encoding`, on which client and server have agreed.
    """

    def __init__(self, uri: str, text: str, version: int | None, encoding: str = "utf-16") -> None:
        self.uri: Final = uri
        self.path: Final[str] = to_fs_path(uri) or uri.rpartition("/")[2].rpartition(":")[2]
        self.source = Source(self.path, text)
        self.version = version
        self._encoding = encoding

    def hold(self) -> None:
        """From now on the document counts, and not the file."""
        hold(self.path, self.source.text.encode(errors="replace"))

    def release(self) -> None:
        """From now on the file counts."""
        release(self.path)

    def snapshot(self) -> OpenDocument:
        """The document as it is now, which does not change with it."""
        return copy(self)

    def apply_change(self, change: Any) -> None:  # noqa: ANN401 - of the protocol
        """Replace a range of the text, or all of it."""
        text: str = change.text
        if (range_ := getattr(change, "range", None)) is not None:
            start, end = sorted((self.offset(range_.start), self.offset(range_.end)))
            old = self.source.text
            text = f"{old[:start]}{text}{old[end:]}"
        self.source = Source(self.path, text)

    def offset(self, position: Any) -> int:  # noqa: ANN401 - of the protocol
        """The offset of a position; what is beyond a line or the text is its end."""
        text = self.source.text
        starts = line_starts(text)
        number: int = position.line
        if number >= len(starts):
            return len(text)
        start = starts[number]
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        line = text[start:end].rstrip("\r\n")
        column: int = position.character
        if line.isascii() or self._encoding == "utf-32":
            return start + min(column, len(line))
        codec, size = _UNITS[self._encoding]
        units = line.encode(codec, "surrogatepass")[: column * size]
        return start + len(units.decode(codec, "ignore"))

    def position(self, offset: int) -> Any:  # noqa: ANN401 - of the protocol
        """The position of an offset."""
        text = self.source.text
        starts = line_starts(text)
        line = bisect_right(starts, offset) - 1
        before = text[starts[line] : offset]
        if before.isascii() or self._encoding == "utf-32":
            return types.Position(line, len(before))
        codec, size = _UNITS[self._encoding]
        return types.Position(line, len(before.encode(codec, "surrogatepass")) // size)

    def range(self, span: Span) -> Any:  # noqa: ANN401 - of the protocol
        """The range of a span."""
        return types.Range(self.position(span.start), self.position(span.end))

    def span(self, range_: Any) -> Span:  # noqa: ANN401 - of the protocol
        """The span of a range."""
        return Span(self.offset(range_.start), self.offset(range_.end))

    def workspace_edit(self, edits: Iterable[Edit]) -> Any:  # noqa: ANN401 - of the protocol
        """The edits of this version of the document."""
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(self.uri, self.version),
                    [types.TextEdit(self.range(edit.span), edit.text) for edit in edits],
                )
            ]
        )
