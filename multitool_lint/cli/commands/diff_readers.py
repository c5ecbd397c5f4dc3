"""The deployments of a repository whose access is decided by what others publish, for `diff`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.cli.commands.diff_modules import ComparisonRequest, not_compared
from multitool_lint.cli.files.git import relative
from multitool_lint.cli.files.revision_tree import revision_tree
from multitool_lint.cli.files.version import Version
from multitool_lint.cli.files.versions import Versions, digest
from multitool_lint.cli.output.compared import Compared
from multitool_lint.deployments.published import READING
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.diffs.documents import reader_of
from multitool_lint.diffs.published import changed_readers
from multitool_lint.policy.changes import Changes, NotCompared
from multitool_lint.syntax.tree_of_files import PathKind, Tree
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.terraform.file_names import has_blocks

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository


def readers(versions: Versions, asked: ComparisonRequest) -> Iterator[Compared]:
    """What reads something that is published as something else now, and has access by it.

    Raises:
        GitError: git cannot answer.
    """
    sides = versions.sides
    names = {published.name for published in asked.published}
    for repository in versions.repositories:
        tree = revision_tree(repository, sides.new)
        for place in _reading(repository, sides.new, tree, names):
            shown = relative(repository, place)
            both = Version(shown, sides.old), Version(shown, sides.new)
            try:
                found = tuple(dict.fromkeys(_decided(tree, place, asked)))
            except (TooMuchError, RecursionError) as error:
                yield not_compared(both, place, str(error), asked.catalog)
                continue
            if found:
                changes = Changes((), (), found)
                content = digest(place, [reason.reason for reason in found])
                yield Compared(*both, None, changes, (), asked.catalog, content=content)


def _reading(repository: Repository, side: str, tree: Tree, names: set[str]) -> Iterator[str]:
    """The folders of modules, and files, that have a way to read others, and one of some names."""
    found: dict[str, None] = {}
    for path in repository.searches.files_with(side, READING, lambda _: True):
        text = tree.text(path) or ""
        if any(name in text for name in names):
            found[posixpath.dirname(path) if has_blocks(path) else path] = None
    yield from found


def _decided(tree: Tree, place: str, asked: ComparisonRequest) -> Iterator[NotCompared]:
    if tree.kind(place) is PathKind.FOLDER:
        yield from changed_readers(asked.published, ModuleDeployment(tree, place))
    elif read := reader_of(place, tree.text(place) or ""):
        yield from changed_readers(asked.published, read(tree, place))
