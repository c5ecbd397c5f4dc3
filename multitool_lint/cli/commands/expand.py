"""Replace wildcards in actions with the actions that they match.

With --action, --service or --access-level, only wildcards that match all of these options are
replaced. Access does not change for the actions in the catalog; actions that AWS adds later are no
longer included.

Prints a diff; --write writes the files. Standard input (-) is written to standard output.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from functools import partial

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.cli.files.read import add_file_arguments
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.tighten import add_level_argument
from multitool_lint.cli.output.rewrites import add_output_arguments, rewrite_files
from multitool_lint.config import ConfigError


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_file_arguments(parser)
    parser.add_argument(
        "--action",
        metavar="PATTERN",
        type=_pattern,
        help='expand only this wildcard, such as "s3:Get*"; "*" is expanded only if named here',
    )
    parser.add_argument(
        "--service", metavar="PREFIX", help='expand only wildcards of this service, such as "s3"'
    )
    add_level_argument(parser, "expand only wildcards that match actions at these access levels")
    catalogs.add_levels_argument(parser)
    parser.add_argument(
        "--invert-not-action",
        action="store_true",
        help="replace each NotAction with an Action of all other actions; expand no wildcards",
    )
    add_output_arguments(parser)


def run(arguments: Namespace) -> int:
    """Expand the files, and return the exit code."""
    chosen = arguments.action or arguments.service or arguments.access_level
    if arguments.invert_not_action and chosen:
        raise ConfigError(
            "--invert-not-action cannot be used with --action, --service or --access-level"
        )
    from multitool_lint.rewrite.expand import Expansion, describe_unknown, expand

    service = arguments.service
    if service and (unknown := describe_unknown(service, catalogs.of_folder(arguments))):
        raise ConfigError(f"--service: {unknown}")
    wanted = Expansion(
        action=arguments.action,
        service=service,
        levels=frozenset(arguments.access_level),
        invert_not_action=arguments.invert_not_action,
    )
    return rewrite_files(arguments, partial(expand, wanted=wanted))


def _pattern(text: str) -> str:
    if not has_wildcard(text):
        raise ArgumentTypeError(f'"{text}" does not contain a wildcard')
    return text
