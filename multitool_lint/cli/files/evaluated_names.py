"""Terraform modules that may read changed files by names that they have or evaluate."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_listing import LINK
from multitool_lint.values.terraform.file_names import has_blocks, is_of_module, is_terragrunt_call

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository
    from multitool_lint.cli.files.module_calls import ModuleCalls
    from multitool_lint.syntax.tree_of_files import Tree

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
        is_from_top = any(f'"{path}"' in (tree.text(file) or "") for path in paths)
        is_below = _names_below(tree, file, names) and not is_from_top
        may_be_elsewhere = is_copied or folder in called or not is_below
        if may_be_elsewhere or any(p.startswith(inside) for p in (*paths, *links)):
            found.add(folder)
    return found


def _names_below(tree: Tree, file: str, names: Collection[str]) -> bool:
    """Whether all names that a file of a module has are of files below its folder."""
    text = tree.text(file) or ""
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
