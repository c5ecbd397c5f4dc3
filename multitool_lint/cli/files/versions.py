"""Versions of a file to compare: in the file system, in a commit, or staged for one."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.git import (
    HEAD,
    LINK,
    STAGED,
    SUBMODULE,
    Entry,
    GitError,
    Repository,
)
from multitool_lint.config import ConfigError
from multitool_lint.formats import policies as formats
from multitool_lint.formats.facts import facts
from multitool_lint.formats.recognize import MODULE_ENDINGS
from multitool_lint.policy.versions import with_users
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.versions import PolicySet

_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")


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
    """The version that an argument names: `REV:PATH`, or a file.

    Raises:
        ConfigError: it is both. A commit can contain a file that is named as a version is.
    """
    revision, colon, path = text.partition(":")
    is_path = Path(text).is_absolute() or text.startswith((".", "-"))
    if not colon or is_path or not path:
        return Version(text)
    if os.path.lexists(text):
        raise ConfigError(f'"{text}" is also the name of a file; use "./{text}" for the file')
    return Version(path, revision)


class Versions:
    """Reads versions of files; each repository is opened once."""

    def __init__(self) -> None:
        self._repositories: dict[str, Repository] = {}

    def policies(self, which: Version, settings: FileSettings) -> PolicySet:
        """The policies of a version, and what of it could not be read.

        Raises:
            UnreadableVersionError: it cannot be read, or holds no policy.
        """
        try:
            found = formats.policies_of(
                self._source(which), type=settings.type, resource_type=settings.resource_type
            )
            if not which.path.lower().endswith(MODULE_ENDINGS):
                return found
            definitions = dict(found.facts.definitions)
            for _, text in self._siblings(which):
                for name, meaning in facts(Source("sibling.tf", text)).definitions.items():
                    definitions.setdefault(name, meaning)
            return found._replace(facts=found.facts._replace(definitions=definitions))
        except formats.NoPolicyError as error:
            raise NoPolicyError(str(error)) from error
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        except ValueError as error:
            raise UnreadableVersionError(str(error)) from error

    def in_head(self, path: str) -> Version:
        """What a staged file was in HEAD: under the name that it had there, if it was renamed.

        Raises:
            UnreadableVersionError: git cannot tell, or has no such file in HEAD, nor staged.
        """
        which = Version(path, HEAD)
        try:
            repository, below = self._place(path)
            tree = repository.object(HEAD, "tree")
            if tree is not None and repository.entry(tree, below) is not None:
                return which
            if repository.entry(STAGED, below) is None:
                raise UnreadableVersionError(f"{path}: no such file in HEAD, and none is staged")
            before = None if tree is None else repository.renamed().get(below)
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        return which if before is None else Version(_relative(repository, before), HEAD)

    def affected(self, path: str) -> Iterator[str]:
        """The other Terraform files of a folder that refer to what is staged in one of them.

        Whoever names the files of a commit, such as pre-commit, does not name these.

        Raises:
            UnreadableVersionError: a version of the file, or what is staged, cannot be read.
        """
        if not path.lower().endswith(MODULE_ENDINGS):
            return
        before = self._definitions(self.in_head(path))
        after = self._definitions(Version(path, STAGED))
        changed = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        if not changed:
            return
        try:
            others = dict(self._siblings(Version(path, STAGED)))
        except GitError as error:
            raise UnreadableVersionError(f"{path}: {error}") from error
        meanings = [*after.items(), *(pair for text in others.values() for pair in _meanings(text))]
        affected = with_users(changed, ((name, _references(text)) for name, text in meanings))
        yield from (other for other, text in others.items() if affected & _references(text))

    def _definitions(self, which: Version) -> dict[str, str]:
        """What a Terraform file defines for all of its folder; nothing if it is not there."""
        try:
            return dict(_meanings(self._source(which).text))
        except AbsentError:
            return {}
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error

    def _siblings(self, which: Version) -> Iterator[tuple[str, str]]:
        """The other Terraform files of a folder, in the same revision, so far as they are text."""
        own = Path(which.path)
        if which.revision is None:
            names = sorted(os.listdir(own.parent))  # noqa: PTH208 - names are what is needed
        else:
            repository, below = self._place(which.path)
            folder = below.rpartition("/")[0]
            paths = repository.folder(self._tree(repository, which), folder)
            names = [Path(path).name for path in paths if path.rpartition("/")[0] == folder]
        for name in names:
            if name != own.name and name.lower().endswith(MODULE_ENDINGS):
                path = str(own.parent / name)
                with contextlib.suppress(UnreadableVersionError):
                    yield path, self._source(Version(path, which.revision)).text

    def _source(self, which: Version) -> Source:
        try:
            if which.revision is not None:
                # With a folder that does not exist: the files beside it are of another revision.
                name = which.path if "/" in which.path else f"./{which.path}"
                text = reading.decode(self._show(which), which.path).text
                return Source(f"{which.revision}:{name}", text)
            if which.path == "-":
                if sys.stdin is None:
                    raise UnreadableVersionError("-: standard input is closed")
                return reading.decode(sys.stdin.buffer.read(), "<stdin>")
            return reading.read(which.path)
        except (OSError, reading.UnreadableError) as error:
            raise UnreadableVersionError(f"{which}: {reading.reason(error)}") from error

    def _show(self, which: Version) -> bytes:
        """What git has of the file in the revision."""
        repository, below = self._place(which.path)
        entry = repository.entry(self._tree(repository, which), below)
        if entry is None:
            missing = "staged" if which.revision == STAGED else f"in {which.revision}"
            raise MissingVersionError(f"{which}: no such file {missing}")
        if reason := _why_not_a_file(entry):
            raise UnreadableVersionError(f"{which}: {reason}")
        return repository.ask("cat-file", "blob", entry.object)

    def _tree(self, repository: Repository, which: Version) -> str:
        """The tree of a revision, or what stands for the index."""
        if not which.revision:
            return STAGED
        tree = repository.object(which.revision, "tree")
        if tree is not None:
            return tree
        # Before the first commit, HEAD names a branch that does not exist yet.
        if which.revision == HEAD and repository.is_unborn():
            raise MissingVersionError(f"{which}: there is no commit yet")
        raise UnreadableVersionError(f"{which}: no such revision")

    def _place(self, path: str) -> tuple[Repository, str]:
        """The repository that a file is in, or was, and its path there."""
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        root = repository_of(folder)
        if root is None:
            raise GitError("no such revision: the file is not in a git repository")
        if root not in self._repositories:
            self._repositories[root] = Repository(root)
        return self._repositories[root], Path(folder, name).relative_to(root).as_posix()


def _meanings(text: str) -> list[tuple[str, str]]:
    """What a Terraform file defines that other files can refer to, such as `local.a`."""
    found = facts(Source("sibling.tf", text)).definitions
    return [(name, meaning) for name, meaning in found.items() if "." in name]


def _references(text: str) -> set[str]:
    """What an expression may refer to: the first two and the first three parts of dotted names."""
    names = [name.split(".") for name in _DOTTED.findall(text)]
    return {".".join(parts[:count]) for parts in names for count in (2, 3)}


def _why_not_a_file(entry: Entry) -> str | None:
    if entry.stage != "0":
        return "in conflict: the merge is not finished"
    return {LINK: "a symbolic link", SUBMODULE: "a submodule"}.get(entry.mode)


def _relative(repository: Repository, path: str) -> str:
    """The path of a file from here, as it is named in messages."""
    return os.path.relpath(Path(repository.root, path), os.path.realpath(os.curdir))
