"""Replace wildcards in actions by the actions that they match.

Prints a diff; --write writes the files. From standard input (-) to standard output.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from multitool_lint.cli.files import add_file_arguments
from multitool_lint.cli.writing import add_output_arguments, rewrite_files
from multitool_lint.iam.patterns import has_wildcard

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.cli.files import Target
    from multitool_lint.rewrite import Rewrite
    from multitool_lint.source import Source


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    parser.add_argument(
        "--action",
        metavar="PATTERN",
        type=_pattern,
        help='expand only this one, such as "s3:Get*"; "*" alone is expanded only if named here',
    )
    add_output_arguments(parser, diff_by_default=True)


def run(arguments: Namespace) -> int:
    """Expand the files, and return the exit code."""
    from multitool_lint.rewrite.actions import expand

    def rewrite(source: Source, target: Target) -> Rewrite:
        return expand(
            source,
            action=arguments.action,
            type=target.settings.type,
            resource_type=target.settings.resource_type,
            catalog=target.settings.catalog,
        )

    return rewrite_files(arguments, rewrite)


def _pattern(text: str) -> str:
    if not has_wildcard(text):
        raise ArgumentTypeError(f'"{text}" has no wildcard')
    return text
