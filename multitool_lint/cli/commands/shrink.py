"""Make policies shorter without a change of access: what they grant and deny is proved the same.

What is redundant is dropped, statements that differ in their actions only are merged, and actions
become the shortest patterns that match no action of today's catalog beyond them. Such patterns are
hard to review ("*b*"), and match what AWS adds later if its name fits: --whole-words makes patterns
that can be read (DescribeInstance*), and are longer. With --target-size, no more is done than it
needs, and what can be read comes first. A wildcard that is there already stays, or goes for one
that matches all that it does.

Prints a diff; --write writes the files. From standard input (-) to standard output.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.cli.files.read import add_file_arguments
from multitool_lint.cli.output.rewrites import add_output_arguments, rewrite_files
from multitool_lint.config import ConfigError
from multitool_lint.rewrite.shrink.patterns import Limits

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    parser.add_argument(
        "--whole-words",
        action="store_true",
        help="only patterns that are the beginning of several actions up to the end of a word",
    )
    parser.add_argument(
        "--max-wildcards",
        metavar="N",
        type=_number,
        default=Limits().max_wildcards,
        help="wildcards in a pattern (default: 2; more are never used; 0 leaves names as names)",
    )
    parser.add_argument(
        "--min-prefix",
        metavar="N",
        type=_number,
        default=Limits().min_prefix,
        help="characters between the service and the first wildcard (default: 0)",
    )
    parser.add_argument(
        "--target-size",
        metavar="N",
        type=_size,
        help="do only what makes a policy no larger than this, such as 6144; counted as AWS counts "
        "a policy of its type",
    )
    parser.add_argument(
        "--split",
        action="store_true",
        help="split a JSON file whose policy cannot be made that small: NAME-1.json, NAME-2.json, "
        "... beside it, which together grant and deny the same",
    )
    parser.add_argument(
        "--minify", action="store_true", help="take the whitespace out of the policies as well"
    )
    add_output_arguments(parser, diff_by_default=True)


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
        raise ArgumentTypeError(f'"{text}" is no number')
    return int(text)


def _size(text: str) -> int:
    number = _number(text)
    if not number:
        raise ArgumentTypeError("no policy has a size of 0")
    return number
