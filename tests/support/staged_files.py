"""Files that are staged over those of a commit, and what `diff --staged` makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from multitool_lint.cli import main
from support.compared_files import NEW_ACCESS
from support.git_repository import git

Files = Mapping[str, object]


def code(old: Files, new: Files, names: list[str] | None = None, *options: str) -> int:
    """The exit code where some files, None for one that is deleted, are staged over others.

    The files that are named are those that pre-commit names: all but the deleted ones.
    """
    stage(old)
    git("commit", "--allow-empty", "-qm", "first")
    stage(new)
    listed = git("diff", "--cached", "--name-only", "--diff-filter=d").split()
    return main(["diff", "--staged", NEW_ACCESS, *options, *(listed if names is None else names)])


def stage(files: Files) -> None:
    """Write files, and stage all that has changed."""
    for name, content in files.items():
        path = Path(name)
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(exist_ok=True, parents=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    git("add", "--all")
