"""What the server is given: files by the command that starts it, and options by the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

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


_MOST_DELAY = 10


class EditorOptions(NamedTuple):
    """The settings of the editor, each with its default.

    `ignore` are rules that it does not show; `delay` are seconds without a change before a text is
    linted; `baseline`, the configurations and all else are the workspace's.
    """

    diagnostics: bool = True
    hover: bool = True
    hints: bool = True
    lenses: bool = True
    links: bool = True
    changes: bool = True
    ignore: tuple[str, ...] = ()
    delay: float = 0.15

    @classmethod
    def read(cls, settings: Any) -> EditorOptions:  # noqa: ANN401 - as an editor sends it
        """The options in what an editor has sent; what is not understood has no effect."""
        if not isinstance(settings, dict):
            return cls()
        found: dict[str, Any] = {
            name: settings[name]
            for name, default in cls()._asdict().items()
            if isinstance(default, bool) and isinstance(settings.get(name), bool)
        }
        ignore, delay = settings.get("ignore"), settings.get("delay")
        if isinstance(ignore, list):
            found["ignore"] = tuple(map(str, ignore))
        if isinstance(delay, int | float) and not isinstance(delay, bool):
            found["delay"] = min(max(float(delay), 0), _MOST_DELAY)
        return cls(**found)
