"""Files that linted files name, such as the templates of nested stacks: they are linted too."""

from __future__ import annotations

import os
from argparse import Namespace

from multitool_lint.cli.files.discover import discover
from multitool_lint.cli.files.read import read
from multitool_lint.cli.run.lint_file import FileOutcome, lint_file
from multitool_lint.formats.result import TEMPLATE, NamedFile, Skipped
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.boundary import is_below, repository_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.cli.files.target import Target
    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.linter.report import Report
    from multitool_lint.syntax.source import Span

    Parameters = tuple[tuple[str, str], ...]


class _Reference(NamedTuple):
    """The path of a file, and where it is named."""

    path: str
    outcome: FileOutcome
    block: Skipped

    def leaves(self, real: str) -> bool:
        """Whether it leads out of the repository, or of the folder of a file that is in none."""
        folder = os.path.realpath(os.path.dirname(self.outcome.target.path))  # noqa: PTH120 - of a name
        return not is_below(real, repository_of(folder) or folder)

    def unread(self, reason: Reason) -> FileOutcome:
        """An outcome that reports the file as not read."""
        why = Why(reason, (self.block.why,))
        block = self.block._replace(unread=True, why=why, file=None)
        report = self.outcome.report and self.outcome.report._replace(
            skipped=(block,), findings=(), suppressed=(), unresolved=(), policies=(), policy_count=0
        )
        return self.outcome._replace(report=report, fixed=None, again=True)


class References:
    """Follows the names of files in the reports of a run.

    A file that is in the run anyway, or has not changed, is linted once more only if another
    template gives parameters to it; then only what is not found without them is reported. No file
    that is not named is fixed, and none that is excluded is linted.
    """

    def __init__(self, settings: Settings, arguments: Namespace) -> None:
        self._settings = settings
        changed = {"fix": False, "diff": False, "discovered": True, "changed_since": None}
        self._arguments = Namespace(**{**vars(arguments), **changed, "stdin_filename": None})
        self._seen: set[str] = set()
        self._found: dict[str, frozenset[tuple[str, Span]]] = {}
        self._without_policy: set[str] = set()
        self._waiting: dict[tuple[str, Parameters], _Reference] = {}

    def noted(self, files: Iterable[Target]) -> Iterator[Target]:
        """The files of the run, which are not linted again."""
        for file in files:
            self._seen.add(file.real)
            yield file

    def followed(self, outcomes: Iterable[FileOutcome]) -> Iterator[FileOutcome]:
        """The outcomes of the run, and those of the files that are named in them."""
        for outcome in outcomes:
            self._note(outcome, outcome.target.real)
            yield outcome
        done: set[tuple[str, Parameters]] = set()
        while self._waiting:
            named, self._waiting = self._waiting, {}
            for key in sorted(named.keys() - done):  # without parameters first
                done.add(key)
                yield from self._outcome(named[key], *key)

    def _note(self, outcome: FileOutcome, real: str) -> None:
        report = outcome.report
        if outcome.target.skipped == Why(Reason.NO_POLICY):
            self._without_policy.add(outcome.target.real)
        if report is None:
            return
        if report.is_empty and not report.left_out:
            self._without_policy.add(real)
        if report.format == TEMPLATE:
            self._found.setdefault(real, _places(report))
        for block in report.skipped:
            if block.file:
                self._wait_for(block.file, report.source.path, outcome, block)

    def _wait_for(self, file: NamedFile, by: str, outcome: FileOutcome, block: Skipped) -> None:
        from multitool_lint.formats.local_files import local_file  # saves start-up

        if (path := local_file(by, file.name)) is not None:
            real = os.path.realpath(path)
            plain = os.path.normpath(path)
            if os.path.realpath(plain) == real:  # no link precedes a `..`
                path = plain
            self._waiting.setdefault((real, file.parameters), _Reference(path, outcome, block))

    def _outcome(
        self, reference: _Reference, real: str, parameters: Parameters
    ) -> Iterator[FileOutcome]:
        yield from self._linted(reference, real, parameters)
        file = reference.block.file
        if file and file.is_policy and real in self._without_policy:
            yield reference.unread(Reason.EMPTY_FILE)

    def _linted(
        self, reference: _Reference, real: str, parameters: Parameters
    ) -> Iterator[FileOutcome]:
        is_new = real not in self._seen
        if not (is_new or parameters):
            return
        if is_new and reference.leaves(real):
            yield reference.unread(Reason.LEADS_OUT)
            return
        self._seen.add(real)
        before = self._found.get(real)
        if before is None and not is_new:
            unchanged = self._lint(reference.path, ()).report
            before = _places(unchanged) if unchanged else frozenset()
        outcome = self._lint(reference.path, parameters)
        self._note(outcome, real)
        if before is None:
            yield outcome
            return
        report = outcome.report
        new = [f for f in report.findings if (f.rule, f.span) not in before] if report else []
        if report and new:
            report = report._replace(findings=tuple(new), suppressed=(), skipped=())
            yield outcome._replace(report=report, again=True)

    def _lint(self, path: str, parameters: Parameters) -> FileOutcome:
        arguments = Namespace(**{**vars(self._arguments), "files": [path]})
        target = read(next(discover(arguments, self._settings)), self._settings, arguments)
        settings = target.settings._replace(parameters=parameters)
        return lint_file(target._replace(settings=settings), arguments)


def _places(report: Report) -> frozenset[tuple[str, Span]]:
    return frozenset((finding.rule, finding.span) for finding in report.findings)
