"""Whether a change of a file, a link or a submodule may be one of policies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError, Repository
from multitool_lint.cli.files.git_listing import (
    EXECUTABLE,
    FOLDER,
    LINK,
    SUBMODULE,
    Entry,
    PathChange,
    followed,
)
from multitool_lint.formats.attaching_commands import attaching
from multitool_lint.formats.endings import is_candidate, is_page, may_hold_policies
from multitool_lint.formats.other_files import may_be_json
from multitool_lint.formats.recognize import FOLDER_ENDINGS
from multitool_lint.formats.serverless import SERVICE_PROGRAMS
from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from multitool_lint.cli.files.version_sources import Sides


def is_of_policies(repository: Repository, change: PathChange) -> bool:
    """Whether a file that has changed may have policies, or had."""
    both = (entry for entry in (change.before, change.after) if entry)
    return any(may_matter(repository, change.path, entry) for entry in both)


def is_other_submodule(repository: Repository, change: PathChange) -> bool:
    """Whether files that may have policies are others in a submodule; also where it is not here."""
    path = Path(repository.root, change.path)
    entries = change.before, change.after
    if not os.path.lexists(path / ".git") or any(e and e.mode != SUBMODULE for e in entries):
        return True
    try:
        inner = Repository(str(path), is_nested=True)
        before, after = (inner.files(entry.object) if entry else {} for entry in entries)
        return any(
            entry and may_matter(inner, name, entry)
            for name in before.keys() | after.keys()
            if before.get(name) != after.get(name)
            for entry in (before.get(name), after.get(name))
        )
    except GitError:
        return True


def is_other_link(repository: Repository, change: PathChange, sides: Sides) -> bool:
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


def is_the_same_file(repository: Repository, change: PathChange, sides: Sides) -> bool:
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

    By its own name or that of the link; of what leads out of the repository, by the latter alone.
    """
    target = followed(repository, side, link)
    entry = None if target is None else repository.entry(side, target)
    if target is not None and entry is not None and entry.mode not in {FOLDER, SUBMODULE}:
        return any(may_matter(repository, name, entry) for name in (link, target))
    if target is None:
        return is_read(link)
    below = [*repository.below(side, target)]
    read = [(name, entry) for name, entry in below if is_read(name)]
    return len(read) > MAX_NAMED_FILES or any(
        entry.mode == LINK or may_matter(repository, name, entry) for name, entry in read
    )


def is_read(path: str) -> bool:
    """Whether the name of a file is one that policies are looked for in."""
    name = Path(path).name
    is_named = name in SERVICE_PROGRAMS or name.lower().endswith("policy")
    return is_candidate(name) or "." not in name or is_named


def is_text(repository: Repository, path: str, entry: Entry) -> bool:
    """Whether a file has more than policies in it that may decide about access."""
    if entry.mode == LINK or not is_read(path) or is_page(path):
        return False
    try:
        reading.decode(repository.blob(entry.object), path)
    except reading.UnreadableError:
        return False
    return True


def may_matter(repository: Repository, path: str, entry: Entry) -> bool:
    """Whether a file may have policies."""
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
