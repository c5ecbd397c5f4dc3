"""Where configurations are: the nearest file upwards, or one that is named."""

from __future__ import annotations

import os
import re

from multitool_lint.config.errors import ConfigError, shown
from multitool_lint.config.model import FILE, Config, TableOrigin
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link, is_outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any, TypeAlias

    from multitool_lint.config.extending import Extending
    from multitool_lint.config.toml_lines import Place

TABLE = "multitool-lint"

_MISNAMED = ("multitool_lint.toml", ".multitool-lint.toml")
"""Names that a configuration could have, and that would be ignored without a word."""

# The name of our table, also as it is misspelt.
_NAME = lazy_pattern("multitool[-_. ]?lint", re.IGNORECASE)

# The ways in which a pyproject.toml can begin our table, or one that ours may be in.
_TOOL = lazy_pattern(
    rf"""^[^\S\n]*+(?:\[[^#\n]*{_NAME.pattern}|\[\s*["']?tool["']?\s*\]|["']?tool["']?\s*[.=])""",
    re.MULTILINE | re.IGNORECASE,
)

ACCEPTED = "multitool-lint-accepted.toml"
"""The file of a repository that says which new access is intended."""

NAMES = (FILE, "pyproject.toml", *_MISNAMED)
"""The names of files that are, or may be meant to be, configurations."""


Texts: TypeAlias = "Callable[[Path], str | None]"
"""The texts of the files at some paths, None for one that is not there."""


class ConfigFinder:
    """Finds the configuration nearest to a file; asks every folder once.

    Where they are not those in the file system, `texts` has those at some paths.
    """

    def __init__(self, texts: Texts | None = None) -> None:
        self._found: dict[str, Config] = {}
        self._texts = texts

    def nearest(self, path: str) -> Config:
        """The configuration in a file's folder, or the nearest above it within the repository.

        Raises:
            ConfigError: it cannot be followed.
        """
        folder = os.path.dirname(path)
        if folder not in self._found:
            # In a revision, links stay as they are.
            absolute = os.path.realpath if self._texts is None else os.path.abspath
            self._found[folder] = self._in(absolute(folder))
        return self._found[folder]

    def _in(self, folder: str) -> Config:
        if folder not in self._found:
            self._found[folder] = self._find(folder)
        return self._found[folder]

    def _find(self, folder: str) -> Config:
        texts = self._texts
        config = _read_in(folder) if texts is None else _config_in(folder, texts)
        if config is not None:
            return config
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return Config()
        return self._in(parent)


def read_config(path: str) -> Config:
    """The configuration in a file of any name; one named pyproject.toml needs the tool's table.

    Raises:
        ConfigError: it cannot be read or followed.
    """
    config = _read(path, named=True)
    if config is None:
        raise ConfigError(f"{path} does not have a table [tool.{TABLE}]")
    return config


def read_again(origin: TableOrigin) -> tuple[dict[str, Any], dict[Place, int]]:
    """The table of a configuration as it is written, and the lines of its keys and values.

    Raises:
        ConfigError: it cannot be read any more.
    """
    from pathlib import Path

    from multitool_lint.config import toml_lines as places
    from multitool_lint.config.toml_document import document_of

    path = Path(origin.path)
    text = _text(path)
    table = document_of(path, text)
    for name in origin.table:
        table = table.get(name, {})
    start = len(origin.table)
    lines = places.lines(text).items()
    return table, {place[start:]: at for place, at in lines if place[:start] == origin.table}


def _read_in(folder: str) -> Config | None:
    for name in (FILE, "pyproject.toml"):
        path = os.path.join(folder, name)
        # A broken link with our name is a mistake, not a missing file.
        if os.path.isfile(path) or (name == FILE and os.path.islink(path)):
            config = _read(path)
            if config is not None:
                return config
    for name in _MISNAMED:
        if os.path.isfile(path := os.path.join(folder, name)):
            raise ConfigError(f"{shown(path)} is not read; rename it to {FILE}")
    return None


def _config_in(folder: str, texts: Texts) -> Config | None:
    """The configuration of a folder in some texts."""
    from pathlib import Path

    for name in NAMES:
        path = Path(folder, name)
        text = texts(path)
        if text is None or not has_settings(path, text):
            continue
        if name in _MISNAMED:
            raise ConfigError(f"{shown(path)} is not read; rename it to {FILE}")
        if (config := config_of(path, _plain(text), _extending(path, texts))) is not None:
            return config
    return None


def _extending(path: Path, texts: Texts | None = None) -> Extending:
    from pathlib import Path  # saves start-up, as do all imports below

    from multitool_lint.config.extending import Extending

    def extended(place: Path, extending: Extending, base: Config) -> Config | None:
        is_installed = texts is None or is_outside(str(place), str(path.parent))
        if is_installed:
            _check_inside(place)
        text = None if is_installed or texts is None else texts(place)
        if text is None and not is_installed:
            raise ConfigError(f"{shown(place)}: no such file or directory")
        return config_of(place, _text(place) if text is None else _plain(text), extending, base)

    return Extending((Path(os.path.abspath(path)),), path.parent, extended)


def extended_files(path: Path, text: str) -> list[str]:
    """The names of the files that a configuration extends; none if it cannot be followed."""
    from multitool_lint.config.extending import is_path
    from multitool_lint.config.toml_document import document_of

    try:
        table: object = document_of(path, _plain(text))
    except ConfigError:
        return []
    for key in (*table_of(path), "extend"):
        table = table.get(key) if isinstance(table, dict) else None
    names = table if isinstance(table, list) else [table]
    return [name for name in names if isinstance(name, str) and is_path(name)]


def has_settings(path: Path | str, text: str) -> bool:
    """Whether a text is a configuration, as a pyproject.toml need not be."""
    return not table_of(path) or bool(_NAME.search(text) and _TOOL.search(text))


def table_of(path: Path | str) -> tuple[str, ...]:
    """The keys that lead to the settings in a file of that name."""
    return ("tool", TABLE) if os.path.basename(path) == "pyproject.toml" else ()


def _read(path: str, *, named: bool = False) -> Config | None:
    """The configuration in a file, None if it is a pyproject.toml without our table."""
    text = _text(path, named=named)
    if not has_settings(path, text):
        # Most are like that, and importing a TOML parser takes longer than reading them.
        return None
    if os.path.islink(path) and not named:
        _check_inside(path)
    from pathlib import Path

    return config_of(Path(path), text)


def config_of(
    path: Path, text: str, extending: Extending | None = None, base: Config | None = None
) -> Config | None:
    """The configuration in the text of a file, None if it is a pyproject.toml without our table.

    It changes what a `base` says.

    Raises:
        ConfigError: it cannot be followed.
    """
    from multitool_lint.config.toml_document import document_of

    document = document_of(path, text)
    table: object = document
    if not table_of(path):
        _check_tables(document, path)
    else:
        tool = document.get("tool")
        if not isinstance(tool, dict) or TABLE not in tool:
            _check_names(tool, path)
            return None
        table = tool[TABLE]
    from multitool_lint.config.reader import read

    origin = TableOrigin(shown(path), table_of(path))
    return read(table, origin, text, extending or _extending(path), base or Config())


def _check_tables(document: dict[str, Any], path: Path) -> None:
    """See that the settings are not in a table of their own, as in pyproject.toml.

    Raises:
        ConfigError: they are.
    """
    for name, title in (("tool", f"[tool.{TABLE}]"), (TABLE, f"[{TABLE}]")):
        if name in document:
            raise ConfigError(f"{shown(path)}: settings are not in a table here; remove {title}")


def _check_names(tool: object, path: Path) -> None:
    """See that no table has a misspelt name, which would be ignored without a word.

    Raises:
        ConfigError: one has.
    """
    for name in tool if isinstance(tool, dict) else ():
        if _NAME.fullmatch(name):
            message = f'unknown table "[tool.{name}]"; did you mean [tool.{TABLE}]?'
            raise ConfigError(f"{shown(path)}: {message}")


def _check_inside(path: Path | str) -> None:
    """See that what messages would show is not of a file elsewhere.

    Raises:
        ConfigError: it is.
    """
    if left := folder_left_by_link(str(path), os.path.dirname(path)):
        reason = f"a symbolic link leads out of {left}; name the file with --config"
        raise ConfigError(f"{shown(path)}: {reason}")


def _text(path: Path | str, *, named: bool = False) -> str:
    try:
        if named:  # what a shell writes for <(...) is a pipe
            with open(path, "rb") as file:
                data = reading.read_stream(file)
        else:
            data = reading.read_bytes(str(path))
        text = reading.decode(data, str(path)).text
    except (OSError, reading.UnreadableError) as error:
        raise ConfigError(f"{shown(path)}: {reading.reason(error)}") from error
    except ValueError as error:  # a name with a NUL
        raise ConfigError(f"{shown(path)!r}: {error}") from error
    return _plain(text)


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
