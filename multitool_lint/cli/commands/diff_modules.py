"""The access of Terraform modules in two trees, for `diff`."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.commands.diff_output import Compared
from multitool_lint.cli.files.changed_modules import Modules
from multitool_lint.cli.files.git import relative
from multitool_lint.cli.files.version import Version
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.deployments.terraform.module import TooMuchError
from multitool_lint.diff.deployments import Comparison
from multitool_lint.diff.readable import readable
from multitool_lint.policy.changes import Changes, Unknown
from multitool_lint.policy.forbidden import granted
from multitool_lint.syntax.tree_of_files import FileTree, OneModuleFile, Tree

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.forbidden import Forbidden

    Side = ModuleDeployment | None


class Asked(NamedTuple):
    """What is asked of a comparison besides what has changed."""

    forbidden: Sequence[Forbidden]
    catalog: Catalog
    allows_new: bool = False


def changed_modules(versions: Versions, paths: Sequence[str], asked: Asked) -> Iterator[Compared]:
    """The modules that differ in the two sides, and with what is forbidden those of some paths.

    Raises:
        GitError: git cannot answer.
    """
    from multitool_lint.cli.files.changed_files import changes_of

    sides = versions.sides
    for repository in versions.repositories:
        modules = Modules(repository)
        has_old = repository.object(sides.old, "tree") is not None
        changes = changes_of(repository, sides)
        folders = dict.fromkeys(modules.changed(changes, sides if has_old else (sides.new,)))
        if asked.forbidden:
            for path in paths:
                found, place = versions.located(path)
                if found is repository:
                    folders[posixpath.dirname(place)] = None
        for folder in folders:
            place = relative(repository, folder) if folder else os.curdir
            names = str(Version(place, sides.old)), str(Version(place, sides.new))
            try:
                old = modules.deployment(sides.old, folder) if has_old else None
                new = modules.deployment(sides.new, folder)
            except (TooMuchError, RecursionError) as error:
                yield _not_compared(names, folder, str(error), asked.catalog)
                continue
            yield from compared(names, old, new, asked)


def versions_of_one(versions: Versions, old: Version, new: Version, asked: Asked) -> list[Compared]:
    """Two versions of a module, or of two files that are not the same one.

    Raises:
        GitError: git cannot answer.
        UnreadableVersionError: one of them cannot be read.
    """
    for which in (old, new):
        versions.source(which)
    is_same = os.path.realpath(old.path) == os.path.realpath(new.path)
    try:
        sides = [_side(versions, which, alone=not is_same) for which in (old, new)]
        found = list(compared((str(old), str(new)), sides[0], sides[1], asked))
    except (TooMuchError, RecursionError) as error:
        found = [_not_compared((str(old), str(new)), new.path, str(error), asked.catalog)]
    return found or [Compared(str(old), str(new), None, Changes((), ()), (), asked.catalog)]


def _side(versions: Versions, which: Version, *, alone: bool) -> Side:
    """What a version deploys: the module of its folder, or the file alone."""
    if which.revision is None:
        folder, name = os.path.split(os.path.realpath(which.path))
        if alone:
            tree: Tree = OneModuleFile(FileTree(folder), name)
            return ModuleDeployment(tree, "")
    repository, place = versions.located(which.path)
    folder = posixpath.dirname(place)
    modules = Modules(repository)
    if alone:
        return ModuleDeployment(OneModuleFile(modules.tree(which.revision), place), folder)
    return modules.deployment(which.revision, folder)


def compared(names: tuple[str, str], old: Side, new: Side, asked: Asked) -> Iterator[Compared]:
    """How the access of two deployments differs, owner by owner."""
    if asked.allows_new and old is None:
        return
    if doubts := tuple(_broken(old, new)):
        yield Compared(*names, None, Changes((), (), doubts), (), asked.catalog)
    comparison = Comparison(old, new, asked.catalog)
    seen = set()
    for change in comparison.changes():
        seen.add(change.title)
        found = dict.fromkeys(granted(change.policies, asked.forbidden, asked.catalog))
        changes = readable(change.changes, comparison.names)
        yield Compared(*names, change.title, changes, tuple(found), asked.catalog)
    for owner in new.owners.values() if new and asked.forbidden else ():
        policies = comparison.policies_of(owner)
        found = dict.fromkeys(granted(policies, asked.forbidden, asked.catalog))
        if found and owner.title not in seen:
            yield Compared(*names, owner.title, Changes((), ()), tuple(found), asked.catalog)


def _broken(old: Side, new: Side) -> Iterator[Unknown]:
    """The files of a module that cannot be read, unless they are the same as before."""
    for path, reason in sorted(new.shared.broken.items()) if new else ():
        before = old.shared.tree.identity(path) if old and path in old.shared.broken else None
        if new and before != new.shared.tree.identity(path):
            yield Unknown(path, f"{reason}, so that what the module deploys is not known")


def _not_compared(names: tuple[str, str], folder: str, why: str, catalog: Catalog) -> Compared:
    unknown = Unknown(folder or os.curdir, why or "more than is evaluated")
    return Compared(*names, None, Changes((), (), (unknown,)), (), catalog)


def is_module_file(path: str) -> bool:
    """Whether a file is a part of a Terraform module, values among them."""
    name = Path(path).name.lower()
    return name.endswith((".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"))
