"""A version of a file to compare, and why one cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from multitool_lint.policy.policy_set import Facts


class UnreadableVersionError(Exception):
    """A version of a file that cannot be read or contains no policy; the message says why."""


class AbsentError(UnreadableVersionError):
    """There is nothing to compare, and need not be among files that are not named one by one."""


class MissingVersionError(AbsentError):
    """A file that does not exist in that revision."""


class NoPolicyError(AbsentError):
    """A file without a policy, with its `facts`."""

    def __init__(self, message: str, facts: Facts) -> None:
        super().__init__(message)
        self.facts = facts


class Version(NamedTuple):
    """A file, or with a revision what it is there."""

    path: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.path if self.revision is None else f"{self.revision}:{self.path}"


def version(text: str) -> Version:
    """The version that an argument names: `REV:PATH`, or a file.

    Raises:
        ConfigError: it is both. A commit can contain a file that is named as a version is.
    """
    revision, colon, path = text.partition(":")
    is_path = Path(text).is_absolute() or text.startswith((".", "-"))
    if not colon or is_path or not path:
        return Version(text)
    if os.path.lexists(text):
        raise ConfigError(f'"{text}" is also the name of a file; use "./{text}" for the file')
    return Version(path, revision)
