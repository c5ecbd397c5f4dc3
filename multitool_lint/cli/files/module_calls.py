"""The Terraform modules of a repository's revisions, and which of them call each other."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.formats.quick_tests import LOCAL_SOURCE
from multitool_lint.syntax.tree_of_files import Tree, below
from multitool_lint.values.terraform.file_names import has_blocks

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository

_CALLS = ('"./', '"../')


class ModuleCalls:
    """Which modules there are in a revision, and which of them call which."""

    def __init__(self, repository: Repository, tree: Callable[[str], Tree]) -> None:
        self._repository = repository
        self._tree = tree
        self._callers: dict[str, Mapping[str, set[str]]] = {}
        self._sources: dict[str, list[str]] = {}

    def folders(self, side: str) -> set[str]:
        """The folders that have a module in a tree."""
        return set(map(posixpath.dirname, self.files(side)))

    def files(self, side: str) -> Iterator[str]:
        """The files with blocks of modules in a tree."""
        return filter(has_blocks, self._repository.listed(side))

    def calling(self, side: str, folders: set[str]) -> set[str]:
        """The folders of the modules that call some others, directly or not."""
        callers = self.callers(side) if folders else {}
        found: set[str] = set()
        waiting = list(folders)
        while waiting:
            folder = waiting.pop()
            for caller in callers.get(folder, ()):
                if caller not in found:
                    found.add(caller)
                    waiting.append(caller)
        return found

    def callers(self, side: str) -> Mapping[str, set[str]]:
        """By the folder of a module, the folders whose modules call it."""
        if side not in self._callers:
            found: dict[str, set[str]] = {}
            tree = self._tree(side)
            paths = self._repository.searches.files_with(side, _CALLS, has_blocks)
            self._repository.expect(map(tree.identity, paths))
            for path in paths:
                folder = posixpath.dirname(path)
                for source in self._local_sources(tree, path):
                    called = below(folder, source)
                    if called is not None:
                        found.setdefault(called, set()).add(folder)
            self._callers[side] = found
        return self._callers[side]

    def _local_sources(self, tree: Tree, path: str) -> list[str]:
        """The folders of modules that a file names; files with the same content are read once."""
        content = tree.identity(path)
        if content not in self._sources:
            self._sources[content] = LOCAL_SOURCE.findall(tree.text(path) or "")
        return self._sources[content]
