"""Questions to git, and which files have changed since a revision."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.config import ConfigError
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from subprocess import CompletedProcess

    from multitool_lint.cli.files.target import FoundFile

_OPTION = "--changed-since"


class GitError(Exception):
    """Git cannot be run; the message says why."""


def ask(folder: str, *arguments: str) -> CompletedProcess[bytes]:
    """What git says in a folder, and with which exit code.

    Raises:
        GitError: it cannot be run there.
    """
    import subprocess

    # A program that the repository names for watching its files is not to be run.
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise GitError(f"git cannot be run: {reading.reason(error)}") from error


def changed_files(revision: str, names: Iterable[str]) -> Callable[[FoundFile], bool]:
    """Whether a file has changed since the branch left a revision, or is not known to git.

    The repositories are those that the named files and folders are in. What else has happened on
    the branch of the revision since then is not a change of this one; where the two have no commit
    in common, or where it was not fetched, files are compared with the revision itself.

    Raises:
        ConfigError: a name is in no repository, there is no such revision, or git does not work.
    """
    if revision.startswith("-"):
        raise ConfigError(f'{_OPTION}: "{revision}" is no revision')
    changed: set[str] = set()
    asked = set()
    for name in names:
        real = os.path.realpath(name)
        root = repository_of(real if Path(real).is_dir() else str(Path(real).parent))
        if root is None:
            raise ConfigError(f"{_OPTION}: {name or '(an empty name)'} is in no git repository")
        if root not in asked:
            asked.add(root)
            changed.update(_changed_in(root, revision))
    return lambda found: found.real in changed or _unresolved(found.path) in changed


def _unresolved(path: str) -> str:
    """The real path of a file's folder with its name, which may be that of a link."""
    folder, name = os.path.split(path)
    return f"{os.path.realpath(folder).rstrip(os.sep)}{os.sep}{name}"


def _changed_in(root: str, revision: str) -> Iterable[str]:
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    if not commit:
        shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
        hint = "; the clone is shallow: fetch the revision first" if shallow else ""
        raise ConfigError(f'{_OPTION}: no revision "{revision}" in {root}{hint}')
    base = _git(root, "merge-base", os.fsdecode(commit), "HEAD").strip() or commit
    names = _git(
        root,
        *("diff", "--name-only", "-z", "--diff-filter=d", "--no-ext-diff", "--no-textconv"),
        *("--no-renames", "--ignore-submodules", "--no-relative", os.fsdecode(base), "--"),
    )
    names += _git(root, "ls-files", "-z", "--others", "--exclude-standard")
    return (f"{root}{os.sep}{Path(os.fsdecode(name))}" for name in names.split(b"\0") if name)


def _git(root: str, *arguments: str) -> bytes:
    """What git prints; nothing where it answers with 1, which is no for an answer."""
    try:
        done = ask(root, *arguments)
    except GitError as error:
        raise ConfigError(f"{_OPTION}: {error}") from error
    if done.returncode > 1:
        messages = os.fsdecode(done.stderr).strip().splitlines()
        raise ConfigError(
            f"{_OPTION}: git: {messages[0] if messages else f'exit {done.returncode}'}"
        )
    return done.stdout
