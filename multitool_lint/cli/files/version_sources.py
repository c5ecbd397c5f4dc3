"""The texts of versions of files: in the file system, in a commit, or staged for one."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import HEAD, LINK, STAGED, SUBMODULE, Entry, GitError, Repository
from multitool_lint.cli.files.version import MissingVersionError, UnreadableVersionError, Version
from multitool_lint.formats.local_files import SourceWithFiles, path_from
from multitool_lint.formats.recognize import FOLDER_ENDINGS, MODULE_ENDINGS
from multitool_lint.formats.terraform.moves import renamed, renames
from multitool_lint.limits import MAX_TERRAFORM_FOLDER_BYTES
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator


class VersionSources:
    """Reads versions of files and of the Terraform files next to them; opens a repository once."""

    def __init__(self) -> None:
        self._repositories: dict[str, Repository] = {}
        self._renames: dict[Version, dict[str, str]] = {}
        self._folders: dict[Version, tuple[Source, ...]] = {}

    @property
    def repositories(self) -> list[Repository]:
        """The repositories of the files that were read."""
        return list(self._repositories.values())

    def source(self, which: Version) -> Source:
        """A version of a file.

        Raises:
            UnreadableVersionError: it cannot be read.
            GitError: git cannot answer.
        """
        try:
            if which.revision is not None:
                # With a folder that does not exist: the files next to it are of another revision.
                name = which.path if "/" in which.path else f"./{which.path}"
                text = reading.decode(self._show(which), which.path).text
                source: Source = SourceWithFiles(
                    f"{which.revision}:{name}",
                    text,
                    partial(self._named, which),
                    partial(self._of_folder, which),
                )
            elif which.path == "-":
                if sys.stdin is None:
                    raise UnreadableVersionError("-: standard input is closed")
                source = reading.decode(sys.stdin.buffer.read(), "<stdin>")
            else:
                source = reading.read(which.path)
        except (OSError, reading.UnreadableError) as error:
            raise UnreadableVersionError(f"{which}: {reading.reason(error)}") from error
        names = self._renames.get(folder_of(which))
        return renamed(source, names) if names and _is_module(which.path) else source

    def find_moves(self, old: Version, new: Version) -> None:
        """Read the old version of a folder of Terraform by the names that it has in the new one."""
        folders = folder_of(old), folder_of(new)
        if folders[0] in self._renames or not _is_module(new.path):
            return
        self._renames[folders[0]] = {}
        with contextlib.suppress(GitError, UnreadableVersionError, OSError):
            files = list(self.siblings(folders[1]))
            if any("moved" in source.text for source in files):
                self._renames[folders[0]] = renames(self.siblings(folders[0]), files)

    def _named(self, which: Version, name: str) -> str | None:
        """The text of a file that a version of another one names, of the same repository."""
        path = path_from(which.path, name)
        try:
            if Path(name).is_absolute() or self.located(path)[0] is not self.located(which.path)[0]:
                return None
            return reading.decode(self._show(Version(path, which.revision)), path).text
        except (GitError, UnreadableVersionError, reading.UnreadableError, ValueError):
            return None

    def _show(self, which: Version) -> bytes:
        """What git has of the file in the revision."""
        repository, below = self.located(which.path)
        entry = repository.entry(self._tree(repository, which), below)
        if entry is None:
            missing = "staged" if which.revision == STAGED else f"in {which.revision}"
            raise MissingVersionError(f"{which}: no such file {missing}")
        if reason := _why_not_a_file(entry):
            raise UnreadableVersionError(f"{which}: {reason}")
        return repository.ask("cat-file", "blob", entry.object)

    def _tree(self, repository: Repository, which: Version) -> str:
        """The tree of a revision, or the name of the index."""
        if not which.revision:
            return STAGED
        tree = repository.object(which.revision, "tree")
        if tree is not None:
            return tree
        # Before the first commit, HEAD names a branch that does not exist yet.
        if which.revision == HEAD and repository.is_unborn():
            raise MissingVersionError(f"{which}: there is no commit yet")
        raise UnreadableVersionError(f"{which}: no such revision")

    def located(self, path: str) -> tuple[Repository, str]:
        """The repository that a file is in, or was, and its path there."""
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        root = repository_of(folder)
        if root is None:
            raise GitError("no such revision: the file is not in a git repository")
        if root not in self._repositories:
            self._repositories[root] = Repository(root)
        return self._repositories[root], Path(folder, name).relative_to(root).as_posix()

    def siblings(self, which: Version) -> Iterator[Source]:
        """The other Terraform files of a folder, in the same revision, so far as they are text."""
        own = Path(which.path)
        if which.revision is None:
            names = sorted(os.listdir(own.parent))  # noqa: PTH208 - names are what is needed
        else:
            names = [Path(path).name for path in self._beside(which)]
        for name in names:
            if name != own.name and name.lower().endswith(FOLDER_ENDINGS):
                path = str(own.parent / name)
                with contextlib.suppress(UnreadableVersionError):
                    yield replace(self.source(Version(path, which.revision)), path=path)

    def _of_folder(self, which: Version) -> tuple[Source, ...]:
        """The other Terraform files of a folder in a revision, unless they are too many."""
        own = Path(which.path)
        folder = folder_of(which)
        if folder not in self._folders:
            self._folders[folder] = tuple(self.siblings(folder))
        found = self._folders[folder]
        if sum(len(source.text) for source in found) > MAX_TERRAFORM_FOLDER_BYTES:
            return ()
        return tuple(source for source in found if Path(source.path).name != own.name)

    def _beside(self, which: Version) -> dict[str, Entry]:
        """The other Terraform files of a folder in a revision, by the path."""
        repository, below = self.located(which.path)
        folder = below.rpartition("/")[0]
        return {
            path: entry
            for path, entry in repository.folder(self._tree(repository, which), folder).items()
            if path != below
            and path.rpartition("/")[0] == folder
            and path.lower().endswith(FOLDER_ENDINGS)
        }


def folder_of(which: Version) -> Version:
    """The folder of a version, as one of a file that is not there."""
    return which._replace(path=str(Path(which.path).with_name(":")))


def _is_module(path: str) -> bool:
    return path.lower().endswith(MODULE_ENDINGS)


def _why_not_a_file(entry: Entry) -> str | None:
    if entry.stage != "0":
        return "in conflict: the merge is not finished"
    return {LINK: "a symbolic link", SUBMODULE: "a submodule"}.get(entry.mode)
