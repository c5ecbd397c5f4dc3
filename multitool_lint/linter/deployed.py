"""What is found in the policies of a deployment that a file has a part of.

A policy whose value leads to another file is read there. What a local module makes of the values
that a call gives it is found where they are given.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.as_policy import Writer, in_cases
from multitool_lint.deployments.reading import TooMuchError
from multitool_lint.deployments.resource_types import policies_of, resource_type_of
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.formats import normalized
from multitool_lint.formats.quick_tests import calls_local_module
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

    Of those in `called`, only what is at a place of this file is reported.
    """

    own: tuple[NormalizedPolicy, ...]
    called: tuple[NormalizedPolicy, ...]
    skipped: tuple[Skipped, ...]


def of_file(source: Source, loaded: ReadResult) -> Deployed | None:
    """The policies of the deployment of a file of Terraform that its text alone does not have."""
    unread = [skipped for skipped in loaded.skipped if skipped.why.reason in _UNREAD]
    if not (unread or calls_local_module(source.text)) or not Path(source.path).parent.is_dir():
        return None
    real = os.path.realpath(source.path)
    top = repository_of(str(Path(real).parent)) or str(Path(real).parent)
    path = Path(real).relative_to(top).as_posix()
    deployment = _deployment(top, str(Path(path).parent).removeprefix("."), path, source.text)
    if deployment is None or path in deployment.shared.broken:
        return None
    own: list[NormalizedPolicy] = []
    read: set[Skipped] = set()
    called: list[NormalizedPolicy] = []
    for policy in deployment.policies:
        if not policy.is_read:
            continue
        if policy.instance.module.call is None:
            hit = {skipped for skipped in unread if _is_at(skipped, policy, path)}
            if hit:
                span = Span(policy.expression.start, policy.expression.end)
                own += _written(source, path, span, policy)
                read |= hit
        elif (call := _call(policy.instance.module, path)) is not None:
            called += _written(source, path, call, policy)
    left = tuple(skipped for skipped in loaded.skipped if skipped not in read)
    return Deployed(tuple(own), tuple(called), left)


def _is_at(skipped: Skipped, policy: DeployedPolicy, path: str) -> bool:
    start, end = skipped.span
    expression = policy.expression
    return policy.instance.path == path and (
        (expression.start <= start and end <= expression.end)
        or (start <= expression.start and expression.end <= end)
    )


def _call(module: Module, path: str) -> Span | None:
    """The call of a file by which a module is a part of the deployment."""
    while module.call is not None:
        call, module = module.call, module.call.caller
        if module.call is None:
            return Span(call.block.start, call.block.end) if call.path == path else None
    return None


class _Kept(NamedTuple):
    """A deployment, and what its files were when it was read."""

    deployment: ModuleDeployment
    identities: dict[str, str]


@lru_cache(maxsize=4)
def _cached(top: str, folder: str) -> _Kept | None:
    return _read(FileTree(top), folder)


def _read(tree: Tree, folder: str) -> _Kept | None:
    try:
        deployment = ModuleDeployment(tree, folder)
    except (TooMuchError, RecursionError):
        return None
    return _Kept(deployment, {path: tree.identity(path) for path in deployment.shared.paths})


def _deployment(top: str, folder: str, path: str, text: str) -> ModuleDeployment | None:
    """The deployment of a folder, kept until one of its files has changed.

    One that has another text than on disk at a path is not kept.
    """
    tree = FileTree(top)
    if tree.text(path) != text:
        found = _read(TreeWithText(tree, path, text), folder)
        return found.deployment if found else None
    found = _cached(top, folder)
    if found and any(tree.identity(path) != known for path, known in found.identities.items()):
        _cached.cache_clear()
        found = _cached(top, folder)
    return found.deployment if found else None


def _written(
    source: Source, path: str, otherwise: Span, policy: DeployedPolicy
) -> Iterator[NormalizedPolicy]:
    """The policy in JSON, in each case of its conditions, with the places in the file."""
    instance = policy.instance
    type_ = dict(policies_of(instance.type)).get(policy.attribute) or PolicyType.IDENTITY
    name = f"{instance.address}.{policy.attribute}"
    writer = Writer(path, otherwise, part_of)
    for number, statements in enumerate(in_cases(policy.statements)):
        root: Node = writer.policy(statements)
        known = resource_type_of(instance.type, policy.attribute)
        found = normalized.write(Policy(source, root, type_, known, name))
        yield found._replace(
            syntax="other",
            unchanged=normalized.OF_OTHER_FILES,
            case=number > 0,
        )
