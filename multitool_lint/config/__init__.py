"""Configuration: `multitool-lint.toml`, or `[tool.multitool-lint]` of pyproject.toml."""

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.files import ConfigFinder, read_config
from multitool_lint.config.model import Config

__all__ = ["Config", "ConfigError", "ConfigFinder", "read_config"]
