"""Options of `check` about fixes, accepted findings and exit codes."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from multitool_lint.cli import COMMANDS
from multitool_lint.cli.options.groups import group
from multitool_lint.cli.options.settings import add_keep_wildcards_argument


def add_check_arguments(parser: ArgumentParser) -> None:
    """Add the options that no other command has."""
    _add_fix_arguments(parser)
    _add_ignore_arguments(parser)
    group(parser, "exit code").add_argument(
        "--strict",
        action="store_true",
        help="exit with 2 if a policy could not be read, or an Effect, Action or NotAction "
        "resolved",
    )
    group(parser, "files").add_argument(
        "--show-files",
        action="store_true",
        help="list the files that would be checked; with --verbose also the skipped ones",
    )
    group(parser, "report").add_argument(
        "--by",
        choices=["identity"],
        help="list users, groups and roles by what they can become instead, as text or HTML",
    )


def _add_fix_arguments(parser: ArgumentParser) -> None:
    """Add the options about fixes."""
    options = group(parser, "fixes")
    options.add_argument("--fix", action="store_true", help="write safe fixes, report what remains")
    options.add_argument(
        "--diff", action="store_true", help="print what --fix would write; the report to stderr"
    )
    options.add_argument(
        "--unsafe-fixes", action="store_true", help="also the fixes that change access"
    )
    add_keep_wildcards_argument(parser)


def _add_ignore_arguments(parser: ArgumentParser) -> None:
    """Add the options about accepted findings."""
    options = group(parser, "suppression")
    options.add_argument(
        "--show-suppressed",
        action="store_true",
        help="also report what ignore entries, comments and a configured baseline suppress",
    )
    either = options.add_mutually_exclusive_group()
    either.add_argument(
        "--baseline",
        metavar="FILE",
        help="do not report the findings in this baseline",
    )
    either.add_argument(
        "--write-baseline",
        metavar="FILE",
        help="write a baseline of the findings instead of reporting them",
    )
    either.add_argument(
        "--add-ignore",
        metavar="REASON",
        help="add ignore entries with this reason to the configuration instead",
    )


def mistake(arguments: Namespace) -> str | None:
    """What is wrong with the arguments as a whole."""
    fixes = arguments.fix or arguments.diff
    for option in ("unsafe_fixes", "keep_wildcards"):
        if getattr(arguments, option) and not fixes:
            return f"--{option.replace('_', '-')} needs --fix or --diff"
    if arguments.diff and arguments.write_baseline is not None:
        return "--diff writes nothing and cannot be used with --write-baseline"
    if arguments.fix and not arguments.diff and "-" in arguments.files:
        return "--fix writes files; for standard input use `multitool-lint fix -`"
    for name in arguments.files:
        if name in COMMANDS and not os.path.lexists(name):
            return f'"{name}" is a command and must come first: multitool-lint {name} ...'
    return None
