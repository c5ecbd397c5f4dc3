"""What a configuration says of findings that are known and accepted: the entries of `[[ignore]]`.

What an entry suppresses is decided in `suppressions`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.boundary import below


class IgnoreEntry(NamedTuple):
    """An entry of `[[ignore]]`.

    `path` is a pattern of paths below `folder`, that of the configuration; without one, the entry
    holds for all files there. `action`, `resource` and `principal` are values as policies have
    them, empty where the entry does not say. `expires` is the last day on which it holds, and
    `expired` says that it is over. `file` and `line` (from 1) are where the entry is, and
    `number` is the place among all entries there.
    """

    rule: str
    reason: str
    path: re.Pattern[str] | None = None
    sid: str | None = None
    action: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    principal: tuple[str, ...] = ()
    expires: date | None = None
    folder: Path = Path()
    file: str = ""
    line: int = 1
    number: int = 0
    expired: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """What distinguishes the entry from all others of a run."""
        return self.file, self.number


class Ignores(NamedTuple):
    """What is not to be reported of a file.

    `entries` are those that cover it, `comments` says whether comments count, and `known` how many
    findings of a fingerprint its baseline has.
    """

    entries: tuple[IgnoreEntry, ...] = ()
    comments: bool = True
    known: tuple[tuple[str, int], ...] = ()

    def facts(self) -> tuple[object, ...]:
        """All of it, with the same `repr` in every process, which for a pattern is cut off."""
        entries = tuple(
            tuple(field.pattern if isinstance(field, re.Pattern) else field for field in entry)
            for entry in self.entries
        )
        return entries, self.comments, self.known


def covering(
    entries: tuple[IgnoreEntry, ...], path: str, today: date | None = None
) -> tuple[IgnoreEntry, ...]:
    """The entries whose path covers a file; those that are over by today are marked so."""
    today = today or datetime.now().astimezone().date()
    names: dict[Path, str | None] = {}
    covers: list[IgnoreEntry] = []
    for entry in entries:
        if entry.folder not in names:
            names[entry.folder] = below(path, entry.folder)
        name = names[entry.folder]
        if entry.path is None or (name is not None and entry.path.fullmatch(name)):
            over = entry.expires is not None and entry.expires < today
            covers.append(entry._replace(expired=over))
    return tuple(covers)
