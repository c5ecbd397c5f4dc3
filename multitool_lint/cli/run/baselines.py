"""The baselines of a run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from multitool_lint.cli.run.baseline import BaselineFile


class Baselines:
    """The baselines of a run: the one that an option names, or those that configurations name.

    Raises:
        ConfigError: one cannot be read.
    """

    def __init__(self, arguments: Namespace) -> None:
        writes = arguments.write_baseline is not None
        name = arguments.write_baseline if writes else arguments.baseline
        self._given = None if name is None else _read(name, writes=writes)
        self._shows_suppressed: bool = arguments.show_suppressed
        self._named: dict[str, BaselineFile] = {}
        self._by_path: dict[str, BaselineFile] = {}

    def known(self, path: str, configured: str | None) -> tuple[tuple[str, int], ...]:
        """What is known of a file, in whose configuration a baseline may be named."""
        baseline = self._given
        if baseline is None and configured and not self._shows_suppressed:
            if configured not in self._named:
                self._named[configured] = _read(configured)
            baseline = self._named[configured]
        if baseline is None:
            return ()
        self._by_path[path] = baseline
        return baseline.known(path)

    def of(self, path: str) -> BaselineFile | None:
        """The baseline of a file that was read."""
        return self._given or self._by_path.get(path)

    def write(self) -> bool:
        """Write the baseline if that was asked for; return False if it could not be done."""
        return all(baseline.write() for baseline in self._all())

    def has_written(self, path: str) -> bool:
        """Whether the findings of a file are in what was written."""
        return self._given is not None and self._given.has_written(path)

    def print_remarks(self) -> None:
        """Print what was written, or what is no longer found."""
        for baseline in self._all():
            baseline.print_remarks()

    def _all(self) -> list[BaselineFile]:
        return [self._given] if self._given else list(self._named.values())


def _read(name: str, *, writes: bool = False) -> BaselineFile:
    from multitool_lint.cli.run.baseline import BaselineFile  # saves start-up

    return BaselineFile(name, writes=writes)
