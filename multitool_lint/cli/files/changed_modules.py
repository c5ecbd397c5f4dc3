"""The Terraform modules that differ in two trees, and what each of them deploys."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import product, starmap
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_listing import LINK, SUBMODULE, PathChange
from multitool_lint.cli.files.module_calls import ModuleCalls, naming_modules, reading_names
from multitool_lint.cli.files.revision_tree import revision_tree
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.deployments.terraform.moves import forgotten_addresses, moved_addresses
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax.hcl.expressions import MistakenError
from multitool_lint.syntax.tree_of_files import FileTree, PathKind, Tree, TreeWithFiles
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.terraform.definitions import changed_defaults
from multitool_lint.values.terraform.file_names import (
    ENDINGS,
    OPENTOFU,
    UNIT,
    VALUES,
    has_blocks,
    is_of_module,
    is_of_terragrunt,
    is_read_by_itself,
    is_terragrunt_call,
)
from multitool_lint.values.terraform.module import values_in
from multitool_lint.values.terraform.shared import Deployer, VariableAssumption

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository

    Side = str | None

_EXAMPLES = lazy_pattern(r"(?:^|/)(?:examples?|tests?)(?:/|$)")
"""The folders of modules that only show how others may call one."""
_LEADING = frozenset({LINK, SUBMODULE})


class ModuleTrees:
    """The modules of a repository in its revisions, of which trees are read once.

    The files `kept` of the new side count as if they were in the old one, too.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._trees: dict[str | None, Tree] = {}
        self.calls = ModuleCalls(repository, self.tree)
        self._read_with: dict[tuple[Side, str], Collection[str]] = {}
        self._moved: dict[str, str] = {}
        self.kept: tuple[str, ...] = ()

    def sides(
        self, old: Side, new: Side, folder: str, values: str | None = None
    ) -> Iterator[tuple[ModuleDeployment | None, ModuleDeployment | None]]:
        """What the module of a folder deploys in two trees, in what is staged, or in the files.

        None where there is no module. Resources that were moved have their new addresses in both,
        and a module that git calls renamed is what it was in its former folder.
        `values` is the path of a file with values of variables. Where OpenTofu has files of its
        own, Terraform deploys something else.

        Raises:
            GitError: git cannot answer.
            TooMuchError: it takes more work than any real one.
        """
        trees = [None if side is None else self.tree(side) for side in (old, new)]
        if self.kept and trees[0] is not None and trees[1] is not None:
            trees[0] = TreeWithFiles(trees[0], trees[1], self.kept)
        names = [name for tree in trees if tree for name in tree.names(folder)]
        readers = (True, False) if any(name.endswith(OPENTOFU) for name in names) else (True,)
        kinds = (False, True) if UNIT in names and values is None else (False,)
        for deployer in starmap(partial(Deployer, values), product(readers, kinds)):
            made = partial(_deployment, folder=folder, deployer=deployer)
            after = made(trees[1]) if trees[1] else None
            read = {*after.shared.paths, values} if after else set()
            if after and old is not None and new is not None and self._is_same(old, new, read):
                yield after, after
                continue
            was = partial(made, folder=self._moved.get(folder, folder))
            before = was(trees[0]) if trees[0] else None
            if not (before and after and trees[0] and trees[1]):
                if before or after:
                    yield before, after
                continue
            moved = moved_addresses(before.modules, after.modules)
            without = forgotten_addresses(after.modules)
            old_made = partial(was, trees[0], names=moved, without=without)
            new_made = partial(made, trees[1])
            changed = changed_defaults(before.root, after.root)
            if len(changed) == 1:
                # Who gives the variable a value gives both versions the same.
                for is_given in (True, False):
                    assumed = VariableAssumption(changed[0], is_given)
                    yield old_made(assumed=assumed), new_made(assumed=assumed)
            else:
                yield (old_made() if moved or without else before), after

    def _is_same(self, old: str, new: str, read: set[str | None]) -> bool:
        """Whether nothing that was read, or looked for, in a new tree is another in the old."""
        changed: set[str] = set(self.kept)
        for change in self._repository.changes(old, new):
            if _is_link(change):
                return False
            for path in (change.path, change.old):
                changed.add(path)
                folder = path
                while change.status != "M" and folder:
                    folder = posixpath.dirname(folder)
                    changed.add(folder)
        return changed.isdisjoint(read)

    def is_called(self, side: Side, folder: str) -> bool:
        """Whether a module is called in a tree, by no other than modules that are read.

        Modules within its own folder are examples of how others may call it, and so are those in a
        folder of examples or tests if no others call it.
        """
        callers = (
            self.calls.callers(side).get(folder, set()) if side is not None and folder else set()
        )
        if any(f"{caller}/".startswith(f"{folder}/") for caller in callers):
            return False
        if all(map(_EXAMPLES.search, callers)):
            return False
        return all(folder in self._read_by(side, caller) for caller in callers)

    def _read_by(self, side: Side, folder: str) -> Collection[str]:
        """The folders of the modules that the one of a folder is read with."""
        if (side, folder) not in self._read_with:
            found: set[str] = set()
            for is_unit in (False, True):
                with suppress(TooMuchError, RecursionError):
                    made = _deployment(self.tree(side), folder, Deployer(terragrunt=is_unit))
                    found.update(module.folder for module in (made.modules if made else ()))
            self._read_with[side, folder] = found
        return self._read_with[side, folder]

    def tree(self, revision: str | None) -> Tree:
        """The tree of a revision, of what is staged, or of the files."""
        if revision not in self._trees:
            made: Tree = FileTree(self._repository.root)
            if revision is not None:
                made = revision_tree(self._repository, revision)
            self._trees[revision] = made
        return self._trees[revision]

    def changed(self, changes: Iterable[PathChange], sides: Sequence[str]) -> list[str]:
        """The folders of the modules that changes may be about, in some revisions."""
        folders = set().union(*map(self.calls.folders, sides))
        if not folders:
            return []
        listed = list(changes)
        paths = {path for change in listed for path in (change.path, change.old)}
        found = {posixpath.dirname(path) for path in paths if is_of_module(path)}
        links = filter(_is_link, listed)
        found |= {path for change in links for path in (change.path, change.old)}
        others = {path for path in paths if not is_of_module(path)}
        for side in sides:
            if 0 < len(set(map(posixpath.basename, others))) <= MAX_NAMED_FILES:
                tree = self.tree(side)
                found |= naming_modules(self._repository, side, tree, others, self.calls)
                found |= reading_names(self._repository, side, self.tree(side), paths)
            found |= self._units(side, paths)
            found |= self.calls.calling(side, found)
        self._moved = self._moved_folders(listed, sides)
        self._expect(found & folders, sides)
        return sorted(found & folders - {*self._moved.values()})

    def _moved_folders(self, changes: Iterable[PathChange], sides: Sequence[str]) -> dict[str, str]:
        """The folders that have a module only now, each with the one that git says it was in."""
        old, new = self.calls.folders(sides[0]), self.calls.folders(sides[-1])
        pairs = {
            tuple(map(posixpath.dirname, (change.path, change.old)))
            for change in changes
            if change.status == "R" and has_blocks(change.path)
        }
        return {now: was for now, was in pairs if now not in old and was not in new}

    def _units(self, side: str, paths: Collection[str]) -> set[str]:
        """The folders of the units of Terragrunt that files of its own may be read for.

        These are below the file, or name it, or a file that does.
        """
        calls = filter(is_terragrunt_call, self.calls.files(side))
        units = set(map(posixpath.dirname, calls))
        waiting = [path for path in paths if is_of_terragrunt(path)] if units else []
        found: set[str] = set()
        seen: set[str] = set()
        while waiting:
            path = waiting.pop()
            seen.add(path)
            around, name = posixpath.split(path)
            found |= {unit for unit in units if not around or f"{unit}/".startswith(f"{around}/")}
            naming = self._repository.searches.files_with(side, [name], is_of_terragrunt)
            waiting += set(naming) - seen if name != UNIT else ()
        return found

    def _expect(self, folders: set[str], sides: Sequence[str]) -> None:
        """Read the files of some modules, and of those that they call, together."""
        for side in sides:
            callers, wanted = self.calls.callers(side).items(), set(folders)
            while more := {called for called, by in callers if by & wanted} - wanted:
                wanted |= more
            listed = self._repository.listed(side)
            self._repository.expect(
                listed[path].object
                for path in filter(has_blocks, listed)
                if posixpath.dirname(path) in wanted
            )

    def with_values(
        self, changes: Iterable[PathChange], sides: tuple[str | None, str]
    ) -> Iterator[tuple[str, str]]:
        """The modules that changed files of values may be for, with these.

        Which module a file is for, the command line of Terraform says: one in a folder around it,
        or else any that has a variable which these do not have. With a file that is gone, nothing
        is deployed any more.
        """
        paths = {path for change in changes for path in (change.path, change.old)}
        there = self.tree(sides[1])
        for path in sorted(path for path in paths if path.endswith(VALUES)):
            if there.kind(path) is not PathKind.FILE:
                continue
            declared = {
                f'"{name}"'
                for side in sides
                if side is not None
                for name in self._names(side, path)
            }
            having = self._having(sides[1], declared)
            own = posixpath.dirname(path)
            if own in having and is_read_by_itself(path):
                continue
            around = {f for f in having if not f or f"{own}/".startswith(f"{f}/")}
            around = {own} if own in having else around
            left = declared.difference(*(having[folder] for folder in around))
            yield from ((f, path) for f in sorted(having) if f in around or having[f] & left)

    def _having(self, side: str, declared: set[str]) -> Mapping[str, set[str]]:
        """The folders of the modules that have some variables, each with those that it has."""
        search = self._repository.searches.files_with
        having: dict[str, set[str]] = {}
        for file in search(side, sorted(declared), has_blocks) if declared else ():
            text = self.tree(side).text(file) or ""
            having.setdefault(posixpath.dirname(file), set()).update(
                name for name in declared if name in text
            )
        return having

    def _names(self, side: str, path: str) -> Iterable[str]:
        """The variables that a file gives values."""
        text = self.tree(side).text(path)
        try:
            return values_in(path, text).attributes if text is not None else ()
        except MistakenError:
            return ()


def _is_link(change: PathChange) -> bool:
    """Whether a path leads, or led, to a folder or file of any name."""
    return any(entry and entry.mode in _LEADING for entry in (change.before, change.after))


def _deployment(
    tree: Tree,
    folder: str,
    deployer: Deployer = Deployer(),  # noqa: B008 - it is immutable
    names: Mapping[str, str] = MappingProxyType({}),
    assumed: VariableAssumption | None = None,
    without: Collection[str] = (),
) -> ModuleDeployment | None:
    listed = tree.names(folder)
    files = [name for name in listed if name.endswith(ENDINGS)]
    has_files = any(deployer.opentofu or not name.endswith(OPENTOFU) for name in files)
    if not (UNIT in listed if deployer.terragrunt else has_files):
        return None
    values = deployer.values
    if values is not None and tree.kind(values) is not PathKind.FILE:
        deployer = deployer._replace(values=None)
    return ModuleDeployment(
        tree, folder, names=names, deployer=deployer, assumed=assumed, without=without
    )
