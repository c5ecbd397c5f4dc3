"""Lint policies and print what is found.

Files of JSON and Markdown are linted. A file that is named must hold a policy, or that is an
error; in a folder, files are found by their content: hidden folders, node_modules and symbolic
links to folders are passed over, and what holds no policy is counted as skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli import streams
from multitool_lint.cli.files import NO_POLICY, add_file_arguments
from multitool_lint.cli.outcomes import outcomes
from multitool_lint.cli.reports import Output, add_report_arguments
from multitool_lint.cli.settings import add_rule_arguments
from multitool_lint.reporters.summary import Summary

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.cli.files import Target
    from multitool_lint.cli.outcomes import Outcome
    from multitool_lint.rewrite import Fixed


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    add_rule_arguments(parser)
    add_report_arguments(parser)
    parser.add_argument(
        "--fix", action="store_true", help="apply safe fixes, and report what remains"
    )
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: apply fixes that change what a policy grants as well",
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help="print what --fix would change and write nothing; the report goes to standard error",
    )
    parser.epilog = (
        "exit codes: 0 nothing found, 1 findings, 2 something could not be linted, "
        "whatever was found"
    )


def run(arguments: Namespace) -> int:
    """Lint the files, print the report, and return the exit code."""
    mistake = _mistake(arguments)
    if mistake:
        streams.err(f"error: {mistake}\n")
        return 2
    run = _Run(arguments)
    for outcome in outcomes(arguments):
        run.add(outcome)
    return run.end()


def _mistake(arguments: Namespace) -> str | None:
    """What is wrong with the arguments as a whole."""
    if not arguments.files and not arguments.discovered:
        return "no file given; multitool-lint check --help says more"
    fixes = arguments.fix or arguments.diff
    if arguments.unsafe_fixes and not fixes:
        return "--unsafe-fixes goes with --fix or --diff"
    if arguments.fix and not arguments.diff and "-" in arguments.files:
        return "--fix writes files; for standard input there is `multitool-lint fix -`"
    return None


class _Run:
    """A run over files: what is printed, and what it comes to."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._summary = Summary()
        self._unjudged = False
        self._changes = False
        self._output = Output(arguments)

    def add(self, outcome: Outcome) -> None:
        """Count what came of a file, and report it."""
        target, report = outcome.target, outcome.report
        if target.skipped:
            self._summary.add_skipped(target.skipped)
        elif outcome.error or report is None:
            self._error(target, outcome.error or "not readable")
        elif outcome.fixed and not self._put(target, outcome.fixed):
            pass  # the error is told
        elif report.policy_count or report.findings or report.suppressed:
            self._unjudged |= report.unjudged
            self._summary.add_file(report)
            self._output.file(report)
        elif target.named:
            reason = report.skipped[0].reason if report.skipped else "nothing that could be linted"
            self._error(target, f"{NO_POLICY} in it: {reason}")
        else:
            self._summary.add_skipped(NO_POLICY)

    def end(self) -> int:
        """Report what the run came to, and return the exit code."""
        self._output.end(self._summary)
        if self._unjudged or self._summary.errors:
            return 2
        return 1 if self._changes or any(self._summary.findings.values()) else 0

    def _put(self, target: Target, result: Fixed) -> bool:
        """Write what a file has become, or print the diff; return whether that could be done."""
        from multitool_lint.cli.writing import WriteError, unified_diff, write

        before, after = result.source.text, result.text
        if self._arguments.diff:
            colour = streams.colour(self._arguments.color)
            diff = unified_diff(target.path, before, after, colour=colour)
            (streams.out if colour else streams.out_utf8)(diff)
            self._changes = True
            self._summary.fixable += len(result.applied)
            return True
        try:
            write(target.path, before, after)
        except WriteError as error:
            self._error(target, str(error))
            return False
        self._summary.fixed += len(result.applied)
        return True

    def _error(self, target: Target, message: str) -> None:
        self._summary.errors.append((target.path, message))
        streams.err(f"error: {target.path}: {message}\n")
