"""What git lists: entries of a tree or the index, how two differ, and where links lead."""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.recognize import YAML_ENDINGS
from multitool_lint.limits import MAX_LINKS
from multitool_lint.syntax.boundary import repository_of

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository

_OF_DATA = (".json", ".template", *YAML_ENDINGS)
"""What the names of files end in that can be rewritten from JSON to YAML, or back."""

FOLDER = "040000"
LINK = "120000"
EXECUTABLE = "100755"
SUBMODULE = "160000"


class Entry(NamedTuple):
    """What a tree or the index has at a path: the mode, the object, and the stage of a merge."""

    mode: str
    object: str
    stage: str = "0"


class PathChange(NamedTuple):
    """How a path differs in two trees, or in the index, where it may have had an `old` name.

    The `status` is the letter that git has for it. `before` and `after` are None for nothing.
    """

    status: str
    path: str
    old: str
    before: Entry | None
    after: Entry | None


def entries(listing: bytes) -> list[tuple[str, Entry]]:
    """What git lists: of a tree, mode, type and id; of the index, mode, id and stage."""
    found = []
    for line in os.fsdecode(listing).split("\0")[:-1]:
        words, _, path = line.partition("\t")
        mode, second, third = words.split(" ")
        is_staged = third in {"0", "1", "2", "3"}
        found.append((path, Entry(mode, second, third) if is_staged else Entry(mode, third)))
    return found


def changes(words: list[str]) -> Iterator[PathChange]:
    """What git lists in its raw format: modes, ids and a status, then the path, or two."""
    rest = iter(words)
    for word in rest:
        old_mode, mode, old_id, id_, status = word.removeprefix(":").split(" ")
        old = next(rest)
        path = next(rest) if status[0] in "RC" else old
        before, after = Entry(old_mode, old_id), Entry(mode, id_)
        yield PathChange(
            status[0],
            path,
            old,
            before if before.mode.strip("0") else None,
            after if after.mode.strip("0") else None,
        )


def with_other_endings(found: Sequence[PathChange]) -> list[PathChange]:
    """The changes, with a file that is rewritten from JSON to YAML, or back, as a renamed one.

    Git takes it for a new file and a deleted one, since the texts differ.
    """
    names = defaultdict[str, list[PathChange]](list)
    for change in found:
        stem, _, ending = change.path.rpartition(".")
        if change.status in "AD" and f".{ending}" in _OF_DATA:
            names[stem].append(change)
    renamed: dict[PathChange, PathChange | None] = {}
    for pair in names.values():
        ways = {change.status: change for change in pair}
        if len(pair) == len(ways) == 2:  # noqa: PLR2004 - one is new, the other one is gone
            new, gone = ways["A"], ways["D"]
            renamed[new] = PathChange("R", new.path, gone.path, gone.before, new.after)
            renamed[gone] = None
    return [made for change in found if (made := renamed.get(change, change))]


def real_prefix(folder: str) -> tuple[str, str]:
    """The real path of a folder up to the first link in a repository, and the rest as it is.

    What a revision has is not where a link leads that is here now.
    """
    whole = Path(os.path.abspath(folder))  # noqa: PTH100 - links stay as they are
    if os.path.realpath(whole) == str(whole):
        return str(whole), ""
    real = Path(whole.anchor)
    names = whole.parts[1:]
    for at, name in enumerate(names):
        real /= name
        if real.is_symlink():
            if repository_of(str(real.parent)):
                return str(real.parent), "/".join(names[at:])
            real = Path(os.path.realpath(real))
    return str(real), ""


def link_to(repository: Repository, revision: str, path: str) -> str | None:
    """The first link on the way to a path in a tree or the index, the path itself included."""
    names = path.split("/")
    for count in range(1, len(names) + 1):
        place = "/".join(names[:count])
        entry = repository.entry(revision, place)
        if entry is not None and entry.mode == LINK:
            return place
    return None


def followed(repository: Repository, revision: str, path: str) -> str | None:
    """A path where the links on the way to it lead; None if that is out of the repository."""
    for _ in range(MAX_LINKS):
        link = link_to(repository, revision, path)
        if link is None:
            return path
        entry = repository.folder(revision, posixpath.dirname(link))[link]
        target = os.fsdecode(repository.blob(entry.object))
        rest = path[len(link) + 1 :]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(link), target, rest))
        if path.startswith(("/", "..")):
            return None
    return None
