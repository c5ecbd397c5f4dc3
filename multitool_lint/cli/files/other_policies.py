"""The policies that may apply together with those of a file: a Deny of it takes from them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.version import UnreadableVersionError, Version
from multitool_lint.formats.endings import is_candidate, is_page

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_set import PolicySet

_ALLOWS = ("Allow", "\\", "aws_iam_policy_document")
"""What a file has one of in which something is allowed."""


class OtherPolicies:
    """The policies of the new side of each repository, which is read once."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._everywhere: dict[Repository, dict[str, PolicySet]] = {}

    def of(self, which: Version, paths: Collection[str] = ()) -> list[Policy]:
        """The policies of all files of the new side but for that one, some, and documentation."""
        if is_page(which.path):
            return []
        try:
            repository, below = self._versions.located(which.path)
            if repository not in self._everywhere:
                self._everywhere[repository] = dict(self._policies_of(repository))
        except GitError:
            return []  # it is reported when it is compared
        files = self._everywhere[repository].items()
        return [
            member.policy
            for path, found in files
            if path != below and path not in paths
            for member in found.policies
        ]

    def _policies_of(self, repository: Repository) -> Iterator[tuple[str, PolicySet]]:
        """The files of a repository with policies that may allow something."""
        from multitool_lint.formats import policies as formats  # not for modules: it saves start-up

        side = self._versions.sides.new
        for path in repository.searches.files_with(side, _ALLOWS, _is_asked):
            which = Version(relative(repository, path), side)
            with contextlib.suppress(GitError, UnreadableVersionError, OSError, ValueError):
                yield path, formats.policies_of(self._versions.source(which))


def _is_asked(path: str) -> bool:
    return is_candidate(path) and not is_page(path)
