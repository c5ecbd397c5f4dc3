"""The file of a repository that says which new access is intended: `multitool-lint-accepted.toml`.

Its JSON Schema is rules/schemas/accepted.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from multitool_lint.config.errors import ConfigError, EnoughError, Mistakes
from multitool_lint.config.extra_rules import toml
from multitool_lint.config.toml_document import document_of
from multitool_lint.config.toml_value import TomlValue

_TABLE = "accepted"
_HEAD = """# New access that is intended, which `multitool-lint diff` does not stop.
# `multitool-lint diff --accept` adds entries. Review them as you review policies.
"""
_TEXTS = ("reason", "path", "policy", "what", "scope", "content")
_LISTS = ("actions", "not-actions", "resources", "not-resources")
_MARKS = ("possible", "lifted-deny")
_KEYS = (*_TEXTS, *_LISTS, *_MARKS, "until", "principal", "conditions")
_ABOUT = ("reason", "until")
_FORMS = ({"actions", "scope"}, {"not-actions", "scope"}, {"what", "content"})
_WIDTH = 100


class Accepted(NamedTuple):
    """An entry: new access, or a change that could not be compared, and why it is intended.

    `table` has the keys of the entry but for `reason` and `until`. Of the keys, `scope` is an
    identity of resources, principal and conditions as they are compared, and `content` one of what
    could not be compared.
    """

    table: Mapping[str, Any]
    reason: str
    until: date | None = None

    @property
    def path(self) -> str:
        """The file, or the folder of a module, from the top of the repository."""
        return str(self.table["path"])

    @property
    def key(self) -> str:
        """Equal for entries that accept the same for the same reason and time."""
        return toml({**self.table, "reason": self.reason, "until": str(self.until)})


def read_accepted(path: str, text: str) -> tuple[Accepted, ...]:
    """The entries in the text of a file.

    Raises:
        ConfigError: it is malformed; the arguments are the mistakes, the first ones of many.
    """
    document = document_of(Path(path), text)
    mistakes = Mistakes(path, (), text)
    found: list[Accepted | None] = []
    with suppress(EnoughError):
        tables = TomlValue(document, (), mistakes).table((_TABLE,))
        if _TABLE in tables:
            items = tables[_TABLE].items("a list of tables: [[accepted]]")
            found = [_entry(item) for item in items]
    if mistakes.messages:
        raise ConfigError(*mistakes.messages)
    return tuple(entry for entry in found if entry)


def _entry(entry: TomlValue) -> Accepted | None:
    values = entry.table(_KEYS)
    _check_types(values)
    for key in ("reason", "path"):
        if key not in values:
            entry.add_mistake(f"an entry of accepted needs a {key}")
    if sum(form <= values.keys() for form in _FORMS) != 1:
        entry.add_mistake("an entry of accepted needs actions and scope, or what and content")
    until = entry["until"].day()
    if not {"reason", "path"} <= values.keys():
        return None
    rest = {key: value.content for key, value in values.items() if key not in _ABOUT}
    return Accepted(rest, str(values["reason"].content), until)


def _check_types(values: Mapping[str, TomlValue]) -> None:
    """See that the values of an entry have the types of their keys."""
    for key, value in values.items():
        if key in _TEXTS and not (isinstance(value.content, str) and value.content.strip()):
            value.add_wrong_type("a string")
        elif key in _LISTS:
            value.texts()
        elif key in _MARKS and value.content is not True:
            value.add_mistake(f"{key} must be true, or left out")
        elif key == "principal":
            value.table(("type", "value"))
        elif key == "conditions":
            for condition in value.items("a list of tables"):
                condition.table(("operator", "key", "values"))


def with_accepted(text: str, entries: Sequence[Accepted]) -> str:
    """The text of a file with further entries."""
    parts = [text or _HEAD]
    for entry in entries:
        table: dict[str, Any] = {"reason": entry.reason}
        if entry.until:
            table["until"] = entry.until
        lines = "".join(f"{key} = {_value(v)}\n" for key, v in {**table, **entry.table}.items())
        parts.append(f"\n[[{_TABLE}]]\n{lines}")
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def _value(value: object) -> str:
    """A value as TOML has it, a long list with an item a line."""
    if isinstance(value, date):
        return value.isoformat()
    written = toml(value)
    if not isinstance(value, list) or len(written) < _WIDTH:
        return written
    return "[\n{}]".format("".join(f"  {toml(item)},\n" for item in value))
