"""Adds entries of `[[ignore]]` to the text of a configuration, which stays as it is otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.extra_rules import toml
from multitool_lint.config.files import config_of, table_of
from multitool_lint.config.toml_lines import list_end

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def with_entries(path: Path, text: str, entries: Sequence[dict[str, Any]]) -> str:
    """The text of the configuration at a path with further entries.

    Raises:
        ConfigError: the text is not a valid configuration, before or after.
    """
    before = config_of(path, text)
    table = table_of(path)
    end = list_end(text, (*table, "ignore"))
    if end is None:
        name = ".".join((*table, "ignore"))
        tables = ("".join(f"{key} = {toml(entry[key])}\n" for key in entry) for entry in entries)
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        after = text + gap + "\n".join(f"[[{name}]]\n{lines}" for lines in tables)
    else:
        head = text[:end].rstrip()
        comma = "" if head.endswith(("[", ",")) else ","
        items = "".join(f"  {toml(entry)},\n" for entry in entries)
        after = f"{head}{comma}\n{items}{text[end:]}"
    config = config_of(path, after)
    expected = (len(before.ignores) if before else 0) + len(entries)
    if config is None or len(config.ignores) != expected:
        raise ConfigError("the entries cannot be added to this file; write them by hand")
    return after
