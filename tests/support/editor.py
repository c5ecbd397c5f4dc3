"""A client of the language server, as an editor is one."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from lsprotocol import types
from pygls.lsp.client import LanguageClient

if TYPE_CHECKING:
    from pathlib import Path

CAPABILITIES = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
        )
    )
)


class Editor:
    """Opens files of a folder in a server of its own, and asks it about them."""

    def __init__(self, folder: Path, *arguments: str, options: Any = None) -> None:  # noqa: ANN401
        self.folder = folder
        self._arguments = arguments
        self._options = options
        self._runner = asyncio.Runner()
        self._client: Any = None
        self._found: asyncio.Queue[Any]
        self._texts: dict[str, int] = {}
        self.capabilities: Any = None

    def __enter__(self) -> Self:
        self._runner.run(self._start())
        return self

    async def _start(self) -> None:
        self._client = client = LanguageClient("tests", "1")
        self._found = asyncio.Queue()
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(self._found.put_nowait))
        await client.start_io(
            *(sys.executable, "-m", "multitool_lint", "server", "--stdio", *self._arguments),
            cwd=self.folder,
        )
        answer = await client.initialize_async(
            types.InitializeParams(
                capabilities=CAPABILITIES,
                root_uri=self.folder.as_uri(),
                initialization_options=self._options,
            )
        )
        self.capabilities = answer.capabilities
        client.initialized(types.InitializedParams())

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._end())
        self._runner.close()

    async def _end(self) -> None:
        await self._client.shutdown_async(None)
        self._client.exit(None)
        await self._client.stop()

    def uri(self, name: str) -> str:
        """The address of a file of the folder."""
        return (self.folder / name).as_uri()

    def document(self, name: str) -> Any:  # noqa: ANN401 - of the protocol
        """A file as requests name it."""
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str) -> list[Any]:
        """Open a file with a text, and return what is found in it."""
        self._texts[name] = version = self._texts.get(name, 0) + 1
        item = types.TextDocumentItem(self.uri(name), "", version, text)
        return self._published(
            name, version, "text_document_did_open", types.DidOpenTextDocumentParams(item)
        )

    def change(self, name: str, text: str, range_: Any = None) -> list[Any]:  # noqa: ANN401
        """Change a range of a file, or all of it, and return what is found then."""
        self._texts[name] = version = self._texts[name] + 1
        change = (
            types.TextDocumentContentChangeWholeDocument(text)
            if range_ is None
            else types.TextDocumentContentChangePartial(range_, text)
        )
        versioned = types.VersionedTextDocumentIdentifier(version, self.uri(name))
        params = types.DidChangeTextDocumentParams(versioned, [change])
        return self._published(name, version, "text_document_did_change", params)

    def next(self, name: str) -> list[Any]:
        """What is found next in the same version of a file."""

        async def found() -> list[Any]:
            published = await self._found.get()
            assert (published.uri, published.version) == (self.uri(name), self._texts[name])
            return list(published.diagnostics)

        return self._runner.run(asyncio.wait_for(found(), 30))

    def close(self, name: str) -> None:
        """Close a file."""
        params = types.DidCloseTextDocumentParams(self.document(name))
        self._runner.run(self._sent("text_document_did_close", params))

    def ask(self, method: str, params: Any) -> Any:  # noqa: ANN401 - of the protocol
        """The answer to a request."""

        async def answer() -> Any:  # noqa: ANN401 - of the protocol
            return await self._client.protocol.send_request_async(method, params)

        return self._runner.run(asyncio.wait_for(answer(), 30))

    async def _sent(self, method: str, params: Any) -> None:  # noqa: ANN401 - of the protocol
        getattr(self._client, method)(params)

    def _published(self, name: str, version: int, method: str, params: Any) -> list[Any]:  # noqa: ANN401
        async def wait() -> list[Any]:
            await self._sent(method, params)
            while True:
                found = await self._found.get()
                if (found.uri, found.version) == (self.uri(name), version):
                    return list(found.diagnostics)

        return self._runner.run(asyncio.wait_for(wait(), 30))

    def actions(self, name: str, line: int, column: int, *only: str) -> dict[str, Any]:
        """The code actions at a position, by their titles."""
        at = types.Position(line, column)
        context = types.CodeActionContext([], [types.CodeActionKind(kind) for kind in only] or None)
        params = types.CodeActionParams(self.document(name), types.Range(at, at), context)
        answer = self.ask(types.TEXT_DOCUMENT_CODE_ACTION, params)
        return {action.title: action for action in answer or ()}


def edited(text: str, edit: Any) -> str:  # noqa: ANN401 - of the protocol
    """The text after the edits of a document, in which each character is one unit."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:at])) for at in range(len(lines) + 1)]
    changes = sorted(edit.document_changes[-1].edits, key=lambda change: change.range.start)
    for change in reversed(changes):
        start, end = (starts[p.line] + p.character for p in (change.range.start, change.range.end))
        text = text[:start] + change.new_text + text[end:]
    return text
