"""How access differs between two texts of files, by what each deploys by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import roots_of
from multitool_lint.deployments.terraform.access import of_file
from multitool_lint.deployments.terraform.file_names import is_of_module
from multitool_lint.diffs.deployments import Comparison
from multitool_lint.diffs.readable import readable
from multitool_lint.syntax.tree_of_files import FileTree, TreeWithText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.policy.changes import Changes
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.tree_of_files import Tree


def changes_of_sources(sources: Sequence[Source], catalog: Catalog) -> list[Changes] | None:
    """How two files of Terraform modules, or two templates, differ; None for any others.

    Raises:
        ValueError: one of them cannot be read.
        TooMuchError: it takes more work than any real one.
    """
    of: Callable[[Tree, str], Deployment]
    if all(is_of_module(source.path) for source in sources):
        of = of_file
    elif all(roots_of(source.path, source.text) for source in sources):
        of = TemplateDeployment
    else:
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
