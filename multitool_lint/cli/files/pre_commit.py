"""The commits that pre-commit or prek runs hooks for, where that is not what is staged.

pre-commit: https://pre-commit.com/#pre-push
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError
from multitool_lint.cli.files.version_sources import Sides
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from multitool_lint.cli.files.version_sources import VersionSources

FROM, TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"


def sides(versions: VersionSources) -> Sides:
    """What to compare: with both variables, the commit in which TO left FROM, with TO.

    Of these, pre-commit passes the files that have changed. Where the two have no commit in common,
    or where it was not fetched, it is FROM, as it is for pre-commit.

    Raises:
        ConfigError: one of them names no commit here, or git cannot answer.
    """
    given = {name: os.environ.get(name, "") for name in (FROM, TO)}
    if not any(given.values()):
        return Sides()
    try:
        repository, _ = versions.located(os.curdir + os.sep)
        commits = []
        for name, revision in given.items():
            commit = repository.object(revision, "commit") if revision.strip("0") else None
            if commit is None:
                raise ConfigError(f'{name} is "{revision}", which is not a commit here')
            commits.append(commit)
        base = repository.find("merge-base", *commits)
    except GitError as error:
        raise ConfigError(f"{FROM}, {TO}: {error}") from error
    old, new = commits
    return Sides(os.fsdecode(base).strip() if base else old, new)
