"""The table of a configuration, read into settings; all mistakes in it are reported at once."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.config import catalog
from multitool_lint.config.errors import ConfigError, EnoughError, Mistakes
from multitool_lint.config.ignore_list import read_entry
from multitool_lint.config.model import Config, PathIgnores, PolicySettings
from multitool_lint.config.toml_value import TomlValue
from multitool_lint.config.values import (
    ENGINES,
    check_attachment,
    check_engine,
    check_fail_on,
    check_resource_type,
    check_rule,
    check_severity,
)
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.syntax.path_patterns import exclusion, glob

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from multitool_lint.config.extra_rules import ExtraRule
    from multitool_lint.config.model import Origin
    from multitool_lint.diagnostics.rule import Severity
    from multitool_lint.linter.ignore_entries import IgnoreEntry

KEYS = (
    "select",
    "extend-select",
    "ignore",
    "per-path-ignores",
    "severity",
    "fail-on",
    "exclude",
    "policies",
    "engine",
    "rules",
    "plugins",
    *catalog.KEYS,
)
POLICY_KEYS = ("path", "type", "resource-type")
_RULE_IDS = "a list of rule ids"
_IGNORE = "a list of rule ids and of tables with a rule and a reason"
_EXCLUDE = "a list of patterns in the syntax of .gitignore"


def read(table: object, origin: Origin, path: Path, text: str) -> Config:
    """The configuration that a table in a file says.

    Raises:
        ConfigError: it cannot be followed; its arguments are the mistakes, the first ones of many.
    """
    mistakes = Mistakes(origin.path, origin.table, text)
    with suppress(EnoughError):
        config = _config(TomlValue(table, (), mistakes), path.parent, origin)
        if not mistakes.messages:
            return config
    raise ConfigError(*mistakes.messages)


def _config(settings: TomlValue, folder: Path, origin: Origin) -> Config:
    settings.table(KEYS)
    extra_rules = tuple(_extra_rules(settings))
    others = [extra.rule.id for extra in extra_rules]
    check = partial(check_rule, select=True, others=others, path=origin.path)
    select, extend_select = (
        settings[key].parse_items(check, _RULE_IDS) for key in ("select", "extend-select")
    )
    ids, entries = _ignore(settings["ignore"], folder.resolve(), others)
    return Config(
        folder=folder.resolve(),
        select=select if "select" in settings else None,
        extend_select=extend_select,
        ignore=ids,
        policies=tuple(_policies(settings["policies"])),
        per_path_ignores=tuple(_per_path_ignores(settings["per-path-ignores"], others)),
        severities=tuple(_severities(settings["severity"], others)),
        fail_on=settings["fail-on"].parse(check_fail_on),
        engine=settings["engine"].parse(check_engine) or ENGINES[0],
        exclude=settings["exclude"].parse_items(exclusion, _EXCLUDE),
        ignores=entries,
        catalog=catalog.read(settings, folder),
        extra_rules=extra_rules,
        origin=origin,
    )


def _extra_rules(settings: TomlValue) -> Iterator[ExtraRule]:
    """The rules that are not ours; few configurations have any."""
    ids: set[str] = set()
    if "plugins" in settings:
        from multitool_lint.config.extra_rules import of_plugins

        yield from of_plugins(settings["plugins"], ids)
    if "rules" in settings:
        from multitool_lint.config.rule_entries import read_rules

        yield from read_rules(settings["rules"], ids)


def _ignore(
    value: TomlValue, folder: Path, others: Collection[str]
) -> tuple[tuple[str, ...], tuple[IgnoreEntry, ...]]:
    """The rules in `ignore`, and its entries about single findings."""
    items = value.items(_IGNORE)
    check = partial(check_rule, select=False, others=others, path=value.mistakes.path)
    entries = (read_entry(item, folder, others) for item in items if isinstance(item.content, dict))
    found = [entry for entry in entries if entry]
    ids = (
        item.parse(check, expected="a rule id or a table with a rule and a reason")
        for item in items
        if not isinstance(item.content, dict)
    )
    return (
        tuple(id_ for id_ in ids if id_),
        tuple(entry._replace(number=number) for number, entry in enumerate(found)),
    )


def _per_path_ignores(value: TomlValue, others: Collection[str]) -> Iterator[PathIgnores]:
    check = partial(check_rule, select=False, others=others, path=value.mistakes.path)
    for ids in value.table().values():
        rules = ids.parse_items(check, _RULE_IDS)
        if pattern := ids.parse_key(glob):
            yield PathIgnores(pattern, rules)


def _severities(value: TomlValue, others: Collection[str]) -> Iterator[tuple[str, Severity]]:
    path = value.mistakes.path
    check = partial(check_rule, select=False, others=others, topics=False, path=path)
    for id_, severity in value.table().items():
        if id_ in UNCHECKED:
            severity.add_mistake(
                f'severity: "{id_}" cannot be changed: a file that was not checked fails the run'
            )
        elif (rule := severity.parse_key(check)) and (parsed := severity.parse(check_severity)):
            yield rule, parsed


def _policies(value: TomlValue) -> Iterator[PolicySettings]:
    for entry in value.items("a list of tables: [[policies]]"):
        entry.table(POLICY_KEYS)
        if isinstance(entry.content, dict) and not ("path" in entry and len(entry.content) > 1):
            entry.add_mistake("an entry of policies needs a path, and a type or a resource-type")
        path = entry["path"].parse(glob)
        resource_type = entry["resource-type"].parse(check_resource_type)
        attached = entry["type"].parse(partial(check_attachment, resource_type=resource_type))
        type_, resource_type = attached or (None, resource_type)
        if path:
            yield PolicySettings(path, type_, resource_type)
