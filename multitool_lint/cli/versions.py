"""Versions of a file to compare: in the file system, in a commit, or staged for one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint import differences, reading
from multitool_lint.cli import git
from multitool_lint.source import Source

if TYPE_CHECKING:
    from multitool_lint.config import FileSettings
    from multitool_lint.policy import Policy

STAGED = ""
"""The revision that stands for what is staged, as git writes it before a colon."""


class UnreadableVersionError(Exception):
    """A version of a file that cannot be read or holds no policy; the message says why."""


class AbsentError(UnreadableVersionError):
    """There is nothing to compare, and need not be among files that are not named one by one."""


class MissingVersionError(AbsentError):
    """A file that does not exist in that revision."""


class NoPolicyError(AbsentError):
    """A file without a policy."""


class Version(NamedTuple):
    """A file, or with a revision what it is there."""

    path: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.path if self.revision is None else f"{self.revision}:{self.path}"


def version(text: str) -> Version:
    """The version that an argument names: a file, else `REV:PATH`."""
    revision, colon, path = text.partition(":")
    if not colon or text == "-" or os.path.lexists(text) or revision.startswith("-") or not path:
        return Version(text)
    return Version(path, revision)


def policies(which: Version, settings: FileSettings) -> tuple[Policy, ...]:
    """The policies of a version.

    Raises:
        UnreadableVersionError: it cannot be read, or holds no policy.
    """
    try:
        return tuple(
            differences.policies_of(
                _source(which), type=settings.type, resource_type=settings.resource_type
            )
        )
    except differences.NoPolicyError as error:
        raise NoPolicyError(str(error)) from error
    except ValueError as error:
        raise UnreadableVersionError(str(error)) from error


def _source(which: Version) -> Source:
    try:
        if which.revision is not None:
            return Source(str(which), reading.decode(_show(which), which.path).text)
        if which.path == "-":
            if sys.stdin is None:
                raise UnreadableVersionError("-: standard input is closed")
            return reading.decode(sys.stdin.buffer.read(), "<stdin>")
        return reading.read(which.path)
    except (OSError, reading.UnreadableError) as error:
        raise UnreadableVersionError(f"{which}: {reading.reason(error)}") from error


def _show(which: Version) -> bytes:
    """What git has of the file in the revision."""
    folder, name = os.path.split(os.path.abspath(which.path))  # noqa: PTH100 - links stay as they are
    if not Path(folder).is_dir():
        raise MissingVersionError(f"{which}: no such folder")
    # A revision cannot begin with a dash, and `./` makes the path one from the folder.
    done = _git(folder, "cat-file", "blob", f"{which.revision}:./{name}")
    if done is None:
        where = "staged" if which.revision == STAGED else f"in {which.revision}"
        known = which.revision == STAGED or _git(
            folder,
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{which.revision}^{{commit}}",
        )
        if not known:
            raise UnreadableVersionError(f"{which}: no such revision")
        raise MissingVersionError(f"{which}: no such file {where}")
    return done


def _git(folder: str, *arguments: str) -> bytes | None:
    """What git prints, None if it fails."""
    try:
        done = git.ask(folder, *arguments)
    except git.GitError as error:
        raise UnreadableVersionError(str(error)) from error
    return None if done.returncode else done.stdout
