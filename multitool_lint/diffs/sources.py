"""How access differs between two texts of files, by what each deploys by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.deployments.attachments import AttachmentDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.diffs.documents import joint_reader, of_module_file, reader_of
from multitool_lint.diffs.files import FileVersion, compare
from multitool_lint.diffs.readable import readable
from multitool_lint.formats.local_files import SourceInTree
from multitool_lint.formats.policies import NoPolicyError, policies_of
from multitool_lint.policy.changes import Changes
from multitool_lint.policy.policy_set import PolicySet
from multitool_lint.syntax.tree_of_files import FileTree, TreeWithText
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.terraform.file_names import is_of_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.diffs.documents import Reader
    from multitool_lint.syntax.source import Source


def changes_of_sources(
    sources: Sequence[Source], catalog: Catalog, read: Callable[[Source], PolicySet] = policies_of
) -> list[tuple[str | None, Changes]]:
    """How two files differ, by what has the policies.

    Files of Terraform modules, templates, services and plans are compared as deployments, of which
    only what has changed is returned, others policy by policy as they are `read`.

    Raises:
        ValueError: one of them cannot be read, has no policy, or takes more work than any real one.
    """
    of = _reader(sources)
    try:
        return [*(_compared(of, sources, catalog) if of else _of_files(sources, catalog, read))]
    except (TooMuchError, RecursionError) as error:
        raise ValueError(f"{sources[1].path}: {error}") from error


def _of_files(
    sources: Sequence[Source], catalog: Catalog, read: Callable[[Source], PolicySet]
) -> Iterator[tuple[str | None, Changes]]:
    old, new = (_version_of(source, read) for source in sources)
    policies, unknown = compare(old, new, catalog)
    for policy in policies:
        yield policy.name, policy.changes
    if unknown:
        yield None, Changes((), (), tuple(unknown))


def _version_of(source: Source, read: Callable[[Source], PolicySet]) -> FileVersion:
    """The policies of a file that is not a deployment, and what it attaches."""
    attached = AttachmentDeployment(source)
    try:
        return FileVersion(read(source), attached)
    except NoPolicyError:
        if not attached.owners:
            raise
        return FileVersion(PolicySet(source.path), attached)


def _reader(sources: Sequence[Source]) -> Reader | None:
    """What reads both as deployments; None if one is none, or they are of two kinds."""
    if all(is_of_module(source.path) for source in sources):
        return of_module_file
    return joint_reader({reader_of(source.path, source.text) for source in sources})


def _compared(
    of: Reader, sources: Sequence[Source], catalog: Catalog
) -> Iterator[tuple[str, Changes]]:
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
    comparison = DeploymentComparison(sides[0], sides[1], catalog)
    for change in comparison.changes():
        yield change.title, readable(change.changes, comparison.names)
