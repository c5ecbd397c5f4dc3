"""The texts of versions of files: in the file system, in a commit, or staged for one."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.git import HEAD, STAGED, GitError, Repository, is_index
from multitool_lint.cli.files.git_listing import (
    FOLDER,
    LINK,
    SUBMODULE,
    Entry,
    followed,
    link_to,
    real_prefix,
)
from multitool_lint.cli.files.revision_tree import revision_tree
from multitool_lint.cli.files.version import (
    MANAGED,
    MissingVersionError,
    UnreadableVersionError,
    Version,
    side_name,
)
from multitool_lint.formats.endings import CHART_TEMPLATES, may_be_script
from multitool_lint.formats.local_files import SourceWithFiles, path_from
from multitool_lint.formats.recognize import FOLDER_ENDINGS
from multitool_lint.limits import MAX_TERRAFORM_FOLDER_BYTES
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree_of_files import FileTree, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.cli.files.charts import Charts


class Sides(NamedTuple):
    """What is compared: two commits by their ids, or what is staged with HEAD."""

    old: str = HEAD
    new: str = STAGED


class VersionSources:
    """Reads versions of files and of the Terraform files next to them; opens a repository once.

    `sides` are the versions of the files that are not named one by one.
    """

    def __init__(self) -> None:
        self.sides = Sides()
        self._repositories: dict[str, Repository] = {}
        self._outer: dict[str, Repository] = {}
        self._folders: dict[Version, tuple[Source, ...]] = {}
        self._charts: dict[tuple[Repository, str], Charts] = {}
        self._trees: dict[tuple[Repository, str], Tree] = {}

    @property
    def repositories(self) -> list[Repository]:
        """The repositories of the files that were read."""
        return list(self._repositories.values())

    def close(self) -> None:
        """Remove what was written to read working trees."""
        for repository in self.repositories:
            if repository.work_tree:
                repository.work_tree.close()

    def source(self, which: Version) -> Source:
        """A version of a file.

        Raises:
            UnreadableVersionError: it cannot be read.
            GitError: git cannot answer.
        """
        source: Source
        try:
            if which.revision == MANAGED:
                source = _managed_policy(which)
            elif which.revision is not None:
                # With a folder that does not exist: the files next to it are of another revision.
                name = which.path if "/" in which.path else f"./{which.path}"
                text = self._filled_in(which, reading.decode(self._show(which), which.path).text)
                source = SourceWithFiles(
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
        return _with_marks(source) if which.revision != MANAGED else source

    def _filled_in(self, which: Version, text: str) -> str:
        """The text of a file of a tree; of a template of a chart, with marks of what it takes."""
        if CHART_TEMPLATES not in Path(which.path).parts[:-1]:
            return text
        return self.charts(which).text(self.located(which.path)[1], text)

    def charts(self, which: Version) -> Charts:
        """The charts of the tree that a version of a file is in, or of the index."""
        from multitool_lint.cli.files.charts import Charts  # most repositories have none

        repository, _ = self.located(which.path)
        tree = self._tree(repository, which)
        if (repository, tree) not in self._charts:
            self._charts[repository, tree] = Charts(repository, tree)
        return self._charts[repository, tree]

    def tree(self, which: Version) -> tuple[Tree, str]:
        """The tree that a version of a file is in, and its path there.

        Raises:
            UnreadableVersionError: there is no such revision.
            GitError: git cannot answer.
        """
        if which.revision is None:
            real = os.path.realpath(which.path)
            top = repository_of(str(Path(real).parent)) or str(Path(real).parent)
            return FileTree(top), Path(real).relative_to(top).as_posix()
        repository, below = self.located(which.path)
        revision = self._tree(repository, which)
        if (repository, revision) not in self._trees:
            self._trees[repository, revision] = revision_tree(repository, revision)
        return self._trees[repository, revision], below

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
        tree = self._tree(repository, which)
        entry = repository.entry(tree, below)
        if entry is None:
            _check_no_link(repository, tree, which, below)
        elif entry.mode == LINK and (target := followed(repository, tree, below)):
            entry = repository.entry(tree, target)
            if entry is None and repository.below(tree, target):
                raise UnreadableVersionError(f"{which}: a symbolic link to a folder")
        if entry is None:
            raise MissingVersionError(f"{which}: no such file {side_name(which.revision)}")
        if reason := why_not_a_file(entry):
            raise UnreadableVersionError(f"{which}: {reason}")
        return repository.blob(entry.object)

    def _tree(self, repository: Repository, which: Version) -> str:
        """The tree of a revision, or the name of the index."""
        if which.revision is None or is_index(which.revision):
            return which.revision or STAGED
        self._check_outer(repository, which)
        tree = repository.object(which.revision, "tree")
        if tree is not None:
            return tree
        # Before the first commit, HEAD names a branch that does not exist yet.
        if which.revision == HEAD and repository.is_unborn():
            raise MissingVersionError(f"{which}: there is no commit yet")
        raise UnreadableVersionError(f"{which}: no such revision")

    def _check_outer(self, repository: Repository, which: Version) -> None:
        """See that a repository is not in the place of a folder that the one around it had.

        Raises:
            UnreadableVersionError: it is, and its revisions are others than those of that one.
        """
        root = repository_of(str(Path(repository.root).parent))
        if root is None or not which.revision:
            return
        if repository.root not in self._outer:
            self._outer[repository.root] = Repository(root, is_nested=True)
        outer = self._outer[repository.root]
        tree = outer.object(which.revision, "tree")
        folder = Path(repository.root).relative_to(root).as_posix()
        entry = None if tree is None else outer.entry(tree, folder)
        if entry is not None and entry.mode != SUBMODULE:
            raise UnreadableVersionError(f"{which}: {folder} is a repository of its own here")

    def located(self, path: str) -> tuple[Repository, str]:
        """The repository that a file is in, or was, and its path there, as it is written."""
        folder, name = os.path.split(path)
        folder, below = real_prefix(folder)
        root = repository_of(folder)
        if root is None:
            raise GitError("no such revision: the file is not in a git repository")
        if root not in self._repositories:
            self._repositories[root] = Repository(root)
        return self._repositories[root], Path(folder, below, name).relative_to(root).as_posix()

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
                    yield Source(path, self.source(Version(path, which.revision)).text)

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
        tree = self._tree(repository, which)
        folder = below.rpartition("/")[0]
        listed = repository.folder(tree, folder)
        if not listed:
            _check_no_link(repository, tree, which, below)
        return {
            path: entry
            for path, entry in listed.items()
            if path != below
            and path.rpartition("/")[0] == folder
            and path.lower().endswith(FOLDER_ENDINGS)
        }


def _with_marks(source: Source) -> Source:
    """A source; a script with marks of what its policies are given."""
    if "$" not in source.text or not may_be_script(source.path, source.text):
        return source
    from multitool_lint.formats.script_variables import with_marks  # few have policies

    return source.with_text(with_marks(source.text))


def _managed_policy(which: Version) -> Source:
    """The document of a version of a managed policy of AWS.

    Raises:
        UnreadableVersionError: it is not known.
    """
    from multitool_lint.cli.files.managed_versions import named_policy
    from multitool_lint.cli.options.catalog import newest

    found = named_policy(which.path, newest())
    if found is None or found.version is None:
        raise UnreadableVersionError(f"{which}: no document of this version is known")
    return Source(f"{found.policy.name}@v{found.version.number}", found.version.document)


def folder_of(which: Version) -> Version:
    """The folder of a version, as one of a file that is not there."""
    return which._replace(path=str(Path(which.path).with_name(":")))


def _check_no_link(repository: Repository, tree: str, which: Version, below: str) -> None:
    """See that no link is on the way to a path in a revision.

    Raises:
        UnreadableVersionError: it is.
    """
    if link := link_to(repository, tree, below):
        where = side_name(which.revision)
        raise UnreadableVersionError(f"{which}: {link} is a symbolic link {where}")


def why_not_a_file(entry: Entry) -> str | None:
    """Why an entry of a tree is not a file that can be read."""
    if entry.stage != "0":
        return "in conflict: the merge is not finished"
    kinds = {LINK: "a symbolic link, which leads out of the repository", SUBMODULE: "a submodule"}
    return {**kinds, FOLDER: "a folder"}.get(entry.mode)
