"""Compares the versions of files and modules that a run of `diff` is about."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.cli.files.git import HEAD, GitError
from multitool_lint.cli.files.other_policies import OtherPolicies
from multitool_lint.cli.files.sides import here
from multitool_lint.cli.files.version import (
    AbsentError,
    MissingVersionError,
    UnreadableVersionError,
    Version,
)
from multitool_lint.cli.files.versions import Versions
from multitool_lint.cli.options.settings import Settings
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.compared import Compared
from multitool_lint.config import ConfigError, ConfigFinder
from multitool_lint.policy.changes import Changes
from multitool_lint.policy.policy_set import PolicySet
from multitool_lint.values.terraform.file_names import is_of_module

if TYPE_CHECKING:
    from argparse import Namespace

    from multitool_lint.cli.commands.diff_modules import ComparisonRequest
    from multitool_lint.cli.files.moved_blocks import MovedBlocks
    from multitool_lint.cli.files.version_sources import Sides
    from multitool_lint.deployments.published import PublishedValue
    from multitool_lint.diffs.files import FileVersion
    from multitool_lint.syntax.terms import Value


class Comparing:
    """The comparisons of a run: of two trees, or of two files.

    `command` asks for them again; `unreadable` is the number of files without an answer.
    """

    def __init__(self, arguments: Namespace) -> None:

        self.done: list[Compared] = []
        self._arguments = arguments
        self.are_trees = self.is_whole = False
        self.command = ""
        self._allows_new = arguments.allow_new_files
        self._settings = Settings(arguments)
        self.unreadable = 0
        self._missing: set[Version] = set()
        self._deployed: set[str] = set()
        self._made: set[str] = set()
        self._published: dict[PublishedValue, tuple[Value, Value]] = {}
        self._moved: MovedBlocks | None = None
        self._checked: set[Catalog] = set()
        self.versions = Versions()
        self._others = OtherPolicies(self.versions)
        self.notes: list[str] = []
        self.changed_configs: tuple[str, ...] = ()

    def add_trees(self, sides: Sides, paths: list[str]) -> None:
        """Compare two trees: some paths of them, or all that has changed."""
        from multitool_lint.cli.files import changed_files

        self.are_trees, self.is_whole = True, not paths
        self.versions.sides = sides
        self.versions.are_named = False
        try:
            self._begin()
            every = bool(self._arguments.forbid)
            files, note = changed_files.to_compare(self.versions, paths, every=every)
            if note:
                streams.err(f"note: {note}\n")
            self._add_modules(paths)
            self._add_files(files)
            self._add_readers()
        except (GitError, UnreadableVersionError) as error:
            self._fail(error)

    def _begin(self) -> None:
        """See which configurations count, and whether there is anything to compare with.

        Raises:
            GitError: git cannot answer.
        """
        from multitool_lint.cli.files.base_config import BaseConfigs

        repository = here(self.versions)
        if self.versions.sides.old == HEAD and not repository.has_commits():
            self._allows_new = True
            streams.err("note: there is no commit yet: there is nothing to compare with\n")
        elif not (self._arguments.config or self._arguments.no_config):
            configs = BaseConfigs(self.versions)
            self._settings = Settings(self._arguments, ConfigFinder(configs.text))
            self.changed_configs = tuple(dict.fromkeys(configs.changed()))

    def _add_files(self, files: dict[str, str]) -> None:
        """Compare files that are not of Terraform modules, and those that name them.

        Raises:
            GitError: git cannot answer.
            UnreadableVersionError: one cannot be read.
        """
        from multitool_lint.cli.files import affected, changed_files
        from multitool_lint.cli.files.moved_blocks import MovedBlocks

        files = {
            name: path
            for name, path in files.items()
            if not is_of_module(path) and name not in self._deployed
        }
        unread = [*changed_files.unread(self.versions)]
        # What a service is read from is compared as a part of it.
        services = affected.services(self.versions, [*files.values(), *unread])
        files = {**{os.path.normpath(path): path for path in services}, **files}
        self._moved = MovedBlocks(self.versions, files.values(), self._settings.of)
        waiting = list(files.values())
        compared: dict[str, tuple[PolicySet, ...]] = {
            path: (PolicySet(path),) for path in unread if not is_of_module(path)
        }
        while waiting or compared:
            # What is gone may be a part of others now, which are compared first.
            for path in sorted(waiting, key=self._is_gone):
                if os.path.normpath(path) not in self._deployed:
                    compared[path] = self._add_changed(path)
            found = affected.naming(self.versions, compared)
            new = {os.path.normpath(path): path for path in found if not is_of_module(path)}
            waiting = [path for name, path in new.items() if name not in files]
            files.update(new)
            compared = {}

    def _is_gone(self, path: str) -> bool:
        """Whether a file is not in the new side."""
        repository, place = self.versions.located(path)
        return place not in repository.listed(self.versions.sides.new)

    def _add_modules(self, paths: list[str]) -> None:
        """Compare the Terraform modules that have changed.

        Raises:
            GitError: git cannot answer.
        """
        if self._arguments.forbid or self._has_modules():
            from multitool_lint.cli.commands.diff_modules import changed_modules  # as it is large

            self.done += changed_modules(self.versions, paths, self._asked(), self._others.of)

    def _add_readers(self) -> None:
        """Report whose access others decide that publish something else.

        Raises:
            GitError: git cannot answer.
        """
        if self._published:
            from multitool_lint.cli.commands.diff_files import readers  # as few need it

            self.done += readers(self.versions, self._asked())

    def _has_modules(self) -> bool:
        """Whether a side of a repository has a Terraform module.

        Raises:
            GitError: git cannot answer.
        """
        sides = self.versions.sides
        return any(
            is_of_module(path)
            for repository in self.versions.repositories
            for side in sides
            if repository.tree(side) is not None
            for path in repository.listed(side)
        )

    def _asked(self) -> ComparisonRequest:
        from multitool_lint.cli.commands.diff_modules import ComparisonRequest
        from multitool_lint.policy.forbidden import Forbidden

        catalog = self._settings.of(os.curdir + os.sep).catalog or bundled()
        self._check_forbidden(catalog)
        asked = [Forbidden.parse(text) for text in self._arguments.forbid]
        return ComparisonRequest(
            asked,
            catalog,
            self.notes,
            self._deployed,
            self._made,
            self._published,
            self._allows_new,
        )

    def _add_changed(self, path: str) -> tuple[PolicySet, ...]:
        """Compare the new version of a file with the old one, and return the policies."""
        try:
            return self.add(self.versions.before(path), Version(path, self.versions.sides.new))
        except UnreadableVersionError as error:
            self._fail(error)
        return ()

    def add(self, old: Version, new: Version) -> tuple[PolicySet, ...]:
        """Compare two versions of a file; return the policies of both, nothing after an error."""
        from multitool_lint.cli.commands.diff_files import FileInVersion, as_policy, compared_files

        if is_of_module(old.path) and is_of_module(new.path):
            return self._add_module(old, new)
        found = self._compared_documents(old, new)
        if found is not None:
            self.done += found
            return PolicySet(old.path), PolicySet(new.path)
        after, before = self._version(new, old), self._version(old, new)
        if before is None or after is None:
            return ()
        both = before.policies, after.policies
        if self._moved is not None and self._moved.may_have(new.path):
            before = self._moved.before(before, after)
        is_new = old in self._missing and self._allows_new
        if before.is_empty and after.is_empty:
            return both
        content = ""
        if self.are_trees:
            content = self.versions.content(new)
            after = after if new in self._missing else as_policy(after, before)
        catalog = self._settings.of(new.path).catalog or bundled()
        self._check_forbidden(catalog)
        sides = FileInVersion(old, before), FileInVersion(new, after)
        asked = self._asked()._replace(
            catalog=catalog,
            elsewhere=partial(self._others.of, new) if self.are_trees else lambda _: (),
        )
        self.done += compared_files(*sides, asked, content=content, is_new=is_new)
        return both

    def _add_module(self, old: Version, new: Version) -> tuple[PolicySet, ...]:
        """Compare two versions of a Terraform module."""
        from multitool_lint.cli.commands.diff_modules import versions_of_one

        try:
            self.done += versions_of_one(self.versions, old, new, self._asked())
        except (GitError, UnreadableVersionError) as error:
            self._fail(error)
        return ()

    def _compared_documents(self, old: Version, new: Version) -> list[Compared] | None:
        """How two versions of a template or plan differ; None if they are none, or not there."""
        from multitool_lint.cli.commands.diff_files import compared_documents

        try:
            found = compared_documents(self.versions, old, new, self._asked())
            if found or self.are_trees or found is None:
                return found
            return [Compared(old, new, None, Changes((), ()), (), self._asked().catalog)]
        except (GitError, UnreadableVersionError):
            return None  # it is reported when it is read

    def _version(self, which: Version, other: Version) -> FileVersion | None:
        """A version of a file, empty if it is not there and need not be; None for an error.

        One that cannot be read says nothing new if it is the same as the other.
        """
        from multitool_lint.diffs.files import FileVersion

        found = FileVersion(PolicySet(str(which)))
        try:
            found = found._replace(attached=self.versions.attached(which))
            policies = self.versions.policies(which, self._settings.of(which.path))
        except UnreadableVersionError as error:
            may_be_empty = self.are_trees or not found.is_empty
            if not (may_be_empty and isinstance(error, AbsentError)):
                if self.are_trees and self.versions.are_alike(which, other):
                    return found
                self._fail(error)
                return None
            if isinstance(error, MissingVersionError):
                self._missing.add(which)
                if not self._allows_new or self._arguments.allow_new_files:
                    streams.err(f"note: {error}\n")
            return found
        return found._replace(policies=policies)

    def _fail(self, error: GitError | UnreadableVersionError) -> None:
        self.unreadable += 1
        streams.err(f"error: {error}\n")

    def _check_forbidden(self, catalog: Catalog) -> None:
        """Report forbidden actions that do not exist, which nothing would ever grant."""
        if catalog in self._checked:
            return
        self._checked.add(catalog)
        from multitool_lint.policy.forbidden import describe_mistake, is_outside

        for text in self._arguments.forbid:
            if mistake := describe_mistake(text, catalog):
                raise ConfigError(f"--forbid: {mistake}")
            if is_outside(text, catalog):
                note = "this action is not in the catalog; its name is compared as text"
                streams.err(f"note: --forbid {text}: {note}\n")
