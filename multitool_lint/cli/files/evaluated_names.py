"""Terraform modules that may read changed files by names that they evaluate."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import TYPE_CHECKING

from multitool_lint.values.terraform.file_names import has_blocks

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository
    from multitool_lint.syntax.tree_of_files import Tree

_FILES = ("fileset(", '}")')
"""What a module has one of that reads files of names that are evaluated."""
_AROUND = "../"


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
