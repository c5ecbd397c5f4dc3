"""Print the version of multitool-lint, and the date of the catalog of AWS actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint._version import __version__
from multitool_lint.cli.options.catalog import newest
from multitool_lint.cli.output import streams

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments: the command has none."""


def run(_: Namespace) -> int:
    """Print the version, and return the exit code."""
    return print_version()


def print_version() -> int:
    """Print the version without what parsing arguments takes, and return the exit code."""
    streams.out(f"multitool-lint {__version__} (catalog of {newest().date})\n")
    return 0
