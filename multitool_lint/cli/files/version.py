"""A version of a file to compare, and why one cannot be read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from multitool_lint.cli.files.git_process import STAGED, WORK_TREE
from multitool_lint.config import ConfigError
from multitool_lint.syntax.boundary import repository_of

MANAGED = "AWS"
"""The revision of what is a managed policy of AWS, and not a file."""

_ID = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_SHOWN_ID = 12


class UnreadableVersionError(Exception):
    """A version of a file that cannot be read or contains no policy; the message says why."""


class AbsentError(UnreadableVersionError):
    """There is nothing to compare, and need not be among files that are not named one by one."""


class MissingVersionError(AbsentError):
    """A file that does not exist in that revision."""


class FileWithoutPolicyError(AbsentError):
    """A file without a policy."""


class Version(NamedTuple):
    """A file, or with a revision what it is there."""

    path: str
    revision: str | None = None

    def __str__(self) -> str:
        if self.revision in (None, WORK_TREE, MANAGED):
            return self.path
        return f"{shown_revision(self.revision or STAGED)}:{self.path}"


def shown_revision(revision: str) -> str:
    """A revision as messages name it: the id of a commit by its beginning."""
    return revision[:_SHOWN_ID] if _ID.fullmatch(revision) else revision


def side_name(revision: str | None) -> str:
    """Where a file would be that is not there."""
    if revision in (None, WORK_TREE):
        return "here"
    return f"in {shown_revision(revision)}" if revision else "staged"


def version(text: str) -> Version:
    """The version that an argument names: `REV:PATH` from the top, `REV:./PATH`, or a file.

    Raises:
        ConfigError: it is both. A commit can contain a file that is named as a version is.
    """
    if is_managed_policy(text):
        return Version(text, MANAGED)
    revision, colon, path = text.partition(":")
    is_path = Path(text).is_absolute() or text.startswith((".", "-"))
    if not colon or is_path or not path:
        return Version(text)
    if os.path.lexists(text):
        raise ConfigError(f'"{text}" is also the name of a file; use "./{text}" for the file')
    return Version(_from_here(path), revision)


def is_managed_policy(text: str) -> bool:
    """Whether an argument names a managed policy of AWS: by its ARN, or no file has its name."""
    if not (text.startswith("arn:") or text.partition("@")[0].isidentifier()):
        return False
    from multitool_lint.cli.files.managed_versions import named_policy
    from multitool_lint.cli.options.catalog import newest

    return not os.path.lexists(text) and named_policy(text, newest()) is not None


def _from_here(path: str) -> str:
    """A path of a revision, which git takes from the top unless it begins with a dot."""
    here = os.path.realpath(os.curdir)
    top = repository_of(here)
    if top in (None, here) or path.startswith(("./", "../")) or Path(path).is_absolute():
        return path
    found = os.path.relpath(Path(top or here, path), here)
    return found if found.startswith("..") else f"./{found}"
