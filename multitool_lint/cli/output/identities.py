"""The report of `check --by identity`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli.files.read import targets
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.linter.identity_reviews import Review, reviews
from multitool_lint.reporters import identities

if TYPE_CHECKING:
    from argparse import Namespace


def print_identities(arguments: Namespace) -> int:
    """Print the identities of the files, and return the exit code.

    Raises:
        ConfigError: the report cannot be written.
    """
    found: list[Review] = []
    seen: set[str] = set()
    failed = False
    for target in targets(arguments):
        if target.error:
            failed = True
            streams.err(f"error: {target.path}: {target.error}\n")
        elif target.source:
            found += reviews(target.source, target.settings.catalog or bundled(), seen)
    if arguments.format == "html":
        report = identities.html(found, __version__)
    else:
        report = "".join(identities.text(found))
    for path in arguments.output[:1]:
        try:
            Path(path).write_text(report, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"--output: {path}: {error.strerror}") from error
    if not arguments.output:
        streams.out(report)
    return 2 if failed else 0
