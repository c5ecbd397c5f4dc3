"""Compare what two versions of a policy grant: by action, resource and condition.

OLD and NEW are files, - for standard input, or REV:PATH for a file in a commit, such as
HEAD:policy.json. What is proved to be the same is no difference, however it is written; what cannot
be told is one. With --staged, every file is compared as it is staged with what it is in HEAD.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from multitool_lint.cli.options.settings import Settings, add_config_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from multitool_lint.cli.commands.diff_output import Compared
    from multitool_lint.cli.files.versions import Version
    from multitool_lint.policy.document import Policy

FORMATS = ("text", "json", "markdown")
_TWO = 2


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("files", metavar="OLD NEW", nargs="*", help="the two versions")
    parser.add_argument(
        "--staged",
        action="store_true",
        help="compare each of the files, as it is staged for a commit, with what it is in HEAD, "
        "also under another name; a file that is not in HEAD is new, and compared with nothing",
    )
    parser.add_argument(
        "--fail-on-new-access",
        action="store_true",
        help="exit with 1 if NEW grants, or may grant, what OLD does not",
    )
    parser.add_argument(
        "--forbid",
        metavar="ACTION",
        action="append",
        type=_action,
        default=[],
        help='exit with 1 if NEW grants this action on some resource: "iam:PassRole", "kms:*"; '
        "may be given several times",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="markdown: for a pull request; default: text",
    )
    add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 compared, whatever the difference; 1 new access (with --fail-on-new-access) "
        "or forbidden access;\n2 something could not be read"
    )


def run(arguments: Namespace) -> int:
    """Compare, print the result, and return the exit code."""
    if not arguments.staged and len(arguments.files) != _TWO:
        raise ConfigError("two versions are compared: multitool-lint diff OLD NEW")
    from multitool_lint.cli.commands import diff_output

    comparing = _Comparing(Settings(arguments), arguments)
    for old, new in _pairs(arguments):
        comparing.add(old, new)
    write = {
        "text": diff_output.text,
        "json": diff_output.as_json,
        "markdown": diff_output.markdown,
    }[arguments.format]
    for part in write(comparing.done):
        (streams.out if arguments.format == "text" else streams.out_utf8)(part)
    return comparing.exit_code


def _pairs(arguments: Namespace) -> Iterator[tuple[Version, Version]]:
    from multitool_lint.cli.files.versions import HEAD, STAGED, Version, version

    if arguments.staged:
        for path in dict.fromkeys(arguments.files):
            yield Version(path, HEAD), Version(path, STAGED)
    else:
        old, new = map(version, arguments.files)
        yield old, new


class _Comparing:
    """The comparisons of a run, and what they come to."""

    def __init__(self, settings: Settings, arguments: Namespace) -> None:
        self.done: list[Compared] = []
        self._settings = settings
        self._arguments = arguments
        self._failed = False

    @property
    def exit_code(self) -> int:
        """The exit code of the run."""
        if self._failed:
            return 2
        if any(compared.forbidden for compared in self.done):
            return 1
        gained = any(compared.changes.gained for compared in self.done)
        return int(self._arguments.fail_on_new_access and gained)

    def add(self, old: Version, new: Version) -> None:
        """Compare two versions of a file, policy by policy."""
        from multitool_lint.cli.files.versions import in_head

        after = self._policies(new)
        if not after:
            return
        if self._arguments.staged:
            old = in_head(old.path)
        before = self._policies(old)
        if before is not None:
            # What is new is compared with nothing, and has no new access.
            for name, old_policies, new_policies in _paired(before or after, after):
                done = self._compared((old, new), old_policies, new_policies, name)
                self.done.append(done._replace(is_new=not before))

    def _policies(self, which: Version) -> tuple[Policy, ...] | None:
        """The policies of a version, none if it is not there and need not be; None for an error."""
        from multitool_lint.cli.files import versions

        try:
            return versions.policies(which, self._settings.of(which.path))
        except versions.UnreadableVersionError as error:
            if not self._arguments.staged or not isinstance(error, versions.AbsentError):
                self._failed = True
                streams.err(f"error: {error}\n")
                return None
            if isinstance(error, versions.MissingVersionError):
                streams.err(f"note: {error}\n")
            return ()

    def _compared(
        self,
        versions: tuple[Version, Version],
        before: Sequence[Policy],
        after: Sequence[Policy],
        name: str | None,
    ) -> Compared:
        from multitool_lint.aws.catalog.catalog import bundled
        from multitool_lint.cli.commands.diff_output import Compared
        from multitool_lint.policy.changes import changes, granted

        catalog = self._settings.of(versions[1].path).catalog or bundled()
        forbidden = granted(after, self._arguments.forbid, catalog)
        return Compared(
            str(versions[0]),
            str(versions[1]),
            name,
            changes(before, after, catalog),
            tuple(catalog.names(forbidden)),
            catalog,
        )


def _paired(
    before: Sequence[Policy], after: Sequence[Policy]
) -> Iterator[tuple[str | None, Sequence[Policy], Sequence[Policy]]]:
    """The policies of two versions by name, or in their order if there are as many of them.

    Otherwise those of each version are taken as one policy.
    """
    names = [[policy.name for policy in policies] for policies in (before, after)]
    if all(None not in group and len(set(group)) == len(group) for group in names):
        old, new = ({policy.name: policy for policy in policies} for policies in (before, after))
        for name in dict.fromkeys([*old, *new]):
            yield name, [old[name]] if name in old else [], [new[name]] if name in new else []
    elif len(before) == len(after):
        for old_policy, new_policy in zip(before, after, strict=True):
            yield new_policy.name, [old_policy], [new_policy]
    else:
        yield None, before, after


def _action(text: str) -> str:
    prefix, colon, name = text.partition(":")
    if text != "*" and not (prefix and colon and name):
        raise ArgumentTypeError(f'"{text}" is no action such as iam:PassRole or kms:*')
    return text
