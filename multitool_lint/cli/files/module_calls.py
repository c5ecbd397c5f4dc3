"""Calls of Terraform modules, and whether what changes in one may be about access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.diffs.arguments import RESTRICTS
from multitool_lint.formats.local_files import path_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ARGUMENT = re.compile(r"module\.([\w-]+)\.([\w-]+)")
_LOCAL_SOURCE = re.compile(r'"(\.\.?/[^"$]*)"')
WHOLE = frozenset({"source", "version", "count", "for_each"})
"""The arguments that decide which policies there are."""
_HARMLESS = frozenset({"depends_on", "description", "name", "providers", "tags"})
_OF_ACCESS = re.compile(
    r"polic|role|user|group|iam|arn|princip|trust|assum|permission|statement|action|resource|access"
    r"|attach|bound|grant|allow|den[yi]|account|organi|owner|admin|identit|subject|oidc|repo|provider"
    r"|service|condition|kms|key|bucket|scp|guardrail|true|false",
    re.IGNORECASE,
)
"""What an argument may have, by its name or value, that decides about access in a module."""


class ModuleCall(NamedTuple):
    """A call of a module, with the arguments that have changed, and all as they are or were.

    The `folder` is that of a local module; None for any other.
    """

    name: str
    folder: str | None
    arguments: frozenset[str]
    given: Mapping[str, str]
    is_gone: bool

    @property
    def may_matter(self) -> bool:
        """Whether a module that cannot be read may have other access than before."""
        texts = {f"{name} = {text}": name for name, text in self.given.items()}
        if self.is_gone:
            return any(map(RESTRICTS.search, (self.name, *texts)))
        changed = (text for text, name in texts.items() if name in self.arguments)
        is_other = not self.arguments.isdisjoint(WHOLE)
        return is_other or any(map(_OF_ACCESS.search, changed))


def changed_calls(
    path: str, old: Mapping[str, str], changed: Iterable[str], new: Mapping[str, str]
) -> Iterator[ModuleCall]:
    """The calls of modules of which an argument has changed."""
    arguments: dict[str, set[str]] = {}
    for name in changed:
        if match := _ARGUMENT.fullmatch(name):
            arguments.setdefault(match[1], set()).add(match[2])
    for module, names in sorted(arguments.items()):
        call = f"module.{module}"
        now, before = (dict(_arguments(call, known)) for known in (new, old))
        source = _LOCAL_SOURCE.fullmatch(now.get("source", before.get("source", "")))
        folder = path_from(path, source[1]) if source else None
        given = {name: f"{before.get(name, '')} {now.get(name, '')}" for name in {*before, *now}}
        yield ModuleCall(call, folder, frozenset(names) - _HARMLESS, given, is_gone=not now)


def _arguments(call: str, definitions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The arguments of a call, by their names."""
    for name, text in definitions.items():
        if (match := _ARGUMENT.fullmatch(name)) and name.startswith(f"{call}."):
            yield match[2], text
