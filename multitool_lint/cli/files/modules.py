"""Modules of Terraform, whose policies depend on what the files that call them pass.

Those of a registry or another repository are not read: what may decide about policies there counts
as a change that could not be compared.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.git import GitError, relative
from multitool_lint.cli.files.version import UnreadableVersionError, Version
from multitool_lint.cli.files.version_sources import folder_of
from multitool_lint.formats.endings import is_candidate, is_page
from multitool_lint.limits import MAX_NAMED_FILES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from multitool_lint.cli.files.git import Repository
    from multitool_lint.cli.files.module_calls import ModuleCall
    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.changes import Unknown
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_set import PolicySet
    from multitool_lint.syntax.source import Source

_ALLOWS = ("Allow", "\\", "aws_iam_policy_document")
"""What a file has one of in which something is allowed."""
_POLICIES = ""
"""What uses the names in policies."""


class _Module(NamedTuple):
    """What a module defines, what uses which names, and whether it has policies, or a Deny."""

    definitions: dict[str, str]
    uses: list[tuple[str, list[str]]]
    has_policies: bool
    has_denials: bool


class Modules:
    """The modules of Terraform that the versions of files are in, or call; each is read once.

    The `notes` are about changes in calls of modules that are not read, which decide nothing.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._read: dict[Version, list[tuple[Source, PolicySet | None]]] = {}
        self.notes: list[str] = []
        self._everywhere: dict[Repository, dict[str, PolicySet]] = {}

    @property
    def _new(self) -> str:
        return self._versions.sides.new

    def other_policies(self, which: Version, paths: Collection[str] = ()) -> list[Policy]:
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

        for path in repository.files_with(self._new, _ALLOWS):
            if is_candidate(path) and not is_page(path):
                which = Version(relative(repository, path), self._new)
                with contextlib.suppress(GitError, UnreadableVersionError, OSError, ValueError):
                    yield path, formats.policies_of(self._versions.source(which))

    def changed_calls(self, new: Version, both: Sequence[PolicySet]) -> list[Unknown]:
        """The calls of modules that pass another value to what policies there may depend on."""
        from multitool_lint.cli.files.module_calls import changed_calls  # as above
        from multitool_lint.policy.changes import Unknown  # as above
        from multitool_lint.policy.definitions import changed_names  # as above

        old_names, new_names = (policies.facts.definitions for policies in both)
        changed = changed_names(old_names, new_names)
        waiting = list(changed_calls(new.path, old_names, changed, new_names))
        found: list[Unknown] = []
        for _ in range(MAX_NAMED_FILES):
            if not waiting:
                return found
            call = waiting.pop()
            folder = self._near(new, call.folder) if call.folder is not None else None
            if folder is not None:
                reason, inner = self._followed(call, folder, new)
                waiting += inner
            else:
                reason = "what its module makes of that is not known" if call.may_matter else None
                if call.arguments and not reason:
                    note = f"{call.name} has changed; its module is not read"
                    self.notes.append(f"{new.path}: {note}")
            if reason:
                found.append(Unknown(new.path, f"{call.name} has changed; {reason}"))
        return [*found, Unknown(new.path, "more calls of modules have changed than are followed")]

    def _followed(
        self, call: ModuleCall, folder: str, new: Version
    ) -> tuple[str | None, list[ModuleCall]]:
        """Why a call of a module in a folder may change access, and the calls there."""
        from multitool_lint.cli.files.module_calls import WHOLE, changed_calls  # as above
        from multitool_lint.policy.definitions import with_users  # as above

        module = self._module(Version(str(Path(folder, ":")), new.revision))
        passed = with_users({f"var.{name}" for name in call.arguments}, module.uses)
        is_other = not call.arguments.isdisjoint(WHOLE)
        if call.is_gone:
            matters = module.has_denials
        else:
            matters = _POLICIES in passed or (is_other and module.has_policies)
        known = module.definitions
        calls = changed_calls(
            str(Path(folder, "_")), known, known.keys() if is_other else passed, known
        )
        reason = f"policies of {folder} depend on what it passes" if matters else None
        return reason, [inner._replace(is_gone=call.is_gone) for inner in calls]

    def _near(self, which: Version, folder: str) -> str | None:
        """Where a folder is that a file names, links followed; None for another repository."""
        versions = self._versions
        try:
            path = versions.followed(folder, which.revision)
            if (
                path
                and versions.located(str(Path(path, ":")))[0] is versions.located(which.path)[0]
            ):
                return path
        except (GitError, UnreadableVersionError, ValueError):
            pass
        return None

    def _files(self, which: Version) -> list[tuple[Source, PolicySet | None]]:
        """The files of a folder, with their policies if they have any."""
        from multitool_lint.formats import policies as formats  # as above

        folder = folder_of(which)
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
        from multitool_lint.formats.facts import facts  # as above
        from multitool_lint.policy.definitions import names_in_text, names_used  # as above

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
