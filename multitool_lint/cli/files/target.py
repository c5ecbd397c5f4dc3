"""What a command works on: a file that was found, and a file that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.linter.settings import FileSettings
from multitool_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from multitool_lint.reasons import Why
    from multitool_lint.syntax.source import Source

NO_SETTINGS = FileSettings({})


class FoundFile(NamedTuple):
    """A file that was named or found, or a folder that cannot be listed (`error`).

    `real` is its absolute path without symbolic links. `skipped` says why it is left out. `outside`
    is the folder that a symbolic link leads out of.
    """

    path: str
    real: str
    named: bool
    skipped: Why | None = None
    error: str | None = None
    outside: str | None = None


class Target(NamedTuple):
    """A file to work on, or one that could not be read (`error`) or need not be (`skipped`).

    `named` is true of a file that the user named, which must have a policy.
    A file with a source has settings; `real` and `outside` are those of the file that was found.
    """

    path: str
    named: bool
    source: Source | None = None
    error: str | None = None
    skipped: Why | None = None
    settings: FileSettings = NO_SETTINGS
    real: str = ""
    outside: str | None = None
