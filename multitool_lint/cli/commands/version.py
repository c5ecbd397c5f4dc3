"""Print the versions of multitool-lint, its catalog, Python and its engines, for bug reports.

`multitool-lint --version` prints the first line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint._version import __version__
from multitool_lint.cli.options.catalog import newest
from multitool_lint.cli.output import streams

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


_ENGINES = ("jsonschema", "parliament", "policy-sentry")
"""The packages that take part in checking a policy."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments: the command has none."""


def run(_: Namespace) -> int:
    """Print the version and what else findings may depend on, and return the exit code."""
    print_version()
    import platform
    from importlib.metadata import version

    streams.out(f"Python {platform.python_version()} on {platform.platform()}\n")
    engines = ", ".join(f"{name} {version(name)}" for name in _ENGINES)
    streams.out(f"{engines}\n")
    return 0


def print_version() -> int:
    """Print the version without what parsing arguments takes, and return the exit code."""
    streams.out(f"multitool-lint {__version__} (catalog of {newest().date})\n")
    return 0
