"""What `diff` compares besides modules: files, and deployments that read what others publish."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.commands.diff_modules import ComparisonRequest, compared, not_compared
from multitool_lint.cli.files.git import relative
from multitool_lint.cli.files.revision_tree import revision_tree
from multitool_lint.cli.files.version import MANAGED, AbsentError, Version
from multitool_lint.cli.files.versions import Versions, digest
from multitool_lint.cli.output.compared import Compared
from multitool_lint.deployments.published import READING
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.diffs.documents import joint_reader, reader_of
from multitool_lint.diffs.files import FileVersion, compare
from multitool_lint.diffs.published import changed_readers
from multitool_lint.formats.endings import PAGE_ENDINGS, format_name
from multitool_lint.policy.changes import Changes, NotCompared
from multitool_lint.policy.forbidden import granted
from multitool_lint.syntax.tree_of_files import PathKind, Tree
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.terraform.file_names import has_blocks

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository
    from multitool_lint.deployments.deployment import Deployment


class FileInVersion(NamedTuple):
    """What a version of a file has."""

    version: Version
    file: FileVersion


def compared_files(
    old: FileInVersion, new: FileInVersion, asked: ComparisonRequest, *, content: str, is_new: bool
) -> Iterator[Compared]:
    """How the access of two versions differs, policy by policy; what `is_new` is not compared."""
    names, before = (old.version, new.version), old.file
    if is_new:
        before = new.file._replace(policies=new.file.policies._replace(unknown=()))
    elsewhere = partial(asked.elsewhere, ())
    policies, unknown = compare(before, new.file, asked.catalog, elsewhere)
    for policy in policies:
        forbidden = granted(policy.policies, asked.forbidden, asked.catalog)
        yield Compared(
            *names,
            policy.name,
            policy.changes,
            tuple(dict.fromkeys(forbidden)),
            asked.catalog,
            is_new=is_new,
            is_partial=bool(unknown),
            content=content,
        )
    if unknown:
        changes = Changes((), (), tuple(unknown))
        yield Compared(*names, None, changes, (), asked.catalog, content=content)


def as_policy(after: FileVersion, before: FileVersion) -> FileVersion:
    """What is left of a file that was a policy as a whole, and may be one of another form now.

    A page has examples, which may be gone without being written in another form.
    """
    policies = after.policies
    is_page = format_name(policies.path).endswith(PAGE_ENDINGS)
    if policies.policies or is_page or not before.policies.is_one_policy:
        return after
    gone = NotCompared(policies.path, "it has no policy now")
    return after._replace(policies=policies._replace(unknown=(*policies.unknown, gone)))


def compared_documents(
    versions: Versions, old: Version, new: Version, asked: ComparisonRequest
) -> list[Compared] | None:
    """How two versions of a template or plan differ; None if one of them is something else.

    Raises:
        GitError: git cannot answer.
        UnreadableVersionError: one of them cannot be read.
    """
    sides = [_text(versions, which) for which in (old, new)]
    there = [(which, text) for which, text in zip((old, new), sides, strict=True) if text]
    read = joint_reader({reader_of(which.path, text) for which, text in there})
    if read is None or "" in sides:
        return None
    try:
        before, after = (
            None if text is None else read(*versions.tree(which))
            for which, text in zip((old, new), sides, strict=True)
        )
        if after is not None and (before or not asked.allows_new):
            asked.deployed.update(_compared_with(versions, before, after, old))
        return list(compared((old, new), before, after, asked))
    except (TooMuchError, RecursionError) as error:
        return [not_compared((old, new), new.path, str(error), asked.catalog)]


def _compared_with(
    versions: Versions, before: Deployment | None, after: Deployment, old: Version
) -> Iterator[str]:
    """The files that all of a deployment is read from, and that were so before, or are new."""
    if not after.files:
        return
    repository, _ = versions.located(old.path)
    tree, _ = versions.tree(old)
    for path in after.files:
        if (before and path in before.files) or tree.text(path) is None:
            yield os.path.normpath(relative(repository, path))


def _text(versions: Versions, which: Version) -> str | None:
    """The text of a version; None for a file that is not there."""
    if which.path == "-" or which.revision == MANAGED:
        return ""
    try:
        return versions.source(which).text
    except AbsentError:
        return None


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
