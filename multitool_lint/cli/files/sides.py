"""Which two trees a run of `diff` compares: revisions, what is staged, or the working tree.

pre-commit: https://pre-commit.com/#pre-push
"""

from __future__ import annotations

import os

from multitool_lint.cli.files.git import HEAD, STAGED, WORK_TREE, GitError, Repository
from multitool_lint.cli.files.version_sources import Sides, VersionSources
from multitool_lint.config import ConfigError

FROM, TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"


def staged(versions: VersionSources) -> Sides:
    """What is staged with HEAD or, where pre-commit or prek runs for commits, those.

    Of these, pre-commit passes the files that have changed since the second one left the first.

    Raises:
        ConfigError: one of them names no commit here, or git cannot answer.
    """
    given = {name: os.environ.get(name, "") for name in (FROM, TO)}
    if not any(given.values()):
        return Sides()
    try:
        repository = here(versions)
        commits = []
        for name, revision in given.items():
            commit = repository.object(revision, "commit") if revision.strip("0") else None
            if commit is None:
                raise ConfigError(f'{name} is "{revision}", which is not a commit here')
            commits.append(commit)
        return _since_they_parted(repository, *commits)
    except GitError as error:
        raise ConfigError(f"{FROM}, {TO}: {error}") from error


def since(versions: VersionSources, base: str, head: str) -> Sides:
    """The commit in which a revision, what is staged or the working tree left a base, with that.

    Raises:
        ConfigError: one of them names no commit here, or git cannot answer.
    """
    try:
        repository = here(versions)
        old = _commit(repository, base)
        is_commit = head not in (STAGED, WORK_TREE)
        new = _commit(repository, head if is_commit else HEAD)
        sides = _since_they_parted(repository, old, new)
    except GitError as error:
        raise ConfigError(f"--base: {error}") from error
    return sides if is_commit else Sides(sides.old, head)


def between(versions: VersionSources, range_: tuple[str, str, str]) -> Sides:
    """The sides of `REV..REV`, or of `REV...REV`: since the second left the first.

    Raises:
        ConfigError: one of them names no commit here, or git cannot answer.
    """
    first, dots, second = range_
    try:
        repository = here(versions)
        commits = _commit(repository, first or HEAD), _commit(repository, second or HEAD)
        return _since_they_parted(repository, *commits) if dots == "..." else Sides(*commits)
    except GitError as error:
        raise ConfigError(f"{first}{dots}{second}: {error}") from error


def range_of(text: str) -> tuple[str, str, str] | None:
    """The two revisions of a range, and the dots between them; None if it is a path."""
    dots = "..." if "..." in text else ".."
    first, found, second = text.partition(dots)
    is_path = text.startswith("/") or any(part in text for part in (":", "/.", "./"))
    return None if not found or is_path or os.path.lexists(text) else (first, dots, second)


def here(versions: VersionSources) -> Repository:
    """The repository of the current folder.

    Raises:
        GitError: there is none.
    """
    return versions.located(os.curdir + os.sep)[0]


def missing(repository: Repository, revision: str) -> str:
    """What to say of a revision that is not there."""
    shallow = repository.ask("rev-parse", "--is-shallow-repository").strip() == b"true"
    hint = "; the clone is shallow: fetch the revision first" if shallow else ""
    return f'no revision "{revision}" in {repository.root}{hint}'


def _commit(repository: Repository, revision: str) -> str:
    commit = None if revision.startswith("-") else repository.object(revision, "commit")
    if commit is None:
        raise ConfigError(missing(repository, revision))
    return commit


def _since_they_parted(repository: Repository, old: str, new: str) -> Sides:
    """The second commit with the one in which it left the first.

    Where the two have no commit in common, or where it was not fetched, with the first itself.
    """
    base = repository.find("merge-base", old, new)
    return Sides(os.fsdecode(base).strip() if base else old, new)
