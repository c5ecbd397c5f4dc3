"""What a configuration says of findings that are known and accepted: the entries of `[[ignore]]`.

What an entry silences is decided in `suppressions`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from multitool_lint.diagnostics.rule import UNJUDGED, rules
from multitool_lint.diagnostics.suggestion import suggestion
from multitool_lint.syntax.path_patterns import PathPatternError, below, glob

Settings = dict[str, object]

KEYS = ("rule", "path", "sid", "action", "resource", "principal", "reason", "expires")
"""The keys of an entry; `rule` and `reason` are required."""


class IgnoreEntry(NamedTuple):
    """An entry of `[[ignore]]`.

    `path` is a pattern of paths below `folder`, that of the configuration; without one, the entry
    holds for all files there. `action`, `resource` and `principal` are values as policies have
    them, empty where the entry does not say. `expires` is the last day on which it holds, and
    `expired` says that it is over. `file` and `line` (from 1) are where the entry stands, and
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
        """What tells the entry from all others of a run."""
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


class EntryError(ValueError):
    """An entry that cannot be followed; `key` is that of the value at fault, if it is one."""

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


def read(entry: Settings, folder: Path, others: Collection[str] = ()) -> IgnoreEntry:
    """The entry that a table says, in a configuration in that folder.

    `others` are the ids of the rules there that are not ours.

    Raises:
        EntryError: it cannot be followed.
    """
    for key, value in entry.items():
        if key not in KEYS:
            hint = suggestion(key, KEYS) or f"; there are {', '.join(KEYS)}"
            raise EntryError(f'unknown key "{key}" in ignore{hint}', key)
        if key in ("rule", "path", "sid", "reason") and not isinstance(value, str):
            raise EntryError(f"{key} must be a string", key)
    reason = " ".join(str(entry.get("reason", "")).split())
    if not reason:
        raise EntryError("an entry of ignore needs a reason", "reason")
    return IgnoreEntry(
        rule=_rule(entry, others),
        reason=reason,
        path=_path(entry),
        sid=str(entry["sid"]) if "sid" in entry else None,
        action=_values(entry, "action"),
        resource=_values(entry, "resource"),
        principal=_values(entry, "principal"),
        expires=_date(entry),
        folder=folder,
    )


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


def _rule(entry: Settings, others: Collection[str]) -> str:
    id_ = str(entry.get("rule", ""))
    if not id_:
        raise EntryError("an entry of ignore needs a rule", "rule")
    if id_ not in rules() and id_ not in others:
        raise EntryError(f'unknown rule "{id_}"{suggestion(id_, (*rules(), *others))}', "rule")
    if id_ in UNJUDGED:
        raise EntryError(f'"{id_}" cannot be ignored: what was not judged is no pass', "rule")
    return id_


def _path(entry: Settings) -> re.Pattern[str] | None:
    if "path" not in entry:
        return None
    try:
        return glob(str(entry["path"]))
    except PathPatternError as error:
        raise EntryError(str(error), "path") from None


def _values(entry: Settings, key: str) -> tuple[str, ...]:
    value = entry.get(key)
    texts = [value] if isinstance(value, str) else value
    if key in entry and not (isinstance(texts, list) and texts and _are_texts(texts)):
        raise EntryError(f"{key} must be a string or a list of strings", key)
    return tuple(texts) if isinstance(texts, list) else ()


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _date(entry: Settings) -> date | None:
    value = entry.get("expires")
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise EntryError("expires must be a date such as 2027-01-31", "expires")
