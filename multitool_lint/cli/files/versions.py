"""Versions of a file to compare: in the file system, in a commit, or staged for one."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files import git
from multitool_lint.formats import policies as formats
from multitool_lint.formats.facts import facts
from multitool_lint.formats.recognize import TERRAFORM_ENDINGS
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.versions import PolicySet

STAGED = ""
"""The revision that stands for what is staged, as git writes it before a colon."""

HEAD = "HEAD"


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


def policies(which: Version, settings: FileSettings) -> PolicySet:
    """The policies of a version, and what of it could not be read.

    Raises:
        UnreadableVersionError: it cannot be read, or holds no policy.
    """
    try:
        found = formats.policies_of(
            _source(which), type=settings.type, resource_type=settings.resource_type
        )
        if not which.path.lower().endswith(TERRAFORM_ENDINGS):
            return found
        definitions = dict(found.facts.definitions)
        for text in _siblings(which):
            for name, meaning in facts(Source("sibling.tf", text)).definitions.items():
                definitions.setdefault(name, meaning)
        return found._replace(facts=found.facts._replace(definitions=definitions))
    except formats.NoPolicyError as error:
        raise NoPolicyError(str(error)) from error
    except ValueError as error:
        raise UnreadableVersionError(str(error)) from error


def _siblings(which: Version) -> Iterator[str]:
    """The other Terraform files of a folder, in the same revision, as far as they can be read."""
    folder, name = _place(which.path)
    if which.revision is None:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are what is needed
    else:
        listing = ("ls-files", "-z") if which.revision == STAGED else _tree(which.revision)
        names = os.fsdecode(_git(folder, *listing) or b"").split("\0")
    for other in names:
        if other == name or "/" in other or not other.lower().endswith(TERRAFORM_ENDINGS):
            continue
        path = os.path.join(folder, other)  # noqa: PTH118 - links stay as they are
        with contextlib.suppress(UnreadableVersionError):
            yield _source(Version(path, which.revision)).text


def _tree(revision: str) -> tuple[str, ...]:
    return ("ls-tree", "-z", "--name-only", revision)


def _source(which: Version) -> Source:
    try:
        if which.revision is not None:
            # With a folder that does not exist: the files beside it are of another revision.
            name = which.path if "/" in which.path else f"./{which.path}"
            text = reading.decode(_show(which), which.path).text
            return Source(f"{which.revision}:{name}", text)
        if which.path == "-":
            if sys.stdin is None:
                raise UnreadableVersionError("-: standard input is closed")
            return reading.decode(sys.stdin.buffer.read(), "<stdin>")
        return reading.read(which.path)
    except (OSError, reading.UnreadableError) as error:
        raise UnreadableVersionError(f"{which}: {reading.reason(error)}") from error


def _show(which: Version) -> bytes:
    """What git has of the file in the revision."""
    folder, name = _place(which.path)
    # A revision cannot begin with a dash, and `./` makes the path one from the folder.
    done = _git(folder, "cat-file", "blob", f"{which.revision}:./{name}")
    if done is not None:
        return done
    if which.revision == STAGED:
        raise MissingVersionError(f"{which}: no such file staged")
    commit = f"{which.revision}^{{commit}}"
    if _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", commit):
        raise MissingVersionError(f"{which}: no such file in {which.revision}")
    # Before the first commit, HEAD names a branch that does not exist yet.
    if which.revision == HEAD and _git(folder, "symbolic-ref", "--quiet", HEAD):
        raise MissingVersionError(f"{which}: there is no commit yet")
    raise UnreadableVersionError(f"{which}: no such revision")


def _place(path: str) -> tuple[str, str]:
    """A folder that is there, and the path from it: the folder of a file may be gone by now."""
    path = os.path.abspath(path)  # noqa: PTH100 - links stay as they are
    folder = os.path.dirname(path)  # noqa: PTH120 - as above
    while not Path(folder).is_dir():
        folder = os.path.dirname(folder)  # noqa: PTH120 - as above
    return folder, Path(path).relative_to(folder).as_posix()


def in_head(path: str) -> Version:
    """What a staged file was in HEAD: under the name that it had there, if git sees it renamed."""
    folder, name = _place(path)
    if _git(folder, "cat-file", "-e", f"{HEAD}:./{name}") is None:
        ways = _git(folder, "rev-parse", "--show-prefix", "--show-cdup")
        here, up, *_ = os.fsdecode(ways or b"\n\n").split("\n")
        before = _renamed(folder).get(here + name)
        if before is not None:
            return Version(os.path.relpath(Path(folder, up, before)), HEAD)
    return Version(path, HEAD)


def _renamed(folder: str) -> dict[str, str]:
    """The files that are staged under another name than in HEAD, by the new name."""
    options = ("--find-renames", "--diff-filter=R", "--name-status", "--no-relative", "-z")
    found = _git(folder, "diff", "--cached", *options, HEAD)
    # Of each there is the status, the old name and the new one, from the top of the repository.
    names = [os.fsdecode(part) for part in (found or b"").split(b"\0")]
    return {new: old for old, new in zip(names[1::3], names[2::3], strict=False)}


def _git(folder: str, *arguments: str) -> bytes | None:
    """What git prints, None if it fails."""
    try:
        done = git.ask(folder, *arguments)
    except git.GitError as error:
        raise UnreadableVersionError(str(error)) from error
    return None if done.returncode else done.stdout
