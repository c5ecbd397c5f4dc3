"""The table of a configuration, read into settings; what is wrong with it is told all at once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from multitool_lint.config import catalog as catalog_settings
from multitool_lint.config.errors import ConfigError, EnoughError, Mistakes
from multitool_lint.config.model import Config, PathIgnores, PolicySettings
from multitool_lint.config.values import (
    check_fail_on,
    check_resource_type,
    check_rules,
    check_severity,
    check_type,
    read_table,
)
from multitool_lint.diagnostics.rule import UNJUDGED
from multitool_lint.linter import ignore_entries as ignore_settings
from multitool_lint.syntax.path_patterns import exclusion, glob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from multitool_lint.config.extra_rules import ExtraRule
    from multitool_lint.config.model import Origin
    from multitool_lint.config.toml_lines import Place
    from multitool_lint.diagnostics.rule import Severity
    from multitool_lint.linter.ignore_entries import IgnoreEntry

T = TypeVar("T")

KEYS = (
    "select",
    "extend-select",
    "ignore",
    "per-path-ignores",
    "severity",
    "fail-on",
    "exclude",
    "policies",
    "rules",
    "plugins",
    *catalog_settings.KEYS,
)
POLICY_KEYS = ("path", "type", "resource-type")
_IGNORE = "a list of rule ids and of tables with rule and reason"


def read(table: object, origin: Origin, path: Path, text: str) -> Config:
    """The configuration that a table in a file says.

    Raises:
        ConfigError: it cannot be followed; its arguments are the mistakes, the first ones of many.
    """
    mistakes = Mistakes(origin.path, origin.table, text)
    config = None
    with suppress(EnoughError):
        config = _Reader(path, mistakes).config(table, origin)
    if mistakes.told or config is None:
        raise ConfigError(*mistakes.told)
    return config


class _Reader:
    """Reads a table; where something is wrong, that is told and left out."""

    def __init__(self, path: Path, mistakes: Mistakes) -> None:
        self.path = path
        self.mistakes = mistakes
        self.tell = mistakes.tell
        self.telling = mistakes.telling
        self.extra_rules: tuple[ExtraRule, ...] = ()

    def config(self, table: object, origin: Origin) -> Config:
        settings = self.table(table, (), KEYS)
        self.extra_rules = tuple(self.read_extra_rules(settings))
        ids, entries = self.ignore(settings)
        return Config(
            folder=self.path.parent.resolve(),
            select=self.rule_ids(settings, "select") if "select" in settings else None,
            extend_select=self.rule_ids(settings, "extend-select"),
            ignore=ids,
            policies=tuple(self.policies(settings)),
            per_path_ignores=tuple(self.per_path_ignores(settings)),
            severities=tuple(self.severities(settings)),
            fail_on=self.value(settings, (), "fail-on", check_fail_on),
            exclude=tuple(self.exclude(settings)),
            ignores=entries,
            catalog=catalog_settings.read(settings, self.path.parent, self.tell),
            extra_rules=self.extra_rules,
            origin=origin,
        )

    def read_extra_rules(self, settings: dict[str, Any]) -> Iterator[ExtraRule]:
        """The rules that are not ours; few configurations have any."""
        if "plugins" not in settings and "rules" not in settings:
            return
        from multitool_lint.config import extra_rules
        from multitool_lint.config import rule_entries as rule_reader

        line = self.mistakes.line
        found = list(extra_rules.of_plugins(settings.get("plugins", []), self.tell, line))
        reader = rule_reader.RuleReader(self.mistakes.path, self.tell, line)
        others = {rule.rule.id for rule in found}
        yield from (*found, *reader.rules(settings.get("rules", []), others))

    @property
    def others(self) -> list[str]:
        """The ids of the rules that are not ours."""
        return [rule.rule.id for rule in self.extra_rules]

    def table(
        self, value: object, place: Place, keys: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        return read_table(value, place, keys, self.tell)

    def items(self, value: object, place: Place, what: str) -> Iterator[tuple[Place, Any]]:
        """The values in a list, each with its place."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (*place, index), item
        else:
            self.tell(place, f"{place[-1]} must be {what}")

    def ids(
        self, items: Iterable[tuple[Place, object]], key: str, *, select: bool
    ) -> tuple[str, ...]:
        """Those of the values that are ids of rules."""
        ids: tuple[str, ...] = ()
        for place, id_ in items:
            if isinstance(id_, str):
                with self.telling(place, f"{key}: "):
                    ids += check_rules([id_], select=select, others=self.others)
            else:
                self.tell(place, f"{key} must be a list of rule ids")
        return ids

    def rule_ids(self, settings: dict[str, Any], key: str) -> tuple[str, ...]:
        items = self.items(settings.get(key, []), (key,), "a list of rule ids")
        return self.ids(items, key, select=True)

    def ignore(self, settings: dict[str, Any]) -> tuple[tuple[str, ...], tuple[IgnoreEntry, ...]]:
        """The rules in `ignore`, and its entries about single findings."""
        items = list(self.items(settings.get("ignore", []), ("ignore",), _IGNORE))
        entries: tuple[IgnoreEntry, ...] = ()
        for place, entry in items:
            if isinstance(entry, dict):
                try:
                    folder = self.path.parent.resolve()
                    found = ignore_settings.read(entry, folder, self.others)
                except ignore_settings.EntryError as error:
                    self.tell((*place, error.key) if error.key else place, str(error))
                    continue
                file, line = self.mistakes.path, self.mistakes.line(place) or 1
                entries += (found._replace(file=file, line=line, number=len(entries)),)
        rest = [(place, value) for place, value in items if not isinstance(value, dict)]
        return self.ids(rest, "ignore", select=False), entries

    def per_path_ignores(self, settings: dict[str, Any]) -> Iterator[PathIgnores]:
        key = "per-path-ignores"
        for path, value in self.table(settings.get(key, {}), (key,)).items():
            items = self.items(value, (key, path), "a list of rule ids")
            ids = self.ids(items, key, select=False)
            with self.telling((key, path)):
                yield PathIgnores(glob(path), ids)

    def severities(self, settings: dict[str, Any]) -> Iterator[tuple[str, Severity]]:
        for id_, severity in self.table(settings.get("severity", {}), ("severity",)).items():
            with self.telling(("severity", id_)):
                if id_ in UNJUDGED:
                    raise ConfigError(f'"{id_}" keeps its severity: what was not judged is no pass')
                check_rules([id_], select=False, others=self.others, topics=False)
                yield id_, check_severity(_text(severity, id_))

    def exclude(self, settings: dict[str, Any]) -> Iterator[str]:
        what = "a list of patterns as .gitignore has them"
        for place, pattern in self.items(settings.get("exclude", []), ("exclude",), what):
            if not isinstance(pattern, str):
                self.tell(place, f"exclude must be {what}")
                continue
            with self.telling(place, "exclude: "):
                yield exclusion(pattern)

    def policies(self, settings: dict[str, Any]) -> Iterator[PolicySettings]:
        what = "a list of tables: [[policies]]"
        for place, entry in self.items(settings.get("policies", []), ("policies",), what):
            said = self.table(entry, place, POLICY_KEYS)
            if isinstance(entry, dict) and not ("path" in entry and len(entry) > 1):
                self.tell(place, "an entry needs a path, and a type or resource-type")
            path = self.value(said, place, "path", glob)
            type_ = self.value(said, place, "type", check_type)
            resource_type = self.value(said, place, "resource-type", check_resource_type)
            if path:
                yield PolicySettings(path, type_, resource_type)

    def value(
        self, settings: dict[str, Any], place: Place, key: str, check: Callable[[str], T]
    ) -> T | None:
        """What a check makes of a string, None where there is none."""
        if key in settings:
            with self.telling((*place, key)):
                return check(_text(settings[key], key))
        return None


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{key} must be a string")
    return value
