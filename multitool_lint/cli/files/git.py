"""Questions to git, asked so that a checkout cannot make git run programs.

Git reads the settings of the repository that it runs in, and many of them name programs. What a
commit contains can never be such settings as long as git runs at the top of a working tree and is
kept from taking another folder for a repository. The settings next to a `.git` are the user's, or
those of the author of the archive that a checkout came from: they are overridden where they name
programs, and git is only asked what it answers from its own data. The files of a working tree are
compared without git, which would run the filters of its settings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_folder import git_folder
from multitool_lint.cli.files.git_listing import Entry, changes, entries
from multitool_lint.cli.files.revisions import name_of
from multitool_lint.limits import MAX_GIT_PATTERNS, MAX_GIT_SECONDS
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import CompletedProcess

    from multitool_lint.cli.files.git_listing import Change

STAGED = ""
"""The revision that means what is staged, as git writes it before a colon."""

HEAD = "HEAD"

_SETTINGS = (
    "safe.bareRepository=explicit",
    "core.fsmonitor=",
    f"core.hooksPath={os.devnull}",
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",  # none, whatever the settings allow
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what is committed, and not what replaces it here
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
}
# Of the variables of git, few are passed on. The user's settings and command line (`git -c`) say
# which repositories are safe, and git's own switch for tests, that none is. A hook of
# `git commit FILE` or `git commit -a` is given the index of the commit by GIT_INDEX_FILE. GIT_DIR,
# which hooks in submodules and further working trees are given, is the folder that git finds here
# without it; any other is refused, because the files are not of that repository.
_KEPT = ("GIT_CONFIG", "GIT_TEST_ASSUME_DIFFERENT_OWNER")
_INDEX = "GIT_INDEX_FILE"
_FOLDER = "GIT_DIR"


class GitError(Exception):
    """Git cannot be run, or cannot answer; the message says why."""


class Repository:
    """A working tree with its repository, by its top; what is listed is kept.

    Raises:
        GitError: git does not take it for one, or has to use another.
    """

    def __init__(self, root: str, *, is_nested: bool = False) -> None:
        self.root = root
        self._is_nested = is_nested
        self._objects: dict[str, str | None] = {}
        self._listed: dict[tuple[str, str], dict[str, Entry]] = {}
        self._changes: dict[tuple[str, str], list[Change]] = {}
        given = os.environ.get(_FOLDER)
        if given and not is_nested and not _is_same(given, str(git_folder(root))):
            raise GitError(f'{_FOLDER} is "{given}", which is not the repository of {root}')
        top = os.fsdecode(self.ask("rev-parse", "--show-toplevel")).removesuffix("\n")
        if not _is_same(top, root):
            raise GitError(f"the working tree of the repository in {root} is {top}")

    def ask(self, *arguments: str) -> bytes:
        """What git answers.

        Raises:
            GitError: it fails.
        """
        done = self._run(arguments)
        if done.returncode:
            raise GitError(f"git in {self.root}: {_reason(done)}")
        return done.stdout

    def find(self, *arguments: str) -> bytes | None:
        """What git answers; None if it says that there is nothing, by exit code 1.

        Raises:
            GitError: it fails.
        """
        done = self._run(arguments)
        if done.returncode not in {0, 1}:
            raise GitError(f"git in {self.root}: {_reason(done)}")
        return None if done.returncode else done.stdout

    def object(self, revision: str, kind: str) -> str | None:
        """The id of the commit or the tree of a revision; None if there is no such revision.

        Raises:
            GitError: its name is that of several.
        """
        name = f"{revision}^{{{kind}}}"
        if name not in self._objects:
            found = None
            if self._is_one(revision):
                found = self.find("rev-parse", "--verify", "--quiet", "--end-of-options", name)
            self._objects[name] = None if found is None else os.fsdecode(found).strip()
        return self._objects[name]

    def _is_one(self, revision: str) -> bool:
        """Whether a revision has the name of one thing; a name in full must be there as it is."""
        name = name_of(revision)
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

    def is_unborn(self) -> bool:
        """Whether HEAD is a branch without a commit; a damaged one is not such a branch."""
        if self.find("symbolic-ref", "--quiet", HEAD) is None:
            return False
        return self.find("rev-parse", "--verify", "--quiet", HEAD) is None

    def entry(self, revision: str, path: str) -> Entry | None:
        """What a tree, or the index, has at a path from the top; None for nothing."""
        return self.folder(revision, path.rpartition("/")[0]).get(path)

    def folder(self, revision: str, folder: str) -> dict[str, Entry]:
        """What a tree, or the index, has in a folder, and perhaps below, by the path."""
        if (revision, folder) not in self._listed:
            path = ("--", f"{folder}/") if folder else ()
            if revision == STAGED:
                listing = self.ask("ls-files", "-z", "--stage", *path)
            else:
                listing = self.ask("ls-tree", "-z", "--full-tree", revision, *path)
            self._listed[revision, folder] = dict(entries(listing))
        return self._listed[revision, folder]

    def files(self, tree: str) -> dict[str, Entry]:
        """All files and submodules of a tree."""
        return dict(entries(self.ask("ls-tree", "-r", "-z", "--full-tree", tree)))

    def below(self, revision: str, folder: str) -> list[tuple[str, Entry]]:
        """The files of a tree, or the index, in a folder and below; none if there is none."""
        if revision == STAGED:
            return list(self.folder(revision, folder).items())
        if folder and self.entry(revision, folder) is None:
            return []
        listed = self.files(f"{revision}:{folder}").items()
        return [(f"{folder}/{path}".lstrip("/"), entry) for path, entry in listed]

    def changes(self, old: str, new: str) -> list[Change]:
        """How a tree, or the index, differs from an older tree."""
        if (old, new) not in self._changes:
            options = ("--raw", "--find-renames", "--no-ext-diff", "-z")
            if new == STAGED:
                listing = self.ask("diff-index", "--cached", *options, old)
            else:
                listing = self.ask("diff-tree", "-r", *options, old, new)
            self._changes[old, new] = list(changes(os.fsdecode(listing).split("\0")[:-1]))
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
        where = ("--cached",) if revision == STAGED else (revision,)
        found: dict[str, None] = {}
        for start in range(0, len(texts), MAX_GIT_PATTERNS):
            some = texts[start : start + MAX_GIT_PATTERNS]
            patterns = [word for text in some for word in ("-e", text)]
            listing = os.fsdecode(self.find("grep", *options, *patterns, *where) or b"")
            named = listing.split("\0")[:-1]
            if revision != STAGED:
                named = [path.removeprefix(f"{revision}:") for path in named]
            found |= dict.fromkeys(named)
        return list(found)

    def _run(self, arguments: tuple[str, ...]) -> CompletedProcess[bytes]:
        import subprocess

        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        try:
            return subprocess.run(  # noqa: S603
                [_program(), "--no-pager", *options, *arguments],
                cwd=self.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=MAX_GIT_SECONDS,
            )
        except OSError as error:
            raise GitError(f"git cannot be run: {reading.reason(error)}") from error
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git has no answer after {MAX_GIT_SECONDS} seconds") from error

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith("GIT_") or name.upper().startswith(_KEPT)
        }
        index = os.environ.get(_INDEX)
        if index and not self._is_nested:
            # Git takes a missing index for one in which nothing is staged.
            if not Path(self.root, index).is_file():
                raise GitError(f'{_INDEX} is "{index}", which is not a file')
            kept[_INDEX] = index
        # A `.git` that is none does not make git look further up.
        return {**kept, **_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(Path(self.root).parent)}


def relative(repository: Repository, path: str) -> str:
    """The path of a file from here, as it is named in messages."""
    return os.path.relpath(Path(repository.root, path), os.path.realpath(os.curdir))


def _is_same(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def _program() -> str:
    """Where git is: never in the current folder, which Windows and an empty PATH entry mean."""
    import shutil

    folders = [folder for folder in os.get_exec_path() if Path(folder).is_absolute()]
    found = shutil.which("git", path=os.pathsep.join(folders))
    if found is None or not Path(found).is_absolute():
        raise GitError("git cannot be run: no such file or directory")
    return found


def _reason(done: CompletedProcess[bytes]) -> str:
    """Why git failed, without its warnings and its advice."""
    lines = os.fsdecode(done.stderr).splitlines()
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or [f"exit code {done.returncode}"])[0]
