"""Compare the access that two versions of a policy grant, by action, resource and condition.

OLD and NEW are files, - for standard input, or REV:PATH for a file in a commit, such as
HEAD:policy.json. Different wording with the same access is not a difference; what could not be
compared is one. With --staged, the staged version of each file is compared with that in HEAD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli.options.settings import Settings, add_config_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.cli.output.compared import Outcome

FORMATS = ("text", "json", "markdown")
_TWO = 2


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files", metavar="OLD NEW", nargs="*", help="the two versions; with --staged: files"
    )
    parser.add_argument(
        "--staged",
        action="store_true",
        help="compare the staged version of each file, by default of all that are staged, with "
        "that in HEAD, also if it was renamed, and those that are deleted; all access of a file "
        "that is not in HEAD is new; as a hook of pre-commit for commits, compare these",
    )
    parser.add_argument(
        "--fail-on-new-access",
        action="store_true",
        help="exit with 1 if NEW grants, or may grant, access that OLD does not grant",
    )
    parser.add_argument(
        "--forbid",
        metavar="ACTION",
        action="append",
        default=[],
        help='exit with 1 if NEW grants this action on any resource, such as "iam:PassRole" or '
        '"kms:*", or on the given resources: "iam:PassRole@arn:aws:iam::*:role/admin"; may be '
        "given several times",
    )
    parser.add_argument(
        "--allow-new-files",
        action="store_true",
        help="with --staged: access of files that are not in HEAD is not new",
    )
    parser.add_argument(
        *streams.FORMAT_OPTIONS,
        choices=FORMATS,
        default="text",
        help="markdown: for a pull request; default: text",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="also list policies whose access is the same"
    )
    add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 compared, 1 new access (with --fail-on-new-access) or access that --forbid "
        "forbids,\nor with either option a policy that could not be compared, 2 a file could not "
        "be read"
    )


def run(arguments: Namespace) -> int:
    """Compare, print the result, and return the exit code."""
    if not arguments.staged and len(arguments.files) != _TWO:
        raise ConfigError("expected two versions: multitool-lint diff OLD NEW")
    if arguments.files == ["-", "-"]:
        raise ConfigError("standard input (-) cannot be both versions")
    from multitool_lint.cli.commands.diff_comparing import Comparing

    comparing = Comparing(Settings(arguments), arguments)
    if arguments.staged:
        comparing.add_staged(arguments.files)
    else:
        from multitool_lint.cli.files.version import version

        comparing.add(*map(version, arguments.files))
    for note in dict.fromkeys(comparing.notes):
        streams.err(f"note: {note}\n")
    _print(comparing.outcome, arguments.format, verbose=arguments.verbose)
    return comparing.exit_code


def _print(outcome: Outcome, format: str, *, verbose: bool) -> None:
    if format == "json":
        from multitool_lint.cli.output.diff_json import as_json

        for part in as_json(outcome):
            streams.out_utf8(part)
    elif format == "markdown":
        from multitool_lint.cli.output.diff_markdown import markdown

        for part in markdown(outcome, verbose=verbose):
            streams.out_utf8(part)
    else:
        from multitool_lint.cli.output.diff_text import text

        for part in text(outcome, verbose=verbose):
            streams.out(part)
