"""How access differs between two texts of files, by what each deploys by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.deployments.terraform.access import of_file
from multitool_lint.deployments.terraform.file_names import is_of_module
from multitool_lint.diffs.deployments import Comparison
from multitool_lint.diffs.documents import reader_of
from multitool_lint.diffs.readable import readable
from multitool_lint.syntax.tree_of_files import FileTree, TreeWithText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.diffs.documents import Reader
    from multitool_lint.policy.changes import Changes
    from multitool_lint.syntax.source import Source


def changes_of_sources(sources: Sequence[Source], catalog: Catalog) -> list[Changes] | None:
    """How two files of Terraform modules, two templates or two plans differ; None for others.

    Raises:
        ValueError: one of them cannot be read.
        TooMuchError: it takes more work than any real one.
    """
    if all(is_of_module(source.path) for source in sources):
        readers: set[Reader | None] = {of_file}
    else:
        readers = {reader_of(source.path, source.text) for source in sources}
    of = readers.pop()
    if of is None or readers:
        return None
    sides: list[Deployment] = []
    for source in sources:
        folder, name = os.path.split(os.path.realpath(source.path))
        side = of(TreeWithText(FileTree(folder), name, source.text), name)
        if mistakes := list(side.reading.broken.values()):
            raise ValueError(f"{source.path}: {mistakes[0]}")
        sides.append(side)
    comparison = Comparison(sides[0], sides[1], catalog)
    return [readable(change.changes, comparison.names) for change in comparison.changes()]
