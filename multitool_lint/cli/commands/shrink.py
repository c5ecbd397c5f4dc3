"""Shorten policies without changing access; the result is proved to grant and deny the same.

Redundant parts are removed, statements that differ only in their actions are merged, and actions
are replaced with the shortest patterns that match no other action in the catalog. Such patterns are
hard to review ("*b*"), and may match actions that AWS adds later: --whole-words uses longer,
readable patterns (DescribeInstance*). With --target-size, a policy is shortened only as far as
needed, readable changes first. Existing wildcards are kept or replaced with wider patterns that
match the same actions.

Prints a diff; --write writes the files. Standard input (-) is written to standard output.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from functools import partial

from multitool_lint.cli.files.read import add_file_arguments
from multitool_lint.cli.output.rewrites import add_output_arguments, rewrite_files
from multitool_lint.config import ConfigError
from multitool_lint.rewrite.shrink.patterns import Limits


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_file_arguments(parser)
    parser.add_argument(
        "--whole-words",
        action="store_true",
        help="use only patterns that end at a word boundary, such as DescribeInstance*",
    )
    parser.add_argument(
        "--max-wildcards",
        metavar="N",
        type=_number,
        default=Limits().max_wildcards,
        help="maximum number of wildcards in a pattern, at most 2 (default: 2; 0: no patterns)",
    )
    parser.add_argument(
        "--min-prefix",
        metavar="N",
        type=_number,
        default=Limits().min_prefix,
        help="minimum number of characters before the first wildcard (default: 0)",
    )
    parser.add_argument(
        "--target-size",
        metavar="N",
        type=_size,
        help="stop when a policy has this size or less, such as 6144; counted as AWS counts the "
        "size of a policy of its type",
    )
    parser.add_argument(
        "--split",
        action="store_true",
        help="with --target-size: split a JSON file whose policy remains too large into "
        "NAME-1.json, NAME-2.json, ..., which together grant and deny the same",
    )
    parser.add_argument(
        "--minify", action="store_true", help="also remove whitespace from the policies"
    )
    add_output_arguments(parser)


def run(arguments: Namespace) -> int:
    """Shrink the files, and return the exit code."""
    if arguments.split and not arguments.target_size:
        raise ConfigError("--split needs --target-size")
    from multitool_lint.rewrite.shrink import shrink

    limits = Limits(arguments.min_prefix, arguments.max_wildcards, arguments.whole_words)
    rewrite = partial(
        shrink,
        limits=limits,
        target_size=arguments.target_size,
        splits=arguments.split,
        minify=arguments.minify,
    )
    return rewrite_files(arguments, rewrite)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f'"{text}" is not a number')
    return int(text)


def _size(text: str) -> int:
    number = _number(text)
    if not number:
        raise ArgumentTypeError("the size must be at least 1")
    return number
