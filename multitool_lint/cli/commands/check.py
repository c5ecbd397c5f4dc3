"""Lint policies and print what is found.

Files of JSON, YAML, Terraform, documentation and scripts are linted, and templates of them. A
file that is named must hold a policy, or that is an error; in a folder, files are found by their
content: hidden folders, node_modules and symbolic links to folders are passed over, and what holds
no policy is counted as skipped. A policy that should be there and cannot be read is listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli.files.read import NO_POLICY, add_file_arguments, names_files
from multitool_lint.cli.options.settings import add_fail_on_argument, add_rule_arguments
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.reports import Output, add_report_arguments
from multitool_lint.cli.run.outcomes import add_run_arguments, outcomes
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.rule import is_preview
from multitool_lint.reporters.summary import Summary
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection

    from multitool_lint.cli.files.target import Target
    from multitool_lint.cli.run.baseline import BaselineFile
    from multitool_lint.cli.run.lint_file import Outcome
    from multitool_lint.diagnostics.rule import Severity
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.linter.suppressions import UnusedIgnores
    from multitool_lint.rewrite.fix import Fixed


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    add_rule_arguments(parser)
    add_fail_on_argument(parser)
    add_report_arguments(parser)
    add_run_arguments(parser)
    parser.add_argument(
        "--fix", action="store_true", help="apply safe fixes, and report what remains"
    )
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: apply fixes that change what a policy grants as well",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 2 if a policy is recognised and cannot be read, as in a nested stack, or "
        "if an Effect, Action or NotAction could not be resolved",
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help="print what --fix would change and write nothing; the report goes to standard error",
    )
    _add_ignore_arguments(parser)
    parser.epilog = (
        "exit codes: 0 nothing found, 1 findings as grave as --fail-on says, 2 something could not "
        "be linted, whatever was found"
    )


def _add_ignore_arguments(parser: ArgumentParser) -> None:
    """Add what decides about findings that are known."""
    parser.add_argument(
        "--no-ignore",
        action="store_true",
        help="report what [[ignore]] entries of the configuration and comments silence, too",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--baseline",
        metavar="FILE",
        help="do not report the findings in this baseline",
    )
    group.add_argument(
        "--write-baseline",
        metavar="FILE",
        help="write the findings of the linted files to this baseline, instead of reporting them",
    )
    parser.add_argument(
        "--prune-baseline",
        action="store_true",
        help="with --baseline: remove from it what is not found any more",
    )


def run(arguments: Namespace) -> int:
    """Lint the files, print the report, and return the exit code."""
    if mistake := _mistake(arguments):
        raise ConfigError(mistake)
    run = _Run(arguments)
    for outcome in outcomes(arguments, needs_policies=run.needs_policies):
        run.add(outcome)
    return run.end()


def _mistake(arguments: Namespace) -> str | None:
    """What is wrong with the arguments as a whole."""
    if not names_files(arguments):
        return "no file given; multitool-lint check --help says more"
    fixes = arguments.fix or arguments.diff
    if arguments.unsafe_fixes and not fixes:
        return "--unsafe-fixes goes with --fix or --diff"
    if arguments.prune_baseline and arguments.baseline is None:
        return "--prune-baseline goes with --baseline"
    if arguments.diff and (arguments.write_baseline is not None or arguments.prune_baseline):
        return "--diff writes nothing, and so no baseline either"
    if arguments.fix and not arguments.diff and "-" in arguments.files:
        return "--fix writes files; for standard input there is `multitool-lint fix -`"
    return None


def _baseline(arguments: Namespace) -> BaselineFile | None:
    if arguments.baseline is None and arguments.write_baseline is None:
        return None
    from multitool_lint.cli.run.baseline import BaselineFile

    baseline = BaselineFile(arguments)
    arguments.known = baseline.known  # for the settings of files
    return baseline


def _fails(report: Report, failing: Collection[Severity]) -> bool:
    return any(
        finding.severity in failing and not is_preview(finding.rule) for finding in report.findings
    )


class _Run:
    """A run over files: what is printed, and what it comes to."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._summary = Summary()
        self._unjudged = False
        self._failing = False
        self._changes = False
        self._unused: UnusedIgnores | None = None
        self._baseline = _baseline(arguments)
        self._output = Output(arguments)

    @property
    def needs_policies(self) -> bool:
        """Whether reports are to hold the policies themselves."""
        return self._output.needs_policies

    def add(self, outcome: Outcome) -> None:
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
        elif report.policy_count or report.findings or report.suppressed or report.has_unread:
            self._linted(report, target.settings)
        elif target.named:
            reason = report.skipped[0].reason if report.skipped else "nothing that could be linted"
            self._error(target, f"{NO_POLICY} in it: {reason}")
        else:
            self._skipped(target, NO_POLICY)

    def _skipped(self, target: Target, reason: str) -> None:
        self._summary.add_skipped(reason)
        if self._baseline and reason == NO_POLICY:
            self._baseline.add_empty(target.path)

    def _linted(self, report: Report, settings: FileSettings) -> None:
        if settings.ignores and settings.ignores.entries:
            from multitool_lint.linter.suppressions import UnusedIgnores

            self._unused = self._unused or UnusedIgnores()
            self._unused.add(settings, report)
        if self._baseline:
            report = self._baseline.add(report, settings.enabled, settings.others)
        self._unjudged |= report.unjudged
        self._failing |= _fails(report, settings.failing)
        self._summary.add_file(report)
        self._output.learn(settings)
        self._output.file(report)

    def _add_unused(self, unused: UnusedIgnores) -> None:
        """Report the entries of configurations that silenced nothing."""
        for found in unused.reports():
            report = self._baseline.add_outside_policies(found) if self._baseline else found
            self._failing |= _fails(report, unused.failing)
            self._summary.add_findings(report)
            self._output.file(report)

    def end(self) -> int:
        """Report what the run came to, and return the exit code."""
        if self._unused:
            self._add_unused(self._unused)
        written = self._output.end(self._summary)
        if self._baseline:
            written &= self._baseline.end()
        unknown = self._summary.unread or self._summary.unresolved
        strict = self._arguments.strict and unknown
        if self._unjudged or self._summary.errors or strict or not written:
            return 2
        return 1 if self._changes or self._failing else 0

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
