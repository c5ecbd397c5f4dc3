"""What is in a version of a document: its findings, and what each of its values is."""

from __future__ import annotations

import gc
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.config import ConfigError
from multitool_lint.formats import read_source
from multitool_lint.linter.lint import internal_error, lint_with_settings
from multitool_lint.server.diagnostics import diagnostics_of, failed
from multitool_lint.server.tokens import Token, Written, reference_tokens, tokens_of

if TYPE_CHECKING:
    from multitool_lint.formats.result import ReadResult
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.server.texts import OpenDocument
    from multitool_lint.server.workspace import EditorOptions, Workspace


_CACHE = type(lru_cache(lambda: None))


class Analysis:
    """What was found in a `text`.

    There is no `report`, and there are no `settings`, of a file that is not one of policies, or
    that could not be linted, which `diagnostics` say then.
    """

    def __init__(
        self,
        text: OpenDocument,
        settings: FileSettings | None = None,
        report: Report | None = None,
        diagnostics: list[Any] | None = None,
    ) -> None:
        self.text: Final = text
        self.settings: Final = settings
        self.report: Final = report
        self.diagnostics: Final[list[Any]] = diagnostics or []

    def is_of(self, text: OpenDocument) -> bool:
        """Whether it is about the text of a document as it is now."""
        return self.text.source is text.source

    @property
    def catalog(self) -> Catalog:
        """The catalog that counts for the file."""
        return (self.settings and self.settings.catalog) or bundled()

    @cached_property
    def loaded(self) -> ReadResult | None:
        """What is read in the text."""
        if self.settings is None:
            return None
        kind = {"type": self.settings.type, "resource_type": self.settings.resource_type}
        return read_source(self.text.source, **kind)  # type: ignore[arg-type] # by name

    @cached_property
    def written(self) -> tuple[tuple[Written, tuple[Token, ...]], ...]:
        """The policies, each with its values in the order in which they are written."""
        return tuple(tokens_of(self.loaded)) if self.loaded else ()

    @cached_property
    def references(self) -> tuple[Token, ...]:
        """The references to managed policies of AWS."""
        return tuple(reference_tokens(self.loaded, self.text.source)) if self.loaded else ()

    def token(self, offset: int) -> Token | None:
        """The value or key at an offset; None if it is in no policy."""
        for token in self.references:
            if token.span.start <= offset <= token.span.end:
                return token
        for written, tokens in self.written:
            if written.span.start <= offset <= written.span.end:
                for token in tokens:
                    if token.span.start <= offset <= token.span.end:
                        return token
        return None


def forget(catalog: Catalog) -> None:
    """Forget what was kept to be quicker: a server runs for days, over policies of all services."""
    catalog.forget()
    for kept in gc.get_objects():
        if isinstance(kept, _CACHE) and _is_of_policies(kept):
            kept.cache_clear()
    gc.collect()


def _is_of_policies(cache: Any) -> bool:  # noqa: ANN401 - only a lazy import could name its type
    """Whether a cache is of what policies have; tables without arguments are shared by all.

    What is kept of a catalog has services that the catalog has forgotten.
    """
    code = getattr(cache.__wrapped__, "__code__", None)
    return code is not None and code.co_argcount > 0 and bool(cache.cache_parameters()["maxsize"])


def analysis_of(text: OpenDocument, workspace: Workspace, options: EditorOptions) -> Analysis:
    """What is found in a document, by the configuration of its path."""
    try:
        if not workspace.concerns(text.source):
            return Analysis(text)
        settings = workspace.settings(text.path)
    except ConfigError as error:
        return Analysis(text, diagnostics=[failed("\n".join(map(str, error.args)))])
    try:
        report = lint_with_settings(text.source, settings, confirms=False)
    except Exception as error:  # noqa: BLE001 - the editor goes on, and shows it
        return Analysis(text, settings, diagnostics=[failed(internal_error(error))])
    findings = tuple(f for f in report.findings if f.rule not in options.ignore)
    report = report._replace(findings=findings)
    shown = diagnostics_of(report, text) if options.diagnostics else []
    return Analysis(text, settings, report, shown)
