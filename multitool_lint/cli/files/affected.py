"""Files whose policies change with other files: what is staged in one decides what another grants.

What lists the files of a commit, such as pre-commit, does not list these.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.changed_files import is_read
from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.version import AbsentError, UnreadableVersionError, Version
from multitool_lint.cli.files.versions import Versions, shared_definitions
from multitool_lint.formats.local_files import literals_in, names_in, path_from
from multitool_lint.formats.recognize import FOLDER_ENDINGS, YAML_ENDINGS
from multitool_lint.policy.definitions import with_users

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.policy.policy_set import PolicySet

_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")


def referring(versions: Versions, path: str) -> Iterator[str]:
    """The other Terraform files of a folder that refer to what is staged in one of them.

    Raises:
        UnreadableVersionError: a version of the file, or what is staged, cannot be read.
    """
    if not path.lower().endswith(FOLDER_ENDINGS):
        return
    before = _definitions(versions, versions.before(path))
    after = _definitions(versions, Version(path, versions.sides.new))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    yield from _users(versions, path, changed, after)
    yield from _callers(versions, path, changed, {**before, **after}, set())


def _callers(
    versions: Versions,
    path: str,
    changed: set[str],
    definitions: Mapping[str, str],
    seen: set[str],
) -> Iterator[str]:
    """The files that call the local module of a file, if that changes its outputs."""
    if not changed:
        return
    try:
        others = versions.siblings(Version(path, versions.sides.new))
        meanings = [
            *definitions.items(),
            *(p for o in others for p in shared_definitions(o).items()),
        ]
        affected = with_users(changed, ((name, _references(text)) for name, text in meanings))
        repository, below = versions.located(path)
        folder = Path(below).parent
        if folder.name in ("", "..") or not any(name.startswith("output.") for name in affected):
            return
        for other in repository.files_with(versions.sides.new, [folder.name]):
            caller = relative(repository, other)
            if caller in seen or not caller.lower().endswith(FOLDER_ENDINGS):
                continue
            known = shared_definitions(versions.source(Version(caller, versions.sides.new)))
            calls = set(_calls_of(caller, known, str(Path(path).parent)))
            if calls:
                seen.add(caller)
                yield caller
                yield from _users(versions, caller, calls, known)
                yield from _callers(versions, caller, calls, known, seen)
    except GitError as error:
        raise UnreadableVersionError(f"{path}: {error}") from error


def _calls_of(path: str, definitions: Mapping[str, str], folder: str) -> Iterator[str]:
    """The calls of the module in a folder, by their names."""
    for name, text in definitions.items():
        if name.endswith(".source") and name.startswith("module."):
            source = path_from(path, text.strip('"'))
            if os.path.realpath(source) == os.path.realpath(folder):
                yield name.removesuffix(".source")


def _users(
    versions: Versions, path: str, changed: set[str], definitions: Mapping[str, str]
) -> Iterator[str]:
    """The other Terraform files of a folder that refer to what has changed in one of them."""
    if not changed:
        return
    try:
        others = list(versions.siblings(Version(path, versions.sides.new)))
    except GitError as error:
        raise UnreadableVersionError(f"{path}: {error}") from error
    meanings = list(definitions.items())
    meanings += (pair for other in others for pair in shared_definitions(other).items())
    affected = with_users(changed, ((name, _references(text)) for name, text in meanings))
    yield from (other.path for other in others if affected & _references(other.text))


def naming(versions: Versions, compared: Mapping[str, Sequence[PolicySet]]) -> Iterator[str]:
    """The staged files that may have a part of their policies in one of some files.

    `compared` are the policies of these, in both versions. A file that is a policy is compared by
    itself, and so is a nested stack with policies.

    Raises:
        UnreadableVersionError: git cannot answer, or such a file cannot be read.
    """
    wanted: dict[Repository, dict[str, bool]] = {}
    for path, both in compared.items():
        found = [policies for policies in both if not policies.is_empty]
        if not both or (found and all(policies.is_one_policy for policies in found)):
            continue
        try:
            named = wanted.setdefault(versions.located(path)[0], {})
        except GitError as error:
            raise UnreadableVersionError(f"{path}: {error}") from error
        named[os.path.realpath(path)] = not found
    for repository, named in wanted.items():
        try:
            others = repository.files_with(
                versions.sides.new, list({Path(path).name: None for path in named})
            )
        except GitError as error:
            raise UnreadableVersionError(str(error)) from error
        for other in filter(is_read, others):
            yield from _naming(versions, relative(repository, other), named)


def _naming(versions: Versions, other: str, named: Mapping[str, bool]) -> Iterator[str]:
    """A file, if it names one of some files, and those that use what it makes of that."""
    try:
        source = versions.source(Version(other, versions.sides.new))
    except (GitError, UnreadableVersionError) as error:
        if other.lower().endswith((*FOLDER_ENDINGS, *YAML_ENDINGS, ".json")):
            raise UnreadableVersionError(str(error)) from error
        return  # a script, say
    if _names_one(other, source.text, named):
        yield other
        if other.lower().endswith(FOLDER_ENDINGS):
            known = shared_definitions(source)
            changed = {name for name, text in known.items() if _names_one(other, text, named)}
            yield from _users(versions, other, changed, known)


def _names_one(path: str, text: str, named: Mapping[str, bool]) -> bool:
    """Whether a text in a file names one of some files; as a stack, only one without policies."""
    files, stacks = (
        {os.path.realpath(path_from(path, name)) for name in names} for names in names_in(text)
    )
    if path.lower().endswith(FOLDER_ENDINGS):
        files |= {os.path.realpath(path_from(path, name)) for name in literals_in(text)}
    return not files.isdisjoint(named) or any(named.get(stack) for stack in stacks)


def _definitions(versions: Versions, which: Version) -> dict[str, str]:
    """What a Terraform file defines for all of its folder; nothing if it is not there."""
    try:
        return shared_definitions(versions.source(which))
    except AbsentError:
        return {}
    except GitError as error:
        raise UnreadableVersionError(f"{which}: {error}") from error


def _references(text: str) -> set[str]:
    """What an expression may refer to: the first two and the first three parts of dotted names."""
    names = [name.split(".") for name in _DOTTED.findall(text)]
    return {".".join(parts[:count]) for parts in names for count in (2, 3)}
