"""The server: what it answers, and when it lints.

A text is linted once nobody has changed it for a moment, in a thread of its own, one text at a
time. What is superseded while it waits is not linted, and what was found in an older version is
not published.
"""

from __future__ import annotations

import asyncio
import linecache
import os
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.config import ConfigError
from multitool_lint.config.files import NAMES
from multitool_lint.limits import MAX_ANALYSES_IN_A_ROW, MAX_KEPT_ANALYSES
from multitool_lint.server.actions import KINDS, actions_at
from multitool_lint.server.analysis import Analysis, analysis_of, forget
from multitool_lint.server.annotations import changes, hints, lenses, links, symbols
from multitool_lint.server.completion import COMPLETION, completions, with_description
from multitool_lint.server.hover import hover
from multitool_lint.server.texts import OpenDocument
from multitool_lint.server.workspace import EditorOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.server.workspace import Workspace

T = TypeVar("T")

_PATIENCE = 4
"""How much longer than for linting nothing changes before access is compared with HEAD."""


def serve(workspace: Workspace) -> int:
    """Serve on standard input and output until the editor is done; return the exit code."""
    linecache.clearcache()  # the code that attrs has made for each message of the protocol
    # pygls closes what it is given; and what anything else prints is not a part of the protocol.
    received, sent = (os.dup(stream.fileno()) for stream in (sys.stdin, sys.stdout))
    sys.stdout = sys.stderr
    with os.fdopen(received, "rb") as requests, os.fdopen(sent, "wb") as answers:
        Program(workspace).protocol.start_io(requests, answers)
    return 0


class Program:
    """The documents that are open, and what was found in those that were asked about last."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.options = EditorOptions()
        self.protocol = LanguageServer("multitool-lint", __version__)
        self._pool = ThreadPoolExecutor(1)
        self._count = 0
        self._kept: OrderedDict[str, Analysis] = OrderedDict()
        self._waiting: dict[str, asyncio.Task[None]] = {}
        for name, handler in (
            (types.INITIALIZE, self._initialize),
            (types.INITIALIZED, self._initialized),
            (types.TEXT_DOCUMENT_DID_OPEN, self._opened),
            (types.TEXT_DOCUMENT_DID_CHANGE, self._changed),
            (types.TEXT_DOCUMENT_DID_SAVE, self._saved),
            (types.TEXT_DOCUMENT_DID_CLOSE, self._closed),
            (types.WORKSPACE_DID_CHANGE_CONFIGURATION, self._configured),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed),
        ):
            self.protocol.feature(name)(partial(handler))
        for name, answer, options in (
            (types.TEXT_DOCUMENT_CODE_ACTION, self._actions, types.CodeActionOptions(KINDS)),
            (types.TEXT_DOCUMENT_HOVER, self._hover, None),
            (types.TEXT_DOCUMENT_INLAY_HINT, self._hints, None),
            (types.TEXT_DOCUMENT_CODE_LENS, self._lenses, types.CodeLensOptions()),
            (types.TEXT_DOCUMENT_DOCUMENT_LINK, self._links, types.DocumentLinkOptions()),
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self._symbols, None),
            (types.TEXT_DOCUMENT_COMPLETION, self._complete, COMPLETION),
            (types.COMPLETION_ITEM_RESOLVE, self._described, None),
        ):
            self.protocol.feature(name, options)(partial(answer))

    # What the editor says

    def _initialize(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        self.options = EditorOptions.read(params.initialization_options)
        workspace = self.protocol.workspace
        encoding = str(getattr(workspace.position_encoding, "value", workspace.position_encoding))

        def text(
            uri: str,
            source: str | None = None,
            version: int | None = None,
            **_: Any,  # noqa: ANN401
        ) -> OpenDocument:
            return OpenDocument(uri, source or "", version, encoding)

        workspace._create_text_document = text  # noqa: SLF001 - whose lines are those of Python

    def _initialized(self, _: Any) -> None:  # noqa: ANN401 - of the protocol
        capabilities = self.protocol.client_capabilities.workspace
        watched = capabilities and capabilities.did_change_watched_files
        if watched and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(f"**/{name}") for name in NAMES]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration("configurations", method, options)
            self.protocol.client_register_capability(types.RegistrationParams([registration]))

    def _opened(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        self.text(params.text_document.uri).hold()
        self._lint_soon(params.text_document.uri, 0)

    def _changed(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        self.text(params.text_document.uri).hold()
        self._lint_soon(params.text_document.uri, self.options.delay)

    def _saved(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        uri = params.text_document.uri
        if uri.rpartition("/")[2] in NAMES:
            self._reload()
            return
        for other in self._texts():
            if other != uri and os.path.dirname(other) == os.path.dirname(uri):  # noqa: PTH120
                self._lint_soon(other, self.options.delay, again=True)

    def _closed(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        uri = params.text_document.uri
        if task := self._waiting.pop(uri, None):
            task.cancel()
        self._kept.pop(uri, None)
        self.text(uri).release()
        self._publish(uri, None, [])

    def _configured(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        settings = params.settings
        if isinstance(settings, dict) and "multitool-lint" in settings:
            settings = settings["multitool-lint"]
        self.options = EditorOptions.read(settings)
        self._reload()

    def _files_changed(self, _: Any) -> None:  # noqa: ANN401 - of the protocol
        self._reload()

    def _reload(self) -> None:
        try:
            self.workspace.reload()
        except ConfigError as error:
            message = "\n".join(map(str, error.args))
            params = types.ShowMessageParams(types.MessageType.Error, message)
            self.protocol.window_show_message(params)
        for uri in self._texts():
            self._lint_soon(uri, 0, again=True)

    # What is done then

    def _texts(self) -> list[str]:
        return list(self.protocol.workspace.text_documents)

    def text(self, uri: str) -> OpenDocument:
        """The open document of that address."""
        found: OpenDocument = self.protocol.workspace.get_text_document(uri)
        return found

    def _lint_soon(self, uri: str, delay: float, *, again: bool = False) -> None:
        if again:
            self._kept.pop(uri, None)
        if task := self._waiting.pop(uri, None):
            task.cancel()
        self._waiting[uri] = asyncio.ensure_future(self._lint(uri, delay))

    async def _lint(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        analysis = await self.analysis(uri)
        if analysis is None or not analysis.is_of(self.text(uri)):
            return  # another one follows
        version = analysis.text.version
        self._publish(uri, version, analysis.diagnostics)
        if self.options.changes:
            await asyncio.sleep(_PATIENCE * delay)
            found = await self._in_thread(changes, analysis, self.workspace)
            if found and analysis.is_of(self.text(uri)):
                self._publish(uri, version, [*analysis.diagnostics, *found])

    async def analysis(self, uri: str) -> Analysis | None:
        """What is in the document as it is now; None if it has changed in the meantime."""
        text = self.text(uri)
        known = self._kept.get(uri)
        if known and known.is_of(text):
            return known
        snapshot = text.snapshot()
        found = await self._in_thread(self._analysed, uri, snapshot)
        if found:
            self._kept[uri] = found
            self._kept.move_to_end(uri)
            while len(self._kept) > MAX_KEPT_ANALYSES:
                self._kept.popitem(last=False)
        return found

    def _analysed(self, uri: str, text: OpenDocument) -> Analysis | None:
        if self.text(uri).source is not text.source:
            return None
        analysis = analysis_of(text, self.workspace, self.options)
        self._count += 1
        if self._count % MAX_ANALYSES_IN_A_ROW == 0:
            self._pool.submit(forget, analysis.catalog)  # when this has been answered
        return analysis

    def _publish(self, uri: str, version: int | None, diagnostics: list[Any]) -> None:
        params = types.PublishDiagnosticsParams(uri, diagnostics, version)
        self.protocol.text_document_publish_diagnostics(params)

    # What the editor asks

    async def _actions(self, params: Any) -> list[Any]:  # noqa: ANN401 - of the protocol
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        span = self.text(params.text_document.uri).span(params.range)
        return await self._asked(params, actions_at, span, self.workspace, only) or []

    async def _hover(self, params: Any) -> Any:  # noqa: ANN401 - of the protocol
        if not self.options.hover:
            return None
        offset = self.text(params.text_document.uri).offset(params.position)
        return await self._asked(params, hover, offset, self.workspace.looked_up)

    async def _hints(self, params: Any) -> list[Any]:  # noqa: ANN401 - of the protocol
        span = self.text(params.text_document.uri).span(params.range)
        return await self._asked(params, hints, span) or [] if self.options.hints else []

    async def _lenses(self, params: Any) -> list[Any]:  # noqa: ANN401 - of the protocol
        return await self._asked(params, lenses) or [] if self.options.lenses else []

    async def _links(self, params: Any) -> list[Any]:  # noqa: ANN401 - of the protocol
        return await self._asked(params, links) or [] if self.options.links else []

    async def _symbols(self, params: Any) -> list[Any]:  # noqa: ANN401 - of the protocol
        return await self._asked(params, symbols) or []

    def _complete(self, params: Any) -> Any:  # noqa: ANN401 - of the protocol
        text = self.text(params.text_document.uri)
        document = self.protocol.client_capabilities.text_document
        item = document and document.completion and document.completion.completion_item
        snippets = bool(item and item.snippet_support)
        offset = text.offset(params.position)
        return completions(text, offset, self._catalog(text.path), snippets=snippets)

    def _described(self, item: Any) -> Any:  # noqa: ANN401 - of the protocol
        return with_description(item, self.workspace.catalog(), self.workspace.looked_up)

    def _catalog(self, path: str) -> Catalog:
        try:
            return self.workspace.settings(path).catalog or bundled()
        except ConfigError:
            return bundled()

    async def _asked(self, params: Any, answer: Callable[..., T], *about: object) -> T | None:  # noqa: ANN401
        """What is answered about a document as it is now; None if it has changed meanwhile."""
        analysis = await self.analysis(params.text_document.uri)
        if analysis is None:
            return None
        return await self._in_thread(answer, analysis, *about)

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, function, *arguments)
