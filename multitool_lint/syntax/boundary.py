"""Symbolic links that lead out of the files that belong together."""

from __future__ import annotations

import os
from itertools import islice

from multitool_lint.limits import MAX_FOLDERS_ABOVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def repository_of(folder: str) -> str | None:
    """The top of the working tree that a folder is in, whose path is absolute; None for none.

    Only a `.git` makes one: git does not let such a name be committed. A folder that looks like a
    bare repository can be, with settings that make git run programs.
    """
    from pathlib import Path  # saves start-up

    path = Path(folder)
    parents = (path, *path.parents)
    return next((str(parent) for parent in parents if os.path.lexists(parent / ".git")), None)


def folders_above(folder: str) -> Iterator[str]:
    """The folders around one without symbolic links, up to the top of the working tree."""
    from pathlib import Path  # saves start-up

    top = repository_of(folder)
    for above in islice(Path(folder).parents, MAX_FOLDERS_ABOVE if folder != top else 0):
        yield str(above)
        if str(above) == top:
            return


def is_below(path: str, folder: str) -> bool:
    """Whether a path is that of a folder or of what is in it; both are without symbolic links."""
    return f"{path}{os.sep}".startswith(f"{folder.rstrip(os.sep)}{os.sep}")


def below(path: str, folder: Path | str) -> str | None:
    """The path from a folder that the file is in, or in a folder of it; None where it is not."""
    from pathlib import Path  # saves start-up

    parent = Path(path).parent.resolve()
    if not parent.is_relative_to(folder):
        return None
    return (parent.relative_to(folder) / Path(path).name).as_posix()


def is_outside(name: str, folder: str) -> bool:
    """Whether a file that is named from a folder is outside of the repository of the folder."""
    from pathlib import Path  # saves start-up

    real = os.path.realpath(folder)
    place = os.path.realpath(Path(real, name))
    root = repository_of(real)
    return not is_below(place, root) if root else Path(name).is_absolute()


def folder_left_by_link(path: str, searched: str | None = None) -> str | None:
    """The folder that a symbolic link on the way to a file leads out of, None if there is none.

    That is the repository that the link is in; for a link in none, the current folder, or the one
    that was searched. Who may change the files in it does not decide which others are read and
    written.
    """
    if os.path.realpath(path) == os.path.abspath(path):  # noqa: PTH100 - links stay as they are
        return None
    from pathlib import Path  # saves start-up

    here = Path.cwd()
    whole = here / path
    for place in (*reversed(whole.parents), whole):
        if place.is_symlink():
            folder = os.path.realpath(place.parent)
            trees = (repository_of(folder), str(here), searched)
            tree = next((tree for tree in trees if tree and is_below(folder, tree)), None)
            if tree and not is_below(os.path.realpath(place), tree):
                return tree
    return None
