"""Print the settings that apply to files, and the line or option that sets each of them.

For a folder, print the settings of the files in it; the default is the current folder. The options
are those of `check`; their effect is shown.
"""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.cli.files.discover import is_folder
from multitool_lint.cli.files.gitignore import IgnorePatterns
from multitool_lint.cli.files.read import add_file_arguments
from multitool_lint.cli.options.settings import Settings, add_fail_on_argument, add_rule_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config.catalog import EXTRAS
from multitool_lint.config.values import ALL
from multitool_lint.diagnostics.rule import UNCHECKED, Rule, Severity
from multitool_lint.formats.names import of_path
from multitool_lint.syntax.boundary import below
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from multitool_lint.config.toml_lines import Place


class Setting(NamedTuple):
    """A setting, and the option or the line of a configuration that sets it: none for a default."""

    name: str
    value: str
    source: str | None = None


class RuleSetting(NamedTuple):
    """Whether a rule runs, and the setting that decides, with its option or line."""

    id: str
    runs: bool
    by: str
    source: str | None


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_file_arguments(parser)
    add_rule_arguments(parser)
    add_fail_on_argument(parser)
    streams.add_format_argument(parser)
    parser.epilog = "exit codes: 0 done, 2 an option or the configuration is not valid"


def run(arguments: Namespace) -> int:
    """Print the settings, and return the exit code."""
    settings = Settings(arguments)
    files = []
    for name in arguments.files or ["."]:
        path = (arguments.stdin_filename or "<stdin>") if name == "-" else name
        file = _File(settings, path, folder=name != "-" and is_folder(name))
        files.append((path, list(file.settings(arguments)), list(file.rules())))
    if arguments.format == "json":
        answer = []
        for path, found, rules in files:
            facts = {"settings": [setting._asdict() for setting in found]}
            answer.append({"path": path, **facts, "rules": [rule._asdict() for rule in rules]})
        streams.out_json({"version": 1, "files": answer})
    else:
        streams.out("\n".join(_text(*file) for file in files))
    return 0


class _File:
    """What applies to a file, or to the files in a folder.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """

    def __init__(self, settings: Settings, path: str, *, folder: bool) -> None:
        file = str(Path(path, "file")) if folder else path
        self.path = path
        self.folder = folder
        self.options = settings.options
        self.found = settings.found(file)
        self.config = settings.config(file)
        self.ignored = () if folder else self.config.ignored_at(path)
        self.extra_rules = self.config.extra_rules if folder else self.config.extra_rules_at(path)
        self.catalog = settings.catalog(self.found)
        applied = settings.of(file)
        self.ignores = applied.ignores.entries if applied.ignores else ()
        self.table: dict[str, Any] = {}
        self.lines: dict[Place, int] = {}
        if self.found.origin:
            from multitool_lint.config.files import read_again

            self.table, self.lines = read_again(self.found.origin)

    def source(self, *place: str | int) -> str | None:
        """The line of a place in the configuration, else of what it is in."""
        while place and place not in self.lines:
            place = place[:-1]
        origin = self.found.origin
        return f"{origin.path}:{self.lines[place]}" if origin and place else None

    def settings(self, arguments: Namespace) -> Iterator[Setting]:
        """The settings but for rules."""
        options, found = self.options, self.found
        yield Setting("configuration", found.origin.path if found.origin else "none")
        number = None if self.folder else found.policy_entry(self.path)
        # What it extends has the last entries.
        own = self.table.get("policies", [])
        entry = {} if number is None or number >= len(own) else own[number]
        type_ = options.type and options.type.value
        for key, value in (("type", type_), ("resource-type", options.resource_type)):
            if value or key in entry:
                where = f"--{key}" if value else self.source("policies", number or 0, key)
                yield Setting(key, value or entry[key], where)
        given = entry or options.type or options.resource_type
        if suggested := () if given or self.folder else of_path(self.path):
            types = " or ".join(type_.value for type_ in suggested)
            yield Setting("type", types, "file name, if the content allows it")
        if options.fail_on:
            yield Setting("fail-on", options.fail_on, "--fail-on")
        else:
            least = found.fail_on or Severity.SUGGESTION.value
            yield Setting("fail-on", least, self.source("fail-on"))
        where = "--catalog" if arguments.catalog else self.source("catalog")
        yield Setting("catalog", f"of {self.catalog.date}, {self.catalog.directory}", where)
        for key in ("extend", "baseline", "engine", "access-levels", *EXTRAS):
            if value := self.table.get(key):
                shown = value if isinstance(value, str) else ", ".join(value)
                yield Setting(key, shown, self.source(key))
        for id_, severity in self.config.severities:
            yield Setting(f"severity of {id_}", severity.value, self.source("severity", id_))
        yield from self._exclude(arguments.exclude)
        for entry in self.ignores:
            about = f"{entry.rule}{' (expired)' * entry.expired}: {entry.reason}"
            yield Setting("ignore", about, f"{entry.file}:{entry.line}")
        for extra in self.extra_rules:
            where = f"{found.origin.path}:{extra.line}" if found.origin else None
            rule = extra.rule
            yield Setting("rule", f"{rule.id}: {rule.severity.value}: {rule.summary}", where)

    def _exclude(self, exclude: Sequence[str]) -> Iterator[Setting]:
        """The patterns, and whether they exclude the path where a folder is searched."""
        here, real = os.path.realpath(os.curdir), os.path.realpath(self.path)
        for pattern in exclude:
            yield Setting("exclude", pattern, "--exclude")
        others = len(self.found.exclude) - len(self.table.get("exclude", []))
        for number, pattern in enumerate(self.found.exclude):
            own = ("exclude", number - others) if number >= others else ("extend",)
            yield Setting("exclude", pattern, self.source(*own))
        for folder, patterns, source in (
            (here, exclude, "--exclude"),
            (str(self.found.folder), self.found.exclude, self.source("exclude")),
        ):
            excluded = IgnorePatterns(folder, map(os.fsencode, patterns))
            if excluded.cover(real, is_folder=self.folder):
                yield Setting("excluded", "yes, unless the file is named", source)

    def rules(self) -> Iterator[RuleSetting]:
        """The rules that run, and those that do not."""
        for rule in self.config.known(self.extra_rules).values():
            always = rule.id in UNCHECKED
            runs, by = (True, "always") if always else self.config.decide(rule, self.ignored)
            yield RuleSetting(rule.id, runs, by, self._source_of(rule, by))

    def _source_of(self, rule: Rule, by: str) -> str | None:
        """The option or the line that decides whether a rule runs."""
        option = getattr(self.options, by.replace("-", "_"), None)
        names = {rule.id, *rule.aliases, *rule.topics, ALL}
        if option is not None and (by == "select" or not names.isdisjoint(option)):
            return f"--{by}"
        lists: list[tuple[tuple[str, ...], list[object]]] = [((by,), self.table.get(by, []))]
        if by == "per-path-ignores":
            name = below(self.path, self.found.folder) or ""
            own = self.table.get(by, {}).items()
            paths = zip(own, self.found.per_path_ignores, strict=False)  # what it extends is last
            lists = [((by, key), ids) for (key, ids), entry in paths if entry.path.fullmatch(name)]
        for place, ids in lists:
            for index, id_ in enumerate(ids):
                if isinstance(id_, str) and id_ in names:
                    return self.source(*place, index)
        return self.source(by)


def _text(path: str, settings: Sequence[Setting], rules: Sequence[RuleSetting]) -> str:
    """The settings for people."""
    lines = [printable(path)]
    for setting in settings:
        name, value, source = (printable(text or "") for text in setting)
        lines.append(f"  {name}: {value}{f' ({source})' if source else ''}")
    for runs, title in ((True, "rules that run"), (False, "rules that do not run")):
        reasons: dict[str, list[str]] = {}
        for rule in rules:
            if rule.runs is runs:
                reason = "not in select" if rule.by == "select" and not runs else rule.by
                reason += f" ({printable(rule.source)})" if rule.source else ""
                reasons.setdefault(reason, []).append(rule.id)
        if reasons:
            lines.append(f"  {title}: {sum(map(len, reasons.values()))}")
        lines += (f"    {reason}: {', '.join(ids)}" for reason, ids in reasons.items())
    wrapper = TextWrapper(max(streams.width() - 2, 40), subsequent_indent="      ")
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return "".join(f"{wrapper.fill(line)}\n" for line in lines)
