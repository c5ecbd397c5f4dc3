"""Which files differ in the two sides of a comparison, as far as that may be about access."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.git import (
    HEAD,
    STAGED,
    WORK_TREE,
    GitError,
    Repository,
    is_index,
    relative,
)
from multitool_lint.cli.files.git_listing import (
    FOLDER,
    LINK,
    SUBMODULE,
    Entry,
    PathChange,
)
from multitool_lint.cli.files.relevant import (
    is_of_policies,
    is_other_link,
    is_other_submodule,
    is_read,
    is_text,
    is_the_same_file,
    may_matter,
)
from multitool_lint.cli.files.version import shown_revision
from multitool_lint.formats.endings import is_page
from multitool_lint.formats.other_files import may_be_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from multitool_lint.cli.files.version_sources import Sides
    from multitool_lint.cli.files.versions import Versions

_HERE = os.curdir + os.sep


class ToCompare(NamedTuple):
    """The files to compare, by their normalized paths, and a note if something is not compared."""

    files: dict[str, str]
    note: str | None = None


def to_compare(versions: Versions, paths: Sequence[str], *, every: bool) -> ToCompare:
    """What to compare: some files, what has changed in some folders, or else all that has changed.

    Where nothing has changed, `every` file that is named, or none.

    Raises:
        GitError: git cannot answer.
    """
    folders = {path: place for path in paths if (place := _folder(versions, path))}
    named = [path for path in paths if path not in folders]
    still = _unchanged(versions, named if paths else [_HERE])
    kept = named if every else [path for path in named if path not in still]
    files = {os.path.normpath(path): path for path in kept}
    for path in _changed_paths(versions, named, None if not paths else folders.values()):
        files.setdefault(os.path.normpath(path), path)
    if files or not (still or folders):
        return ToCompare(files)
    where = "" if still or not folders else f" in {', '.join(folders)}"
    return ToCompare(files, f"{_nothing(versions.sides)}{where}: nothing was compared")


def _nothing(sides: Sides) -> str:
    old = shown_revision(sides.old)
    if sides.new == STAGED:
        return "nothing is staged" if old == HEAD else f"nothing that is staged differs from {old}"
    if sides.new == WORK_TREE:
        return f"nothing has changed since {old}"
    return f"nothing has changed from {old} to {shown_revision(sides.new)}"


def _folder(versions: Versions, path: str) -> tuple[Repository, str] | None:
    """The repository and the place there of a path that is a folder in one of the sides."""
    is_dots = Path(path).name in {"", "..", os.curdir}
    try:
        repository, below = versions.located(f"{path}{os.sep}" if is_dots else path)
    except GitError:
        return None  # it is reported when it is compared
    if below == os.curdir:
        return repository, ""
    for side in versions.sides:
        if is_index(side):
            is_folder = bool(repository.below(side, below))
        else:
            tree = repository.object(side, "tree")
            entry = repository.entry(tree, below) if tree else None
            is_folder = entry is not None and entry.mode == FOLDER
        if is_folder:
            return repository, below
    return None


def _changed_paths(
    versions: Versions, paths: Sequence[str], folders: Collection[tuple[Repository, str]] | None
) -> Iterator[str]:
    """The files that are deleted, changed links, and what has changed in folders, or without them.

    Raises:
        GitError: git cannot answer.
    """
    repositories = {repository for repository, _ in folders or ()}
    for path in paths if folders is not None else [_HERE]:
        try:
            repositories.add(versions.located(path)[0])
        except GitError:
            if folders is None:
                raise
            continue  # it is reported when it is compared
    for repository in repositories:
        within = None
        if folders is not None:
            within = [below for found, below in folders if found is repository]
        for path in _changed(repository, versions.sides, within):
            yield relative(repository, path)


def _unchanged(versions: Versions, paths: Sequence[str]) -> set[str]:
    """The paths where nothing in the whole repository has changed.

    Raises:
        GitError: git cannot answer.
    """
    found = set()
    listed: dict[Repository, dict[str, Entry]] = {}
    for path in paths:
        try:
            repository, below = versions.located(path)
        except GitError:
            continue  # it is reported when it is compared
        if changes_of(repository, versions.sides):
            continue
        if repository not in listed:
            listed[repository] = dict(repository.below(versions.sides.new, ""))
        if path == _HERE or below in listed[repository]:
            found.add(path)
    return found


def changes_of(repository: Repository, sides: Sides) -> list[PathChange]:
    """How the sides differ in a repository; before the first commit, all is new."""
    if repository.object(sides.old, "tree") is not None:
        return repository.changes(*sides)
    if sides.old != HEAD or not repository.is_unborn():
        raise GitError(f'no revision "{shown_revision(sides.old)}" in {repository.root}')
    entries = repository.folder(sides.new, "")
    return [PathChange("A", path, path, None, entry) for path, entry in entries.items()]


def _changed(repository: Repository, sides: Sides, within: Sequence[str] | None) -> Iterator[str]:
    """What is deleted, or no file that is read any more, and all that has changed in some folders.

    Without folders, all that has changed.
    """
    changed = changes_of(repository, sides)
    read = (change for change in changed if is_read(change.path) or may_be_json(change.path))
    repository.expect(e.object for change in read for e in (change.before, change.after) if e)
    for change in changed:
        with_others = within is None or any(
            not folder or change.path.startswith(f"{folder}/") for folder in within
        )
        both = [entry for entry in (change.before, change.after) if entry]
        has_link = any(entry.mode == LINK for entry in both)
        if has_link and is_the_same_file(repository, change, sides):
            continue
        if any(entry.mode == SUBMODULE for entry in both):
            if is_other_submodule(repository, change):
                yield change.path
        elif has_link and is_other_link(repository, change, sides):
            yield change.path
        elif change.status == "R" and not is_read(change.path):
            if any(may_matter(repository, change.old, entry) for entry in both):
                yield change.old
        elif (with_others and change.after and is_text(repository, change.path, change.after)) or (
            (with_others or change.status in "DT") and is_of_policies(repository, change)
        ):
            yield change.path


def unread(versions: Versions) -> Iterator[str]:
    """The files that have changed in the repositories, and that are not read themselves.

    Raises:
        GitError: git cannot answer.
    """
    for repository in versions.repositories:
        if repository.object(versions.sides.old, "tree") is not None:
            for change in repository.changes(*versions.sides):
                is_script = is_read(change.path) and not is_page(change.path)
                if not (is_script or is_of_policies(repository, change)):
                    yield relative(repository, change.path)
