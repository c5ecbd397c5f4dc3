"""Find mistakes and excessive access in policies.

Without FILES, the current folder is checked. In a folder, files are recognised by their content;
folders of tools such as node_modules, links to folders and files ignored by git are skipped.
"""

from __future__ import annotations

import os

from multitool_lint.cli.files.read import add_file_arguments, names_files, targets, why_not_checked
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.check import add_check_arguments, mistake
from multitool_lint.cli.options.settings import (
    Settings,
    add_engine_argument,
    add_fail_on_argument,
    add_rule_arguments,
)
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.reports import Output, add_report_arguments
from multitool_lint.cli.run.baselines import Baselines
from multitool_lint.cli.run.outcomes import add_run_arguments, outcomes
from multitool_lint.config import ConfigError
from multitool_lint.config.values import NEVER
from multitool_lint.diagnostics.rule import Severity, is_preview
from multitool_lint.formats import is_template
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.reasons import Reason, Why
from multitool_lint.reporters.summary import Summary
from multitool_lint.syntax.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection

    from multitool_lint.cli.files.target import Target
    from multitool_lint.cli.run.add_ignore import AddedIgnores
    from multitool_lint.cli.run.lint_file import FileOutcome
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.linter.suppressions import UnusedIgnores
    from multitool_lint.rewrite.fix import Fixed


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_file_arguments(parser)
    catalogs.add_levels_argument(parser)
    add_rule_arguments(parser)
    add_engine_argument(parser)
    add_check_arguments(parser)
    add_fail_on_argument(parser)
    add_report_arguments(parser)
    add_run_arguments(parser)
    parser.epilog = (
        "exit codes: 0 no findings, 1 findings at or above --fail-on, 2 a file could not be checked"
    )


def run(arguments: Namespace) -> int:
    """Check the files, print the report, and return the exit code."""
    if wrong := mistake(arguments):
        raise ConfigError(wrong)
    if not names_files(arguments):
        arguments.files = [os.curdir]
    if arguments.show_files:
        return _show_files(arguments)
    if arguments.by:
        from multitool_lint.cli.output.identities import print_identities

        return print_identities(arguments)
    run = _Run(arguments)
    for outcome in outcomes(arguments, needs_policies=run.needs_policies):
        run.add(outcome)
    return run.end()


def _show_files(arguments: Namespace) -> int:
    """List the files that would be checked, and return the exit code."""
    failed = False
    for target in targets(arguments):
        if target.error:
            failed = True
            streams.err(f"error: {target.path}: {target.error}\n")
        elif not target.skipped:
            streams.out(f"{printable(target.path)}\n")
        elif arguments.verbose:
            streams.err(f"{target.path}: skipped: {target.skipped.in_words()}\n")
    return 2 if failed else 0


def _added_ignores(arguments: Namespace) -> AddedIgnores | None:
    if arguments.add_ignore is None:
        return None
    from multitool_lint.cli.run.add_ignore import AddedIgnores

    return AddedIgnores(arguments)


def _fails(report: Report, failing: Collection[Severity]) -> bool:
    return any(
        finding.severity in failing and not is_preview(finding.rule) for finding in report.findings
    )


def _has_no_policy(report: Report) -> bool:
    """Whether a file is a template or a configuration that need not have a policy."""
    return report.why_empty.reason is Reason.NO_BLOCK or is_template(report.source)


class _Waiting(NamedTuple):
    """What was found in a file, and what remains if a baseline or ignore entries are written.

    `counted` says that the file is counted, or is not one of policies.
    """

    found: Report
    remaining: Report
    failing: Collection[Severity]
    counted: bool


class _Run:
    """A run over files: what is printed, and its result."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._summary = Summary(strict=arguments.strict)
        self._unchecked = False
        self._failing = False
        self._changes = False
        self._unused: UnusedIgnores | None = None
        self._baselines = Baselines(arguments)
        arguments.known = self._baselines.known  # for the settings of files
        self._added = _added_ignores(arguments)
        self._output = Output(arguments)
        self._waiting: list[_Waiting] = []
        self._waits = self._added is not None or arguments.write_baseline is not None

    @property
    def needs_policies(self) -> bool:
        """Whether reports are to hold the policies themselves."""
        return self._output.needs_policies or self._added is not None

    def add(self, outcome: FileOutcome) -> None:
        """Count what came of a file, and report it."""
        target, report = outcome.target, outcome.report
        if self._output.writes(target.path):
            return  # what the run before has reported
        if target.skipped:
            self._skipped(target, target.skipped)
        elif outcome.error or report is None:
            self._error(target, outcome.error or "not readable")
        elif outcome.fixed and not self._put(target, outcome.fixed):
            pass  # the error is reported
        elif outcome.again:
            self._linted(report, target.settings, again=True)
        elif not report.is_empty:
            self._linted(report, target.settings)
        elif target.named and not _has_no_policy(report):
            self._error(target, why_not_checked(report))
        else:
            self._skipped(target, report.left_out or Why(Reason.NO_POLICY))

    def _skipped(self, target: Target, why: Why) -> None:
        self._summary.add_skipped(why)
        baseline = self._baselines.of(target.path)
        if baseline and (why.reason is Reason.NO_POLICY or why.reason.is_left_out):
            baseline.add_empty(target.path)

    def _linted(self, report: Report, settings: FileSettings, *, again: bool = False) -> None:
        report.warn_of_former_ids()
        if settings.ignores and settings.ignores.entries:
            from multitool_lint.linter.suppressions import UnusedIgnores

            self._unused = self._unused or UnusedIgnores()
            self._unused.add(settings, report)
        remaining = report
        if baseline := self._baselines.of(report.source.path):
            run = {*settings.enabled, *settings.summarized}
            remaining = baseline.add(remaining, run, settings.others)
        if self._added:
            remaining = self._added.add(remaining)
        self._output.learn(settings)
        self._put_off(_Waiting(report, remaining, settings.failing, again))

    def _put_off(self, waiting: _Waiting) -> None:
        """Report what remains of a file, once what suppresses the rest of it is written."""
        if self._waits:
            self._waiting.append(waiting)
        else:
            self._report(waiting.remaining, waiting)

    def _report(self, report: Report, waiting: _Waiting) -> None:
        self._unchecked |= report.unchecked
        self._failing |= _fails(report, waiting.failing)
        add = self._summary.add_more if waiting.counted else self._summary.add_file
        add(report)
        self._output.file(report)

    def _add_unused(self, unused: UnusedIgnores) -> None:
        """Report the entries of configurations that suppressed nothing."""
        for found in unused.reports():
            baseline = self._baselines.of(found.source.path)
            report = baseline.add_outside_policies(found) if baseline else found
            self._put_off(_Waiting(found, report, unused.failing, counted=True))

    def _write(self) -> bool:
        """Write what suppresses findings, and report those for which that could not be done."""
        file = self._added or self._baselines
        written = file.write()
        for waiting in self._waiting:
            suppressed = file.has_written(waiting.found.source.path)
            self._report(waiting.remaining if suppressed else waiting.found, waiting)
        return written

    def end(self) -> int:
        """Report the result of the run, and return the exit code.

        Raises:
            ConfigError: no file was checked, and an option names an unknown rule.
        """
        if self._unused:
            self._add_unused(self._unused)
        empty = not self._waiting and self._is_empty()
        if empty:  # otherwise each file has reported unknown rules
            Settings(self._arguments).config(os.curdir)
        written = self._write()
        written &= self._output.end(self._summary)
        if not self._arguments.quiet:
            (self._added or self._baselines).print_remarks()
        if empty and self._arguments.changed_since is None:  # most changes are about no policy
            hint = "; --show-files --verbose lists the skipped files" * bool(self._summary.skipped)
            streams.err(f"warning: no policy found{hint}\n")
        unknown = self._summary.unread or self._summary.unresolved
        strict = self._arguments.strict and unknown
        if self._unchecked or self._summary.errors or strict or not written:
            return 2
        fails = self._failing or (self._changes and self._arguments.fail_on != NEVER)
        return 1 if fails else 0

    def _is_empty(self) -> bool:
        """Whether no policy was found: the report would look like one without findings."""
        summary = self._summary
        found = summary.policies or summary.references or summary.unread
        found = found or any(summary.findings.values())
        return not (found or summary.errors)

    def _put(self, target: Target, result: Fixed) -> bool:
        """Write what a file has become, or print the diff; return whether that could be done."""
        from multitool_lint.cli.files.write import WriteError, print_diff, write

        for refused in result.refused:
            place = refused.finding.source.position(refused.finding.span.start)
            streams.err(f"{target.path}:{place[0]}:{place[1]}: {printable(refused.message)}\n")
        if not result.applied:
            return True
        before, after = result.source.text, result.text
        if self._arguments.diff:
            print_diff(target.path, before, after, colour=streams.colour(self._arguments.color))
            self._changes = True
            self._summary.fixable += len(result.applied)
            return True
        try:
            write(target, before, after)
        except WriteError as error:
            self._error(target, str(error))
            return False
        self._summary.fixed += len(result.applied)
        return True

    def _error(self, target: Target, message: str) -> None:
        self._summary.errors.append((target.path, message))
        streams.err(f"error: {target.path}: {message}\n")
