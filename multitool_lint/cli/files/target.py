"""What a command works on."""

from __future__ import annotations

from multitool_lint.linter.settings import FileSettings
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.reasons import Why
    from multitool_lint.syntax.source import Source

NO_SETTINGS = FileSettings({})


class Target(NamedTuple):
    """A file to work on, or one that could not be read (`error`) or need not be (`skipped`).

    `named` is true of a file that the user named, which must have a policy. `real` is its absolute
    path without symbolic links, and `outside` the folder that a symbolic link leads out of. Once it
    was read, a file to work on has a source and settings.
    """

    path: str
    named: bool
    real: str = ""
    skipped: Why | None = None
    error: str | None = None
    outside: str | None = None
    source: Source | None = None
    settings: FileSettings = NO_SETTINGS
