"""What each form of the gate says of two trees, in a repository of git."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fuzz.command import run_command
from fuzz.trees.places import LINK
from multitool_lint.cli.files.sides import FROM, TO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fuzz.command import Ran
    from fuzz.trees.places import Files

GATE = ("diff", "--staged", "--fail-on-new-access", "--no-config")
_AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.com")


class Repository:
    """A repository in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
        self._git("init", "--quiet", "-b", "main")

    def commit(self, files: Files) -> str:
        """Make files the whole tree of a new commit; its name comes back."""
        self.stage(files)
        self._git(*_AUTHOR, "commit", "--quiet", "--allow-empty", "--message", "x")
        return self._git("rev-parse", "HEAD").strip()

    def stage(self, files: Files) -> None:
        """Make files the whole tree, and stage them."""
        for entry in self.folder.iterdir():
            if entry.name == ".git":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text.startswith(LINK):
                path.symlink_to(text.removeprefix(LINK))
            else:
                path.write_bytes(text.encode())
        self._git("add", "--all")

    def changed(self, *revisions: str) -> list[str]:
        """The files that pre-commit names: those that have changed, and still are there."""
        listed = self._git("diff", "--name-only", "-z", "--diff-filter=d", *revisions)
        return [name for name in listed.split("\0") if name]

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - with arguments of ours
            ["git", "-C", str(self.folder), *arguments],  # noqa: S607 - the one that is installed
            env=self._home,
            capture_output=True,
            check=True,
            timeout=60,
        )
        return os.fsdecode(done.stdout)


def verdicts(folder: Path, old: Files, new: Files) -> dict[str, Ran]:
    """What each form of the gate says of a commit with a tree, after one with another."""
    repository = Repository(folder)
    before = repository.commit(old)
    repository.stage(new)
    found = {
        "unnamed": run_command(folder, *GATE),
        "named": run_command(folder, *GATE, *repository.changed("--cached")),
    }
    after = repository.commit(new)
    with _environment({FROM: before, TO: after}):
        names = repository.changed(before, after)
        found["refs"] = run_command(folder, *GATE, *names)
        found["refs, unnamed"] = run_command(folder, *GATE)
    options = tuple(option for option in GATE if option != "--staged")
    found["base"] = run_command(folder, *options, "--base", before)
    return found


def staged_verdict(folder: Path, old: Files, new: Files) -> Ran:
    """What the hook says of files that are staged."""
    repository = Repository(folder)
    repository.commit(old)
    repository.stage(new)
    return run_command(folder, *GATE)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
