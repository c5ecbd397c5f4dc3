"""What a repository has: its revisions, what is staged in it, and its working tree.

Git: https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from multitool_lint.cli.files.git_folder import git_folder
from multitool_lint.cli.files.git_listing import (
    FOLDER,
    Entry,
    PathChange,
    changes,
    entries,
    with_other_endings,
)
from multitool_lint.cli.files.git_process import STAGED, WORK_TREE, Git, GitError
from multitool_lint.cli.files.searches import Searches
from multitool_lint.limits import MAX_GIT_PATTERNS

__all__ = ["HEAD", "STAGED", "WORK_TREE", "GitError", "Repository", "is_index", "relative"]

HEAD = "HEAD"

_NAME = re.compile(r"(?:(?![~^:]|@\{).)*", re.DOTALL)
_OBJECT = re.compile(r"(?:^|-g)([0-9a-f]{4,})\Z", re.IGNORECASE)
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_FULL = "refs/"
_OWN = ("", "@", "HEAD")
"""What git itself has in the first place, so that no reference comes before it."""


class Repository(Git):
    """A working tree with its repository, by its top; what is listed is kept.

    Raises:
        GitError: git does not take it for one, or has to use another.
    """

    def __init__(self, root: str, *, is_nested: bool = False) -> None:
        super().__init__(root, is_nested=is_nested)
        self._objects: dict[str, str | None] = {}
        self._listed: dict[tuple[str, str], dict[str, Entry]] = {}
        self._whole: dict[str, dict[str, Entry]] = {}
        self._blobs: dict[str, bytes] = {}
        self._expected: set[str] = set()
        self.searches = Searches(self)
        self._files: dict[str, dict[str, Entry]] = {}
        self._changes: dict[tuple[str, str], list[PathChange]] = {}

    def object(self, revision: str, kind: str) -> str | None:
        """The id of the commit or the tree of a revision; None if there is no such revision.

        Raises:
            GitError: its name is that of several.
        """
        name = f"{revision}^{{{kind}}}"
        if name not in self._objects:
            found = None
            if revision in self._objects.values() or self._is_one(revision):
                found = self.find("rev-parse", "--verify", "--quiet", "--end-of-options", name)
            self._objects[name] = None if found is None else os.fsdecode(found).strip()
        return self._objects[name]

    def _is_one(self, revision: str) -> bool:
        """Whether a revision has the name of one thing; a name in full must be there as it is.

        Git prefers a tag to a branch of the same name and goes on with a warning: who may push a
        tag would decide what a change is compared with.
        """
        name = _name_of(revision)
        if name is None:
            return True
        listing = self.ask("for-each-ref", "--format=%(refname)", *name.references)
        there = os.fsdecode(listing).splitlines()
        found = [reference for reference in name.references if reference in there]
        if name.references == (name.text,):
            return bool(found)
        if found and name.text.endswith("_HEAD") and (git_folder(self.root) / name.text).is_file():
            found.insert(0, name.text)
        if found and name.object and self.ask("rev-parse", f"--disambiguate={name.object}"):
            found.append(f"the object {name.object}")
        if len(found) > 1:
            raise GitError(
                f'"{revision}" is ambiguous: {" and ".join(found)}; use the name in full'
            )
        return True

    def tree(self, side: str) -> str | None:
        """The tree of a revision, or the name of the index; None if there is no such revision."""
        return side if is_index(side) else self.object(side, "tree")

    def has_commits(self) -> bool:
        """Whether there is a commit, on whatever branch."""
        return bool(self.ask("rev-list", "--all", "--max-count=1"))

    def is_unborn(self) -> bool:
        """Whether HEAD is a branch without a commit; a damaged one is not such a branch."""
        if self.find("symbolic-ref", "--quiet", HEAD) is None:
            return False
        return self.find("rev-parse", "--verify", "--quiet", HEAD) is None

    def entry(self, revision: str, path: str) -> Entry | None:
        """What a tree, or the index, has at a path from the top; None for nothing."""
        whole = self._whole.get(self._tree_id(revision))
        return (whole or self.folder(revision, path.rpartition("/")[0])).get(path)

    def folder(self, revision: str, folder: str) -> dict[str, Entry]:
        """What a tree, or the index, has in a folder, and perhaps below, by the path."""
        if (revision, folder) not in self._listed:
            self._listed[revision, folder] = dict(self._in_folder(revision, folder))
        return self._listed[revision, folder]

    def _in_folder(self, revision: str, folder: str) -> Iterable[tuple[str, Entry]]:
        """What a folder has, of what is listed already if that has it."""
        path = ("--", f"{folder}/") if folder else ()
        if whole := self._whole.get(self._tree_id(revision)):
            return (found for found in whole.items() if found[0].rpartition("/")[0] == folder)
        if not is_index(revision):
            return entries(self.ask("ls-tree", "-z", "--full-tree", revision, *path))
        if listed := self._listed.get((revision, "")):
            return (found for found in listed.items() if found[0].startswith(f"{folder}/"))
        self._see(revision)
        return entries(self.ask("ls-files", "-z", "--stage", *path, index=revision))

    def files(self, tree: str) -> dict[str, Entry]:
        """All files and submodules of a tree."""
        id_ = self._tree_id(tree)
        if id_ not in self._files:
            listing = self.ask("ls-tree", "-r", "-t", "-z", "--full-tree", tree)
            whole = self._whole[id_] = dict(entries(listing))
            self._files[id_] = {path: e for path, e in whole.items() if e.mode != FOLDER}
        return self._files[id_]

    def listed(self, revision: str) -> Mapping[str, Entry]:
        """All files of a tree, or of the index."""
        return self.folder(revision, "") if is_index(revision) else self.files(revision)

    def _tree_id(self, revision: str) -> str:
        """The id of the tree of a revision, if it is known; any other as it is."""
        if known := self._objects.get(f"{revision}^{{tree}}"):
            return known
        commits = (id_ for name, id_ in self._objects.items() if name.endswith("^{commit}"))
        return (self.object(revision, "tree") if revision in commits else None) or revision

    def below(self, revision: str, folder: str) -> list[tuple[str, Entry]]:
        """The files of a tree, or the index, in a folder and below; none if there is none."""
        if is_index(revision):
            return list(self.folder(revision, folder).items())
        if folder and self.entry(revision, folder) is None:
            return []
        listed = self.files(f"{revision}:{folder}").items()
        return [(f"{folder}/{path}".lstrip("/"), entry) for path, entry in listed]

    def changes(self, old: str, new: str) -> list[PathChange]:
        """How a tree, or the index, differs from an older tree."""
        if (old, new) not in self._changes:
            options = ("--raw", "--find-renames", "--no-ext-diff", "-z")
            if is_index(new):
                self._see(new)
                listing = self.ask("diff-index", "--cached", *options, old, index=new)
            else:
                listing = self.ask("diff-tree", "-r", *options, old, new)
            listed = list(changes(os.fsdecode(listing).split("\0")[:-1]))
            self._changes[old, new] = with_other_endings(listed)
        return self._changes[old, new]

    def renamed(self, old: str, new: str) -> dict[str, str]:
        """The files that have another name than in an older tree, by the new name."""
        return {
            change.path: change.old for change in self.changes(old, new) if change.status == "R"
        }

    def files_with(self, revision: str, texts: Sequence[str]) -> list[str]:
        """The files of a tree, or the index, that contain one of some texts, by their paths."""
        options = (
            "-l",
            "-z",
            "-F",
            "--no-color",
            "--no-textconv",
            "--no-recurse-submodules",
            "--full-name",
        )
        self._see(revision)
        where = ("--cached",) if is_index(revision) else (revision,)
        found: dict[str, None] = {}
        for start in range(0, len(texts), MAX_GIT_PATTERNS):
            some = texts[start : start + MAX_GIT_PATTERNS]
            patterns = [word for text in some for word in ("-e", text)]
            listing = self.find("grep", *options, *patterns, *where, index=revision) or b""
            named = os.fsdecode(listing).split("\0")[:-1]
            if not is_index(revision):
                named = [path.removeprefix(f"{revision}:") for path in named]
            found |= dict.fromkeys(named)
        return list(found)

    def checked_out(self, submodule: str) -> str | None:
        """The commit that is checked out in a submodule; None if there is none here."""
        path = Path(self.root, submodule)
        if not os.path.lexists(path / ".git"):
            return None
        return Repository(str(path), is_nested=True).object(HEAD, "commit")

    def tree_of(self, listed: Mapping[str, Entry]) -> str:
        """The tree that some entries make, which become what is staged."""
        from multitool_lint.cli.files.work_tree import index_lines  # it imports what this is for

        self.ask("read-tree", "--empty")
        self.ask("update-index", "-z", "--index-info", given=index_lines(listed))
        return os.fsdecode(self.ask("write-tree")).strip()

    def _see(self, revision: str) -> None:
        """Read the working tree if it is asked about."""
        if revision != WORK_TREE or self.work_tree:
            return
        from multitool_lint.cli.files.work_tree import WorkTree, index_lines  # as above

        read = WorkTree(self, self.folder(STAGED, ""))
        self.work_tree = read
        lines = index_lines(read.entries)
        self.ask("update-index", "-z", "--index-info", given=lines, index=WORK_TREE)

    def expect(self, ids: Iterable[str]) -> None:
        """Read some objects together with the next one that is read."""
        self._expected.update(ids)

    def blob(self, id_: str) -> bytes:
        """The content of an object, which is kept.

        Raises:
            GitError: git fails, or lacks it.
        """
        if id_ not in self._blobs:
            self._read_blobs([*{id_, *self._expected} - self._blobs.keys()])
            self._expected.clear()
        if id_ not in self._blobs:
            raise GitError(f"git in {self.root}: {id_} missing")
        return self._blobs[id_]

    def _read_blobs(self, ids: Sequence[str]) -> None:
        """Keep the contents of those objects that git has."""
        data = self.ask("cat-file", "--batch", given="".join(f"{id_}\n" for id_ in ids).encode())
        start = 0
        for id_ in ids:
            head = data[start : data.index(b"\n", start)]
            start += len(head) + 1
            _, _, size = os.fsdecode(head).rpartition(" ")
            if size.isdecimal():
                self._blobs[id_] = data[start : start + int(size)]
                start += int(size) + 1


def is_index(revision: str | None) -> bool:
    """Whether a revision is what is staged, or the working tree, which git has as an index."""
    return revision in (STAGED, WORK_TREE)


def relative(repository: Repository, path: str) -> str:
    """The path of a file from here, as it is named in messages."""
    return os.path.relpath(Path(repository.root, path), os.path.realpath(os.curdir))


class _Name(NamedTuple):
    """The name that a revision such as `main~2` begins with, and what it may be the name of.

    `references` are what git looks for, which for a name in full is that alone. `object` is the
    abbreviated id that it may be.
    """

    text: str
    references: tuple[str, ...]
    object: str = ""


def _name_of(revision: str) -> _Name | None:
    """The name in a revision, if it can be ambiguous."""
    match = _NAME.match(revision)
    text = match[0] if match else ""
    if text in _OWN:
        return None
    if text.startswith(_FULL):
        return _Name(text, (text,))
    id_ = _OBJECT.search(text)
    return _Name(text, tuple(place.format(text) for place in _PLACES), id_[1] if id_ else "")
