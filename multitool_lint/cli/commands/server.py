"""Run the language server for editors, on standard input and output.

It needs the extra "lsp": pip install "multitool-lint[lsp]". An editor starts it; what holds for a
file is in its configuration. docs/editors.md has the settings of editors.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.discover import discover
from multitool_lint.cli.files.git import HEAD, GitError, Repository
from multitool_lint.cli.files.read import add_file_arguments, may_concern_us
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.settings import Settings, add_rule_arguments
from multitool_lint.cli.run.baselines import Baselines
from multitool_lint.config import ConfigError
from multitool_lint.config.model import FILE
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.changes import Difference
    from multitool_lint.syntax.source import Source


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    catalogs.add_config_arguments(parser)
    add_rule_arguments(parser)
    catalogs.add_levels_argument(parser)
    parser.add_argument(
        "--baseline", metavar="FILE", help="do not report the findings in this baseline"
    )
    parser.add_argument("--stdio", action="store_true", help="accepted, as editors pass it")
    parser.epilog = "exit codes: 0 the editor has ended the server, 1 it is gone, 2 not started"


def run(arguments: Namespace) -> int:
    """Serve until the editor is done.

    Raises:
        ConfigError: an option or the configuration cannot be followed, or the extra is missing.
    """
    workspace = UserFiles(arguments)
    try:
        from multitool_lint.server.program import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        needed = 'pip install "multitool-lint[lsp]"'
        raise ConfigError(f"the language server needs {error.name}: {needed}") from error
    return serve(workspace)


class UserFiles:
    """The files of a user, as the other commands see them."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._excluded: dict[str, bool] = {}
        self._repositories: dict[str, Repository | None] = {}
        self.reload()

    def reload(self) -> None:
        """Read the configurations and the baseline again.

        Raises:
            ConfigError: one cannot be followed.
        """
        arguments = self._arguments
        others = {"write_baseline": None, "show_suppressed": False}
        arguments.known = Baselines(Namespace(baseline=arguments.baseline, **others)).known
        self._settings = Settings(arguments)
        self._excluded.clear()

    def settings(self, path: str) -> FileSettings:
        """What holds for a file.

        Raises:
            ConfigError: a configuration cannot be followed.
        """
        return self._settings.of(path)

    def concerns(self, source: Source) -> bool:
        """Whether a file may have a policy, and is not excluded."""
        if not may_concern_us(source):
            return False
        path = source.path
        if path not in self._excluded:
            self._excluded[path] = Path(path).exists() and self._is_excluded(path)
        return not self._excluded[path]

    def _is_excluded(self, path: str) -> bool:
        from multitool_lint.cli.options.parser import Parser

        parser = Parser("server", None)
        add_file_arguments(parser)
        named = parser.parse_words(["--discovered", "--", path])
        return any(found.skipped for found in discover(named, self._settings))

    def catalog(self) -> Catalog:
        """The catalog for what is asked about no file.

        Raises:
            ConfigError: an option or a configuration cannot be followed.
        """
        return catalogs.of_folder(Namespace(**{"catalog": None, **vars(self._arguments)}))

    def looked_up(self, name: str, catalog: Catalog) -> str:
        """What the command `query` prints about an action or a managed policy; "" for others."""
        from multitool_lint.cli.commands import query_output
        from multitool_lint.cli.commands.query_answers import ActionQuery, ask

        answer = ask(catalog, ActionQuery((name,)))
        return query_output.text(catalog, answer) if answer.actions else ""

    def committed(self, path: str) -> Source | None:
        """The file in HEAD; None if there is none, or git cannot say."""
        real = os.path.realpath(path)
        top = repository_of(os.path.dirname(real))  # noqa: PTH120 - of a name
        if top is None:
            return None
        try:
            if top not in self._repositories:
                self._repositories[top] = Repository(top)
            repository = self._repositories[top]
            text = repository and repository.find("show", f"{HEAD}:{os.path.relpath(real, top)}")
            return reading.decode(text, path) if text else None
        except (GitError, reading.UnreadableError):
            return None

    def in_words(self, difference: Difference) -> str:
        """What differs, as `diff` prints it."""
        from multitool_lint.cli.output.diff_phrases import briefly, scope_text

        return f"{briefly(difference, printable)}{scope_text(difference, printable)}"

    def with_ignore(
        self, finding: Finding, report: Report, reason: str
    ) -> tuple[Source, str] | None:
        """The configuration of a file, and its text with an entry that suppresses a finding.

        None if there cannot be such an entry.
        """
        from multitool_lint.cli.run.add_ignore import entry_for, pattern_of, table_of_entry
        from multitool_lint.config.added_entries import with_entries

        path = report.source.path
        top = repository_of(os.path.dirname(path)) or os.path.dirname(path)  # noqa: PTH120
        origin = self._settings.found(path).origin
        file = Path(origin.path if origin else Path(top, FILE)).absolute()
        entry, pattern = entry_for(finding, report.policies, reason), pattern_of(path, str(file))
        if entry is None or pattern is None:
            return None
        try:
            source = reading.read(str(file)) if file.exists() else reading.Source(str(file), "")
            table = table_of_entry(entry._replace(file=pattern))
            return source, with_entries(file, source.text, [table])
        except (ConfigError, OSError, reading.UnreadableError):
            return None
