"""What comes of every file of a run, in the order of the files."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from time import monotonic

from multitool_lint.cli.files.discover import discover
from multitool_lint.cli.files.read import read
from multitool_lint.cli.options.groups import group
from multitool_lint.cli.options.settings import Settings
from multitool_lint.cli.output import streams
from multitool_lint.cli.run.lint_file import FileOutcome, lint_file
from multitool_lint.cli.run.references import References

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Item = TypeVar("Item")
    Step = TypeVar("Step")

FEW = 8
"""How many files are linted sooner than the cache is opened."""


def add_run_arguments(parser: ArgumentParser) -> None:
    """Add what decides how a run over many files goes; its report is the same whatever they say."""
    options = group(parser, "run")
    options.add_argument(
        "--jobs",
        metavar="N",
        type=_jobs,
        help="number of worker processes (default: by the amount of input, at most 8)",
    )
    options.add_argument(
        "--no-cache",
        action="store_true",
        help="do not use or write cached reports of unchanged files",
    )
    options.add_argument(
        "--cache-dir",
        metavar="DIR",
        help="folder of the cache (default: $MULTITOOL_LINT_CACHE_DIR, or the user's)",
    )
    options.add_argument(
        "--no-progress",
        action="store_true",
        help="do not show a progress bar",
    )


def outcomes(arguments: Namespace, *, needs_policies: bool = False) -> Iterator[FileOutcome]:
    """Lint, or fix in memory, all files that the arguments name.

    Reports hold the policies themselves where they are needed.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    settings = Settings(arguments)
    references = References(settings, arguments)
    found, steps = watched(references.noted(discover(arguments, settings)), arguments)
    # Names alone: a file is read when those before it are reported.
    names = iter(found)
    first = list(islice(names, FEW + 1))
    targets = (read(file, settings, arguments) for file in chain(first, names))
    if len(first) > FEW and not (arguments.fix or arguments.diff or needs_policies):
        from multitool_lint.cli.run.schedule import outcomes_of_many

        return references.followed(steps(outcomes_of_many(targets, arguments)))
    return references.followed(steps(lint_file(target, arguments) for target in targets))


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ArgumentTypeError(f'"{text}" is not a number of processes')
    return int(text)


_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.1
_WIDTH = 30


def watched(
    items: Iterable[Item], arguments: Namespace
) -> tuple[Iterable[Item], Callable[[Iterator[Step]], Iterator[Step]]]:
    """The items of a run, and what shows how many of its steps are done, one for each item.

    Where nobody watches, that is nothing, and the items need not be counted first.
    """
    # CI systems set the variable, and some of them give us a terminal.
    if (
        arguments.no_progress
        or arguments.quiet
        or os.environ.get("CI")
        or os.environ.get("TERM") == "dumb"
    ):
        return items, iter
    if sys.stderr is None or not sys.stderr.isatty():
        return items, iter
    counted = list(items)
    return counted, lambda steps: _shown(steps, len(counted))


def _shown(steps: Iterator[Step], total: int) -> Iterator[Step]:
    """The steps, with a bar in the last line of the terminal until anything else is printed."""
    due = monotonic() + _SECONDS_BEFORE
    try:
        for done, step in enumerate(steps):
            now = monotonic()
            if now >= due:
                due = now + _SECONDS_BETWEEN
                streams.status(_bar(done, total))
            yield step
    finally:
        streams.status("")


def _bar(done: int, total: int) -> str:
    filled = _WIDTH * done // max(total, 1)
    return f"[{'#' * filled}{'-' * (_WIDTH - filled)}] {done:,} of {total:,} files"
