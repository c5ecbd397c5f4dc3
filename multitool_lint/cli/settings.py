"""Options that say which rules run and what type policies have, joined with configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli import catalogs
from multitool_lint.config import (
    Config,
    ConfigFinder,
    FileSettings,
    check_resource_type,
    check_rules,
    check_type,
    read_config,
)
from multitool_lint.rulebook import rules

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from multitool_lint.catalog_settings import CatalogSettings
    from multitool_lint.iam.catalog import Catalog
    from multitool_lint.policy import PolicyType
    from multitool_lint.rulebook import Rule


def add_config_arguments(parser: ArgumentParser) -> None:
    """Add the options that tell what type a policy has, and where the configuration is."""
    parser.add_argument(
        "--type",
        metavar="TYPE",
        help="take every policy for this type, not for what its shape tells: "
        "identity, resource, trust, scp or rcp",
    )
    parser.add_argument(
        "--resource-type",
        metavar="TYPE",
        help="the resource that resource policies are attached to, such as AWS::S3::Bucket",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--config", metavar="FILE", help="use this configuration for every file")
    group.add_argument("--no-config", action="store_true", help="use no configuration")
    catalogs.add_catalog_argument(parser)


def add_rule_arguments(parser: ArgumentParser) -> None:
    """Add the options that tell which rules run."""
    parser.add_argument(
        "--select",
        metavar="RULES",
        action="append",
        help="run only these rules, separated by commas, or ALL; sets aside what the "
        "configuration selects and ignores",
    )
    parser.add_argument(
        "--ignore",
        metavar="RULES",
        action="append",
        help="do not run these rules, separated by commas, besides those that the configuration "
        "ignores",
    )


class Settings:
    """What holds for each file: its configuration, and before that the options of the command.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """

    def __init__(self, arguments: Namespace) -> None:
        self._type = None if arguments.type is None else check_type(arguments.type)
        resource_type = arguments.resource_type
        self._resource_type = None if resource_type is None else check_resource_type(resource_type)
        select = _split(getattr(arguments, "select", None))
        self._select = None if select is None else check_rules(select, select=True)
        self._ignore = check_rules(_split(getattr(arguments, "ignore", None)) or (), select=False)
        self._everywhere: Config | None = None
        if arguments.config is not None:
            self._everywhere = read_config(arguments.config)
        elif arguments.no_config:
            self._everywhere = Config()
        self._finder = ConfigFinder()
        self._enabled: dict[Config, Mapping[str, Rule]] = {}
        self._catalog_option = arguments.catalog
        self._catalogs: dict[CatalogSettings, Catalog] = {}

    def of(self, path: str) -> FileSettings:
        """What holds for a file."""
        type_, resource_type = self._types(path)
        return FileSettings(self._rules(path), type_, resource_type, self._catalog(path))

    def _types(self, path: str) -> tuple[PolicyType | None, str | None]:
        if self._type is not None and self._resource_type is not None:
            return self._type, self._resource_type
        type_, resource_type = self._config(path).policy_settings(path)
        return self._type or type_, self._resource_type or resource_type

    def _rules(self, path: str) -> Mapping[str, Rule]:
        config = self._config(path)
        if config not in self._enabled:
            self._enabled[config] = self._with_options(config).enabled(rules())
        return self._enabled[config]

    def _catalog(self, path: str) -> Catalog:
        said = self._config(path).catalog
        if said not in self._catalogs:
            self._catalogs[said] = catalogs.chosen(self._catalog_option, said)
        return self._catalogs[said]

    def _config(self, path: str) -> Config:
        if self._everywhere is not None:
            return self._everywhere
        return self._finder.nearest(path)

    def _with_options(self, config: Config) -> Config:
        if self._select is not None:
            return Config(select=self._select, ignore=self._ignore)
        return Config(select=config.select, ignore=(*config.ignore, *self._ignore))


def _split(values: list[str] | None) -> list[str] | None:
    """The rule ids of an option that may be given several times, with several ids each."""
    if values is None:
        return None
    return [id_.strip() for value in values for id_ in value.split(",") if id_.strip()]
