"""Local modules of Terraform, whose policies depend on what the files that call them pass."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.git import GitError
from multitool_lint.cli.files.versions import UnreadableVersionError, Version, Versions
from multitool_lint.formats import policies as formats
from multitool_lint.formats.facts import facts
from multitool_lint.formats.local_files import path_from
from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.policy.changes import Unknown
from multitool_lint.policy.policy_set import PolicySet
from multitool_lint.policy.versions import (
    changed_names,
    names_in_text,
    names_used,
    with_users,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multitool_lint.syntax.source import Source

_ARGUMENT = re.compile(r"module\.([\w-]+)\.([\w-]+)")
_LOCAL = re.compile(r'"(\.\.?/[^"$]*)"')
_WHOLE = frozenset({"source", "count", "for_each"})
"""The arguments that decide which policies there are."""


_POLICIES = ""
"""What uses the names in policies."""


class _Module(NamedTuple):
    """What a module defines, what uses which names, and whether it has policies, or a Deny."""

    definitions: dict[str, str]
    uses: list[tuple[str, list[str]]]
    has_policies: bool
    has_denials: bool


class _Call(NamedTuple):
    """A call of a local module, with the arguments that have changed."""

    name: str
    folder: str
    arguments: frozenset[str]
    is_gone: bool


class Modules:
    """The modules of Terraform that the versions of files are in, or call; each is read once."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._read: dict[Version, list[tuple[Source, PolicySet | None]]] = {}

    def others(self, which: Version) -> PolicySet:
        """The policies of the other files of a folder, so far as they can be read."""
        found = PolicySet(which.path)
        for source, other in self._files(which):
            if other and Path(source.path).name != Path(which.path).name:
                found = found.with_moved(other, other.names)
        return found

    def changed_calls(self, new: Version, both: Sequence[PolicySet]) -> list[Unknown]:
        """The calls of local modules that pass another value to what policies there depend on."""
        old_names, new_names = (policies.facts.definitions for policies in both)
        changed = changed_names(old_names, new_names)
        waiting = list(_calls(new.path, old_names, changed, new_names))
        found = []
        for _ in range(MAX_NAMED_FILES):
            if not waiting:
                break
            call = waiting.pop()
            if not self._is_near(new.path, call.folder):
                continue
            module = self._module(Version(str(Path(call.folder, ":")), new.revision))
            passed = with_users({f"var.{name}" for name in call.arguments}, module.uses)
            is_other = not call.arguments.isdisjoint(_WHOLE)
            if call.is_gone:
                matters = module.has_denials
            else:
                matters = _POLICIES in passed or (is_other and module.has_policies)
            if matters:
                reason = f"policies of {call.folder} depend on what it passes"
                found.append(Unknown(new.path, f"{call.name} has changed; {reason}"))
            known = module.definitions
            below = str(Path(call.folder, "_"))
            inner = _calls(below, known, known.keys() if is_other else passed, known)
            waiting += (part._replace(is_gone=call.is_gone) for part in inner)
        return found

    def _is_near(self, path: str, folder: str) -> bool:
        """Whether a folder is in the repository of a file."""
        try:
            located = self._versions.located
            return located(str(Path(folder, ":")))[0] is located(path)[0]
        except (GitError, ValueError):
            return False

    def _files(self, which: Version) -> list[tuple[Source, PolicySet | None]]:
        """The files of a folder, with their policies if they have any."""
        folder = which._replace(path=str(Path(which.path).with_name(":")))
        if folder not in self._read:
            found = self._read[folder] = []
            with contextlib.suppress(GitError, UnreadableVersionError, OSError):
                for source in self._versions.siblings(folder):
                    policies = None
                    with contextlib.suppress(ValueError):
                        policies = formats.policies_of(source)
                    found.append((source, policies))
        return self._read[folder]

    def _module(self, which: Version) -> _Module:
        definitions: dict[str, str] = {}
        used: set[str] = set()
        policies = []
        for source, found in self._files(which):
            definitions |= facts(source).definitions
            if found:
                policies.append(found)
                used |= names_used(found, source.text)
        uses = [(name, names_in_text(text)) for name, text in definitions.items()]
        has_denials = any(found.unknown or found.has_denials for found in policies)
        return _Module(definitions, [*uses, (_POLICIES, list(used))], bool(policies), has_denials)


def _calls(
    path: str, old: Mapping[str, str], changed: Iterable[str], new: Mapping[str, str]
) -> Iterator[_Call]:
    """The calls of local modules of which an argument has changed."""
    arguments: dict[str, set[str]] = {}
    for name in changed:
        if match := _ARGUMENT.fullmatch(name):
            arguments.setdefault(match[1], set()).add(match[2])
    for module, names in sorted(arguments.items()):
        name = f"module.{module}.source"
        if source := _LOCAL.fullmatch(new.get(name, old.get(name, ""))):
            folder = path_from(path, source[1])
            yield _Call(f"module.{module}", folder, frozenset(names), name not in new)
