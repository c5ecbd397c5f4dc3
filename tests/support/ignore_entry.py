"""An entry of `[[ignore]]`, as a configuration in some folder has it."""

from pathlib import Path

from multitool_lint.config import ConfigError
from multitool_lint.config.errors import Mistakes
from multitool_lint.config.reader import read_entry
from multitool_lint.config.toml_value import TomlValue
from multitool_lint.linter.ignore_entries import IgnoreEntry


def ignore_entry(table: dict[str, object], folder: Path) -> IgnoreEntry:
    mistakes = Mistakes("multitool-lint.toml", (), "")
    entry = read_entry(TomlValue(table, ("ignore", 0), mistakes), folder, ())
    if entry is None or mistakes.messages:
        raise ConfigError(*mistakes.messages)
    return entry
