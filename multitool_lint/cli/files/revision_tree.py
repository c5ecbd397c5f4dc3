"""The tree of a revision of a repository, or of what is staged."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from multitool_lint.cli.files.git import Repository, is_index
from multitool_lint.cli.files.git_listing import LINK, SUBMODULE, Entry
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.tree_of_files import PathKind

_KINDS = {LINK: PathKind.LINK, SUBMODULE: PathKind.SUBMODULE}


class RevisionTree:
    """Nothing is read through the working tree. The files of a folder are read at once."""

    def __init__(self, entries: Mapping[str, Entry], repository: Repository) -> None:
        self.entries = entries
        self._repository = repository
        self._expected: set[tuple[str, str]] = set()
        self._texts: dict[str, str | None] = {}
        self._folders: dict[str, dict[str, None]] = {"": {}}
        for path in entries:
            while path:
                folder, name = posixpath.split(path)
                known = folder in self._folders
                self._folders.setdefault(folder, {})[name] = None
                if known:
                    break
                path = folder  # noqa: PLW2901 - up to the top

    def kind(self, path: str) -> PathKind:
        """What is at a path."""
        if path in self.entries:
            return _KINDS.get(self.entries[path].mode, PathKind.FILE)
        return PathKind.FOLDER if path in self._folders else PathKind.NOTHING

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder."""
        return tuple(sorted(self._folders.get(folder, ())))

    def text(self, path: str) -> str | None:
        """The text of a file."""
        if self.kind(path) is not PathKind.FILE:
            return None
        if path not in self._texts:
            self._texts[path] = self._decoded(path)
        return self._texts[path]

    def _decoded(self, path: str) -> str | None:
        try:
            text = reading.decode(self._read(path), path).text
        except reading.UnreadableError:
            return None
        return None if reading.is_pointer(text) else text

    def target(self, path: str) -> str:
        """Where a link leads."""
        return self._read(path).decode("utf-8", "replace") if path in self.entries else ""

    def identity(self, path: str) -> str:
        """The id of the object."""
        return self.entries[path].object if path in self.entries else ""

    def _read(self, path: str) -> bytes:
        wanted = self.entries[path].object
        folder, name = posixpath.split(path)
        ending = name[name.find(".") :]
        if (folder, ending) not in self._expected:
            self._expected.add((folder, ending))
            alike = (posixpath.join(folder, other) for other in self.names(folder))
            self._repository.expect(
                self.entries[p].object for p in alike if p in self.entries and p.endswith(ending)
            )
        return self._repository.blob(wanted)


def revision_tree(repository: Repository, tree: str) -> RevisionTree:
    """The tree of an id, or what is staged.

    Raises:
        GitError: git cannot answer.
    """
    entries = repository.folder(tree, "") if is_index(tree) else repository.files(tree)
    return RevisionTree(entries, repository)
