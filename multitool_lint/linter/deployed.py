"""What is found in the policies of a deployment that a file has a part of.

A policy whose value leads to another file is read there. What a local module makes of the values
that a call gives it is found where they are given.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.as_policy import Writer, in_cases
from multitool_lint.deployments.reading import TooMuchError
from multitool_lint.deployments.resource_types import policies_of, resource_type_of
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.formats import normalized
from multitool_lint.formats.local_files import SourceInTree
from multitool_lint.formats.quick_tests import calls_local_module, may_give_policies
from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree_of_files import FileTree, TreeWithText

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.access import DeployedPolicy
    from multitool_lint.deployments.terraform.module import Module
    from multitool_lint.formats.normalized import NormalizedPolicy
    from multitool_lint.formats.result import ReadResult, Skipped
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.terms import Origin
    from multitool_lint.syntax.tree import Node
    from multitool_lint.syntax.tree_of_files import Tree

_UNREAD = frozenset(
    {
        Reason.FILE_MISSING,
        Reason.NOT_IN_FOLDER,
        Reason.UNRESOLVED_POLICY,
        Reason.UNRESOLVED_STATEMENT,
    }
)


class Deployed(NamedTuple):
    """The policies that other files decide about, and what of the file is not read nevertheless.

    Of those in `called`, only what is at a place of this file is reported. A deployment may have
    `identities`.
    """

    own: tuple[NormalizedPolicy, ...]
    called: tuple[NormalizedPolicy, ...]
    skipped: tuple[Skipped, ...]
    identities: FileDeployment | None = None


def of_file(source: Source, loaded: ReadResult) -> Deployed | None:
    """The policies of the deployment of a file of Terraform that its text alone does not have."""
    unread = [skipped for skipped in loaded.skipped if skipped.why.reason in _UNREAD]
    calls = calls_local_module(source.text)
    gives = may_give_policies(source.text)
    if not (unread or calls or gives):
        return None
    found = deployment_of(source)
    if found is None:
        return None
    deployment, path = found.deployment, found.path
    own: list[NormalizedPolicy] = []
    read: set[Skipped] = set()
    called: list[NormalizedPolicy] = []
    for policy in deployment.policies if unread or calls else ():
        if not policy.is_read:
            continue
        if policy.instance.module.call is None:
            hit = {skipped for skipped in unread if _is_at(skipped, policy, path)}
            if hit:
                span = Span(policy.expression.start, policy.expression.end)
                own += _written(source, path, span, policy)
                read |= hit
        elif (call := call_in(policy.instance.module, path)) is not None:
            called += _written(source, path, call, policy)
    left = tuple(skipped for skipped in loaded.skipped if skipped not in read)
    return Deployed(tuple(own), tuple(called), left, found if calls or gives else None)


class FileDeployment(NamedTuple):
    """The deployment that a file has a part of, and its path there."""

    deployment: ModuleDeployment
    path: str


def deployment_of(source: Source) -> FileDeployment | None:
    """The deployment of a file, of which the source has the text; None if it is not read."""
    real = Path(os.path.realpath(source.path))
    if isinstance(source, SourceInTree):
        path = source.path
        deployment = _read(source.tree, posixpath.dirname(path))
    elif real.parent.is_dir():
        top = repository_of(str(real.parent)) or str(real.parent)
        path = real.relative_to(top).as_posix()
        tree: Tree = FileTree(top)
        folder = str(Path(path).parent).removeprefix(".")
        if tree.text(path) == source.text:
            deployment = _deployment(top, folder)
        else:
            deployment = _read(TreeWithText(path, source.text, tree), folder)
    else:
        path = real.name
        deployment = _read(TreeWithText(path, source.text), "")
    if deployment is None or path in deployment.shared.broken:
        return None
    return FileDeployment(deployment, path)


def _is_at(skipped: Skipped, policy: DeployedPolicy, path: str) -> bool:
    start, end = skipped.span
    expression = policy.expression
    return policy.instance.path == path and (
        (expression.start <= start and end <= expression.end)
        or (start <= expression.start and expression.end <= end)
    )


def call_in(module: Module, path: str) -> Span | None:
    """The call of a file by which a module is a part of the deployment."""
    while module.call is not None:
        call, module = module.call, module.call.caller
        if module.call is None:
            return Span(call.block.start, call.block.end) if call.path == path else None
    return None


def _read(tree: Tree, folder: str) -> ModuleDeployment | None:
    try:
        return ModuleDeployment(tree, folder)
    except (TooMuchError, RecursionError):
        return None


@lru_cache(maxsize=4)
def _cached(top: str, folder: str) -> tuple[ModuleDeployment, dict[str, str]] | None:
    tree = FileTree(top)
    deployment = _read(tree, folder)
    if deployment is None:
        return None
    return deployment, {path: tree.identity(path) for path in deployment.shared.paths}


def _deployment(top: str, folder: str) -> ModuleDeployment | None:
    """The deployment of a folder, which is kept until one of its files has changed."""
    found = _cached(top, folder)
    if found is not None:
        tree = FileTree(top)
        if any(tree.identity(path) != known for path, known in found[1].items()):
            _cached.cache_clear()
            found = _cached(top, folder)
    return found[0] if found else None


def _written(
    source: Source, path: str, otherwise: Span, policy: DeployedPolicy
) -> Iterator[NormalizedPolicy]:
    """The policy in JSON, in each case of its conditions, with the places in the file."""
    instance = policy.instance
    type_ = dict(policies_of(instance.type)).get(policy.attribute) or PolicyType.IDENTITY
    name = f"{instance.address}.{policy.attribute}"

    def span(origin: Origin) -> Span | None:
        return Span(*origin.offsets(source.text)) if origin.path == path else None

    writer = Writer(span, otherwise, part_of)
    for number, statements in enumerate(in_cases(policy.statements)):
        root: Node = writer.policy(statements)
        known = resource_type_of(instance.type, policy.attribute)
        found = normalized.write(Policy(source, root, type_, known, name))
        yield found._replace(
            syntax="other",
            unchanged=normalized.OF_OTHER_FILES,
            case=number > 0,
        )
