"""Where paths lead: the file system below a folder, or a revision of a git repository."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from multitool_lint.limits import MAX_LINKS
from multitool_lint.syntax import source as reading


class PathKind(Enum):
    """What is at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SUBMODULE = "submodule"
    NOTHING = "nothing"


class Tree(Protocol):
    """Paths are relative to the top, with `/`, and never lead out: see `below`."""

    def kind(self, path: str) -> PathKind:
        """What is at a path."""

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder, in order; none if it is not a folder."""

    def text(self, path: str) -> str | None:
        """The text of a file; None if it is not a file, or not a text.

        A pointer of Git LFS is not a text of the file.
        """

    def target(self, path: str) -> str:
        """Where a link leads, as it is written."""

    def identity(self, path: str) -> str:
        """Equal for two paths of trees of one kind only if what is there is equal."""


def below(*parts: str) -> str | None:
    """The path that some parts make; None if it leads out of the tree."""
    path = posixpath.normpath(posixpath.join(*parts))
    if path.startswith(("../", "/")) or path == "..":
        return None
    return "" if path == "." else path


def resolved(tree: Tree, path: str, depth: int = 0) -> str | None:
    """A path without links, which lead to another one of the tree; None if one leads out.

    What is not there is returned as it is.
    """
    words = path.split("/")
    for end in range(1, len(words) + 1):
        head = "/".join(words[:end])
        if tree.kind(head) is PathKind.LINK:
            to = below(posixpath.dirname(head), tree.target(head), *words[end:])
            return None if to is None or depth == MAX_LINKS else resolved(tree, to, depth + 1)
    return path


class OneModuleFile:
    """A tree in which one file is alone with what is not a part of a Terraform module."""

    def __init__(self, tree: Tree, path: str) -> None:
        self._tree = tree
        self._folder, self._name = posixpath.split(path)
        self.kind = tree.kind
        self.text = tree.text
        self.target = tree.target
        self.identity = tree.identity

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder."""
        found = self._tree.names(folder)
        if folder != self._folder:
            return found
        return tuple(n for n in found if n == self._name or (".tf" not in n and ".tofu" not in n))


class TreeWithText:
    """A tree in which a file has a text; without another tree, there is no other file."""

    def __init__(self, path: str, text: str, tree: Tree | None = None) -> None:
        self._path = path
        self._text = text
        self._tree = tree

    def kind(self, path: str) -> PathKind:
        """What is at a path."""
        if path == self._path:
            return PathKind.FILE
        return self._tree.kind(path) if self._tree else PathKind.NOTHING

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder."""
        found = self._tree.names(folder) if self._tree else ()
        own, name = posixpath.split(self._path)
        return tuple(sorted({*found, name})) if folder == own else found

    def text(self, path: str) -> str | None:
        """The text of a file."""
        if path == self._path:
            return self._text
        return self._tree.text(path) if self._tree else None

    def target(self, path: str) -> str:
        """Where a link leads."""
        return self._tree.target(path) if self._tree else ""

    def identity(self, path: str) -> str:
        """Equal for two paths of trees of one kind only if what is there is equal."""
        if path == self._path:
            return _digest(self._text.encode("utf-8", "surrogatepass"))
        return self._tree.identity(path) if self._tree else ""


class TreeOfTexts:
    """A tree of texts by their paths, without links."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._folders: dict[str, set[str]] = {"": set()}
        for path in texts:
            lower = path
            while lower:
                folder, name = posixpath.split(lower)
                self._folders.setdefault(folder, set()).add(name)
                lower = folder

    def kind(self, path: str) -> PathKind:
        """What is at a path."""
        if path in self._texts:
            return PathKind.FILE
        return PathKind.FOLDER if path in self._folders else PathKind.NOTHING

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder."""
        return tuple(sorted(self._folders.get(folder, ())))

    def text(self, path: str) -> str | None:
        """The text of a file."""
        return self._texts.get(path)

    def target(self, _: str) -> str:
        """Where a link leads: there is none."""
        return ""

    def identity(self, path: str) -> str:
        """Equal for two paths of trees of one kind only if what is there is equal."""
        text = self._texts.get(path)
        return "" if text is None else _digest(text.encode("utf-8", "surrogatepass"))


class TreeWithFiles:
    """A tree with some files of another one that it does not have."""

    def __init__(self, tree: Tree, others: Tree, paths: Iterable[str]) -> None:
        self._tree = tree
        self._others = others
        self._added = {path for path in paths if tree.kind(path) is PathKind.NOTHING}
        self.target = tree.target

    def kind(self, path: str) -> PathKind:
        """What is at a path."""
        found = self._tree.kind(path)
        is_around = any(added.startswith(f"{path}/") for added in self._added)
        if found is PathKind.NOTHING and is_around:
            return PathKind.FOLDER
        return self._of(path).kind(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder."""
        start = f"{folder}/" if folder else ""
        added = {p[len(start) :].partition("/")[0] for p in self._added if p.startswith(start)}
        return tuple(sorted({*self._tree.names(folder), *added}))

    def text(self, path: str) -> str | None:
        """The text of a file."""
        return self._of(path).text(path)

    def identity(self, path: str) -> str:
        """Equal for two paths of trees of one kind only if what is there is equal."""
        return self._of(path).identity(path)

    def _of(self, path: str) -> Tree:
        return self._others if path in self._added else self._tree


class FileTree:
    """The file system below a folder. Links are entries of their own kind, and not followed."""

    def __init__(self, root: str) -> None:
        self.root = root

    def kind(self, path: str) -> PathKind:
        """What is at a path."""
        status = self._status(path)
        if status is None:
            return PathKind.NOTHING
        if stat.S_ISLNK(status.st_mode):
            return PathKind.LINK
        if stat.S_ISDIR(status.st_mode):
            is_inner = path and Path(self.root, path, ".git").exists()
            return PathKind.SUBMODULE if is_inner else PathKind.FOLDER
        return PathKind.FILE if stat.S_ISREG(status.st_mode) else PathKind.NOTHING

    @lru_cache(maxsize=4096)  # noqa: B019 - a tree lives as long as a run
    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder."""
        try:
            return tuple(sorted(os.listdir(Path(self.root, folder))))  # noqa: PTH208 - names
        except OSError:
            return ()

    def text(self, path: str) -> str | None:
        """The text of a file."""
        status = self._status(path)
        if status is None or not stat.S_ISREG(status.st_mode):
            return None
        place = os.path.join(self.root, path)  # noqa: PTH118 - for each of many files
        return _text(place, _state(place, status))

    def target(self, path: str) -> str:
        """Where a link leads."""
        try:
            return os.readlink(Path(self.root, path))  # noqa: PTH115 - as it is written
        except OSError:
            return ""

    def identity(self, path: str) -> str:
        """A digest of the content of a file."""
        place = os.path.join(self.root, path)  # noqa: PTH118 - for each of many files
        try:
            return _identity(place, _state(place, os.stat(place)))  # noqa: PTH116
        except (OSError, ValueError):
            return ""

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return os.lstat(os.path.join(self.root, path))  # noqa: PTH118 - for each of many files
        except (OSError, ValueError):  # such as a NUL in the path
            return None


def _state(place: str, status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, *reading.state(place, status)


@lru_cache(maxsize=4096)
def _text(place: str, _state: tuple[int, ...]) -> str | None:
    """The text of a file, which is kept until the file has changed."""
    try:
        text = reading.read(place).text
    except (OSError, reading.UnreadableError):
        return None
    return None if reading.is_pointer(text) else text


@lru_cache(maxsize=4096)
def _identity(place: str, _state: tuple[int, ...]) -> str:
    """The digest of a file, which is kept until the file has changed."""
    return _digest(reading.read_bytes(place))


def _digest(content: bytes) -> str:
    from hashlib import blake2b  # which loads OpenSSL, and most runs need no identities

    return blake2b(content, digest_size=16).hexdigest()
