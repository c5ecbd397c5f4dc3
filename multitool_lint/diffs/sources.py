"""How access differs between two texts of files, by what each deploys by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.deployments.reading import TooMuchError
from multitool_lint.deployments.terraform.access import of_file
from multitool_lint.deployments.terraform.file_names import is_of_module
from multitool_lint.diffs.deployments import Comparison
from multitool_lint.diffs.documents import reader_of
from multitool_lint.diffs.readable import readable
from multitool_lint.formats.local_files import SourceInTree
from multitool_lint.syntax.tree_of_files import FileTree, TreeWithText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.diffs.documents import Reader
    from multitool_lint.policy.changes import Changes
    from multitool_lint.syntax.source import Source


def changes_of_sources(
    sources: Sequence[Source], catalog: Catalog
) -> list[tuple[str, Changes]] | None:
    """How two files of Terraform modules, two templates or two plans differ; None for others.

    That is by the title of what has the policies.

    Raises:
        ValueError: one of them cannot be read, or takes more work than any real one.
    """
    if all(is_of_module(source.path) for source in sources):
        readers: set[Reader | None] = {of_file}
    else:
        readers = {reader_of(source.path, source.text) for source in sources}
    of = readers.pop()
    if of is None or readers:
        return None
    try:
        return _compared(of, sources, catalog)
    except (TooMuchError, RecursionError) as error:
        raise ValueError(f"{sources[1].path}: {error}") from error


def _compared(of: Reader, sources: Sequence[Source], catalog: Catalog) -> list[tuple[str, Changes]]:
    sides: list[Deployment] = []
    for source in sources:
        if isinstance(source, SourceInTree):
            side = of(source.tree, source.path)
        else:
            folder, name = os.path.split(os.path.realpath(source.path))
            side = of(TreeWithText(name, source.text, FileTree(folder)), name)
        if mistakes := list(side.reading.broken.values()):
            raise ValueError(f"{source.path}: {mistakes[0]}")
        sides.append(side)
    comparison = Comparison(sides[0], sides[1], catalog)
    return [
        (change.title, readable(change.changes, comparison.names))
        for change in comparison.changes()
    ]
