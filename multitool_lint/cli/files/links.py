"""Symbolic links that git has: where they lead in a tree or the index, whatever is here."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_listing import LINK
from multitool_lint.limits import MAX_LINKS
from multitool_lint.syntax.boundary import repository_of

if TYPE_CHECKING:
    from multitool_lint.cli.files.git import Repository


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
