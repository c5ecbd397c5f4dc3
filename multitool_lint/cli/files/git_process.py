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
from multitool_lint.limits import MAX_GIT_SECONDS
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import CompletedProcess

    from multitool_lint.cli.files.work_tree import WorkTree

STAGED = ""
"""The revision that means what is staged, as git writes it before a colon."""

WORK_TREE = "working tree"
"""The revision that means the files as they are. Git has no such revision."""

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


class Git:
    """Runs git at the top of a working tree; `work_tree` is the index of its files, if it is read.

    Raises:
        GitError: git does not take it for one, or has to use another.
    """

    def __init__(self, root: str, *, is_nested: bool = False) -> None:
        self.root = root
        self._is_nested = is_nested
        self.work_tree: WorkTree | None = None
        given = os.environ.get(_FOLDER)
        if given and not is_nested and not _is_same(given, str(git_folder(root))):
            raise GitError(f'{_FOLDER} is "{given}", which is not the repository of {root}')
        top = os.fsdecode(self.ask("rev-parse", "--show-toplevel")).removesuffix("\n")
        if not _is_same(top, root):
            raise GitError(f"the working tree of the repository in {root} is {top}")

    def ask(self, *arguments: str, given: bytes | None = None, index: str = STAGED) -> bytes:
        """What git answers.

        Raises:
            GitError: it fails.
        """
        done = self._run(arguments, given, index)
        if done.returncode:
            raise GitError(f"git in {self.root}: {_reason(done)}")
        return done.stdout

    def find(self, *arguments: str, index: str = STAGED) -> bytes | None:
        """What git answers; None if it says that there is nothing, by exit code 1.

        Raises:
            GitError: it fails.
        """
        done = self._run(arguments, index=index)
        if done.returncode not in {0, 1}:
            raise GitError(f"git in {self.root}: {_reason(done)}")
        return None if done.returncode else done.stdout

    def _run(
        self, arguments: tuple[str, ...], given: bytes | None = None, index: str = STAGED
    ) -> CompletedProcess[bytes]:
        return _run_git(self.root, arguments, given, self._environment(index))

    def _environment(self, index: str) -> dict[str, str]:
        kept = _inherited()
        given = os.environ.get(_INDEX)
        if given and not self._is_nested:
            # Git takes a missing index for one in which nothing is staged.
            if not Path(self.root, given).is_file():
                raise GitError(f'{_INDEX} is "{given}", which is not a file')
            kept[_INDEX] = given
        if self.work_tree:
            kept |= self.work_tree.environment
            if index == WORK_TREE:
                kept[_INDEX] = self.work_tree.index
        # A `.git` that is none does not make git look further up.
        return {**kept, "GIT_CEILING_DIRECTORIES": str(Path(self.root).parent)}


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
        raise GitError("git is not installed")
    return found


def _reason(done: CompletedProcess[bytes]) -> str:
    """Why git failed, without its warnings and its advice."""
    lines = os.fsdecode(done.stderr).splitlines()
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or [f"exit code {done.returncode}"])[0]


def initialise(folder: str) -> None:
    """Make a folder a repository, without what a template would put into it.

    Raises:
        GitError: git fails.
    """
    done = _run_git(folder, ("init", "--quiet", "--template="), None, _inherited())
    if done.returncode:
        raise GitError(f"git in {folder}: {_reason(done)}")


def _run_git(
    folder: str, arguments: Sequence[str], given: bytes | None, environment: dict[str, str]
) -> CompletedProcess[bytes]:
    import subprocess

    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    try:
        return subprocess.run(  # noqa: S603
            [_program(), "--no-pager", *options, *arguments],
            cwd=folder,
            env=environment,
            input=given or b"",
            capture_output=True,
            check=False,
            timeout=MAX_GIT_SECONDS,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {reading.reason(error)}") from error
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git has no answer after {MAX_GIT_SECONDS} seconds") from error


def _inherited() -> dict[str, str]:
    """The variables of the environment that git is given, with ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("GIT_") or name.upper().startswith(_KEPT)
    }
    return {**kept, **_ENVIRONMENT}
