"""The settings that apply to a file, with what `config` prints of them, and where they are from.

Where something is from, is an object: of `option` for an option, of `path` and `line` for a
configuration, and with none of them for a default.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.files.gitignore import IgnorePatterns
from multitool_lint.config.files import read_again
from multitool_lint.config.values import ALL
from multitool_lint.diagnostics.rule import UNJUDGED
from multitool_lint.linter.ignore_entries import covering
from multitool_lint.syntax.path_patterns import below

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.config.toml_lines import Place
    from multitool_lint.diagnostics.rule import Rule

    Json = dict[str, Any]

_DEFAULT: Json = {"option": None, "path": None, "line": None}


class Facts:
    """What holds for a file, or for the files in a folder; `exclude` are those of the option.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """

    def __init__(
        self, settings: Settings, path: str, *, folder: bool, exclude: Sequence[str]
    ) -> None:
        self.path = path
        self.folder = folder
        file = str(Path(path, "file")) if folder else path
        self.options = settings.options
        self.found = settings.found(file)
        self.config = settings.config(file)
        self.known = self.config.known(None if folder else self.config.own_at(path))
        self.ignored = () if folder else self.config.ignored_at(path)
        self.catalog_used = settings.catalog(self.found)
        self.excluding = exclude
        ignores = settings.of(file).ignores
        self.entries = ignores.entries if ignores else ()
        if folder and ignores and ignores.comments:
            everywhere = tuple(entry._replace(path=None) for entry in self.found.ignores)
            self.entries = covering(everywhere, file)
        self.table: Json = {}
        self.lines: dict[Place, int] = {}
        if self.found.origin:
            self.table, self.lines = read_again(self.found.origin)

    def all(self) -> Json:
        """All of it, as JSON has it."""
        origin = self.found.origin
        facts: Json = {
            "path": self.path,
            "folder": self.folder,
            "configuration": origin.path if origin else None,
            "excluded": self.excluded(),
            "type": None if self.folder else self.type(),
            "resource_type": None if self.folder else self.resource_type(),
            "fail_on": self.fail_on(),
            "catalog": self.catalog(),
            "rules": [self.rule(rule) for rule in self.known.values()],
            "own_rules": list(self.own_rules()),
            "severities": list(self.severities()),
            "ignores": list(self.ignores()),
        }
        if self.folder:
            facts["policies"] = list(self.policies())
            facts["per_path_ignores"] = list(self.per_path_ignores())
        facts["exclude"] = list(self.exclude())
        return facts

    def at(self, *place: str | int) -> Json:
        """What is at a place of the configuration."""
        if self.found.origin is None:
            return _DEFAULT
        while place and place not in self.lines:
            place = place[:-1]
        return {"option": None, "path": self.found.origin.path, "line": self.lines.get(place)}

    def type(self) -> Json:
        """The type of policies, null if their shape decides."""
        if self.options.type:
            return {"value": self.options.type.value, "from": _option("--type")}
        number = self.found.policy_entry(self.path)
        type_ = None if number is None else self.found.policies[number].type
        if number is None or type_ is None:
            return {"value": None, "from": _DEFAULT}
        return {"value": type_.value, "from": self.at("policies", number, "type")}

    def resource_type(self) -> Json:
        """The type of the resource that policies are attached to, null if it is not given."""
        if self.options.resource_type:
            return {"value": self.options.resource_type, "from": _option("--resource-type")}
        number = self.found.policy_entry(self.path)
        type_ = None if number is None else self.found.policies[number].resource_type
        if number is None or type_ is None:
            return {"value": None, "from": _DEFAULT}
        return {"value": type_, "from": self.at("policies", number, "resource-type")}

    def fail_on(self) -> Json:
        """The slightest severity that makes a run fail."""
        if self.options.fail_on:
            return {"value": self.options.fail_on, "from": _option("--fail-on")}
        if self.found.fail_on:
            return {"value": self.found.fail_on, "from": self.at("fail-on")}
        return {"value": "suggestion", "from": _DEFAULT}

    def catalog(self) -> Json:
        """The catalog, and what is added to it."""
        where = _DEFAULT
        if self.options.catalog:
            where = _option("--catalog")
        elif self.found.catalog.directory:
            where = self.at("catalog")
        extras = self.found.catalog.extras
        return {
            "directory": self.catalog_used.directory,
            "date": self.catalog_used.date,
            "from": where,
            "extra_actions": extras.actions,
            "extra_services": extras.services,
            "extra_condition_keys": extras.condition_keys,
        }

    def rule(self, rule: Rule) -> Json:
        """Whether a rule runs, by which setting, and with which severity."""
        runs, by = self.config.decide(rule, self.ignored)
        if rule.id in UNJUDGED:
            runs, by = True, "always"
        severity = dict(self.config.severities).get(rule.id, rule.severity)
        where = self.decided(rule, by)
        return {"id": rule.id, "runs": runs, "by": by, "severity": severity.value, "from": where}

    def decided(self, rule: Rule, by: str) -> Json:
        """Where the setting is that decides about a rule."""
        if by in {"default", "always"}:
            return _DEFAULT
        names = {rule.id, *rule.topics}
        if by == "per-path-ignores":
            return next(
                self.at(by, path, _first(self.table[by][path], names))
                for path, entry in zip(self.table[by], self.config.per_path_ignores, strict=True)
                if not names.isdisjoint(entry.rules) and entry.path.fullmatch(self.below or "")
            )
        said = getattr(self.options, by.replace("-", "_")) or ()
        names.add(ALL)
        if not names.isdisjoint(said) or (by == "select" and self.options.select is not None):
            return _option(f"--{by}")
        ids = self.table[by]
        return self.at(by) if names.isdisjoint(_texts(ids)) else self.at(by, _first(ids, names))

    @property
    def below(self) -> str | None:
        """The path from the folder of the configuration."""
        return below(self.path, self.found.folder)

    def own_rules(self) -> Iterator[Json]:
        """The rules that are not ours; of a plugin, the place is that of its name."""
        for each in self.config.own:
            if each.rule.id in self.known:
                yield {
                    "id": each.rule.id,
                    "severity": each.rule.severity.value,
                    "types": each.rule.types,
                    "message": each.rule.summary,
                    "from": {
                        "option": None,
                        "path": self.found.origin.path if self.found.origin else None,
                        "line": each.line,
                    },
                }

    def severities(self) -> Iterator[Json]:
        """The severities that are not those of the rules' pages."""
        for id_, severity in self.config.severities:
            yield {
                "rule": id_,
                "severity": severity.value,
                "instead_of": self.config.known()[id_].severity.value,
                "from": self.at("severity", id_),
            }

    def ignores(self) -> Iterator[Json]:
        """The entries of `[[ignore]]` that may silence a finding in the file."""
        said = [each for each in self.table.get("ignore", ()) if isinstance(each, dict)]
        for entry in self.entries:
            yield {
                "rule": entry.rule,
                "path": said[entry.number].get("path"),
                "sid": entry.sid,
                "action": entry.action,
                "resource": entry.resource,
                "principal": entry.principal,
                "reason": entry.reason,
                "expires": entry.expires and entry.expires.isoformat(),
                "expired": entry.expired,
                "from": {"option": None, "path": entry.file, "line": entry.line},
            }

    def policies(self) -> Iterator[Json]:
        """The entries of `[[policies]]`."""
        for number, entry in enumerate(self.found.policies):
            yield {
                "path": self.table["policies"][number]["path"],
                "type": entry.type and entry.type.value,
                "resource_type": entry.resource_type,
                "from": self.at("policies", number),
            }

    def per_path_ignores(self) -> Iterator[Json]:
        """What is ignored below the folder."""
        if self.config.per_path_ignores:
            for path, ids in self.table["per-path-ignores"].items():
                yield {"path": path, "rules": ids, "from": self.at("per-path-ignores", path)}

    def exclude(self) -> Iterator[Json]:
        """The patterns of what is not looked at in folders."""
        for pattern in self.excluding:
            yield {"pattern": pattern, "from": _option("--exclude")}
        for number, pattern in enumerate(self.found.exclude):
            yield {"pattern": pattern, "from": self.at("exclude", number)}

    def excluded(self) -> Json:
        """Whether the file is left out where it is found in a folder, or this folder in another."""
        if self.covered(os.path.realpath(os.curdir), self.excluding):
            return {"value": True, "from": _option("--exclude")}
        folder, patterns = str(self.found.folder), self.found.exclude
        if not self.covered(folder, patterns):
            return {"value": False, "from": _DEFAULT}
        # Of those that do it alone, the last one, as later patterns decide.
        alone = [n for n, pattern in enumerate(patterns) if self.covered(folder, [pattern])]
        return {"value": True, "from": self.at("exclude", *alone[-1:])}

    def covered(self, folder: str, patterns: Sequence[str]) -> bool:
        """Whether patterns below a folder leave the path out."""
        excludes = IgnorePatterns(folder, map(os.fsencode, patterns))
        return excludes.cover(os.path.realpath(self.path), is_folder=self.folder)


def _texts(ids: list[object]) -> list[str]:
    return [each for each in ids if isinstance(each, str)]


def _first(ids: list[object], names: Collection[str]) -> int:
    """The place of the first of the names in a list, which may hold tables as well."""
    return next(place for place, id_ in enumerate(ids) if isinstance(id_, str) and id_ in names)


def _option(name: str) -> Json:
    return {"option": name, "path": None, "line": None}
