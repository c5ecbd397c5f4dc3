"""The deployment of Terraform that a file has a part of, kept for its other files."""

from __future__ import annotations

import os
import posixpath
from functools import lru_cache
from pathlib import Path

from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.formats.local_files import SourceInTree
from multitool_lint.formats.terraform.modules import top_of
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree_of_files import FileTree, Tree, TreeWithText
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.terraform.file_names import ENDINGS, has_values, is_read_by_itself
from multitool_lint.values.terraform.shared import Deployer

_PLAINLY = Deployer()


class FileDeployment(NamedTuple):
    """The deployment that a file has a part of, and its path there."""

    deployment: ModuleDeployment
    path: str


def deployment_of(source: Source, deployer: Deployer = _PLAINLY) -> FileDeployment | None:
    """The deployment of a file, of which the source has the text; None if it is not read.

    A file of values is for the module of its folder, or else of the nearest one around it.
    """
    real = Path(os.path.realpath(source.path))
    if isinstance(source, SourceInTree):
        path = source.path
        deployment = _read(source.tree, posixpath.dirname(path), deployer)
    elif not real.parent.is_dir():
        path = real.name
        deployment = _read(TreeWithText(path, source.text), "", deployer)
    else:
        top = top_of(real.parent)
        path = real.relative_to(top).as_posix()
        tree: Tree = FileTree(top)
        folder = str(Path(path).parent).removeprefix(".")
        if has_values(path):
            folder = _around(tree, folder)
            deployer = deployer._replace(values=None if is_read_by_itself(path) else path)
        if tree.text(path) == source.text:
            deployment = _deployment(top, folder, deployer)
        else:
            deployment = _read(TreeWithText(path, source.text, tree), folder, deployer)
    if deployment is None or path in deployment.shared.broken:
        return None
    return FileDeployment(deployment, path)


def _around(tree: Tree, folder: str) -> str:
    """The folder of the module that is nearest around a folder, or that folder."""
    inner = folder
    while not any(name.endswith(ENDINGS) for name in tree.names(inner)):
        if not inner:
            return folder
        inner = inner.rpartition("/")[0]
    return inner


def _read(tree: Tree, folder: str, deployer: Deployer) -> ModuleDeployment | None:
    try:
        return ModuleDeployment(tree, folder, deployer=deployer)
    except (TooMuchError, RecursionError):
        return None


@lru_cache(maxsize=4)
def _cached(
    top: str, folder: str, deployer: Deployer
) -> tuple[ModuleDeployment, dict[str, str]] | None:
    tree = FileTree(top)
    deployment = _read(tree, folder, deployer)
    if deployment is None:
        return None
    return deployment, {path: tree.identity(path) for path in deployment.shared.paths}


def _deployment(top: str, folder: str, deployer: Deployer) -> ModuleDeployment | None:
    """The deployment of a folder, which is kept until one of its files has changed."""
    found = _cached(top, folder, deployer)
    if found is not None:
        tree = FileTree(top)
        if any(tree.identity(path) != known for path, known in found[1].items()):
            _cached.cache_clear()
            found = _cached(top, folder, deployer)
    return found[0] if found else None
