"""Files whose policies change with other files: what is staged in one decides what another grants.

What lists the files of a commit, such as pre-commit, does not list these.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import HEAD, LINK, STAGED, SUBMODULE, GitError
from multitool_lint.cli.files.versions import (
    AbsentError,
    UnreadableVersionError,
    Version,
    Versions,
    relative,
    shared_definitions,
)
from multitool_lint.formats.endings import is_candidate, may_hold_policies
from multitool_lint.formats.local_files import names_in, path_from
from multitool_lint.formats.recognize import FOLDER_ENDINGS, YAML_ENDINGS
from multitool_lint.policy.versions import with_users

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.cli.files.git import Entry, Repository
    from multitool_lint.policy.policy_set import PolicySet

_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")


def staged(versions: Versions, paths: Sequence[str]) -> Iterator[str]:
    """The files that are deleted, or links now, and without some paths all that are staged.

    Raises:
        UnreadableVersionError: git cannot answer.
    """
    repositories = set()
    for path in paths or [os.curdir + os.sep]:
        try:
            repositories.add(versions.located(path)[0])
        except GitError as error:
            if not paths:
                raise UnreadableVersionError(str(error)) from error
            continue  # it is reported when it is compared
    try:
        for repository in repositories:
            for path in _changed(repository, with_others=not paths):
                yield relative(repository, path)
    except GitError as error:
        raise UnreadableVersionError(str(error)) from error


def _changed(repository: Repository, *, with_others: bool) -> Iterator[str]:
    """What is deleted, a link now, or with others staged, if it has or had words of a policy."""
    before = repository.object(HEAD, "tree")
    if before is None:
        found = [*repository.folder(STAGED, "")] if with_others else []
    else:
        found = repository.staged("d" if with_others else "T") + repository.staged("D")
    for path in found:
        entries = [repository.entry(tree, path) for tree in (before, STAGED) if tree is not None]
        if any(entry and _may_matter(repository, path, entry) for entry in entries):
            yield path


def _may_matter(repository: Repository, path: str, entry: Entry) -> bool:
    if entry.mode in {LINK, SUBMODULE} or not (is_candidate(path) or "." not in Path(path).name):
        return False
    if path.lower().endswith(FOLDER_ENDINGS):
        return True
    data = repository.ask("cat-file", "blob", entry.object)
    return may_hold_policies(path, data.replace(b"\0", b"").decode("latin-1"))


def referring(versions: Versions, path: str) -> Iterator[str]:
    """The other Terraform files of a folder that refer to what is staged in one of them.

    Raises:
        UnreadableVersionError: a version of the file, or what is staged, cannot be read.
    """
    if not path.lower().endswith(FOLDER_ENDINGS):
        return
    before = _definitions(versions, versions.in_head(path))
    after = _definitions(versions, Version(path, STAGED))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    yield from _users(versions, path, changed, after)


def _users(
    versions: Versions, path: str, changed: set[str], definitions: Mapping[str, str]
) -> Iterator[str]:
    """The other Terraform files of a folder that refer to what has changed in one of them."""
    if not changed:
        return
    try:
        others = list(versions.siblings(Version(path, STAGED)))
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
    wanted: dict[str, dict[str, bool]] = {}
    for path, both in compared.items():
        found = [policies for policies in both if not policies.is_empty]
        if not both or (found and all(policies.is_one_policy for policies in found)):
            continue
        try:
            repository, below = versions.located(path)
            for other in repository.staged_with(Path(below).name):
                named = wanted.setdefault(relative(repository, other), {})
                named[os.path.realpath(path)] = not found
        except GitError as error:
            raise UnreadableVersionError(f"{path}: {error}") from error
    for other, named in wanted.items():
        try:
            source = versions.source(Version(other, STAGED))
        except (GitError, UnreadableVersionError) as error:
            if other.lower().endswith((*FOLDER_ENDINGS, *YAML_ENDINGS, ".json")):
                raise UnreadableVersionError(str(error)) from error
            continue  # a picture, say
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
