"""Files whose policies change with other files: what is staged in one decides what another grants.

What lists the files of a commit, such as pre-commit, does not list these.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.relevant import is_read
from multitool_lint.cli.files.version import AbsentError, UnreadableVersionError, Version
from multitool_lint.formats.local_files import names_in, path_from
from multitool_lint.formats.recognize import YAML_ENDINGS
from multitool_lint.formats.serverless import SERVICE_PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.policy_set import PolicySet


def naming(versions: Versions, compared: Mapping[str, Sequence[PolicySet]]) -> Iterator[str]:
    """The staged files that may have a part of their policies in one of some files.

    `compared` are the policies of these, in both versions. A file that is a policy is compared by
    itself, and so is a nested stack with policies.

    Raises:
        GitError: git cannot answer.
        UnreadableVersionError: such a file cannot be read.
    """
    wanted: dict[Repository, dict[str, bool]] = {}
    within: dict[Repository, list[str]] = {}
    for path, both in compared.items():
        found = [policies for policies in both if not policies.is_empty]
        if not both or (found and all(policies.is_one_policy for policies in found)):
            continue
        try:
            repository, below = versions.located(path)
        except GitError as error:
            raise UnreadableVersionError(f"{path}: {error}") from error
        wanted.setdefault(repository, {})[os.path.realpath(path)] = not found
        within.setdefault(repository, []).append(below)
    for repository, named in wanted.items():
        names = list({Path(path).name: None for path in named})
        others = repository.searches.files_with(versions.sides.new, names, is_read)
        yield from _templates(versions, repository, within[repository])
        for other in others:
            yield from _naming(versions, relative(repository, other), named)


def _templates(versions: Versions, repository: Repository, paths: Sequence[str]) -> Iterator[str]:
    """The templates of charts with policies that other files of their charts have changed."""
    old_tree, new_tree = (Version(relative(repository, ":"), side) for side in versions.sides)
    beside = versions.charts(new_tree).templates_beside(paths)
    try:
        both = beside & versions.charts(old_tree).templates_beside(paths) if beside else ()
    except AbsentError:
        return  # there is no commit yet
    for path in sorted(both):
        found = relative(repository, path)
        old, new = (versions.source(Version(found, side)) for side in versions.sides)
        if old.text != new.text:
            yield found


def services(versions: Versions, paths: Iterable[str]) -> Iterator[str]:
    """The services of the Serverless Framework that are read from some files in either tree.

    Raises:
        GitError: git cannot answer.
    """
    changed: dict[Repository, set[str]] = {}
    for path in paths:
        repository, below = versions.located(path)
        changed.setdefault(repository, set()).add(below)
    for repository, places in changed.items():
        new = versions.sides.new
        listed = repository.listed(new)
        if not any(map(_may_be_service, listed)):
            continue  # most have none, and git need not search
        programs = (path for path in listed if Path(path).name in SERVICE_PROGRAMS)
        naming = repository.searches.files_with(new, ["${file("], _may_be_service)
        for path in dict.fromkeys((*programs, *naming)):
            if path in places or _is_read_from(versions, relative(repository, path), places):
                yield relative(repository, path)


def _is_read_from(versions: Versions, path: str, places: Collection[str]) -> bool:
    from multitool_lint.deployments.serverless.access import ServiceDeployment  # as few need it
    from multitool_lint.values.reading import TooMuchError

    for side in versions.sides:
        try:
            tree, place = versions.tree(Version(path, side))
            if not ServiceDeployment(tree, place).reading.paths.isdisjoint(places):
                return True
        except AbsentError:
            continue  # there is no commit yet
        except (TooMuchError, RecursionError):
            return True  # which is said where it is compared
    return False


def _may_be_service(path: str) -> bool:
    name = Path(path).name.lower()
    return name in SERVICE_PROGRAMS or (
        name.startswith("serverless") and name.endswith((*YAML_ENDINGS, ".json"))
    )


def _naming(versions: Versions, other: str, named: Mapping[str, bool]) -> Iterator[str]:
    """A file, if it names one of some files."""
    try:
        source = versions.source(Version(other, versions.sides.new))
    except (GitError, UnreadableVersionError):
        if other.lower().endswith((*YAML_ENDINGS, ".json")):
            raise
        return  # a script, say
    if _names_one(other, source.text, named):
        yield other


def _names_one(path: str, text: str, named: Mapping[str, bool]) -> bool:
    """Whether a text in a file names one of some files; as a stack, only one without policies."""
    files, stacks = (
        {os.path.realpath(path_from(path, name)) for name in names} for names in names_in(text)
    )
    return not files.isdisjoint(named) or any(named.get(stack) for stack in stacks)
