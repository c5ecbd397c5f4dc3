"""Configurations as the old side of a comparison has them: a change must not weaken its gate."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.changed_files import changes_of
from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.git_listing import LINK, SUBMODULE, Entry, followed
from multitool_lint.config import ConfigError
from multitool_lint.config.files import NAMES, extended_files, has_settings
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.cli.files.versions import Versions


class BaseConfigs:
    """The texts of the configurations of the old side.

    Raises:
        ConfigError: git cannot answer, or one cannot be read.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._listed: dict[Repository, dict[str, Entry]] = {}

    def text(self, path: Path) -> str | None:
        """The text of the configuration at a path; None if there is none."""
        try:
            repository, below = self._versions.located(str(path))
            entry = self._entries(repository).get(below)
            if entry is None or entry.mode == SUBMODULE:
                return None
            if entry.mode == LINK:
                tree = repository.object(self._versions.sides.old, "tree") or ""
                target = followed(repository, tree, below)
                entry = repository.entry(tree, target) if target else None
                if entry is None:
                    raise ConfigError(f"{path}: a symbolic link that leads to no file")
            return _text(repository, entry, str(path))
        except GitError as error:
            raise ConfigError(str(error)) from error

    def changed(self) -> Iterator[str]:
        """The configurations that the new side has changed, added or removed.

        So are the files that those of the old side extend: what the new side extends is named in
        its configuration, which has changed then.
        """
        sides = self._versions.sides
        try:
            for repository in self._versions.repositories:
                changes = changes_of(repository, sides)
                extended = self._extended(repository) if changes else ()
                for change in changes:
                    both = (change.old, change.before), (change.path, change.after)
                    for path in dict.fromkeys(path for path, entry in both if entry):
                        if path in extended or any(
                            _is_config(repository, path, entry) for _, entry in both if entry
                        ):
                            yield relative(repository, path)
        except GitError as error:
            raise ConfigError(str(error)) from error

    def _entries(self, repository: Repository) -> dict[str, Entry]:
        if repository not in self._listed:
            tree = repository.object(self._versions.sides.old, "tree")
            self._listed[repository] = repository.files(tree) if tree else {}
        return self._listed[repository]

    def _extended(self, repository: Repository) -> set[str]:
        """The files that configurations of a repository extend on the old side."""
        entries = self._entries(repository)
        extended: set[str] = set()
        waiting = [path for path, entry in entries.items() if _is_config(repository, path, entry)]
        while waiting:
            path = waiting.pop()
            if path not in entries or not (text := self.text(Path(repository.root, path))):
                continue
            for name in extended_files(Path(path), text):
                file = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
                if file not in extended:
                    extended.add(file)
                    waiting.append(file)
        return extended


def _is_config(repository: Repository, path: str, entry: Entry) -> bool:
    """Whether a file is a configuration, as a pyproject.toml need not be."""
    if posixpath.basename(path) not in NAMES or entry.mode == SUBMODULE:
        return False
    return entry.mode == LINK or has_settings(Path(path), _text(repository, entry, path))


def _text(repository: Repository, entry: Entry, path: str) -> str:
    try:
        data = repository.blob(entry.object)
        return reading.decode(data, path).text
    except reading.UnreadableError as error:
        raise ConfigError(f"{path}: {reading.reason(error)}") from error
