"""Which files have changed since a revision: `--changed-since`.

Files are compared with the revision here, by their hashes: git would compare them by filters, which
are programs.
"""

from __future__ import annotations

import hashlib
import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import HEAD, STAGED, GitError, Repository
from multitool_lint.cli.files.git_listing import SUBMODULE, Entry
from multitool_lint.cli.files.sides import missing
from multitool_lint.config import ConfigError
from multitool_lint.formats.local_files import names_in, path_from
from multitool_lint.formats.recognize import MODULE_ENDINGS
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.cli.files.target import Target

_OPTION = "--changed-since"
_SHA_1 = 40


class ChangedSince:
    """Which files have changed since the branch left a revision, or are not known to git.

    The repositories are those that the named files and folders are in. What else has happened on
    the branch of the revision since then is not a change of this one; where the two have no commit
    in common, or where it was not fetched, files are compared with the revision itself. Files of a
    submodule are compared with the commit that the revision has of it; everything has changed in a
    repository that the revision does not have. A Terraform file changes with the others of its
    folder, and every file with those that it names.

    Raises:
        ConfigError: a name is in no repository, there is no such revision, or git does not work;
            the last may also be found when a file is asked about.
    """

    def __init__(self, revision: str, names: list[str]) -> None:
        if revision.startswith("-"):
            raise ConfigError(f'{_OPTION}: "{revision}" is not a revision')
        self._revision = revision
        self._bases: dict[str, _Files | None] = {}
        self._roots: dict[str, str | None] = {}
        self._changed: dict[str, bool] = {}
        self._absent: list[str] = []
        self._named = [os.path.realpath(name) for name in names]
        for name, real in zip(names, self._named, strict=True):
            self._add(name, real)

    def has(self, found: Target) -> bool:
        """Whether a file has changed; one that is a link changes with what it leads to."""
        return any(map(self._has, {found.real, _unresolved(found.path)}))

    def absent_submodules(self) -> list[str]:
        """The submodules in named folders that have changed, and are not checked out."""
        return [
            path
            for path in self._absent
            if any(Path(path).is_relative_to(named) for named in self._named)
        ]

    def _add(self, name: str, real: str) -> None:
        """Look up the revision in the repository of a file or folder."""
        root = repository_of(real if Path(real).is_dir() else str(Path(real).parent))
        if root is None:
            raise ConfigError(f"{_OPTION}: {name} is not in a git repository")
        if root in self._bases:
            return
        try:
            repository = Repository(root)
            self._bases[root] = self._at_base(repository)
            if Path(root, ".gitmodules").exists():
                self._absent += self._absent_submodules(repository)
        except GitError as error:
            raise ConfigError(f"{_OPTION}: {error}") from error

    def _absent_submodules(self, repository: Repository) -> Iterator[str]:
        for name, entry in repository.folder(STAGED, "").items():
            path = Path(repository.root, name)
            if entry.mode == SUBMODULE and not os.path.lexists(path / ".git"):
                files = self._folder_at_base(str(path.parent)) or {}
                if files.get(path.name) != entry:
                    yield str(path)

    def _has(self, path: str) -> bool:
        if not path.lower().endswith(MODULE_ENDINGS):
            return any(map(self._is_changed, chain((path,), _named_by((path,)))))
        folder = str(Path(path).parent)
        if folder not in self._changed:
            self._changed[folder] = self._is_module_changed(folder)
        return self._changed[folder]

    def _at_base(self, repository: Repository) -> _Files:
        commit = repository.object(self._revision, "commit")
        if commit is None:
            raise ConfigError(f"{_OPTION}: {missing(repository, self._revision)}")
        base = repository.find("merge-base", commit, HEAD)
        return _by_folder(repository.files(os.fsdecode(base).strip() if base else commit))

    def _is_module_changed(self, folder: str) -> bool:
        """Whether one of the Terraform files of a folder has changed: they are read together."""
        try:
            names = {name for name in os.listdir(folder) if _is_terraform(name)}  # noqa: PTH208
        except OSError:
            return True
        if names != {name for name in self._folder_at_base(folder) or () if _is_terraform(name)}:
            return True
        paths = [f"{folder}{os.sep}{name}" for name in names]
        return any(map(self._is_changed, chain(paths, _named_by(paths))))

    def _is_changed(self, path: str) -> bool:
        folder, name = os.path.split(path)
        files = self._folder_at_base(folder)
        if files is None:
            return True
        entry = files.get(name)
        return os.path.lexists(path) if entry is None else not _is_as(entry, path)

    def _folder_at_base(self, folder: str) -> dict[str, Entry] | None:
        """The files that a folder had, by name; None where that is not known."""
        if folder not in self._roots:
            self._roots[folder] = repository_of(folder)
        root = self._roots[folder]
        base = self._base(root) if root is not None else None
        if root is None or base is None:
            return None
        return base.get(Path(folder).relative_to(root).as_posix(), {})

    def _base(self, root: str) -> _Files | None:
        """The files of a repository at the revision, or at the commit that it has of a submodule.

        None if it has none, or one that was not fetched.
        """
        if root not in self._bases:
            outer, name = os.path.split(root)
            entry = (self._folder_at_base(outer) or {}).get(name)
            self._bases[root] = None
            if entry is not None and entry.mode == SUBMODULE:
                try:
                    repository = Repository(root, is_nested=True)
                    if repository.object(entry.object, "commit") is not None:
                        self._bases[root] = _by_folder(repository.files(entry.object))
                except GitError as error:
                    raise ConfigError(f"{_OPTION}: {error}") from error
        return self._bases[root]


_Files = dict[str, dict[str, "Entry"]]
"""Files by the path of their folder, which is "." for that of the repository, and their name."""


def _unresolved(path: str) -> str:
    """The real path of a file's folder with its name, which may be that of a link."""
    folder, name = os.path.split(path)
    return f"{os.path.realpath(folder).rstrip(os.sep)}{os.sep}{name}"


def _by_folder(entries: dict[str, Entry]) -> _Files:
    found: _Files = {}
    for path, entry in entries.items():
        folder, _, name = path.rpartition("/")
        found.setdefault(folder or os.curdir, {})[name] = entry
    return found


def _is_terraform(name: str) -> bool:
    return name.lower().endswith(MODULE_ENDINGS)


def _named_by(paths: Iterable[str]) -> Iterator[str]:
    """The files that some files name."""
    for path in paths:
        try:
            data = reading.read_bytes(path)
        except (OSError, reading.UnreadableError):
            continue  # it is reported when it is linted
        for name in chain(*names_in(data.decode("utf-8", "replace"))):
            yield path_from(path, name)


def _is_as(entry: Entry, path: str) -> bool:
    """Whether a file is what a tree has, but for its line endings."""
    try:
        is_link = os.path.islink(path)  # noqa: PTH114 - a text
        data = os.fsencode(os.readlink(path)) if is_link else reading.read_bytes(path)  # noqa: PTH115
    except (OSError, reading.UnreadableError):
        return False
    return entry.object in {_hash(data, entry), _hash(data.replace(b"\r\n", b"\n"), entry)}


def _hash(data: bytes, entry: Entry) -> str:
    """The id of a file of these bytes: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""
    name = "sha1" if len(entry.object) == _SHA_1 else "sha256"
    hash_ = hashlib.new(name, b"blob %d\0" % len(data), usedforsecurity=False)
    hash_.update(data)
    return hash_.hexdigest()
