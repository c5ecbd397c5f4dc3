"""Which files differ in the two sides of a comparison, as far as that may be about access."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.git_listing import FOLDER, LINK, SUBMODULE, Change
from multitool_lint.cli.files.links import followed
from multitool_lint.cli.files.version import UnreadableVersionError
from multitool_lint.formats.endings import is_candidate, may_hold_policies
from multitool_lint.formats.other_files import may_be_json
from multitool_lint.formats.recognize import FOLDER_ENDINGS
from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.cli.files.git_listing import Entry
    from multitool_lint.cli.files.version_sources import Sides
    from multitool_lint.cli.files.versions import Versions

_HERE = os.curdir + os.sep


def to_compare(
    versions: Versions, paths: Sequence[str], *, every: bool
) -> tuple[dict[str, str], str | None]:
    """The files to compare, by their normalized paths, and a note if that is nothing.

    These are some paths, and what has changed; where nothing has, `every` path or none.

    Raises:
        UnreadableVersionError: git cannot answer.
    """
    still = _unchanged(versions, paths)
    kept = paths if every else [path for path in paths if path not in still]
    files = {os.path.normpath(path): path for path in kept}
    for path in _changed_paths(versions, paths):
        files.setdefault(os.path.normpath(path), path)
    if kept or not still:
        return files, None
    old, new = versions.sides
    reason = f"nothing has changed from {old} to {new}" if new else "nothing is staged"
    return files, f"{reason}: nothing was compared"


def _changed_paths(versions: Versions, paths: Sequence[str]) -> Iterator[str]:
    """The files that are deleted, and changed links, and without some paths all that have changed.

    Raises:
        UnreadableVersionError: git cannot answer.
    """
    repositories = set()
    for path in paths or [_HERE]:
        try:
            repositories.add(versions.located(path)[0])
        except GitError as error:
            if not paths:
                raise UnreadableVersionError(str(error)) from error
            continue  # it is reported when it is compared
    try:
        for repository in repositories:
            for path in _changed(repository, versions.sides, with_others=not paths):
                yield relative(repository, path)
    except GitError as error:
        raise UnreadableVersionError(str(error)) from error


def _unchanged(versions: Versions, paths: Sequence[str]) -> set[str]:
    """The paths, or without some this place, where nothing in the whole repository has changed.

    Raises:
        UnreadableVersionError: git cannot answer.
    """
    found = set()
    listed: dict[Repository, dict[str, Entry]] = {}
    for path in paths or [_HERE]:
        try:
            repository, below = versions.located(path)
        except GitError:
            continue  # it is reported when it is compared
        try:
            if changes_of(repository, versions.sides):
                continue
            if repository not in listed:
                listed[repository] = dict(repository.below(versions.sides.new, ""))
            if path == _HERE or below in listed[repository]:
                found.add(path)
        except GitError as error:
            raise UnreadableVersionError(str(error)) from error
    return found


def changes_of(repository: Repository, sides: Sides) -> list[Change]:
    """How the sides differ in a repository; before the first commit, all is new."""
    if repository.object(sides.old, "tree") is not None:
        return repository.changes(*sides)
    entries = repository.folder(sides.new, "")
    return [Change("A", path, path, None, entry) for path, entry in entries.items()]


def _changed(repository: Repository, sides: Sides, *, with_others: bool) -> Iterator[str]:
    """What is deleted, or no file that is read any more, and with others all that has changed."""
    for change in changes_of(repository, sides):
        both = [entry for entry in (change.before, change.after) if entry]
        if any(entry.mode == SUBMODULE for entry in both):
            if _is_other_submodule(repository, change):
                yield change.path
        elif any(entry.mode == LINK for entry in both) and _is_other_link(
            repository, change, sides
        ):
            yield change.path
        elif change.status == "R" and not is_read(change.path):
            if any(_may_matter(repository, change.old, entry) for entry in both):
                yield change.old
        elif (with_others and change.after and _is_text(repository, change.path, change.after)) or (
            (with_others or change.status in "DT")
            and any(_may_matter(repository, change.path, entry) for entry in both)
        ):
            yield change.path


def _is_other_submodule(repository: Repository, change: Change) -> bool:
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


def _is_other_link(repository: Repository, change: Change, sides: Sides) -> bool:
    """Whether a link leads, or led, to what may have policies."""
    return any(
        entry is not None and entry.mode == LINK and _leads_to_policies(repository, side, path)
        for entry, side, path in (
            (change.before, sides.old, change.old),
            (change.after, sides.new, change.path),
        )
    )


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
    return is_candidate(name) or "." not in name or name.lower().endswith("policy")


def _is_text(repository: Repository, path: str, entry: Entry) -> bool:
    """Whether a file is one that the hook is given, whatever is in it."""
    if entry.mode == LINK or not is_read(path):
        return False
    try:
        reading.decode(repository.ask("cat-file", "blob", entry.object), path)
    except reading.UnreadableError:
        return False
    return True


def _may_matter(repository: Repository, path: str, entry: Entry) -> bool:
    if entry.mode in {LINK, SUBMODULE} or not (is_read(path) or may_be_json(path)):
        return False
    if path.lower().endswith(FOLDER_ENDINGS):
        return True
    data = repository.ask("cat-file", "blob", entry.object)
    text = data.replace(b"\0", b"").decode("latin-1")
    is_json = text.removeprefix("\xef\xbb\xbf").lstrip().startswith(("{", "["))
    return (is_json or is_read(path)) and may_hold_policies(path, text)


def unread(versions: Versions) -> Iterator[str]:
    """The files that have changed in the repositories that were read, and are not read themselves.

    Raises:
        UnreadableVersionError: git cannot answer.
    """
    try:
        for repository in versions.repositories:
            if repository.object(versions.sides.old, "tree") is not None:
                for change in repository.changes(*versions.sides):
                    if not is_read(change.path):
                        yield relative(repository, change.path)
    except GitError as error:
        raise UnreadableVersionError(str(error)) from error
