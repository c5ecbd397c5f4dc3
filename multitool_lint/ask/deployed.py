"""What files deploy: identities, and the policies of resources."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.ask.identities import DeployedIdentity, ResourcePolicy, of_source
from multitool_lint.ask.target import mentions_account
from multitool_lint.formats import is_code, is_terraform, read_source
from multitool_lint.formats.cloudformation.resources import names_of_resources
from multitool_lint.formats.endings import is_page, may_hold_policies
from multitool_lint.formats.identities import FoundIdentity, all_identities, unattached
from multitool_lint.formats.local_files import SourceInTree
from multitool_lint.formats.policies import file_position, unknown_parts
from multitool_lint.formats.result import PLAN, TEMPLATE, ReadResult
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.changes import NotCompared
from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.source import Source, position_of
from multitool_lint.syntax.tree_of_files import FileTree, Tree

if TYPE_CHECKING:
    from multitool_lint.ask.resource_policies import Owned
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.policy.identities import Identity

    Entries = tuple[FoundPolicy, ...]


_OTHERS = (PolicyType.RESOURCE, PolicyType.SCP, PolicyType.RCP)


class NotOneIdentityError(ValueError):
    """No identity has a name, or several have: these are the `candidates`."""

    def __init__(
        self, name: str, candidates: tuple[DeployedIdentity, ...], *, is_known: bool
    ) -> None:
        super().__init__(name)
        self.candidates = candidates
        self.is_known = is_known


class Deployed:
    """The identities and the policies of resources of some files.

    Files of Terraform are read as the module of their folder, with those that it calls; a plan of
    such a folder is left out. What of the files could not be read is `unread`; what deploys further
    identities and is not among them is `missing`. A file is a path, or a source of a tree of texts.
    """

    def __init__(self, files: Iterable[str | SourceInTree], catalog: Catalog) -> None:
        self._catalog = catalog
        self.identities: list[DeployedIdentity] = []
        self.resource_policies: list[ResourcePolicy] = []
        self.control_policies: list[PolicySet] = []
        self.unread: list[NotCompared] = []
        self.missing: list[NotCompared] = []
        self.names: dict[str, dict[str, str]] = {}
        self.owned: dict[object, Owned] = {}
        self._modules: dict[tuple[str, str], _Folder] = {}
        others: list[str | SourceInTree] = []
        for file in files:
            source = Source(file, "") if isinstance(file, str) else file
            if is_terraform(source):
                folder = _folder_of(source)
                self._modules[folder.top, folder.path] = folder
            else:
                others.append(file)
        for other in others:
            if isinstance(other, str):
                self._read(other)
            else:
                self._read_source(other)
        if self._modules:
            self._read_modules(self._modules.values())

    def named(self, name: str) -> DeployedIdentity:
        """The identity of a name, an address or an ARN.

        Raises:
            NotOneIdentityError: there is none, or more than one.
        """
        found = self.called(name)
        exact = [one for one in found if name in (one.address, one.arn)] or found
        if len(exact) != 1:
            raise NotOneIdentityError(name, tuple(exact or self.identities), is_known=bool(exact))
        return exact[0]

    def called(self, name: str) -> list[DeployedIdentity]:
        """The identities that a name, an address or an ARN may mean."""
        if name in self._by_arn:
            return [self._by_arn[name]]
        return [identity for identity in self.identities if identity.has_name(name)]

    @cached_property
    def mentions_account(self) -> bool:
        """Whether a policy of a resource names an account."""
        return any(mentions_account(policy.policies) for policy in self.resource_policies)

    @cached_property
    def _by_arn(self) -> dict[str, DeployedIdentity]:
        return {identity.arn: identity for identity in self.identities if identity.arn}

    def _read(self, path: str) -> None:
        try:
            source = reading.read(path)
        except (OSError, reading.UnreadableError) as error:
            self.unread.append(NotCompared(path, reading.reason(error)))
            return
        self._read_source(source)

    def _read_source(self, source: Source) -> None:
        path = source.path
        if is_code(source) or is_page(path) or not may_hold_policies(path, source.text):
            return  # it deploys nothing
        found = read_source(source)
        if found.format == PLAN and self._modules and _folder_of(source)[1:] in self._modules:
            return  # the module is what it deploys
        self.unread += (
            NotCompared(position_of(source, problem.span), problem.sentence)
            for problem in found.problems
            if not problem.is_read
        )
        if not (found.policies or found.accounts):
            self.unread += (
                NotCompared(position_of(source, skipped.span), skipped.why.in_words())
                for skipped in found.skipped
                if skipped.unread
            )
        if found.format == TEMPLATE:
            self.names[path] = names_of_resources(source)
        source.position(0)  # so that the first answer need not find the lines of a dump
        identities = [*_identities(source, found)] or [*unattached(source, found)]
        self.identities += (of_source(source, found, self._catalog) for found in identities)
        for type_, policy in self._others(source, found):
            is_own = type_ is PolicyType.RESOURCE and policy.resource_type != VPC_ENDPOINT
            if is_own:
                self.resource_policies.append(policy)
            else:
                self.control_policies.append(policy.policies)

    def _others(
        self, source: Source, found: ReadResult
    ) -> Iterator[tuple[PolicyType, ResourcePolicy]]:
        """The policies of resources, endpoints and organizations, with their types."""
        for entry in found.cases:
            policy = entry.policy
            if policy.type in _OTHERS:
                place = partial(file_position, entry)
                unknown = tuple(
                    NotCompared(place(node.span), why.in_words())
                    for node, why in unknown_parts(policy)
                )
                member = ConditionalPolicy(policy, place, entry.cases)
                address = (policy.name or "").partition("/")[0]
                made = PolicySet(source.path, (member,), unknown)
                yield policy.type, ResourcePolicy(address, policy.resource_type, made)

    def _read_modules(self, folders: Iterable[_Folder]) -> None:
        """Read modules, of which those that others call are a part of these."""
        from multitool_lint.ask.modules import ModulePolicies
        from multitool_lint.deployments.terraform.access import ModuleDeployment
        from multitool_lint.values.reading import TooMuchError

        read: list[tuple[_Folder, ModuleDeployment]] = []
        for folder in folders:
            try:
                read.append((folder, ModuleDeployment(folder.tree, folder.path)))
            except (TooMuchError, RecursionError) as error:
                self.unread.append(NotCompared(folder.shown(folder.path), str(error)))
        called = {
            folder.real(module.folder)
            for folder, deployment in read
            for module in deployment.modules
            if module.call is not None
        }
        for folder, deployment in read:
            if folder.real(folder.path) not in called:
                found = ModulePolicies(deployment, folder.shown(""))
                self.identities += found.identities()
                self.resource_policies += found.resource_policies()
                self.control_policies += found.control_policies()
                self.missing += found.missing_modules()
                self.unread += (
                    NotCompared(folder.shown(path), why)
                    for path, why in deployment.shared.broken.items()
                )


def _identities(source: Source, found: ReadResult) -> Iterator[FoundIdentity]:
    """The identities of a source that is not of a module of Terraform."""
    if found.format != PLAN:
        yield from all_identities(source, found)
        return
    from multitool_lint.deployments.terraform import planned  # few sources are one

    for identity, entries in planned.identities(source):
        read = partial(_both, identity, entries)
        yield FoundIdentity(identity.address, identity.name, identity.kind, read)


def _both(identity: Identity, entries: Entries) -> tuple[Identity, Entries]:
    return identity, entries


class _Folder(NamedTuple):
    """A folder of a tree, whose top is a folder on disk, or "" for a tree of texts."""

    tree: Tree
    top: str
    path: str

    def real(self, path: str) -> str:
        """What identifies a folder of the tree."""
        return os.path.realpath(Path(self.top, path)) if self.top else path

    def shown(self, path: str) -> str:
        """A path of the tree as messages name it."""
        return str(Path(os.path.relpath(self.top) if self.top else "", path))


def _folder_of(source: Source) -> _Folder:
    """The folder that a file is in, below the top of its repository."""
    if isinstance(source, SourceInTree):
        return _Folder(source.tree, "", posixpath.dirname(source.path))
    real = os.path.realpath(Path(source.path).parent)
    top = repository_of(real) or real
    below = Path(real).relative_to(top).as_posix().removeprefix(".")
    return _Folder(FileTree(top), top, below)
