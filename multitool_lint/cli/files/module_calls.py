"""Which Terraform modules of a revision call each other, and which may read changed files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_listing import LINK
from multitool_lint.formats.quick_tests import LOCAL_SOURCE
from multitool_lint.syntax.tree_of_files import Tree, below
from multitool_lint.values.terraform.file_names import has_blocks, is_of_module, is_terragrunt_call

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


_FILES = ("fileset(", '}")')
"""What a module has one of that reads files of names that are evaluated."""
_AROUND = "../"
_BELOW = r'\b(?:file\w*|templatefile)\(\s*"(?:\$\{path\.\w+\}/|\./)?(?:[\w-][\w.-]*/)*'
"""What is before the name of a file that is in the folder of a module, or below it."""


def naming_modules(
    repository: Repository, side: str, tree: Tree, paths: Collection[str], calls: ModuleCalls
) -> set[str]:
    """The folders of the modules of a tree that may read some files by the names that they have.

    A module that others call, and one of Terragrunt, may read them in the folders of others.
    """
    names = {posixpath.basename(path) for path in paths}
    files = repository.searches.files_with(side, sorted(names), is_of_module)
    if not files:
        return set()  # as most: nothing else of the repository is asked for
    called = calls.callers(side)
    listed = repository.listed(side)
    links = [path for path in listed if listed[path].mode == LINK]
    is_copied = any(map(is_terragrunt_call, filter(has_blocks, listed)))
    found = set()
    for file in files:
        folder = posixpath.dirname(file)
        inside = f"{folder}/" if folder else ""
        text = tree.text(file) or ""
        is_from_top = any(f'"{path}"' in text for path in paths)
        is_below = not is_from_top and _names_below(text, names)
        may_be_elsewhere = is_copied or folder in called or not is_below
        if may_be_elsewhere or any(p.startswith(inside) for p in (*paths, *links)):
            found.add(folder)
    return found


def _names_below(text: str, names: Collection[str]) -> bool:
    """Whether all names that a file of a module has are of files below its folder."""
    written = (
        (len(re.findall(_BELOW + re.escape(name), text)), text.count(name)) for name in names
    )
    return _AROUND not in text and all(known == number for known, number in written)


def reading_names(
    repository: Repository, side: str, tree: Tree, paths: Collection[str]
) -> set[str]:
    """The folders of the modules of a tree that may read some files by evaluated names.

    They are around the files, or name a folder around their own.
    """
    endings = {posixpath.basename(path).partition(".")[2] for path in paths}
    written = [*_FILES, *sorted(f'}}.{ending}"' for ending in endings if ending)]
    return {
        folder
        for path in repository.searches.files_with(side, written, has_blocks)
        for folder in (posixpath.dirname(path),)
        if any(not folder or other.startswith(f"{folder}/") for other in paths)
        or _AROUND in (tree.text(path) or "")
    }
