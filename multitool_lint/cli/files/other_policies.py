"""The policies that may apply together with those of a file: a Deny of it takes from them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.version import UnreadableVersionError, Version
from multitool_lint.formats.endings import is_candidate, is_page
from multitool_lint.limits import MAX_OTHER_FILES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.document import Policy

_ALLOWS = ("Allow", "\\", "aws_iam_policy_document")
"""What a file has one of in which something is allowed."""


class OtherPolicies:
    """The policies of the new side of repositories; a file is read once, when one is asked for."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._paths: dict[Repository, list[str]] = {}
        self._read: dict[tuple[Repository, str], list[Policy]] = {}

    def of(self, which: Version, paths: Collection[str] = ()) -> Iterable[Policy] | None:
        """The policies of all files of the new side but for that one, some, and documentation.

        They are in files that may allow something; None if these are more than are read.
        """
        if is_page(which.path):
            return ()
        try:
            repository, below = self._versions.located(which.path)
            if repository not in self._paths:
                self._paths[repository] = self._paths_in(repository)
        except GitError:
            return ()  # it is reported when it is compared
        found = [path for path in self._paths[repository] if path != below and path not in paths]
        return self._in_files(repository, found) if len(found) <= MAX_OTHER_FILES else None

    def _in_files(self, repository: Repository, paths: Iterable[str]) -> Iterator[Policy]:
        for path in paths:
            if (repository, path) not in self._read:
                self._read[repository, path] = [*self._policies_of(repository, path)]
            yield from self._read[repository, path]

    def _paths_in(self, repository: Repository) -> list[str]:
        side = self._versions.sides.new
        return repository.searches.files_with(side, _ALLOWS, _is_asked)

    def _policies_of(self, repository: Repository, path: str) -> Iterator[Policy]:
        from multitool_lint.formats import policies as formats  # not for modules: it saves start-up

        which = Version(relative(repository, path), self._versions.sides.new)
        with contextlib.suppress(GitError, UnreadableVersionError, OSError, ValueError):
            found = formats.policies_of(self._versions.source(which))
            yield from (member.policy for member in found.policies)


def _is_asked(path: str) -> bool:
    return is_candidate(path) and not is_page(path)
