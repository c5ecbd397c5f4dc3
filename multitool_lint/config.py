"""Configuration: `multitool-lint.toml`, or `[tool.multitool-lint]` of pyproject.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitool_lint import catalog_settings
from multitool_lint.catalog_settings import CatalogSettings
from multitool_lint.policy import PolicyType
from multitool_lint.rulebook import UNJUDGED, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from multitool_lint.iam.catalog import Catalog
    from multitool_lint.rulebook import Rule

FILE = "multitool-lint.toml"
TABLE = "multitool-lint"

# The ways in which a pyproject.toml can begin our table, or one that ours may be in.
_TOOL = re.compile(
    rf"""^\s*(?:\[[^#\n]*{TABLE}|\[\s*["']?tool["']?\s*\]|["']?tool["']?\s*[.=])""", re.MULTILINE
)


class ConfigError(ValueError):
    """Settings that cannot be followed; the message says where and why."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What an entry of `[[policies]]` says about the files that its pattern matches."""

    path: re.Pattern[str]
    type: PolicyType | None
    resource_type: str | None


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What holds for one file: its configuration, and before that the options of the command.

    `enabled` are the rules that run. `type` and `resource_type` are given where the shape of a
    policy does not decide them.
    """

    enabled: Mapping[str, Rule]
    type: PolicyType | None = None
    resource_type: str | None = None
    catalog: Catalog | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, and the folder that their paths are below; `select` is None where not given."""

    folder: Path = Path()
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    policies: tuple[PolicySettings, ...] = ()
    catalog: CatalogSettings = CatalogSettings()  # noqa: RUF009  # immutable

    def enabled(self, known: Mapping[str, Rule]) -> Mapping[str, Rule]:
        """Those of the rules that are to run."""
        return {id_: rule for id_, rule in known.items() if self._enables(rule)}

    def _enables(self, rule: Rule) -> bool:
        if rule.id in self.ignore:
            return False
        if self.select is None:
            return rule.default
        return rule.id in self.select or "ALL" in self.select

    def policy_settings(self, path: str) -> tuple[PolicyType | None, str | None]:
        """The types that the first matching entry of `[[policies]]` gives a file's policies."""
        if self.policies:
            below = _below(path, self.folder)
            for entry in self.policies:
                if below is not None and entry.path.fullmatch(below):
                    return entry.type, entry.resource_type
        return None, None


class ConfigFinder:
    """Finds the configuration nearest to a file; asks every folder once."""

    def __init__(self) -> None:
        self._found: dict[Path, Config] = {}

    def nearest(self, path: str) -> Config:
        """The configuration in a file's folder, or the nearest above it within the repository.

        Raises:
            ConfigError: it cannot be followed.
        """
        folder = Path(path).parent
        if folder not in self._found:
            self._found[folder] = self._in(folder.resolve())
        return self._found[folder]

    def _in(self, folder: Path) -> Config:
        if folder not in self._found:
            self._found[folder] = self._find(folder)
        return self._found[folder]

    def _find(self, folder: Path) -> Config:
        config = _read_in(folder)
        if config is not None:
            return config
        if folder.parent == folder or (folder / ".git").exists():
            return Config()
        return self._in(folder.parent)


def read_config(path: str) -> Config:
    """The configuration in a file of any name; one named pyproject.toml needs the tool's table.

    Raises:
        ConfigError: it cannot be read or followed.
    """
    config = _read(Path(path))
    if config is None:
        raise ConfigError(f"{path}: no table [tool.{TABLE}]")
    return config


def check_rules(ids: Iterable[str], *, select: bool) -> tuple[str, ...]:
    """The ids as given, each of which is a rule's; `ALL` may be selected as well.

    Raises:
        ConfigError: one is not, or must not be ignored.
    """
    ids = tuple(ids)
    known = rules()
    for id_ in ids:
        if id_ not in known and not (select and id_ == "ALL"):
            raise ConfigError(f'unknown rule "{id_}"{suggestion(id_, known)}')
        if id_ in UNJUDGED and not select:
            raise ConfigError(f'"{id_}" cannot be ignored: what was not judged is no pass')
    return ids


def check_resource_type(text: str) -> str:
    """The text, which is a CloudFormation name of a resource type.

    Raises:
        ConfigError: it is not.
    """
    if not re.fullmatch("[A-Za-z0-9]+(::[A-Za-z0-9]+){2}", text):
        raise ConfigError(f'"{text}" is no resource type such as AWS::S3::Bucket')
    return text


def check_type(text: str) -> PolicyType:
    """The policy type of that name.

    Raises:
        ConfigError: there is none.
    """
    names = [type_.value for type_ in PolicyType]
    if text not in names:
        raise ConfigError(f'unknown policy type "{text}"; there are {", ".join(names)}')
    return PolicyType(text)


def suggestion(name: str, known: Iterable[str]) -> str:
    """A question for the known name that was probably meant, empty if there is none."""
    import difflib

    close = difflib.get_close_matches(name.lower().replace("_", "-"), list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _below(path: str, folder: Path) -> str | None:
    """The path from a folder that the file is in, or in a folder of it; None where it is not."""
    parent = Path(path).parent.resolve()
    if not parent.is_relative_to(folder):
        return None
    return (parent.relative_to(folder) / Path(path).name).as_posix()


def _read_in(folder: Path) -> Config | None:
    for name in (FILE, "pyproject.toml"):
        path = folder / name
        if path.is_file():
            config = _read(path)
            if config is not None:
                return config
    return None


def _read(path: Path) -> Config | None:
    """The configuration in a file, None if it is a pyproject.toml without our table."""
    own = path.name != "pyproject.toml"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start})") from error
    if not own and not (TABLE in text and _TOOL.search(text)):
        # Most are like that, and importing a TOML parser takes longer than reading them.
        return None
    document = _parse(path, text)
    if own:
        return _Reader(path, text).config(document)
    tool = document.get("tool")
    if not isinstance(tool, dict) or TABLE not in tool:
        return None
    return _Reader(path, text).config(tool[TABLE])


def _parse(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, place, position = str(error).partition(" (at line ")
        line, _, column = position.rstrip(")").partition(", column ")
        where = f"{path}:{line}:{column}" if place else path
        raise ConfigError(f"{where}: {message}") from error


class _Reader:
    """Turns a table into a Config, and says of a mistake which line it is on."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text

    def config(self, table: object) -> Config:
        keys = ("select", "ignore", "policies", *catalog_settings.KEYS)
        settings = self.table(table, TABLE, keys)
        return Config(
            folder=self.path.parent.resolve(),
            select=self.rule_ids(settings, "select") if "select" in settings else None,
            ignore=self.rule_ids(settings, "ignore"),
            policies=tuple(self.policies(settings.get("policies", []))),
            catalog=catalog_settings.read(settings, self.path.parent, self.mistake),
        )

    def table(self, value: object, name: str, keys: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.mistake(name, f"{name} must be a table")
        for key in value:
            if key not in keys:
                hint = suggestion(key, keys) or f"; there are {', '.join(keys)}"
                raise self.mistake(key, f'unknown key "{key}"{hint}')
        return value

    def rule_ids(self, settings: dict[str, Any], key: str) -> tuple[str, ...]:
        ids = settings.get(key, [])
        if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
            raise self.mistake(key, f"{key} must be a list of rule ids")
        for id_ in ids:
            try:
                check_rules([id_], select=key == "select")
            except ConfigError as error:
                raise self.mistake(id_, f"{error} in {key}") from None
        return tuple(ids)

    def policies(self, entries: object) -> Iterator[PolicySettings]:
        if not isinstance(entries, list):
            raise self.mistake("policies", "policies must be a list of tables: [[policies]]")
        for entry in entries:
            settings = self.table(entry, "policies", ("path", "type", "resource-type"))
            for key, value in settings.items():
                if not isinstance(value, str):
                    raise self.mistake(key, f"{key} must be a string")
            yield self.policy(settings)

    def policy(self, settings: dict[str, str]) -> PolicySettings:
        if "path" not in settings or len(settings) == 1:
            raise self.mistake("policies", "an entry needs a path, and a type or resource-type")
        type_, resource_type = settings.get("type"), settings.get("resource-type")
        try:
            return PolicySettings(
                path=glob(settings["path"]),
                type=None if type_ is None else check_type(type_),
                resource_type=None if resource_type is None else check_resource_type(resource_type),
            )
        except ConfigError as error:
            raise self.mistake(settings["path"], str(error)) from None

    def mistake(self, word: str, message: str) -> ConfigError:
        """The error, at the first line with the word: the TOML parser tells no places."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if word in line.partition("#")[0]:
                return ConfigError(f"{self.path}:{number}: {message}")
        return ConfigError(f"{self.path}: {message}")


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern of paths below a folder: `*` stays within a name, `**` crosses folders.

    Raises:
        ConfigError: it could match nothing there.
    """
    if "\\" in pattern or pattern.startswith("/") or ".." in pattern.split("/"):
        raise ConfigError(f'"{pattern}" is no path below the configuration file, written with /')
    pattern = pattern.removeprefix("./")
    if pattern.endswith("/"):
        pattern += "**"
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = ""
    position = 0
    for token in re.finditer(r"\*\*/|\*\*|\*|\?|\[[^]/]+\]", pattern):
        expression += re.escape(pattern[position : token.start()])
        expression += meaning.get(token[0]) or token[0].replace("[!", "[^", 1)
        position = token.end()
    return re.compile(expression + re.escape(pattern[position:]), re.DOTALL)
