"""Options of `check` about fixes, accepted findings and exit codes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.cli import COMMANDS
from multitool_lint.cli.options.settings import add_keep_wildcards_argument

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_check_arguments(parser: ArgumentParser) -> None:
    """Add the options that no other command has."""
    parser.add_argument(
        "--fix", action="store_true", help="apply safe fixes, and report the remaining findings"
    )
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: also apply fixes that change access",
    )
    add_keep_wildcards_argument(parser)
    parser.add_argument(
        "--diff",
        action="store_true",
        help="print the changes that --fix would make, and write nothing; the report goes to "
        "standard error",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 2 if a policy could not be read, as in a nested stack, or if an Effect, "
        "Action or NotAction could not be resolved",
    )
    parser.add_argument(
        "--exit-zero",
        action="store_true",
        help="exit with 0 if there are findings, and still with 2 if a file could not be checked",
    )
    parser.add_argument(
        "--show-files",
        action="store_true",
        help="list the files that would be checked, and exit; with --verbose also the skipped ones",
    )
    _add_ignore_arguments(parser)


def _add_ignore_arguments(parser: ArgumentParser) -> None:
    """Add the options about accepted findings."""
    parser.add_argument(
        "--no-ignore",
        action="store_true",
        help="also report findings that [[ignore]] entries and comments suppress",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--baseline",
        metavar="FILE",
        help="do not report the findings in this baseline",
    )
    group.add_argument(
        "--write-baseline",
        metavar="FILE",
        help="write the findings to this baseline instead of reporting them",
    )
    group.add_argument(
        "--add-ignore",
        metavar="REASON",
        help="add [[ignore]] entries with this reason to the configuration instead of reporting "
        "the findings",
    )
    parser.add_argument(
        "--prune-baseline",
        action="store_true",
        help="with --baseline: remove findings that are fixed from it",
    )


def mistake(arguments: Namespace) -> str | None:
    """What is wrong with the arguments as a whole."""
    fixes = arguments.fix or arguments.diff
    for option in ("unsafe_fixes", "keep_wildcards"):
        if getattr(arguments, option) and not fixes:
            return f"--{option.replace('_', '-')} needs --fix or --diff"
    if arguments.prune_baseline and arguments.baseline is None:
        return "--prune-baseline needs --baseline"
    if arguments.diff and (arguments.write_baseline is not None or arguments.prune_baseline):
        return "--diff writes nothing and cannot be used with --write-baseline or --prune-baseline"
    if arguments.fix and not arguments.diff and "-" in arguments.files:
        return "--fix writes files; for standard input use `multitool-lint fix -`"
    for name in arguments.files:
        if name in COMMANDS and not os.path.lexists(name):
            return f'"{name}" is a command and must come first: multitool-lint {name} ...'
    return None
