"""The report of `check --by identity`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli.files.read import targets
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.report_files import outputs
from multitool_lint.config import ConfigError
from multitool_lint.linter.identity_reviews import Review, reviews
from multitool_lint.reporters import identities
from multitool_lint.reporters.formats import FORMATS

_MADE = {
    "text": lambda found: "".join(identities.text(found)),
    "html": lambda found: identities.html(found, __version__),
}


def print_identities(arguments: Namespace) -> int:
    """Print the identities of the files, and return the exit code.

    Raises:
        ConfigError: the report cannot be written.
    """
    asked = outputs(arguments.output, arguments.format, FORMATS, arguments.files)
    if any(format_ not in _MADE for format_, _ in asked):
        raise ConfigError("--by needs the format text or html")
    found: list[Review] = []
    seen: set[str] = set()
    failed = False
    for target in targets(arguments):
        if target.error:
            failed = True
            streams.err(f"error: {target.path}: {target.error}\n")
        elif target.source:
            found += reviews(target.source, target.settings.catalog or bundled(), seen)
    for format_, path in asked:
        _write(path, _MADE[format_](found))
    return 2 if failed else 0


def _write(path: str, report: str) -> None:
    if path == "-":
        streams.out(report)
        return
    try:
        Path(path).write_text(report, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--output: {path}: {error.strerror}") from error
