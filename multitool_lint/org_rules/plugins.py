"""Rules of installed distributions, offered as entry points of the group `multitool_lint.rules`.

The name of an entry point is the id of a rule, its value the function `check(policy, context)`, and
the page of the rule, `<id>.md`, is a file of the package that the function's module is in. Nothing
is loaded but what a configuration names.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module, metadata, resources
from pathlib import Path
from typing import Any

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Rule, read_text, rule_of
from multitool_lint.policy.document import Policy

GROUP = "multitool_lint.rules"

ID = r"[a-z0-9]+(-[a-z0-9]+)*"
"""The form of the id of a rule."""

_STATE_LENGTH = 8


class PluginError(ValueError):
    """A plugin that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class PluginCheck:
    """The check of a rule of a plugin, by name, so that every process loads it for itself.

    `version` and `state` distinguish one state of the plugin's files from another, for the cache.
    """

    plugin: str
    rule: str
    version: str
    state: str

    def __call__(self, policy: Policy, context: Context) -> Iterator[Finding]:
        """What the rule finds.

        Raises:
            PluginError: it yields something other than findings of that rule.
        """
        for finding in _function(self.plugin, self.rule)(policy, context):
            if not isinstance(finding, Finding):
                raise PluginError(f"it yields {type(finding).__name__}, expected Finding")
            if finding.rule != self.rule:
                raise PluginError(f'it yields a finding of the rule "{finding.rule}"')
            yield finding


def rules_of(plugin: str) -> list[Rule]:
    """The rules of an installed distribution, in the order of their IDs.

    Raises:
        PluginError: there is no such distribution, or it or one of its rules cannot be loaded.
    """
    distribution = distribution_of(plugin)
    entries = sorted(distribution.entry_points.select(group=GROUP), key=lambda entry: entry.name)
    if not entries:
        raise PluginError(f'plugin "{plugin}" has no rules: it has no entry points of {GROUP}')
    return [_rule(plugin, entry, distribution.version) for entry in entries]


def _rule(plugin: str, entry: metadata.EntryPoint, version: str) -> Rule:
    id_ = entry.name
    if not re.fullmatch(ID, id_):
        raise PluginError(
            f'plugin "{plugin}": "{id_}" is not a valid rule ID, such as no-public-bucket'
        )
    _function(plugin, id_)
    try:
        text = _page(entry)
        rule = rule_of(read_text(text, id_))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise PluginError(f'plugin "{plugin}": the page of "{id_}": {error}') from error
    check = PluginCheck(plugin, id_, version, _state(entry))
    return rule._replace(origin=f"plugin {plugin} {version}", text=text, check=check)


def _page(entry: metadata.EntryPoint) -> str:
    package = sys.modules[entry.module].__package__ or entry.module
    return (resources.files(package) / f"{entry.name}.md").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _function(plugin: str, rule: str) -> Callable[..., Iterator[Any]]:
    """The function of a rule.

    Raises:
        PluginError: it cannot be loaded.
    """
    for entry in distribution_of(plugin).entry_points.select(group=GROUP, name=rule):
        try:
            with _without_current_folder():
                function = entry.load()
        except (Exception, SystemExit) as error:  # leaving would be a pass
            what = f'"{rule}" cannot be loaded: {type(error).__name__}: {error}'
            raise PluginError(f'plugin "{plugin}": {what}') from error
        if not callable(function):
            raise PluginError(f'plugin "{plugin}": "{entry.value}" is not a function')
        return function  # type: ignore[no-any-return]  # whatever it is
    raise PluginError(f'plugin "{plugin}" has no rule "{rule}"')


def distribution_of(name: str, what: str = "plugin") -> metadata.Distribution:
    """The installed distribution of a name, which says what it is to be.

    Raises:
        PluginError: there is none; what is in the current folder is not installed.
    """
    with _without_current_folder():
        try:
            found = metadata.distribution(name)
        except (metadata.PackageNotFoundError, ValueError) as error:
            where = f"is not installed in the environment of multitool-lint, {sys.prefix}"
            raise PluginError(f'{what} "{name}" {where}') from error
        return found


@contextmanager
def _without_current_folder() -> Iterator[None]:
    """Import nothing from the current folder, the first of `python -m`: it may not be trusted."""
    before = list(sys.path)
    here = os.path.realpath(os.curdir)
    sys.path[:] = [folder for folder in before if folder and os.path.realpath(folder) != here]
    try:
        yield
    finally:
        sys.path[:] = before


def _state(entry: metadata.EntryPoint) -> str:
    """A hash of the state of a plugin's files, which change while it is developed."""
    module = import_module(entry.module.partition(".")[0])
    folders = [Path(folder) for folder in getattr(module, "__path__", ())]
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    if not files and module.__file__:
        files = [Path(module.__file__)]
    hash_ = blake2b(digest_size=_STATE_LENGTH)
    for file in files:
        if file.is_file() and file.suffix != ".pyc":
            status = file.stat()
            hash_.update(repr((str(file), status.st_size, status.st_mtime_ns)).encode())
    return hash_.hexdigest()
