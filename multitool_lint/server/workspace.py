"""What the server is given by the command that starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.changes import Difference
    from multitool_lint.syntax.source import Source


class Workspace(Protocol):
    """The configurations of files, what the catalog says in words, and what was committed."""

    def settings(self, path: str) -> FileSettings:
        """What holds for a file.

        Raises:
            ConfigError: a configuration cannot be followed.
        """

    def reload(self) -> None:
        """Read the configurations and the baseline again.

        Raises:
            ConfigError: one cannot be followed.
        """

    def concerns(self, source: Source) -> bool:
        """Whether a file may have a policy, and is not excluded."""

    def catalog(self) -> Catalog:
        """The catalog for what is asked about no file."""

    def looked_up(self, name: str, catalog: Catalog) -> str:
        """What the command `query` prints about an action or a managed policy; "" for others."""

    def committed(self, path: str) -> Source | None:
        """The file in HEAD; None if there is none."""

    def in_words(self, difference: Difference) -> str:
        """What differs, as `diff` prints it."""

    def with_ignore(
        self, finding: Finding, report: Report, reason: str
    ) -> tuple[Source, str] | None:
        """The configuration of a file, and its text with an entry that suppresses a finding.

        None if there cannot be such an entry.
        """
