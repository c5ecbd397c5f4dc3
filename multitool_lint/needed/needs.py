"""What applying something takes: the actions of each resource, and what is not known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.deployed_types import (
    CLOUDFORMATION,
    TERRAFORM,
    deployed_type,
    same_type,
    sources,
)
from multitool_lint.aws.escalation_paths import PASS_ROLE, passing_services
from multitool_lint.aws.patterns import covers
from multitool_lint.formats import is_yaml
from multitool_lint.formats.cloudformation.template import is_template
from multitool_lint.formats.terraform.plan import is_output
from multitool_lint.needed.arns import ResourceArns
from multitool_lint.needed.plan import resources_of_plan
from multitool_lint.needed.template import (
    is_change_set,
    resources_of_change_set,
    resources_of_template,
)
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.yaml import template as yaml_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.needed.resources import DeployedResource, DeployedResources
    from multitool_lint.syntax.source import Source, Span
    from multitool_lint.syntax.tree import Node


_OWN_ROLES = ("iam", "sts", "organizations")
"""The services whose resources are about roles that no service is given."""


class Need(NamedTuple):
    """An action that a resource of the deployment takes, and on which ARNs."""

    action: str
    resources: tuple[str, ...]


class ResourceNeeds(NamedTuple):
    """What a resource of the deployment takes.

    `perhaps` has the actions that AWS documents for some requests only, depending on what they ask
    for, and of a resource of Terraform, what services may call with the permissions of the caller.
    If the type is not known, neither is anything else.
    """

    address: str
    kind: str
    phases: tuple[str, ...]
    span: Span
    needed: tuple[Need, ...] = ()
    perhaps: tuple[str, ...] = ()
    known: bool = True


class Needs(NamedTuple):
    """What applying a source takes: by resource, and what of it is not `read`, with places.

    `facts` says which table it is of, and of which day.
    """

    source: Source
    format: str
    facts: str
    resources: tuple[ResourceNeeds, ...]
    unread: tuple[tuple[str, Span], ...] = ()

    @property
    def unknown(self) -> tuple[ResourceNeeds, ...]:
        """The resources of which it is not known what they take."""
        return tuple(resource for resource in self.resources if not resource.known)

    @property
    def is_complete(self) -> bool:
        """Whether it is known of all resources what they take."""
        return not self.unknown and not self.unread

    def by_action(self) -> dict[str, tuple[str, ...]]:
        """The ARNs on which each action is needed, without those that another one covers."""
        found: dict[str, dict[str, None]] = {}
        for resource in self.resources:
            for need in resource.needed:
                found.setdefault(need.action, {}).update(dict.fromkeys(need.resources))
        return {action: _widest(arns) for action, arns in sorted(found.items())}

    def policy(self) -> dict[str, object]:
        """The policy that allows what is needed, and nothing else."""
        by_arns: dict[tuple[str, ...], list[str]] = {}
        for action, arns in self.by_action().items():
            by_arns.setdefault(arns, []).append(action)
        statements = [
            {"Effect": "Allow", "Action": _one(actions), "Resource": _one(arns)}
            for arns, actions in by_arns.items()
        ]
        return {"Version": "2012-10-17", "Statement": statements}


class NotDeployedError(ValueError):
    """A source that is not a plan, a template or a change set."""


def needs_of(source: Source, catalog: Catalog, phases: tuple[str, ...] = ("create",)) -> Needs:
    """What applying a plan, a template or a change set takes.

    A template is applied for some `phases`: the others say themselves what is done.

    Raises:
        NotDeployedError: the source is something else.
        MistakeError: it is not JSON or YAML.
    """
    deployed = _deployed(source, phases)
    arns = ResourceArns(deployed, catalog)
    found = tuple(_needs(resource, deployed, arns, catalog) for resource in deployed.resources)
    return Needs(source, deployed.format, sources(deployed.table), found, deployed.unread)


def _deployed(source: Source, phases: tuple[str, ...]) -> DeployedResources:
    roots = _roots(source)
    if len(roots) == 1:
        [root] = roots
        if root.get("resource_changes") is not None and is_output(source.text):
            return resources_of_plan(root)
        if is_change_set(root):
            return resources_of_change_set(root)
        if is_template(root):
            return resources_of_template(root, phases)
    raise NotDeployedError(
        f"{source.path}: not a plan in JSON (terraform show -json), a template of CloudFormation "
        "or SAM, or what aws cloudformation describe-change-set prints"
    )


def _roots(source: Source) -> tuple[Node, ...]:
    if is_yaml(source):
        return tuple(yaml_template.parse(source.text).documents)
    return (fast.read(source.text, literal=True),)


def _needs(
    resource: DeployedResource, deployed: DeployedResources, arns: ResourceArns, catalog: Catalog
) -> ResourceNeeds:
    actions = deployed.actions(resource)
    own = ResourceNeeds(resource.address, resource.kind, resource.phases, resource.span)
    if actions is None:
        return own._replace(known=False)
    needed = [
        Need(action, arns.of_action(action, resource)) for action in actions if action != PASS_ROLE
    ]
    named = _passes(actions, catalog)
    may_pass = named or (deployed.table == TERRAFORM and resource.service not in _OWN_ROLES)
    may_pass = may_pass and not {"create", "update"}.isdisjoint(resource.phases)
    if may_pass and (roles := arns.roles(resource, named=named)):
        needed.append(Need(PASS_ROLE, roles))
    dependent = {*_dependent(actions, catalog), *_called_by_services(resource, deployed)}
    dependent.difference_update(actions, (PASS_ROLE,))
    return own._replace(needed=tuple(needed), perhaps=tuple(sorted(dependent)))


def _passes(actions: Iterable[str], catalog: Catalog) -> bool:
    """Whether some of the actions give roles to services."""
    for action in actions:
        prefix, _, name = action.partition(":")
        listed = passing_services(catalog).get(prefix)
        if action == PASS_ROLE or (listed and name in listed[1].split()):
            return True
    return False


def _dependent(actions: Iterable[str], catalog: Catalog) -> Iterator[str]:
    for name in actions:
        action = catalog.action(name)
        yield from action.dependent_actions if action else ()


def _called_by_services(resource: DeployedResource, deployed: DeployedResources) -> Iterator[str]:
    """What a service may call for a resource of Terraform, with the permissions of the caller.

    The handlers of the same type in CloudFormation name that: of its own service, they have calls
    of their own.
    """
    handlers = deployed_type(CLOUDFORMATION, same_type(resource.kind))
    if handlers and deployed.table == TERRAFORM:
        for phase in resource.phases:
            found = handlers.get(phase, ()) if phase != "read" else ()
            yield from (name for name in found if name.partition(":")[0] != resource.service)


def _widest(arns: Iterable[str]) -> tuple[str, ...]:
    listed = sorted(arns)
    wide = [arn for arn in listed if "*" in arn.split(":", 5)[-1]]  # of the resource, not its place
    return tuple(
        arn for arn in listed if not any(covers(other, arn) for other in wide if other != arn)
    )


def _one(names: Iterable[str]) -> str | list[str]:
    listed = list(names)
    return listed[0] if len(listed) == 1 else listed
