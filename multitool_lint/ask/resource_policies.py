"""Which policies of files are those of the resource that a question is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws.arn import fields, matches_all
from multitool_lint.aws.arn_references import REF, arn_formats
from multitool_lint.policy.compare.request import any_of
from multitool_lint.policy.compare.scope import Resources
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.evaluation.asked_request import ANY, AskedRequest, RequestContext
from multitool_lint.policy.evaluation.values import is_among
from multitool_lint.policy.identities import IdentityKind

if TYPE_CHECKING:
    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.ask.identities import ResourcePolicy
    from multitool_lint.ask.target import DeploymentTarget
    from multitool_lint.policy.policy_set import PolicySet

_ATTRIBUTES = ("Arn", "TopicArn", "Id")
_ASSUMING = "sts:assumerole"

Owned = tuple[tuple[str, "PolicySet | None"], ...]


def policies_of_resource(
    deployed: Deployed, asked: AskedRequest, target: DeploymentTarget
) -> Owned:
    """What may be the policy of the resource: the one that is, or none and each that may be it.

    Each that may be has its place. Of a question about any resource, it is none.
    """
    key = asked.action, asked.resource, target.key
    if key not in deployed.owned:
        deployed.owned[key] = tuple(_found(deployed, asked, target))
    return deployed.owned[key]


def _found(
    deployed: Deployed, asked: AskedRequest, target: DeploymentTarget
) -> Iterator[tuple[str, PolicySet | None]]:
    certain: list[PolicySet] = []
    possible: list[PolicySet] = []
    # The keys of the caller decide about statements, and not about the owner.
    asked = asked._replace(context=RequestContext({}, (), complete=False))
    for policy in deployed.resource_policies if asked.resource != ANY else ():
        found = _filled(deployed, policy.policies, target)
        is_own = _is_policy_of(policy, found, asked)
        if is_own is not False:
            (certain if is_own else possible).append(found)
    if asked.action.startswith(_ASSUMING):
        trusts = trusts_of(deployed, asked.resource)
        certain += (_filled(deployed, trust, target) for trust in trusts)
    yield "", _joined(certain) if certain else None
    for found in possible:
        member = found.policies[0]
        yield member.place(member.policy.root.span), _joined([*certain, found])


def _filled(deployed: Deployed, found: PolicySet, target: DeploymentTarget) -> PolicySet:
    return target._replace(names=deployed.names.get(found.path, {})).filled(found)


def trusts_of(deployed: Deployed, role: str) -> Iterator[PolicySet]:
    """The trust policies of the roles that an ARN means."""
    for identity in deployed.called(role):
        trust = identity.policies().trust if identity.kind is IdentityKind.ROLE else None
        if trust:
            yield trust


def _joined(sets: list[PolicySet]) -> PolicySet:
    """Policies of one resource as one set."""
    members = tuple(member for found in sets for member in found.policies)
    unknown = tuple(part for found in sets for part in found.unknown)
    return sets[0]._replace(policies=members, unknown=unknown)


def _is_policy_of(policy: ResourcePolicy, found: PolicySet, asked: AskedRequest) -> bool | None:
    """Whether a policy is that of the resource, as its type and its statements say."""
    arn = fields(asked.resource)
    service = _service_of(policy.resource_type)
    if service not in (None, arn.service if arn else asked.service):
        return False
    answers: list[bool | None] = []
    for member in found.policies:
        for statement in member.policy.statements:
            try:
                scopes = StatementSemantics(statement, member.policy, asked.catalog).scopes
            except UndecidableError:
                return None
            answers += (_is_about(scope.resources, asked) for scope in scopes)
    return any_of(answers)


def _is_about(resources: Resources, asked: AskedRequest) -> bool | None:
    """Whether resources of a statement show that its policy is that of the resource."""
    texts = tuple(text for text in resources.patterns if not matches_all(text))
    if resources.negated or not texts:
        return None
    return is_among(Resources(texts), asked)


def _service_of(type_: str | None) -> str | None:
    """The service in the ARNs of resources of a type."""
    found = (arn_formats().get((type_ or "", attribute)) for attribute in (*_ATTRIBUTES, REF))
    arn = next((fields(text) for text in found if text and text.startswith("arn:")), None)
    return arn.service if arn else None
