"""Reads the entries of a configuration about known and accepted findings: `[[ignore]]`."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.values import check_rule
from multitool_lint.linter.ignore_entries import IgnoreEntry
from multitool_lint.syntax.path_patterns import glob

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from multitool_lint.config.toml_value import TomlValue

KEYS = ("rule", "path", "sid", "action", "resource", "principal", "reason", "expires")
"""The keys of an entry; `rule` and `reason` are required."""


def read_entry(entry: TomlValue, folder: Path, others: Collection[str]) -> IgnoreEntry | None:
    """The entry that a table is, in a configuration in that folder.

    `others` are the ids of the rules there that are not ours.
    """
    entry.table(KEYS)
    path = entry.mistakes.path
    check = partial(check_rule, select=False, others=others, topics=False, path=path)
    rule = entry["rule"].parse(check)
    reason = entry["reason"].parse(_reason)
    for key in ("rule", "reason"):
        if key not in entry:
            entry.add_mistake(f"an entry of ignore needs a {key}")
    pattern, sid = entry["path"].parse(glob), entry["sid"].parse(str)
    action, resource, principal = (
        entry[key].texts(may_be_empty=True) for key in ("action", "resource", "principal")
    )
    expires = read_date(entry["expires"])
    if rule is None or reason is None:
        return None
    line = entry.mistakes.line(entry.place) or 1
    return IgnoreEntry(
        *(rule, reason, pattern, sid, action, resource, principal, expires, folder),
        file=path,
        line=line,
    )


def _reason(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ConfigError("an entry of ignore needs a reason")
    return words


def read_date(value: TomlValue) -> date | None:
    """The date that a value is, which may be written as a string."""
    day = value.content
    if day is None:
        return None
    if isinstance(day, str):
        with suppress(ValueError):
            day = date.fromisoformat(day)
    if isinstance(day, date) and not isinstance(day, datetime):
        return day
    value.add_wrong_type("a date such as 2027-01-31")
    return None
