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
    EXECUTABLE,
    FOLDER,
    LINK,
    SUBMODULE,
    Entry,
    PathChange,
    followed,
)
from multitool_lint.cli.files.version import shown_revision
from multitool_lint.formats.attaching_commands import attaching
from multitool_lint.formats.endings import is_candidate, is_page, may_hold_policies
from multitool_lint.formats.other_files import may_be_json
from multitool_lint.formats.recognize import FOLDER_ENDINGS
from multitool_lint.formats.serverless import SERVICE_PROGRAMS
from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax import source as reading

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
        if has_link and _is_the_same_file(repository, change, sides):
            continue
        if any(entry.mode == SUBMODULE for entry in both):
            if _is_other_submodule(repository, change):
                yield change.path
        elif has_link and _is_other_link(repository, change, sides):
            yield change.path
        elif change.status == "R" and not is_read(change.path):
            if any(_may_matter(repository, change.old, entry) for entry in both):
                yield change.old
        elif (with_others and change.after and _is_text(repository, change.path, change.after)) or (
            (with_others or change.status in "DT") and _is_of_policies(repository, change)
        ):
            yield change.path


def _is_of_policies(repository: Repository, change: PathChange) -> bool:
    """Whether a file that has changed may have policies, or had."""
    both = (entry for entry in (change.before, change.after) if entry)
    return any(_may_matter(repository, change.path, entry) for entry in both)


def _is_other_submodule(repository: Repository, change: PathChange) -> bool:
    """Whether files that may have policies are others in a submodule; also where it is not here."""
    path = Path(repository.root, change.path)
    entries = change.before, change.after
    if not os.path.lexists(path / ".git") or any(e and e.mode != SUBMODULE for e in entries):
        return True
    try:
        inner = Repository(str(path), is_nested=True)
        before, after = (inner.files(entry.object) if entry else {} for entry in entries)
        return any(
            entry and _may_matter(inner, name, entry)
            for name in before.keys() | after.keys()
            if before.get(name) != after.get(name)
            for entry in (before.get(name), after.get(name))
        )
    except GitError:
        return True


def _is_other_link(repository: Repository, change: PathChange, sides: Sides) -> bool:
    """Whether a link leads, or led, to what may have policies."""
    return any(
        entry is not None
        and entry.mode == LINK
        and not _leads_to_the_same_program(repository, sides, side, path)
        and _leads_to_policies(repository, side, path)
        for entry, side, path in (
            (change.before, sides.old, change.old),
            (change.after, sides.new, change.path),
        )
    )


def _is_the_same_file(repository: Repository, change: PathChange, sides: Sides) -> bool:
    """Whether a file is where a link to one of the same content was, or the other way round."""
    before = _file(repository, sides.old, change.before, change.old)
    after = _file(repository, sides.new, change.after, change.path)
    return change.path == change.old and before is not None and before == after


def _file(repository: Repository, side: str, entry: Entry | None, path: str) -> str | None:
    """The content of the file at a path, or that a link leads to; None for any other."""
    if entry is not None and entry.mode == LINK:
        target = followed(repository, side, path)
        entry = None if target is None else repository.entry(side, target)
    is_file = entry is not None and entry.mode not in {LINK, FOLDER, SUBMODULE}
    return entry.object if entry is not None and is_file else None


def _leads_to_the_same_program(repository: Repository, sides: Sides, side: str, link: str) -> bool:
    """Whether a link leads to a program that is the same in both sides; no content is read.

    Programs are large, and a partial clone may lack those that it does not have to check out.
    """
    target = followed(repository, side, link)
    if target is None or any(is_candidate(Path(name).name) for name in (link, target)):
        return False
    before, after = (repository.entry(revision, target) for revision in sides)
    return before is not None and before == after and before.mode == EXECUTABLE


def _leads_to_policies(repository: Repository, side: str, link: str) -> bool:
    """Whether a file that a link leads to may have policies, or one in a folder that it leads to.

    By its own name or that of the link; of what is not there to be read, by the latter alone.
    """
    target = followed(repository, side, link)
    entry = None if target is None else repository.entry(side, target)
    if target is not None and entry is not None and entry.mode not in {FOLDER, SUBMODULE}:
        return any(_may_matter(repository, name, entry) for name in (link, target))
    below = [] if target is None else repository.below(side, target)
    if not below:
        return is_read(link)
    read = [(name, entry) for name, entry in below if is_read(name)]
    return len(read) > MAX_NAMED_FILES or any(
        entry.mode == LINK or _may_matter(repository, name, entry) for name, entry in read
    )


def is_read(path: str) -> bool:
    """Whether the name of a file is one that policies are looked for in."""
    name = Path(path).name
    is_named = name in SERVICE_PROGRAMS or name.lower().endswith("policy")
    return is_candidate(name) or "." not in name or is_named


def _is_text(repository: Repository, path: str, entry: Entry) -> bool:
    """Whether a file has more than policies in it that may decide about access."""
    if entry.mode == LINK or not is_read(path) or is_page(path):
        return False
    try:
        reading.decode(repository.blob(entry.object), path)
    except reading.UnreadableError:
        return False
    return True


def _may_matter(repository: Repository, path: str, entry: Entry) -> bool:
    if entry.mode in {LINK, SUBMODULE} or not (is_read(path) or may_be_json(path)):
        return False
    if path.lower().endswith(FOLDER_ENDINGS):
        return True
    data = repository.blob(entry.object)
    text = data.replace(b"\0", b"").decode("latin-1")
    is_json = text.removeprefix("\xef\xbb\xbf").lstrip().startswith(("{", "["))
    if not (is_json or is_read(path)):
        return False
    return may_hold_policies(path, text) or (is_page(path) and any(attaching(text)))


def unread(versions: Versions) -> Iterator[str]:
    """The files that have changed in the repositories, and that are not read themselves.

    Raises:
        GitError: git cannot answer.
    """
    for repository in versions.repositories:
        if repository.object(versions.sides.old, "tree") is not None:
            for change in repository.changes(*versions.sides):
                is_text = is_read(change.path) and not is_page(change.path)
                if not (is_text or _is_of_policies(repository, change)):
                    yield relative(repository, change.path)
