"""Places as other programs count and name them: UTF-16 columns, paths from the current folder."""

from __future__ import annotations

import os
from typing import NamedTuple

from multitool_lint.syntax.source import Source, Span


class Region(NamedTuple):
    """Where a span starts and ends: lines from 1, columns from 1 in UTF-16 code units.

    The end is after the last character.
    """

    start_line: int
    start_column: int
    end_line: int
    end_column: int


def region(source: Source, span: Span) -> Region:
    """The region of a span; a byte order mark does not count."""
    start, end = (source.position(offset, utf16=True) for offset in span)
    return Region(*start, *end)


def relative_path(path: str) -> str:
    """The path from the current folder if the file is in it, otherwise as it is; with slashes.

    Programs that show findings next to the code look for files from the root of the repository,
    where a run usually starts.
    """
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # the current folder is gone; another drive; an empty path
        relative = path
    if relative == os.pardir or relative.startswith(os.pardir + os.sep):
        relative = path
    return relative if os.sep == "/" else relative.replace(os.sep, "/")
