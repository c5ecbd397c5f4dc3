"""Two folders as the revisions `old` and `new` of a repository that is there for the comparison."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from multitool_lint.cli.files.git import GitError, Repository
from multitool_lint.cli.files.git_process import initialise
from multitool_lint.cli.files.version_sources import Sides
from multitool_lint.cli.files.work_tree import LooseObjects
from multitool_lint.config import ConfigError
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.cli.files.git_listing import Entry

OLD, NEW = "old", "new"


class TwoFolders:
    """The repository, in which the current folder is as long as this is open.

    Raises:
        ConfigError: a file cannot be read, or git cannot be run.
    """

    sides = Sides(OLD, NEW)

    def __init__(self, old: str, new: str) -> None:
        self._before = Path.cwd()
        self._folder = TemporaryDirectory(prefix="multitool-lint-")
        try:
            self._read(Path(self._folder.name).resolve(), old, new)
        except BaseException:
            self._folder.cleanup()
            raise

    def _read(self, root: Path, old: str, new: str) -> None:
        try:
            initialise(str(root))
            repository = Repository(str(root), is_nested=True)
            objects = LooseObjects(root / ".git" / "objects")
            for name, folder in ((OLD, old), (NEW, new)):
                entries = dict(_files(Path(folder), objects))
                repository.ask("update-ref", f"refs/{name}", repository.tree_of(entries))
        except GitError as error:
            raise ConfigError(str(error)) from error
        except OSError as error:
            raise ConfigError(f"{error.filename}: {reading.reason(error)}") from error
        os.chdir(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Go back to where the run began."""
        os.chdir(self._before)
        self._folder.cleanup()


def _files(folder: Path, objects: LooseObjects) -> Iterator[tuple[str, Entry]]:
    """All files and links below a folder, but for those of git."""

    def failed(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=failed):
        folders[:] = [name for name in folders if name != ".git"]
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in (*names, *links):
            path = Path(place, name)
            if name != ".git" and (entry := objects.entry(path)):
                yield path.relative_to(folder).as_posix(), entry
