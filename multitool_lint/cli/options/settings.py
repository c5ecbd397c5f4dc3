"""Options that say which rules run and what type policies have, joined with configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.groups import group
from multitool_lint.config import (
    Config,
    ConfigError,
    ConfigFinder,
    check_attachment,
    check_fail_on,
    check_resource_type,
    check_rules,
)
from multitool_lint.config.values import ENGINES, FAIL_ON, TYPE_NAMES
from multitool_lint.diagnostics.rule import ACCESS_ANALYZER, TOPICS, former_ids, rules
from multitool_lint.diagnostics.suggestion import alternatives
from multitool_lint.linter.settings import FileSettings, Opinion
from multitool_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.config.catalog import CatalogSettings
    from multitool_lint.linter.ignore_entries import Ignores
    from multitool_lint.policy.policy_type import PolicyType

    Known = Callable[[str, str | None], tuple[tuple[str, int], ...]]
    """What is known of a file in a baseline: one that is given, or that of its configuration."""

_LABELLED = frozenset({"json", "jsonl", "sarif", "code-scanning"})
"""The formats with a field for what parliament says of each finding."""


def add_config_arguments(parser: ArgumentParser) -> None:
    """Add the options that set the type of the policies, and where the configuration is."""
    options = group(parser, "configuration")
    options.add_argument(
        "--type",
        metavar="TYPE",
        help=f"treat every policy as of this type: {alternatives(TYPE_NAMES)}",
    )
    options.add_argument(
        "--resource-type",
        metavar="TYPE",
        help="what resource policies are attached to, such as AWS::S3::Bucket",
    )
    catalogs.add_config_arguments(parser, "use this configuration for every file")
    catalogs.add_catalog_argument(parser)


def add_rule_arguments(parser: ArgumentParser) -> None:
    """Add the options that set which rules run."""
    options = group(parser, "rules")
    options.add_argument(
        "--select",
        metavar="RULES",
        action="append",
        help="run only these rules or topics, separated by commas, or ALL",
    )
    options.add_argument(
        "--extend-select",
        metavar="RULES",
        action="append",
        help="also run these, such as rules that are off by default",
    )
    options.add_argument(
        "--ignore",
        metavar="RULES",
        action="append",
        help="do not run these",
    )


def add_engine_argument(parser: ArgumentParser) -> None:
    """Add the option that sets whose findings are reported."""
    options = group(parser, "rules")
    options.add_argument(
        "--engine",
        choices=ENGINES,
        help="parliament: report the findings of parliament instead",
    )


def add_fail_on_argument(parser: ArgumentParser) -> None:
    """Add the option that sets which findings decide about the exit code."""
    options = group(parser, "exit code")
    options.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        help=f"exit with 1 from this severity on: {alternatives(FAIL_ON)} (default: suggestion)",
    )


def add_keep_wildcards_argument(parser: ArgumentParser) -> None:
    """Add the option that applies the fixes that keep a wildcard."""
    options = group(parser, "fixes")
    options.add_argument(
        "--keep-wildcards",
        action="store_true",
        help="also remove what a wildcard makes redundant that grants more",
    )


class Options(NamedTuple):
    """What the options of a command say; None where they say nothing.

    `others` are ids that are not those of our rules: a configuration must have them.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    type: PolicyType | None = None
    resource_type: str | None = None
    catalog: str | None = None
    access_levels: str | None = None
    engine: str | None = None
    others: tuple[str, ...] = ()

    def on_top_of(self, config: Config) -> Config:
        """A configuration as the options change it.

        Raises:
            ConfigError: it has not the rules that they name.
        """
        if self.others:
            check_rules(self.others, select=True, others=config.extra_rule_ids)
        if self.select is not None:
            config = config._replace(
                select=self.select, extend_select=(), ignore=(), per_path_ignores=()
            )
        return config._replace(
            extend_select=(*config.extend_select, *self.extend_select),
            ignore=(*config.ignore, *self.ignore),
            fail_on=self.fail_on or config.fail_on,
            engine=self.engine or config.engine,
        )


def read_options(arguments: Namespace) -> Options:
    """The options that the arguments hold; a command need not have all of them.

    Raises:
        ConfigError: one of them cannot be followed.
    """
    options = vars(arguments)
    fail_on, type_, resource_type = (
        options.get(key) for key in ("fail_on", "type", "resource_type")
    )
    resource_type = None if resource_type is None else check_resource_type(resource_type)
    if type_ is not None:
        type_, resource_type = check_attachment(type_, resource_type)
    select = _split(options, "select")
    extend_select, ignore = (_split(options, key) or [] for key in ("extend_select", "ignore"))
    if select is None and _answers_as_aws(arguments):
        extend_select = [*extend_select, ACCESS_ANALYZER]
    others = [id_ for id_ in (*(select or ()), *extend_select, *ignore) if _is_other(id_)]
    return Options(
        select=None if select is None else check_rules(select, select=True, others=others),
        extend_select=check_rules(extend_select, select=True, others=others),
        ignore=check_rules(ignore, select=False, others=others),
        fail_on=None if fail_on is None else check_fail_on(fail_on),
        type=type_,
        resource_type=resource_type,
        catalog=options.get("catalog"),
        access_levels=options.get("access_levels"),
        engine=options.get("engine"),
        others=tuple(others),
    )


class Settings:
    """What holds for each file: its configuration, and before that the options of the command.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """

    def __init__(self, arguments: Namespace, finder: ConfigFinder | None = None) -> None:
        self.options = read_options(arguments)
        self._everywhere = catalogs.given_config(arguments)
        self._finder = finder or ConfigFinder()
        # The configurations live as long as the finder, and comparing them takes longer than this.
        self._joined: dict[int, Config] = {}
        self._settings: dict[tuple[object, ...], FileSettings] = {}
        self._catalogs: dict[CatalogSettings, Catalog] = {}
        self._shows_suppressed: bool = getattr(arguments, "show_suppressed", False)
        self._known: Known | None = getattr(arguments, "known", None)
        self._opinion = _opinion(arguments)

    def of(self, path: str) -> FileSettings:
        """What holds for a file; the same object for files for which the same holds."""
        found = self.found(path)
        config = self.config(path)
        type_, resource_type = found.policy_settings(path)
        if self.options.type and type_ not in (None, self.options.type):
            resource_type = None  # it belongs to policies of the other type
        type_ = self.options.type or type_
        resource_type = self.options.resource_type or resource_type
        ignored = config.ignored_at(path)
        ignores = self._ignores(config, path)
        extra_rules = config.extra_rules_at(path)
        key = (id(config), type_, resource_type, ignored, ignores, extra_rules)
        if key not in self._settings:
            self._settings[key] = FileSettings(
                config.enabled(config.known(extra_rules), ignored),
                type_,
                resource_type,
                self.catalog(found),
                config.severities,
                ignores,
                config.failing,
                config.extra_rule_ids,
                config.summarized(ignored),
                opinion=self._opinion,
            )
        return self._settings[key]

    def _ignores(self, config: Config, path: str) -> Ignores | None:
        """What is not to be reported of a file, None if everything is."""
        known = self._known(path, config.baseline) if self._known else ()
        if not (self._shows_suppressed or known or config.ignores):
            return None
        from multitool_lint.linter.ignore_entries import Ignores, covering

        entries = () if self._shows_suppressed else covering(config.ignores, path)
        return Ignores(entries, not self._shows_suppressed, known)

    def found(self, path: str) -> Config:
        """The configuration of a file."""
        return self._finder.nearest(path) if self._everywhere is None else self._everywhere

    def config(self, path: str) -> Config:
        """The configuration of a file, as the options change it."""
        found = self.found(path)
        if id(found) not in self._joined:
            self._joined[id(found)] = self.options.on_top_of(found)
            if found.extra_rules:
                self._check_names(found)
        return self._joined[id(found)]

    def _check_names(self, config: Config) -> None:
        """See that the rules of a configuration are about what there is in the catalog.

        Raises:
            ConfigError: they are not.
        """
        from multitool_lint.config.extra_rules import mistaken_names

        if mistakes := tuple(mistaken_names(config.extra_rules, self.catalog(config))):
            raise ConfigError(*mistakes)

    def exclusions(self, folder: str) -> tuple[str, tuple[str, ...]]:
        """The folder of the configuration of a folder's files, and what it excludes below it."""
        found = self.found(f"{folder}/-")
        return str(found.folder), found.exclude

    def catalog(self, config: Config) -> Catalog:
        """The catalog for the files of a configuration."""
        settings = config.catalog.with_levels(self.options.access_levels)
        if settings not in self._catalogs:
            self._catalogs[settings] = catalogs.chosen(self.options.catalog, settings)
        return self._catalogs[settings]


def _answers_as_aws(arguments: Namespace) -> bool:
    """Whether a report is to be the answer of AWS, to which rules off by default belong."""
    return ACCESS_ANALYZER in _formats(arguments)


def _opinion(arguments: Namespace) -> Opinion:
    """About what parliament is asked: about all findings where a report has a place for that."""
    labelled = getattr(arguments, "verbose", False) or _LABELLED.intersection(_formats(arguments))
    return Opinion.EVERY if labelled else Opinion.USUAL


def _formats(arguments: Namespace) -> Iterator[str]:
    """The formats of the reports."""
    yield getattr(arguments, "format", "")
    for output in getattr(arguments, "output", None) or ():
        yield output.partition("=")[0]


def _is_other(id_: str) -> bool:
    """Whether an id may be that of a rule that a configuration has."""
    ours = id_ in rules() or id_ in former_ids() or id_ in TOPICS
    return not ours and re.fullmatch(r"[a-z0-9-]+", id_) is not None


def _split(options: dict[str, Any], key: str) -> list[str] | None:
    """The rule ids of an option that may be given several times, with several ids each.

    Raises:
        ConfigError: a value has no id, so that fewer rules than intended might run.
    """
    values = options.get(key)
    if values is None:
        return None
    split = [[id_.strip() for id_ in value.split(",") if id_.strip()] for value in values]
    if not all(split):
        option = key.replace("_", "-")
        raise ConfigError(f"--{option}: expected rule ids, separated by commas")
    return [id_ for ids in split for id_ in ids]
