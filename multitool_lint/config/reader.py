"""The table of a configuration, read into settings; all mistakes in it are reported at once."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.config import catalog
from multitool_lint.config.errors import ConfigError, EnoughError, Mistakes
from multitool_lint.config.model import Config, PathIgnores, PolicySettings, TableOrigin
from multitool_lint.config.toml_value import TomlValue
from multitool_lint.config.values import (
    check_attachment,
    check_engine,
    check_fail_on,
    check_resource_type,
    check_rule,
    check_severity,
)
from multitool_lint.diagnostics.rule import UNCHECKED, Severity
from multitool_lint.linter.ignore_entries import IgnoreEntry
from multitool_lint.syntax.boundary import is_outside
from multitool_lint.syntax.path_patterns import exclusion, glob

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from multitool_lint.config.extending import Extending
    from multitool_lint.config.extra_rules import ExtraRule

KEYS = (
    "extend",
    "select",
    "extend-select",
    "ignore",
    "per-path-ignores",
    "severity",
    "fail-on",
    "exclude",
    "baseline",
    "policies",
    "engine",
    "rules",
    "plugins",
    *catalog.KEYS,
)
ENTRY_KEYS = ("rule", "path", "sid", "action", "resource", "principal", "reason", "expires")
"""The keys of an entry of `[[ignore]]`; `rule` and `reason` are required."""
POLICY_KEYS = ("path", "type", "resource-type")
_RULE_IDS = "a list of rule ids"
_IGNORE = "a list of rule ids and of tables with a rule and a reason"
_EXCLUDE = "a list of patterns in the syntax of .gitignore"


def read(
    table: object, origin: TableOrigin, text: str, extending: Extending, base: Config
) -> Config:
    """The configuration that a table in a file says, on top of those that it extends and a base.

    Raises:
        ConfigError: it cannot be followed; its arguments are the mistakes, the first ones of many.
    """
    mistakes = Mistakes(origin.path, origin.table, text)
    with suppress(EnoughError):
        config = _config(TomlValue(table, (), mistakes), extending, origin, base)
        if not mistakes.messages:
            return config
    raise ConfigError(*mistakes.messages)


def _config(settings: TomlValue, extending: Extending, origin: TableOrigin, base: Config) -> Config:
    """The settings of a file: single values and `select` replace those of the base, others add."""
    settings.table(KEYS)
    for name in settings["extend"].strings():
        base = name.parse(partial(extending.read, base=base)) or base
    folder = extending.folder.resolve()
    extra_rules = (*_extra_rules(settings, base.extra_rule_ids), *base.extra_rules)
    others = [extra.rule.id for extra in extra_rules]
    check = partial(check_rule, select=True, others=others, path=origin.path)
    select, extend_select = (
        settings[key].parse_items(check, _RULE_IDS) for key in ("select", "extend-select")
    )
    ids, entries = _ignore(settings["ignore"], folder, others)
    severities = dict(base.severities) | dict(_severities(settings["severity"], others))
    path_ignores = _per_path_ignores(settings["per-path-ignores"], others)
    return Config(
        folder=str(folder),
        select=select if "select" in settings else base.select,
        extend_select=(*base.extend_select, *extend_select),
        ignore=(*base.ignore, *ids),
        policies=(*_policies(settings["policies"]), *base.policies),
        per_path_ignores=(*path_ignores, *base.per_path_ignores),
        severities=tuple(severities.items()),
        fail_on=settings["fail-on"].parse(check_fail_on) or base.fail_on,
        engine=settings["engine"].parse(check_engine) or base.engine,
        exclude=(*base.exclude, *settings["exclude"].parse_items(exclusion, _EXCLUDE)),
        ignores=(*entries, *base.ignores),
        catalog=catalog.read(settings, Path(origin.path).parent, base.catalog),
        extra_rules=extra_rules,
        baseline=_baseline(settings["baseline"], Path(origin.path).parent) or base.baseline,
        origin=origin,
    )


def _baseline(value: TomlValue, folder: Path) -> str | None:
    """The path of a baseline, which is in the repository of the configuration."""

    def check(name: str) -> str:
        if not name or is_outside(name, str(folder)):
            raise ConfigError(f'"{name}" is outside of the repository')
        return str(folder / name)

    return value.parse(check)


def _extra_rules(settings: TomlValue, known: Collection[str]) -> Iterator[ExtraRule]:
    """The rules that are not ours nor known; few configurations have any."""
    ids = set(known)
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


def read_entry(entry: TomlValue, folder: Path, others: Collection[str]) -> IgnoreEntry | None:
    """The entry that a table is, in a configuration in that folder.

    `others` are the ids of the rules there that are not ours.
    """
    entry.table(ENTRY_KEYS)
    path = entry.mistakes.path
    check = partial(check_rule, select=False, others=others, topics=False, path=path)
    rule = entry["rule"].parse(check)
    reason = entry["reason"].parse(_check_reason)
    for key in ("rule", "reason"):
        if key not in entry:
            entry.add_mistake(f"an entry of ignore needs a {key}")
    pattern, sid = entry["path"].parse(glob), entry["sid"].parse(str)
    action, resource, principal = (
        entry[key].texts(may_be_empty=True) for key in ("action", "resource", "principal")
    )
    expires = entry["expires"].day()
    if rule is None or reason is None:
        return None
    line = entry.mistakes.line(entry.place) or 1
    return IgnoreEntry(
        *(rule, reason, pattern, sid, action, resource, principal, expires, folder),
        file=path,
        line=line,
    )


def _check_reason(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ConfigError("an entry of ignore needs a reason")
    return words


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
