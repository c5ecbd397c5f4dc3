"""How far a run over many files is, for whoever waits for it at a terminal."""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from multitool_lint.cli.output import streams

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator

_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.1
_WIDTH = 30

Item = TypeVar("Item")
Step = TypeVar("Step")


def watched(
    items: Iterable[Item], arguments: Namespace
) -> tuple[Iterable[Item], Callable[[Iterator[Step]], Iterator[Step]]]:
    """The items of a run, and what shows how many of its steps are done, one for each item.

    Where nobody watches, that is nothing, and the items need not be counted first.
    """
    # CI systems set the variable, and some of them give us a terminal.
    if arguments.no_progress or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
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
