"""Options of rewrites: access levels, what was used, and which resources there are."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain

from multitool_lint.aws.access_levels import LEVELS
from multitool_lint.aws.arn import defect
from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog, bundled
from multitool_lint.cli.output import streams
from multitool_lint.diagnostics.suggestion import alternatives, suggestion
from multitool_lint.rewrite.usage import Tally, Usage, UsageError, read_file, read_stream
from multitool_lint.syntax import source as reading


def add_level_argument(parser: ArgumentParser, what: str) -> None:
    """Add the option that names access levels."""
    parser.add_argument(
        "--access-level",
        metavar="LEVELS",
        type=_levels,
        action="extend",
        default=[],
        help=f"{what}, separated by commas: {', '.join(LEVELS)}",
    )


def _levels(text: str) -> list[AccessLevel]:
    names = [name.strip().lower().replace(" ", "-") for name in text.split(",")]
    hint = f"; expected {alternatives([*LEVELS])}"
    for name in names:
        if name not in LEVELS:
            raise ArgumentTypeError(
                f'"{name}" is not an access level{suggestion(name, LEVELS) or hint}'
            )
    return [LEVELS[name] for name in names]


def usage(arguments: Namespace) -> Callable[[Catalog | None], Usage] | None:
    """Read what was used: a function of the catalog, which says what one should know of it.

    Raises:
        UsageError: a file cannot be read, or understood.
    """
    if not arguments.used:
        return None

    tally = Tally(include_errors=arguments.include_errors, since=arguments.used_since or "")
    for path in arguments.used:
        if path != "-":
            read_file(path, tally)
        elif sys.stdin is None:
            raise UsageError("standard input is closed")
        else:
            read_stream("<stdin>", sys.stdin.buffer, tally)

    @lru_cache(maxsize=4)
    def of(catalog: Catalog | None) -> Usage:
        found = tally.usage(catalog or bundled())
        for note in found.notes:
            streams.err(f"note: {note}\n")
        return found

    return of


def given_arns(arguments: Namespace) -> tuple[str, ...]:
    """The ARNs of the options, and of files with one on a line and # for comments.

    Raises:
        UsageError: a file cannot be read, or what is given or a line of it is not an ARN.
    """
    found = chain.from_iterable(map(_arns, arguments.arn or ()))
    return tuple(dict.fromkeys(found))


def _arns(name: str) -> Iterator[str]:
    """An ARN, or those in the file of that name."""
    wrong = defect(name)
    if wrong is None:
        yield name
        return
    try:
        lines = reading.read(name).text.splitlines()
    except (OSError, reading.UnreadableError) as error:
        if not isinstance(error, FileNotFoundError):
            raise UsageError(f"{name}: {reading.reason(error)}") from None
        reason = wrong.message if name.startswith("arn:") else f'"{name}" is not an ARN or a file'
        raise UsageError(f"--arn: {reason}") from None
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text and (wrong := defect(text)):
            raise UsageError(f"{name}:{number}: {wrong.message}")
        if text:
            yield text
