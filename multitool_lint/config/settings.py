"""What holds for each file: its configuration, and before that options."""

from __future__ import annotations

import re

from multitool_lint.config.catalog import CatalogSettings, check_levels
from multitool_lint.config.errors import ConfigError
from multitool_lint.config.values import (
    check_attachment,
    check_engine,
    check_fail_on,
    check_resource_type,
    check_rules,
)
from multitool_lint.diagnostics.rule import TOPICS, former_ids, rules
from multitool_lint.linter.settings import FileSettings, Opinion
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.config.model import Config
    from multitool_lint.linter.ignore_entries import Ignores
    from multitool_lint.policy.policy_type import PolicyType

    Known = Callable[[str, str | None], tuple[tuple[str, int], ...]]
    """What is known of a file in a baseline: one that is given, or that of its configuration."""


class Options(NamedTuple):
    """What the options of a command or a function say; None where they say nothing.

    `others` are ids that are not those of our rules: a configuration must have them.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    type: PolicyType | None = None
    resource_type: str | None = None
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


def checked_options(  # noqa: PLR0913  # the options
    *,
    select: Iterable[str] | None = None,
    extend_select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    fail_on: str | None = None,
    type: PolicyType | str | None = None,
    resource_type: str | None = None,
    access_levels: str | None = None,
    engine: str | None = None,
) -> Options:
    """Options of these values.

    Raises:
        ConfigError: a value is not known.
    """
    select = None if select is None else tuple(select)
    extend_select, ignore = tuple(extend_select), tuple(ignore)
    resource_type = None if resource_type is None else check_resource_type(resource_type)
    type_, resource_type = (
        check_attachment(type, resource_type) if isinstance(type, str) else (type, resource_type)
    )
    others = [id_ for id_ in (*(select or ()), *extend_select, *ignore) if _is_other(id_)]
    return Options(
        None if select is None else check_rules(select, select=True, others=others),
        check_rules(extend_select, select=True, others=others),
        check_rules(ignore, select=False, others=others),
        None if fail_on is None else check_fail_on(fail_on),
        type_,
        resource_type,
        None if access_levels is None else check_levels(access_levels),
        None if engine is None else check_engine(engine),
        tuple(others),
    )


def _is_other(id_: str) -> bool:
    """Whether an id may be that of a rule that a configuration has."""
    ours = id_ in rules() or id_ in former_ids() or id_ in TOPICS
    return not ours and re.fullmatch(r"[a-z0-9-]+", id_) is not None


class AppliedSettings:
    """What holds for each file: its configuration as `found`, and before that the options.

    Without `suppresses`, entries and comments suppress nothing; `known` has the findings of a file
    that a baseline does.
    """

    def __init__(
        self,
        options: Options,
        found: Callable[[str], Config],
        catalog_of: Callable[[CatalogSettings], Catalog],
        *,
        suppresses: bool = True,
        known: Known | None = None,
        opinion: Opinion = Opinion.USUAL,
    ) -> None:
        self.options = options
        self.found = found
        self._catalog_of = catalog_of
        self._suppresses = suppresses
        self._known = known
        self._opinion = opinion
        # The configurations live as long as their finder, and comparing them takes longer.
        self._joined: dict[int, Config] = {}
        self._settings: dict[tuple[object, ...], FileSettings] = {}
        self._catalogs: dict[CatalogSettings, Catalog] = {}

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
        if self._suppresses and not (known or config.ignores):
            return None
        from multitool_lint.linter.ignore_entries import Ignores, covering

        entries = covering(config.ignores, path) if self._suppresses else ()
        return Ignores(entries, self._suppresses, known)

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

    def catalog(self, config: Config) -> Catalog:
        """The catalog for the files of a configuration."""
        settings = config.catalog.with_levels(self.options.access_levels)
        if settings not in self._catalogs:
            self._catalogs[settings] = self._catalog_of(settings)
        return self._catalogs[settings]
