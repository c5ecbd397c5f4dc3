"""Configuration: `multitool-lint.toml`, or `[tool.multitool-lint]` of pyproject.toml."""

from multitool_lint.config.errors import ConfigError
from multitool_lint.config.files import ConfigFinder, read_config
from multitool_lint.config.model import Config
from multitool_lint.config.values import (
    check_attachment,
    check_fail_on,
    check_resource_type,
    check_rules,
)
from multitool_lint.diagnostics.suggestion import suggestion

__all__ = [
    "Config",
    "ConfigError",
    "ConfigFinder",
    "check_attachment",
    "check_fail_on",
    "check_resource_type",
    "check_rules",
    "read_config",
    "suggestion",
]
