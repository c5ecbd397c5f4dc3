"""The configurations that another one extends: files, and those of installed distributions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.model import FILE
from multitool_lint.limits import MAX_CONFIG_EXTENDS
from multitool_lint.syntax.boundary import is_outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.config.model import Config


class Extending:
    """Reads what configurations extend; `paths` lead from the first of them to the one at hand.

    Patterns are of paths below the `folder` of the first. `config_at` returns the configuration of
    a file, which extends others too, on top of another one.
    """

    def __init__(
        self,
        paths: tuple[Path, ...],
        folder: Path,
        config_at: Callable[[Path, Extending, Config], Config | None],
    ) -> None:
        self._paths = paths
        self.folder = folder
        self._config_at = config_at

    def read(self, name: str, base: Config) -> Config:
        """The configuration of a name, as it changes another one.

        Raises:
            ConfigError: there is none, it must not be read, or it cannot be followed.
        """
        path = self._path(name)
        if path in self._paths:
            raise ConfigError(f'"{name}" extends itself')
        if len(self._paths) > MAX_CONFIG_EXTENDS:
            raise ConfigError(f"more than {MAX_CONFIG_EXTENDS} files extend each other")
        further = Extending((*self._paths, path), self.folder, self._config_at)
        config = self._config_at(path, further, base)
        if config is None:
            raise ConfigError(f'"{name}" has no settings')
        return config

    def _path(self, name: str) -> Path:
        if not is_path(name):
            return _file_of_distribution(name)
        folder = self._paths[-1].parent
        if is_outside(name, str(folder)):
            raise ConfigError(
                f'"{name}" is outside of the repository; extend an installed distribution'
            )
        return Path(os.path.abspath(folder / name))  # noqa: PTH100 - links stay as they are


def is_path(name: str) -> bool:
    """Whether a configuration that is extended is a file, not that of a distribution."""
    return name.endswith(".toml") or "/" in name or os.sep in name


def _file_of_distribution(name: str) -> Path:
    """The configuration in a distribution, which is not looked for in the current folder.

    Raises:
        ConfigError: it is not installed, or has none.
    """
    from multitool_lint.org_rules.plugins import distribution_of

    files = distribution_of(name, "distribution").files or ()
    found = next((file for file in files if file.name == FILE), None)
    if found is None:
        raise ConfigError(f'the distribution "{name}" has no {FILE}')
    return Path(str(found.locate()))
