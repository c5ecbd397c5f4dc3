"""Where the report of a run goes, and in which format."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from multitool_lint.cli import streams
from multitool_lint.cli.files import is_folder

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.report import Report
    from multitool_lint.reporters.summary import Reporter, Summary

FORMATS = ("text", "json", "access-analyzer")


def add_report_arguments(parser: ArgumentParser) -> None:
    """Add what decides about the report."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="json: an object as rules/schemas/output.json describes it; access-analyzer: what AWS "
        "ValidatePolicy answers, for one file its object, for several or a folder a list of such "
        "objects, each with a path; only findings that have an issue code of AWS",
    )
    streams.add_colour_argument(parser)


class Output:
    """The report of a run on its way out, printed as soon as its parts are there."""

    def __init__(self, arguments: Namespace) -> None:
        self._reporter = _reporter(arguments)
        self._print = streams.out if arguments.format == "text" else streams.out_utf8
        if arguments.diff:
            self._print = streams.err

    def file(self, report: Report) -> None:
        """Report a file that was linted."""
        for part in self._reporter.file(report):
            self._print(part)

    def end(self, summary: Summary) -> None:
        """Report what the run came to."""
        for part in self._reporter.end(summary):
            self._print(part)
        for part in self._reporter.remarks(summary):
            streams.err(part)


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
