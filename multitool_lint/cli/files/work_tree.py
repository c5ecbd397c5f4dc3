"""Files as objects and as an index of git, made without its filters, which are programs.

Two folders become the revisions `old` and `new` of a repository that is there for the comparison.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from multitool_lint.cli.files.git import GitError, Repository
from multitool_lint.cli.files.git_listing import LINK, SUBMODULE, Entry
from multitool_lint.cli.files.git_process import initialise
from multitool_lint.cli.files.version_sources import Sides
from multitool_lint.config import ConfigError
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


_SHA_1 = 40


class LooseObjects:
    """A folder with the objects of files, but for those that are known elsewhere."""

    def __init__(self, folder: Path, hash_: str = "sha1", known: Iterable[str] = ()) -> None:
        self._folder = folder
        self._hash = hash_
        self._known = set(known)

    def entry(self, path: Path) -> Entry | None:
        """What an index would have of a file or a link, whose object is written if it is new."""
        try:
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                return Entry(LINK, self._written(os.fsencode(os.readlink(path))))  # noqa: PTH115
            if stat.S_ISREG(mode):
                is_program = mode & stat.S_IXUSR
                return Entry("100755" if is_program else "100644", self._written(path.read_bytes()))
        except FileNotFoundError:
            pass
        return None

    def _written(self, data: bytes) -> str:
        """The id of a file of these bytes.

        Git: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        """
        whole = b"blob %d\0" % len(data) + data
        id_ = hashlib.new(self._hash, whole, usedforsecurity=False).hexdigest()
        if id_ not in self._known:
            self._known.add(id_)
            place = self._folder / id_[:2] / id_[2:]
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(whole, 1))
        return id_


class WorkTree:
    """The files of a working tree but for those that git ignores, in an index of its own.

    Of a submodule, what is checked out counts. `environment` is what git needs for the objects.

    Raises:
        GitError: git cannot answer.
        OSError: a file cannot be read.
    """

    def __init__(self, repository: Repository, tracked: Mapping[str, Entry]) -> None:
        self._folder = TemporaryDirectory(prefix="multitool-lint-")
        self.index = str(Path(self._folder.name, "index"))
        objects = Path(self._folder.name, "objects")
        objects.mkdir()
        own = os.fsdecode(repository.ask("rev-parse", "--git-path", "objects")).strip("\n")
        self.environment = {
            "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(str(Path(repository.root, own))),
        }
        known = [entry.object for entry in tracked.values()]
        hash_ = "sha256" if known and len(known[0]) != _SHA_1 else "sha1"
        self._objects = LooseObjects(objects, hash_, known)
        self._folders: dict[Path, bool] = {}
        self.entries = dict(self._listed(repository, tracked))

    def close(self) -> None:
        """Remove the index and the objects."""
        self._folder.cleanup()

    def _listed(
        self, repository: Repository, tracked: Mapping[str, Entry]
    ) -> Iterator[tuple[str, Entry]]:
        options = ("-z", "--others", "--exclude-standard")
        others = os.fsdecode(repository.ask("ls-files", *options)).split("\0")[:-1]
        root = Path(repository.root)
        for path in dict.fromkeys([*tracked, *others]):
            whole = root / path
            before = tracked.get(path)
            if not self._is_within(whole.parent, root):
                continue  # a link has replaced its folder
            if before is not None and before.mode == SUBMODULE and whole.is_dir():
                yield path, Entry(SUBMODULE, repository.checked_out(path) or before.object)
            elif entry := self._objects.entry(whole):
                yield path, entry

    def _is_within(self, folder: Path, root: Path) -> bool:
        """Whether no link is on the way from the top to a folder."""
        if folder == root:
            return True
        if folder not in self._folders:
            is_link = folder.is_symlink()
            self._folders[folder] = not is_link and self._is_within(folder.parent, root)
        return self._folders[folder]


def index_lines(entries: Mapping[str, Entry]) -> bytes:
    """Entries as `git update-index -z --index-info` reads them."""
    lines = (f"{e.mode} {e.object} 0\t{path}\0" for path, e in entries.items())
    return os.fsencode("".join(lines))


def _quoted(path: str) -> str:
    """A path among those in a variable of git."""
    if os.pathsep not in path and not path.startswith('"'):
        return path
    return '"{}"'.format(path.replace("\\", "\\\\").replace('"', '\\"'))


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
