"""Compare the access that two versions of a policy grant, by action, resource and condition.

OLD and NEW are files, - for standard input, REV:PATH for a file in a commit, such as
HEAD:policy.json, or a managed policy of AWS, such as ReadOnlyAccess or SecurityAudit@v2; or
folders. Different wording with the same access is not a difference; what could not be compared is
one. With --base, --staged and REV..REV, two trees of the repository are compared: what has changed
in them. Their configuration is that of the old one.
"""

from __future__ import annotations

import os
import shlex
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from multitool_lint.cli.options.settings import add_config_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from multitool_lint.cli.commands.diff_comparing import Comparing
    from multitool_lint.cli.output.compared import RunOutcome

FORMATS = ("text", "json", "markdown")
_TWO = 2
_EXPECTED = "expected two versions: multitool-lint diff OLD NEW, REV..REV, --base REV, or --staged"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files",
        metavar="OLD NEW",
        nargs="*",
        help="two files, or two folders; or REV..REV, or REV...REV for what has changed since the "
        "second left the first, and paths; with --base or --staged: paths",
    )
    parser.add_argument(
        "--base",
        metavar="REV",
        help="compare the files here, or with --staged what is staged, with the commit in which "
        "they left this revision, such as origin/main; of the whole repository, or of some paths",
    )
    parser.add_argument(
        "--head", metavar="REV", help="with --base: compare this revision, not the files here"
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
        help="with two trees: access of files that are not in the old one is not new",
    )
    parser.add_argument(
        *streams.FORMAT_OPTIONS,
        choices=FORMATS,
        default="text",
        help="markdown: for a pull request; default: text",
    )
    parser.add_argument(
        "--accept",
        metavar="REASON",
        help="write into multitool-lint-accepted.toml, at the top of the repository, that what is "
        "new is intended; it does not stop a change that has this file",
    )
    parser.add_argument(
        "--until", metavar="DATE", help="with --accept: the last day on which that counts"
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
    from multitool_lint.cli.commands.diff_comparing import Comparing
    from multitool_lint.cli.commands.diff_outcome import check_accept, outcome_of

    check_accept(arguments)
    comparing = Comparing(arguments)
    with closing(comparing.versions), _added(comparing, arguments):
        outcome = outcome_of(comparing, arguments)
        for note in dict.fromkeys(comparing.notes):
            streams.err(f"note: {note}\n")
        _print(outcome, arguments.format, verbose=arguments.verbose)
    return outcome.exit_code


@contextmanager
def _added(comparing: Comparing, arguments: Namespace) -> Iterator[None]:
    """Compare what the arguments name, with what that needs until the result is printed.

    Raises:
        ConfigError: they name nothing that can be compared.
    """
    from multitool_lint.cli.files import sides
    from multitool_lint.cli.files.git import STAGED, WORK_TREE

    files: list[str] = arguments.files
    if arguments.head and (arguments.staged or not arguments.base):
        raise ConfigError("--head needs --base, and cannot be used with --staged")
    comparing.command = _command(arguments)
    if arguments.base:
        head = STAGED if arguments.staged else arguments.head or WORK_TREE
        comparing.add_trees(sides.since(comparing.versions, arguments.base, head), files)
    elif arguments.staged:
        comparing.add_trees(sides.staged(comparing.versions), files)
    elif files and (range_ := sides.range_of(files[0])):
        comparing.add_trees(sides.between(comparing.versions, range_), files[1:])
    elif len(files) != _TWO:
        raise ConfigError(_EXPECTED)
    elif any(map(os.path.isdir, files)):
        from multitool_lint.cli.files.work_tree import TwoFolders

        with TwoFolders(*files) as folders:
            comparing.add_trees(folders.sides, [])
            yield
        return
    else:
        from multitool_lint.cli.files.version import version

        if files == ["-", "-"]:
            raise ConfigError("standard input (-) cannot be both versions")
        comparing.add(*map(version, files))
    yield


def _command(arguments: Namespace) -> str:
    """The command that compares the same again, as a shell reads it."""
    from multitool_lint.cli.files.sides import FROM

    base = arguments.base or (os.environ.get(FROM) if arguments.staged else None)
    words = ["--base", base] if base else arguments.files[:1] * (not arguments.staged)
    if arguments.head:
        words += ["--head", arguments.head]
    if arguments.staged and (arguments.base or not base):
        words.append("--staged")
    return shlex.join(["multitool-lint", "diff", *words])


def _print(outcome: RunOutcome, format: str, *, verbose: bool) -> None:
    from multitool_lint.cli.output import diff_reports

    if format == "text":
        streams.out("".join(diff_reports.text(outcome, verbose=verbose)))
    elif format == "json":
        streams.out_utf8(diff_reports.as_json(outcome))
    else:
        streams.out_utf8("".join(diff_reports.markdown(outcome, verbose=verbose)))
