"""Files whose policies change with other files: what is staged in one decides what another grants.

What lists the files of a commit, such as pre-commit, does not list these.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import STAGED, GitError
from multitool_lint.cli.files.versions import (
    AbsentError,
    UnreadableVersionError,
    Version,
    Versions,
    beside,
    relative,
)
from multitool_lint.formats.facts import facts
from multitool_lint.formats.local_files import names_in
from multitool_lint.formats.recognize import MODULE_ENDINGS
from multitool_lint.policy.versions import with_users
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")


def referring(versions: Versions, path: str) -> Iterator[str]:
    """The other Terraform files of a folder that refer to what is staged in one of them.

    Raises:
        UnreadableVersionError: a version of the file, or what is staged, cannot be read.
    """
    if not path.lower().endswith(MODULE_ENDINGS):
        return
    before = _definitions(versions, versions.in_head(path))
    after = _definitions(versions, Version(path, STAGED))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if not changed:
        return
    try:
        others = dict(versions.siblings(Version(path, STAGED)))
    except GitError as error:
        raise UnreadableVersionError(f"{path}: {error}") from error
    meanings = [*after.items(), *(pair for text in others.values() for pair in _meanings(text))]
    affected = with_users(changed, ((name, _references(text)) for name, text in meanings))
    yield from (other for other, text in others.items() if affected & _references(text))


def naming(versions: Versions, paths: Iterable[str]) -> Iterator[str]:
    """The staged files that name one of some files, which have no policy by themselves.

    Raises:
        UnreadableVersionError: git cannot answer.
    """
    wanted: dict[str, set[str]] = {}
    for path in paths:
        try:
            repository, below = versions.located(path)
            for other in repository.staged_with(Path(below).name):
                wanted.setdefault(relative(repository, other), set()).add(os.path.realpath(path))
        except GitError as error:
            raise UnreadableVersionError(f"{path}: {error}") from error
    for other, named in wanted.items():
        try:
            text = versions.source(Version(other, STAGED)).text
        except (GitError, UnreadableVersionError):
            continue  # a submodule, say
        if named & {os.path.realpath(beside(other, name)) for name in names_in(text)}:
            yield other


def _definitions(versions: Versions, which: Version) -> dict[str, str]:
    """What a Terraform file defines for all of its folder; nothing if it is not there."""
    try:
        return dict(_meanings(versions.source(which).text))
    except AbsentError:
        return {}
    except GitError as error:
        raise UnreadableVersionError(f"{which}: {error}") from error


def _meanings(text: str) -> list[tuple[str, str]]:
    """What a Terraform file defines that other files can refer to, such as `local.a`."""
    found = facts(Source("sibling.tf", text)).definitions
    return [(name, meaning) for name, meaning in found.items() if "." in name]


def _references(text: str) -> set[str]:
    """What an expression may refer to: the first two and the first three parts of dotted names."""
    names = [name.split(".") for name in _DOTTED.findall(text)]
    return {".".join(parts[:count]) for parts in names for count in (2, 3)}
