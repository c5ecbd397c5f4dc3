"""Where the reports of a run go, and in which formats."""

from __future__ import annotations

import os
import sys
from functools import partial

from multitool_lint.cli.files.discover import is_folder
from multitool_lint.cli.options.catalog import age_note, of_folder
from multitool_lint.cli.options.groups import group
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.suggestion import alternatives
from multitool_lint.reporters.formats import FORMATS, reporter_of
from multitool_lint.reporters.summary import ReportOptions, RunReporter, Summary, closing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO

    from multitool_lint.cli.output.report_files import ReportFile
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings

FOR_PEOPLE = frozenset({"text", "lines"})
"""The formats whose characters a terminal may replace where it cannot show them."""


def add_report_arguments(parser: ArgumentParser) -> None:
    """Add the options about the reports."""
    options = group(parser, "report")
    options.add_argument(
        *streams.FORMAT_OPTIONS,
        metavar="FORMAT",
        choices=FORMATS,
        default="text",
        help=f"{alternatives([*FORMATS])}",
    )
    options.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        default=[],
        help="write the report to this file; FORMAT=FILE: a further report in that format",
    )
    either = options.add_mutually_exclusive_group()
    either.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="print every finding and note, and what was not checked and why",
    )
    either.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="print findings and errors only",
    )
    options.add_argument(
        "--statistics",
        action="store_true",
        help="print the number of findings of each rule instead",
    )
    streams.add_colour_argument(parser)


class Output:
    """The reports of a run on their way out.

    What goes to standard output is printed as soon as its parts are there; files are written when
    the run ends.

    Raises:
        ConfigError: an output cannot be followed.
    """

    def __init__(self, arguments: Namespace) -> None:
        self._on_stream: list[tuple[RunReporter, Callable[[str], None]]] = []
        self._in_files: list[tuple[RunReporter, ReportFile]] = []
        self._others: dict[str, Rule] = {}
        self._for_people = False
        self._catalog_date = "9999-12-31"
        self._quiet: bool = arguments.quiet
        outputs = [(arguments.format, "-")]
        if arguments.output:
            from multitool_lint.cli.output.report_files import outputs as asked

            outputs = asked(arguments.output, arguments.format, FORMATS, arguments.files)
        for format_, path in outputs:
            self._add(format_, path, arguments)
        if self._in_files or arguments.write_baseline is not None:
            streams.defer_errors()

    def learn(self, settings: FileSettings) -> None:
        """Take note of the rules for a file that are not ours, and of the age of its catalog."""
        if settings.catalog:
            self._catalog_date = min(self._catalog_date, settings.catalog.date)
        for id_ in settings.others:
            if id_ in settings.enabled:
                self._others[id_] = settings.enabled[id_]

    @property
    def needs_policies(self) -> bool:
        """Whether a report shows the policies themselves, not only what was found in them."""
        reporters = [reporter for reporter, _ in (*self._on_stream, *self._in_files)]
        return any(reporter.needs_policies for reporter in reporters)

    def writes(self, path: str) -> bool:
        """Whether a path is that of a report, which is not to be linted."""
        return bool(self._in_files) and os.path.abspath(path) in {  # noqa: PTH100 - once a file
            file.path for _, file in self._in_files
        }

    def file(self, report: Report) -> None:
        """Report a file that was linted."""
        for reporter, put in self._puts():
            for part in reporter.file(report):
                put(part)

    def end(self, summary: Summary) -> bool:
        """Report what the run came to; return whether all reports could be written."""
        last = closing(summary) + "\n"
        for reporter, put in self._puts():
            for part in reporter.end(summary):
                if not (self._quiet and part == last):
                    put(part)
        written = [file.write() for _, file in self._in_files]
        for remark in () if self._quiet else self._remarks(summary, last):
            for line in remark.splitlines():
                streams.err(line)
        return all(written)

    def _on_screen(self, arguments: Namespace, stream: TextIO | None) -> dict[str, Any]:
        """What a text report for a screen needs to know."""
        whole = arguments.verbose or arguments.quiet
        return {
            "width": streams.width() if stream is not None and stream.isatty() else None,
            "command": None if whole else lambda: _command(arguments.files),
            "age": lambda: age_note(self._catalog_date),
        }

    def _puts(self) -> list[tuple[RunReporter, Callable[[str], None]]]:
        return [*self._on_stream, *((reporter, file.add) for reporter, file in self._in_files)]

    def _remarks(self, summary: Summary, last: str) -> list[str]:
        """What reports have no place for; the closing line once, unless it is printed."""
        remarks = [line for reporter, _ in self._in_files for line in reporter.remarks(summary)]
        remarks = [line for line in remarks if line != last]
        for reporter, _ in self._on_stream:
            remarks += reporter.remarks(summary)
        return remarks if self._on_stream else [*remarks, last]

    def _add(self, format_: str, path: str, arguments: Namespace) -> None:
        if path == "-":
            stream = sys.stderr if arguments.diff else sys.stdout
            colour = streams.colour(arguments.color, stream)
            self._for_people = format_ in FOR_PEOPLE
            write = streams.out if self._for_people else streams.out_utf8
            put = partial(write, to_stderr=arguments.diff)
            if arguments.statistics:
                reporter = _statistics(format_)
            else:
                shown = self._on_screen(arguments, stream) if format_ == "text" else {}
                reporter = _reporter(format_, arguments, self._others, colour=colour, **shown)
            self._on_stream.append((reporter, put))
        else:
            from multitool_lint.cli.output.report_files import ReportFile

            colour = arguments.color == "always"
            reporter = _reporter(format_, arguments, self._others, colour=colour)
            self._in_files.append((reporter, ReportFile(path)))


def _command(files: Sequence[str]) -> str:
    """The command that checks the same files; the current folder is checked without a name."""
    import shlex  # saves start-up

    names = [] if list(files) == [os.curdir] else files
    return shlex.join(["multitool-lint", *names])


def _statistics(format_: str) -> RunReporter:
    """The reporter of the number of findings of each rule.

    Raises:
        ConfigError: the format has no place for them.
    """
    if format_ not in {"text", "json"}:
        raise ConfigError("--statistics needs --format text or --format json")
    from multitool_lint.reporters.statistics import Reporter

    return Reporter(ReportOptions(format_))


def _reporter(
    format_: str,
    arguments: Namespace,
    others: Mapping[str, Rule],
    *,
    colour: bool,
    **shown: Any,  # noqa: ANN401 - options of the report
) -> RunReporter:
    """The reporter of a format; `others` will be the rules of the run that are not ours."""
    options = ReportOptions(
        colour=colour,
        verbose=arguments.verbose,
        quiet=arguments.quiet,
        **shown,
        many=len(arguments.files) != 1 or is_folder(arguments.files[0]),
        links=_address_of_files() if format_ == "markdown" else "",
        others=others,
        catalog=of_folder(arguments) if format_ == "html" else None,
    )
    return reporter_of(format_, options)


def _address_of_files() -> str:
    """Where the files of the repository can be seen, as the jobs of GitHub and GitLab have it."""
    env = os.environ.get
    if env("GITHUB_SERVER_URL") and env("GITHUB_REPOSITORY") and env("GITHUB_SHA"):
        repository = f"{env('GITHUB_SERVER_URL')}/{env('GITHUB_REPOSITORY')}"
        address, root = f"{repository}/blob/{env('GITHUB_SHA')}/", env("GITHUB_WORKSPACE")
    elif env("CI_PROJECT_URL") and env("CI_COMMIT_SHA"):
        address = f"{env('CI_PROJECT_URL')}/-/blob/{env('CI_COMMIT_SHA')}/"
        root = env("CI_PROJECT_DIR")
    else:
        return ""
    folder = os.path.relpath(os.curdir, root) if root else os.curdir
    if folder == os.curdir:
        return address
    return "" if folder.startswith(os.pardir) else f"{address}{folder}/"
