"""The Terraform modules that differ in two trees, and what each of them deploys."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import STAGED, Repository
from multitool_lint.cli.files.revision_tree import revision_tree
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.deployments.terraform.module import ENDINGS
from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax.tree_of_files import FileTree, Tree, below

if TYPE_CHECKING:
    from multitool_lint.cli.files.git_listing import Change

_VALUES = (".tfvars", ".tfvars.json")
_LOCAL_SOURCE = re.compile(r'\bsource["\s]*[=:]\s*"(\.{1,2}/[^"]*)"')
_CALLS = ('"./', '"../')


class Modules:
    """The modules of a repository in its revisions, of which trees are read once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._trees: dict[str | None, Tree] = {}
        self._callers: dict[str | None, Mapping[str, set[str]]] = {}

    def deployment(self, revision: str | None, folder: str) -> ModuleDeployment | None:
        """What the module of a folder deploys in a tree, in what is staged, or in the files.

        None if there is no module.

        Raises:
            GitError: git cannot answer.
            TooMuchError: it takes more work than any real one.
        """
        tree = self.tree(revision)
        if not any(name.endswith(ENDINGS) for name in tree.names(folder)):
            return None
        return ModuleDeployment(tree, folder)

    def tree(self, revision: str | None) -> Tree:
        """The tree of a revision, of what is staged, or of the files."""
        if revision not in self._trees:
            made: Tree = FileTree(self._repository.root)
            if revision is not None:
                made = revision_tree(self._repository, revision)
            self._trees[revision] = made
        return self._trees[revision]

    def changed(self, changes: Iterable[Change], sides: Sequence[str]) -> list[str]:
        """The folders of the modules that changes may be about, in some revisions."""
        listed = list(changes)
        paths = {path for change in listed for path in (change.path, change.old)}
        found = {posixpath.dirname(path) for path in paths if path.endswith((*ENDINGS, *_VALUES))}
        # A link may lead to a folder or file of any name.
        found |= paths
        others = {posixpath.basename(p) for p in paths if not p.endswith((*ENDINGS, *_VALUES))}
        for side in sides:
            if others and len(others) <= MAX_NAMED_FILES:
                for path in self._repository.files_with(side, sorted(others)):
                    if path.endswith((*ENDINGS, *_VALUES)):
                        found.add(posixpath.dirname(path))
            found |= self._calling(side, found)
        folders = {posixpath.dirname(p) for s in sides for p in self._modules(s)}
        return sorted(found & folders)

    def _modules(self, side: str) -> Iterator[str]:
        entries = self._repository.folder(STAGED, "") if side == STAGED else None
        for path in entries if entries is not None else self._repository.files(side):
            if path.endswith(ENDINGS):
                yield path

    def _calling(self, side: str, folders: set[str]) -> set[str]:
        """The folders of the modules that call some others, directly or not."""
        callers = self._callers_in(side)
        found: set[str] = set()
        waiting = list(folders)
        while waiting:
            folder = waiting.pop()
            for caller in callers.get(folder, ()):
                if caller not in found:
                    found.add(caller)
                    waiting.append(caller)
        return found

    def _callers_in(self, side: str) -> Mapping[str, set[str]]:
        """The folders whose modules call the one of a folder."""
        if side not in self._callers:
            found: dict[str, set[str]] = {}
            tree = self.tree(side)
            for path in self._repository.files_with(side, _CALLS):
                if path.endswith(ENDINGS):
                    folder = posixpath.dirname(path)
                    for source in _LOCAL_SOURCE.findall(tree.text(path) or ""):
                        called = below(folder, source)
                        if called is not None:
                            found.setdefault(called, set()).add(folder)
            self._callers[side] = found
        return self._callers[side]
