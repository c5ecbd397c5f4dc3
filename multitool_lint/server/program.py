"""The server: what it answers, and when it lints.

A text is linted once nobody has changed it for a moment, in a thread of its own, one text at a
time. What is superseded while it waits is not linted, and what was found in an older version is
not published.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from multitool_lint._version import __version__
from multitool_lint.config import ConfigError
from multitool_lint.config.files import NAMES
from multitool_lint.limits import MAX_KEPT_ANALYSES
from multitool_lint.server.actions import KINDS, actions_at
from multitool_lint.server.analysis import Analysis, analysis_of
from multitool_lint.server.options import Options
from multitool_lint.server.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.server.workspace import Workspace

T = TypeVar("T")


def serve(workspace: Workspace) -> int:
    """Serve on standard input and output until the editor is done; return the exit code."""
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
        self.options = Options()
        self.protocol = LanguageServer("multitool-lint", __version__)
        self._pool = ThreadPoolExecutor(1)
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
        kinds = types.CodeActionOptions(KINDS)
        self.protocol.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(partial(self._actions))

    # What the editor says

    def _initialize(self, params: Any) -> None:  # noqa: ANN401 - of the protocol
        self.options = Options.read(params.initialization_options)
        workspace = self.protocol.workspace
        encoding = str(getattr(workspace.position_encoding, "value", workspace.position_encoding))

        def text(uri: str, source: str | None = None, version: int | None = None, **_: Any) -> Text:  # noqa: ANN401
            return Text(uri, source or "", version, encoding)

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
        self.options = Options.read(settings)
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

    def text(self, uri: str) -> Text:
        """The open document of that address."""
        found: Text = self.protocol.workspace.get_text_document(uri)
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
        if analysis and analysis.is_of(self.text(uri)):
            self._publish(uri, analysis.text.version, analysis.diagnostics)
        self._waiting.pop(uri, None)

    async def analysis(self, uri: str) -> Analysis | None:
        """What is in the document as it is now; None if it has changed in the meantime."""
        text = self.text(uri)
        known = self._kept.get(uri)
        if known and known.is_of(text):
            return known
        snapshot = text.snapshot()
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._pool, self._analysed, uri, snapshot)
        if found:
            self._kept[uri] = found
            self._kept.move_to_end(uri)
            while len(self._kept) > MAX_KEPT_ANALYSES:
                self._kept.popitem(last=False)
        return found

    def _analysed(self, uri: str, text: Text) -> Analysis | None:
        if self.text(uri).source is not text.source:
            return None
        return analysis_of(text, self.workspace, self.options)

    def _publish(self, uri: str, version: int | None, diagnostics: list[Any]) -> None:
        params = types.PublishDiagnosticsParams(uri, diagnostics, version)
        self.protocol.text_document_publish_diagnostics(params)

    # What the editor asks

    async def _actions(self, params: Any) -> list[Any]:  # noqa: ANN401 - of the protocol
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        span = self.text(params.text_document.uri).span(params.range)
        return await self._asked(params, actions_at, span, self.workspace, only) or []

    async def _asked(self, params: Any, answer: Callable[..., T], *about: object) -> T | None:  # noqa: ANN401
        """What is answered about a document as it is now; None if it has changed meanwhile."""
        analysis = await self.analysis(params.text_document.uri)
        if analysis is None:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(answer, analysis, *about))
