"""What is found in the policies of a deployment that a file has a part of.

A policy whose value leads to another file is read there. What a local module makes of the values
that a call gives it is found where they are given.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.as_policy import Writer, in_cases
from multitool_lint.formats.found import OF_OTHER_FILES
from multitool_lint.formats.normalized import write
from multitool_lint.formats.quick_tests import (
    calls_local_module,
    may_fill_templates,
    may_give_policies,
    may_have_defaults,
    may_have_given_policies,
)
from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.formats.terraform.siblings import siblings
from multitool_lint.formats.terraform.unresolved import in_file
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.linter.file_deployments import FileDeployment, deployment_of
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.terms import is_known
from multitool_lint.values.resource_types import policies_of, resource_type_of
from multitool_lint.values.terraform.definitions import variable as value_of
from multitool_lint.values.terraform.file_names import (
    has_values,
    is_of_module,
    is_terragrunt_call,
)
from multitool_lint.values.terraform.shared import Deployer

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.deployed_policies import DeployedPolicy
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.formats.result import ReadResult, Skipped
    from multitool_lint.linter.report import Unresolved
    from multitool_lint.syntax.tree import Node
    from multitool_lint.syntax.written import Origin
    from multitool_lint.values.terraform.module import Module

_UNREAD = frozenset(
    {
        Reason.FILE_MISSING,
        Reason.IN_BROKEN_BLOCK,
        Reason.NOT_IN_FOLDER,
        Reason.UNRESOLVED_POLICY,
        Reason.UNRESOLVED_STATEMENT,
    }
)
_VARIABLE = lazy_pattern(r"var\.([\w-]+)")
_ONLY_VARIABLE = lazy_pattern(r'var\.[\w-]+|"\$\{\s*var\.[\w-]+\s*\}"')
_ELSEWHERE = frozenset({Reason.IN_FILE, Reason.IN_MODULE})
"""Why a policy is linted in another file, but for what this one gives to it."""


class DeploymentReading(NamedTuple):
    """The policies that other files decide about, and what of the file is not read nevertheless.

    Of those in `called`, only what is at a place of this file is reported, as of those that are
    `assumed`: what they are if variables have their defaults. A deployment may have `identities`.
    """

    own: tuple[FoundPolicy, ...] = ()
    called: tuple[FoundPolicy, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    identities: FileDeployment | None = None
    assumed: tuple[FoundPolicy, ...] = ()


def of_file(source: Source, loaded: ReadResult) -> DeploymentReading | None:
    """The policies of the deployment of a file of Terraform that its text alone does not have."""
    if has_values(source.path) or is_terragrunt_call(source.path):
        return _of_values(source, loaded)
    assumed = tuple(_by_defaults(source)) if may_have_defaults(source.text) else ()
    unread = [skipped for skipped in loaded.skipped if skipped.why.reason in _UNREAD]
    elsewhere = [skipped for skipped in loaded.skipped if skipped.why.reason in _ELSEWHERE]
    calls = calls_local_module(source.text)
    fills = bool(elsewhere) and may_fill_templates(source.text)
    joins = calls or _has_part_of_identities_beside(source)
    found = deployment_of(source) if unread or fills or joins else None
    if found is None:
        return DeploymentReading(skipped=loaded.skipped, assumed=assumed) if assumed else None
    deployment, path = found
    own: list[FoundPolicy] = []
    read: set[Skipped] = set()
    in_files: list[Skipped] = []
    called: list[FoundPolicy] = []
    for policy in deployment.policies if unread or calls or fills else ():
        if not policy.is_read:
            continue
        if policy.instance.module.call is None:
            span = Span(policy.origin.start, policy.origin.end)
            hit = {skipped for skipped in unread if _is_at(skipped, policy, path)}
            files = _files_with(policy, source, path) if hit else []
            if hit and not files:
                own += _written(source, path, span, policy)
            read |= hit
            in_files += files
            if files or any(_is_at(skipped, policy, path) for skipped in elsewhere):
                called += _written(source, path, span, policy)
        elif (call := call_in(policy.instance.module, path)) is not None:
            called += _written(source, path, call, policy)
    left = tuple(skipped for skipped in loaded.skipped if skipped not in read)
    together = found if joins else None
    return DeploymentReading(
        tuple(own), tuple(called), (*_without_defaults(left, source), *in_files), together, assumed
    )


def has_part_of_identities(text: str) -> bool:
    """Whether a file of Terraform is asked what is found in the identities of its deployment."""
    gives = may_give_policies(text) or may_have_given_policies(text)
    return gives or calls_local_module(text)


def _has_part_of_identities_beside(source: Source) -> bool:
    """Whether a file has a part of identities: of its own, or of other files of its folder."""
    if may_give_policies(source.text):
        return True
    beside = siblings(source) if may_have_given_policies(source.text) else ()
    return any(may_give_policies(file.source.text) for file in beside)


def left_unresolved(source: Source, found: Iterable[Unresolved]) -> Iterator[Unresolved]:
    """The unresolved values but for variables with values that are linted where they are given."""
    named = [(left, _VARIABLE.fullmatch(source.text[slice(*left.span)])) for left in found]
    is_asked = any(variable for _, variable in named)
    read = deployment_of(source, Deployer(defaults=True)) if is_asked else None
    for unresolved, variable in named:
        if not (read and variable and is_known(value_of(read.deployment.root, variable[1]))):
            yield unresolved


def _of_values(source: Source, loaded: ReadResult) -> DeploymentReading | None:
    """The policies of a module to which a file of values, or a unit of Terragrunt, gives some."""
    found = deployment_of(source, Deployer(terragrunt=is_terragrunt_call(source.path)))
    if found is None:
        return None
    called = (
        entry
        for policy in found.deployment.policies
        if policy.is_read
        for entry in _written(source, found.path, Span(0, 0), policy)
    )
    return DeploymentReading(called=tuple(called), skipped=loaded.skipped)


def _without_defaults(found: tuple[Skipped, ...], source: Source) -> tuple[Skipped, ...]:
    """What is skipped but for policies that the default of a variable is, which is linted there."""
    named = {s for s in found if _ONLY_VARIABLE.fullmatch(source.text[slice(*s.span)])}
    read = deployment_of(source, Deployer(defaults=True)) if named else None
    policies = [policy for policy in read.deployment.policies if policy.is_read] if read else []
    return tuple(
        skipped
        for skipped in found
        if not (
            read
            and skipped in named
            and any(_is_at(skipped, policy, read.path) for policy in policies)
        )
    )


def _by_defaults(source: Source) -> Iterator[FoundPolicy]:
    """The policies of a module with the defaults of variables; only these have places."""
    found = deployment_of(source, Deployer(defaults=True))
    if found is None:
        return
    defaults = [
        Span(default.start, default.end)
        for _, block, path in found.deployment.root.of_type("variable")
        if path == found.path and (default := block.body.attributes.get("default"))
    ]
    for policy in (*found.deployment.policies, *found.deployment.unused) if defaults else ():
        if policy.is_read:
            yield from _written(source, found.path, Span(0, 0), policy, defaults)


def _is_at(skipped: Skipped, policy: DeployedPolicy, path: str) -> bool:
    start, end = skipped.span
    origin = policy.origin
    return origin.path == path and (
        (origin.start <= start and end <= origin.end)
        or (start <= origin.start and origin.end <= end)
    )


def _files_with(policy: DeployedPolicy, source: Source, path: str) -> list[Skipped]:
    """The files that have all statements of a policy, if these are linted by themselves."""
    found = dict.fromkeys(s.origin.path if s.origin else path for s in policy.statements)
    if any(other == path or is_of_module(other) for other in found):
        return []
    span = Span(policy.origin.start, policy.origin.end)
    folder = os.path.dirname(path) or "."  # noqa: PTH120
    named = [in_file(source, span, os.path.relpath(other, folder)) for other in found]
    if any(skipped.why.reason is not Reason.IN_FILE for skipped in named):
        return []
    return [
        skipped._replace(file=skipped.file and skipped.file._replace(is_policy=False))
        for skipped in named
    ]


def call_in(module: Module, path: str) -> Span | None:
    """The call of a file by which a module is a part of the deployment."""
    while module.call is not None:
        call, module = module.call, module.call.caller
        if module.call is None:
            return Span(call.block.start, call.block.end) if call.path == path else None
    return None


def _written(
    source: Source,
    path: str,
    otherwise: Span,
    policy: DeployedPolicy,
    within: Sequence[Span] | None = None,
) -> Iterator[FoundPolicy]:
    """The policy in JSON, in each case of its conditions, with the places in the file.

    What is not `within` some spans of the file is at the place `otherwise`, too.
    """
    instance = policy.instance
    type_ = dict(policies_of(instance.type)).get(policy.attribute) or PolicyType.IDENTITY
    name = f"{instance.address}.{policy.attribute}".removesuffix(".")

    def span(origin: Origin) -> Span | None:
        if origin.path != path:
            return None
        found = Span(*origin.offsets(source.text))
        is_asked = within is None or any(
            w.start <= found.start and found.end <= w.end for w in within
        )
        return found if is_asked else None

    writer = Writer(span, otherwise, part_of)
    for number, statements in enumerate(in_cases(policy.statements)):
        root: Node = writer.policy(statements)
        known = resource_type_of(instance.type, policy.attribute)
        found = write(Policy(source, root, type_, known, name))._replace(case=number > 0)
        yield found.from_values(syntax="other", unchanged=OF_OTHER_FILES)
