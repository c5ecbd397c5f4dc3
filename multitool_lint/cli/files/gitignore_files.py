"""What git ignores in a folder, read from the files that say so, without git.

A repository's own settings can have git run programs, and a linter is no reason to run them.
Git: https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.gitignore import IgnorePatterns, read_lines

if TYPE_CHECKING:
    from collections.abc import Collection


class GitIgnores(NamedTuple):
    """The patterns that hold in a folder, the nearest first; outside of a repository, none do."""

    in_repository: bool = False
    patterns: tuple[IgnorePatterns, ...] = ()

    def within(self, folder: str, names: Collection[str]) -> GitIgnores:
        """What holds for the files in a folder; `names` are those of all that is in it."""
        inner = _of_repository(folder) if ".git" in names else self
        if inner.in_repository and ".gitignore" in names:
            return inner._replace(patterns=(_in_folder(folder), *inner.patterns))
        return inner

    def ignore(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file or folder is ignored: the nearest pattern that matches decides."""
        for each in self.patterns:
            decision = each.decide(path, is_folder=is_folder)
            if decision is not None:
                return decision
        return False


def above(folder: str) -> GitIgnores:
    """What holds in a folder from above it; its path is absolute and without symbolic links."""
    root = repository_of(folder)
    if root is None or root == folder:
        return GitIgnores()
    ignores = _of_repository(root)
    parts = Path(folder).relative_to(root).parts
    for depth in range(len(parts)):
        inner = str(Path(root, *parts[:depth]))
        ignores = ignores._replace(patterns=(_in_folder(inner), *ignores.patterns))
    return ignores


def repository_of(folder: str) -> str | None:
    """The root of the repository that a folder is in, whose path is absolute; None for none."""
    path = Path(folder)
    return next((str(each) for each in (path, *path.parents) if _is_root(each)), None)


def _is_root(folder: Path) -> bool:
    return os.path.lexists(folder / ".git")


def _in_folder(folder: str) -> IgnorePatterns:
    return IgnorePatterns(folder, read_lines(f"{folder}/.gitignore"))


def _of_repository(root: str) -> GitIgnores:
    """What is ignored in a repository by its own list, and by the user's in its usual place."""
    configured = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    files = (_git_folder(Path(root)) / "info" / "exclude", Path(configured, "git", "ignore"))
    return GitIgnores(
        in_repository=True,
        patterns=tuple(IgnorePatterns(root, read_lines(str(file))) for file in files),
    )


def _git_folder(root: Path) -> Path:
    """The folder of git's own files: for a further working tree, that of the first.

    Git: https://git-scm.com/docs/gitrepository-layout
    """
    git = root / ".git"
    if git.is_dir():
        return git
    said = read_lines(str(git))[:1]
    git = root / os.fsdecode(b"".join(said).removeprefix(b"gitdir: "))
    common = read_lines(str(git / "commondir"))[:1]
    return git / os.fsdecode(b"".join(common))
