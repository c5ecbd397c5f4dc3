"""Lint policies and print what is found.

Files of JSON and Markdown are linted. A file that is named must hold a policy, or that is an
error; in a folder, files are found by their content: hidden folders, node_modules and symbolic
links to folders are passed over, and what holds no policy is counted as skipped.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from multitool_lint.cli import streams
from multitool_lint.cli.files import NO_POLICY, Target, add_file_arguments, is_folder, targets
from multitool_lint.cli.settings import add_rule_arguments
from multitool_lint.engine import Report, lint_source
from multitool_lint.reporters.summary import Summary

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.reporters.summary import Reporter
    from multitool_lint.rewrite import Fixed
    from multitool_lint.source import Source

FORMATS = ("text", "json", "access-analyzer")


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    add_rule_arguments(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="json: an object as rules/schemas/output.json describes it; access-analyzer: what AWS "
        "ValidatePolicy answers, for one file its object, for several or a folder a list of such "
        "objects, each with a path; only findings that have an issue code of AWS",
    )
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
    streams.add_colour_argument(parser)
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
    for target in targets(arguments):
        run.lint(target)
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
        self._reporter = _reporter(arguments)
        self._print = streams.out if arguments.format == "text" else streams.out_utf8
        if arguments.diff:
            self._print = streams.err

    def lint(self, target: Target) -> None:
        """Lint a file and report it."""
        if target.skipped:
            self._summary.add_skipped(target.skipped)
            return
        report = self._report(target)
        if report is None:
            return
        if report.policies or report.findings:
            self._unjudged |= report.unjudged
            blocks = [skipped.reason for skipped in report.skipped]
            self._summary.add_file(report.findings, len(report.policies), blocks)
            for part in self._reporter.file(target.path, report.findings):
                self._print(part)
        elif target.named:
            reason = report.skipped[0].reason if report.skipped else "nothing that could be linted"
            self._error(target, f"{NO_POLICY} in it: {reason}")
        else:
            self._summary.add_skipped(NO_POLICY)

    def end(self) -> int:
        """Report what the run came to, and return the exit code."""
        for part in self._reporter.end(self._summary):
            self._print(part)
        for part in self._reporter.remarks(self._summary):
            streams.err(part)
        if self._unjudged or self._summary.errors:
            return 2
        return 1 if self._changes or any(self._summary.findings.values()) else 0

    def _report(self, target: Target) -> Report | None:
        if target.source is None:
            self._error(target, target.error or "not readable")
            return None
        try:
            result = self._judge(target, target.source)
        except Exception as error:  # noqa: BLE001 - the other files are linted all the same
            self._error(target, f"internal error: {type(error).__name__}: {error}")
            return None
        if isinstance(result, Report):
            return result
        return self._put(target, result) if result.applied else result.remaining

    def _judge(self, target: Target, source: Source) -> Report | Fixed:
        if not (self._arguments.fix or self._arguments.diff):
            return lint_source(
                source,
                type=target.type,
                resource_type=target.resource_type,
                catalog=target.catalog,
                enabled=target.enabled,
            )
        from multitool_lint.rewrite.fixes import fix

        return fix(
            source,
            enabled=target.enabled,
            unsafe=self._arguments.unsafe_fixes,
            type=target.type,
            resource_type=target.resource_type,
            catalog=target.catalog,
        )

    def _put(self, target: Target, result: Fixed) -> Report | None:
        """Write what a file has become, or print the diff, and return what remains."""
        from multitool_lint.cli.writing import WriteError, unified_diff, write

        before, after = result.source.text, result.text
        if self._arguments.diff:
            colour = streams.colour(self._arguments.color)
            diff = unified_diff(target.path, before, after, colour=colour)
            (streams.out if colour else streams.out_utf8)(diff)
            self._changes = True
            self._summary.fixable += len(result.applied)
            return result.remaining
        try:
            write(target.path, before, after)
        except WriteError as error:
            self._error(target, str(error))
            return None
        self._summary.fixed += len(result.applied)
        return result.remaining

    def _error(self, target: Target, message: str) -> None:
        self._summary.errors.append((target.path, message))
        streams.err(f"error: {target.path}: {message}\n")


def _reporter(arguments: Namespace) -> Reporter:
    if arguments.format == "json":
        from multitool_lint.reporters import json_

        return json_.Reporter()
    if arguments.format == "access-analyzer":
        from multitool_lint.reporters import access_analyzer

        files = arguments.files
        return access_analyzer.Reporter(many=len(files) != 1 or is_folder(files[0]))
    from multitool_lint.reporters import text

    stream = sys.stderr if arguments.diff else sys.stdout
    return text.Reporter(colour=streams.colour(arguments.color, stream))
