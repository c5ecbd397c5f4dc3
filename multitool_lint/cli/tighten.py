"""Keep, of what wildcards in Allow statements match, only the actions at some access levels.

An action is at the strongest level that AWS gives it, in the order list, read, write, tagging,
permissions-management. Deny statements and NotAction are left alone: fewer actions there would
grant more. A statement that would be left without actions is left as it is.

Prints a diff; --write writes the files. From standard input (-) to standard output.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from multitool_lint.cli.files import add_file_arguments
from multitool_lint.cli.writing import add_output_arguments, rewrite_files
from multitool_lint.engines.policy_sentry_ import STRENGTH

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.cli.files import Target
    from multitool_lint.iam.catalog import AccessLevel
    from multitool_lint.rewrite import Rewrite
    from multitool_lint.source import Source

LEVELS = {level.lower().replace(" ", "-"): level for level in STRENGTH}


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    parser.add_argument(
        "--access-level",
        metavar="LEVELS",
        type=_levels,
        action="extend",
        required=True,
        help=f"what to keep, separated by commas: {', '.join(LEVELS)}",
    )
    parser.add_argument(
        "--strict", action="store_true", help="drop actions without a wildcard as well"
    )
    add_output_arguments(parser, diff_by_default=True)


def run(arguments: Namespace) -> int:
    """Tighten the files, and return the exit code."""
    from multitool_lint.rewrite.actions import tighten

    def rewrite(source: Source, target: Target) -> Rewrite:
        return tighten(
            source,
            set(arguments.access_level),
            strict=arguments.strict,
            type=target.settings.type,
            resource_type=target.settings.resource_type,
            catalog=target.settings.catalog,
        )

    return rewrite_files(arguments, rewrite)


def _levels(text: str) -> list[AccessLevel]:
    names = [name.strip().lower().replace(" ", "-") for name in text.split(",")]
    for name in names:
        if name not in LEVELS:
            raise ArgumentTypeError(f'"{name}" is none of {", ".join(LEVELS)}')
    return [LEVELS[name] for name in names]
