"""The policies of versions of a file, with what other files of the same revision define."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.git_listing import link_to
from multitool_lint.cli.files.version import (
    FileWithoutPolicyError,
    UnreadableVersionError,
    Version,
    side_name,
)
from multitool_lint.cli.files.version_sources import VersionSources, why_not_a_file
from multitool_lint.formats.endings import is_candidate, may_hold_policies
from multitool_lint.formats.local_files import names_in, path_from
from multitool_lint.formats.quick_tests import may_be_broken_json_policies
from multitool_lint.limits import MAX_NAMED_FILES

if TYPE_CHECKING:
    from multitool_lint.deployments.attachments import AttachmentDeployment
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.policy_set import PolicySet


class Versions(VersionSources):
    """Reads the policies of versions of files.

    Where they are not `are_named` for their policies, one that seems to have none need not be in
    its format.
    """

    def __init__(self) -> None:
        super().__init__()
        self.are_named = True

    def policies(self, which: Version, settings: FileSettings) -> PolicySet:
        """The policies of a version, and what of it could not be read.

        Raises:
            UnreadableVersionError: it cannot be read, or contains no policy.
        """
        from multitool_lint.formats import policies as formats  # not for modules: it saves start-up

        try:
            return self._read(which, settings)
        except formats.NoPolicyError as error:
            raise FileWithoutPolicyError(str(error)) from error
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        except ValueError as error:
            raise UnreadableVersionError(str(error)) from error

    def _read(self, which: Version, settings: FileSettings) -> PolicySet:
        """The policies of a version."""
        from multitool_lint.formats import policies as formats  # as above

        source = self.source(which)
        try:
            return formats.policies_of(
                source,
                type=settings.type,
                resource_type=settings.resource_type,
            )
        except formats.NoPolicyError:
            raise
        except ValueError as error:
            if self.are_named or _seems_to_have_policies(which.path, source.text):
                raise
            raise formats.NoPolicyError(str(error)) from error

    def are_alike(self, one: Version, other: Version) -> bool:
        """Whether two versions are written alike, but for what cannot be about access."""
        from multitool_lint.formats.policies import as_written  # as above

        try:
            return as_written(self.source(one)) == as_written(self.source(other))
        except (GitError, ValueError, UnreadableVersionError):
            return False

    def attached(self, which: Version) -> AttachmentDeployment:
        """What a version attaches.

        Raises:
            UnreadableVersionError: it cannot be read.
        """
        from multitool_lint.deployments.attachments import AttachmentDeployment  # as above

        try:
            return AttachmentDeployment(self.source(which))
        except (GitError, ValueError) as error:
            raise UnreadableVersionError(f"{which}: {error}") from error

    def content(self, which: Version) -> str:
        """An identity of a file of a tree and of those that it names; empty if they are too many.

        Raises:
            UnreadableVersionError: git cannot answer.
        """
        found: dict[str, str] = {}
        waiting = [which.path]
        try:
            repository, _ = self.located(which.path)
            while waiting and len(found) <= MAX_NAMED_FILES:
                path = waiting.pop()
                below = self._below(repository, path)
                if below is None or below in found:
                    continue
                entry = repository.entry(self._tree(repository, which), below)
                found[below] = entry.object if entry else ""
                if entry is not None and why_not_a_file(entry) is None:
                    data = repository.blob(entry.object)
                    files, stacks = names_in(data.decode("utf-8", "replace"))
                    waiting += [path_from(path, name) for name in (*files, *stacks)]
        except (GitError, ValueError) as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        return "" if waiting else digest(sorted(found.items()))

    def _below(self, repository: Repository, path: str) -> str | None:
        """The path of a file in a repository; None in another one, of which no file is read."""
        try:
            found, below = self.located(path)
        except GitError:
            return None
        return below if found is repository else None

    def before(self, path: str) -> Version:
        """What a file was in the old side: under the name that it had there, if it was renamed.

        Raises:
            UnreadableVersionError: git cannot answer, or has no such file on either side.
        """
        old, new = self.sides
        which = Version(path, old)
        try:
            repository, below = self.located(path)
            tree = repository.object(old, "tree")
            if tree is not None and repository.entry(tree, below) is not None:
                return which
            if repository.entry(new, below) is None:
                if link := link_to(repository, new, below):
                    raise UnreadableVersionError(f"{path}: {link} is a symbolic link")
                raise UnreadableVersionError(
                    f"{path}: no such file {side_name(old)}, and none {side_name(new)}"
                )
            renamed = {} if tree is None else repository.renamed(old, new)
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        return Version(relative(repository, renamed[below]), old) if below in renamed else which


def digest(*parts: object) -> str:
    """An identity of some content."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _seems_to_have_policies(path: str, text: str) -> bool:
    """Whether a text is to be read, as it is where files are looked for in a folder."""
    is_object = text.lstrip("\ufeff \t\r\n").startswith("{")
    if is_candidate(path) and not may_hold_policies(path, text):
        return False
    return may_be_broken_json_policies(text) if is_object else is_candidate(path)
