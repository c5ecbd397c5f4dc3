"""Whether an identity may do something, by all policies of the files that apply to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.ask.target import ANY_ACCOUNT, Target, mentions_account, target_of
from multitool_lint.aws.arn import fields, matches_all
from multitool_lint.aws.arn_references import REF, arn_formats
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.compare.request import any_of
from multitool_lint.policy.compare.scope import Resources
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.evaluation.asked_request import Missing, MissingPart, asked_request
from multitool_lint.policy.evaluation.callers import Caller, CallerKind
from multitool_lint.policy.evaluation.decision import (
    ApplicablePolicies,
    Decision,
    Ground,
    RequestDecision,
    decide,
)
from multitool_lint.policy.evaluation.values import is_among
from multitool_lint.policy.identities import IdentityKind

if TYPE_CHECKING:
    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.ask.identities import Case, DeployedIdentity, ResourcePolicy
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.policy.evaluation.asked_request import AskedRequest
    from multitool_lint.policy.policy_set import PolicySet

_ATTRIBUTES = ("Arn", "TopicArn", "Id")
_ASSUMING = "sts:assumerole"
_CALLERS = {IdentityKind.ROLE: CallerKind.ROLE, IdentityKind.USER: CallerKind.USER}


class Question(NamedTuple):
    """What is asked of an identity: an action, a resource or all that a pattern matches, and more.

    `context` has condition keys; if it is `complete`, the request has no others. Without a
    `resource_account`, the resource is in the account of the identity.
    """

    action: str
    resource: str
    context: Mapping[str, Values]
    catalog: Catalog
    complete: bool = False
    resource_account: str | None = None


class Way(NamedTuple):
    """What may apply: in a case of the files, with a policy that may be that of the resource.

    That one is at a `place`, which is "" for one that is, and for none.
    """

    conditions: Mapping[str, bool]
    place: str
    policies: ApplicablePolicies
    decision: RequestDecision

    def by_what_is_known(self, asked: AskedRequest) -> Way:
        """The same without what of the policies could not be read."""
        given = self.policies
        sets = (*given.identity, *given.boundary, *((given.resource,) if given.resource else ()))
        if not any(found.unknown for found in sets):
            return self
        policies = given._replace(
            identity=tuple(found._replace(unknown=()) for found in given.identity),
            boundary=tuple(
                found._replace(unknown=()) for found in given.boundary if found.policies
            ),
            resource=given.resource and given.resource._replace(unknown=()),
        )
        return self._replace(policies=policies, decision=decide(asked, policies))


class Answer(NamedTuple):
    """Whether an identity, which is defined at a place, may do what is asked.

    The decision is that of all `ways` together; `known` is the one by what could be read, if that
    is not everything.
    """

    identity: DeployedIdentity
    place: str
    asked: AskedRequest
    decision: RequestDecision
    ways: tuple[Way, ...]
    known: RequestDecision | None = None


def answer(identity: DeployedIdentity, question: Question, deployed: Deployed) -> Answer:
    """Whether an identity may do what is asked."""
    found = identity.policies()
    names = deployed.names.get(identity.path, {})
    target, asked = _asked(identity, question, found.cases, deployed, names)
    own = [*_of_resource(deployed, asked, target)]
    ways = []
    for case in found.cases:
        given = _filled(case.policies, target, identity)
        for place, policy in own:
            applicable = given._replace(resource=policy)
            ways.append(Way(case.conditions, place, applicable, decide(asked, applicable)))
    known = [way.by_what_is_known(asked) for way in ways]
    by_known = _together(known) if known != ways else None
    return Answer(identity, found.place, asked, _together(ways), tuple(ways), by_known)


def _asked(
    identity: DeployedIdentity,
    question: Question,
    cases: Iterable[Case],
    deployed: Deployed,
    names: Mapping[str, str],
) -> tuple[Target, AskedRequest]:
    """Where the files are deployed, and the request of the identity."""
    arn = fields(identity.arn) if identity.arn else None
    target = target_of(question.resource, arn.account if arn else "", names)
    if not target.account:
        sets = [one for case in cases for one in (*case.policies.identity, *case.policies.boundary)]
        sets += [policy.policies for policy in deployed.resource_policies]
        if not any(map(mentions_account, sets)):
            target = target._replace(account=ANY_ACCOUNT)
    caller = _caller(identity, target)
    resource = fields(question.resource)
    account = question.resource_account or (resource.account if resource else "")
    account = account or (caller.account if caller else None) or ""
    asked = asked_request(
        question.action,
        question.resource,
        caller,
        question.context,
        account or None,
        question.catalog,
        complete=question.complete,
    )
    return target, asked


def _caller(identity: DeployedIdentity, target: Target) -> Caller | None:
    """Who makes the requests; None if that has no ARN, or one that is not known."""
    kind = _CALLERS.get(identity.kind)
    if kind is None:
        return None
    if identity.arn:
        return Caller(kind, identity.arn)
    if not (target.account and identity.name):
        return None
    name = f"{identity.kind.value}{identity.path_in_arn}{identity.name}"
    return Caller(kind, f"arn:{target.partition}:iam::{target.account}:{name}")


def _filled(
    given: ApplicablePolicies, target: Target, identity: DeployedIdentity
) -> ApplicablePolicies:
    if identity.arn:
        return given  # an account has no templates
    return given._replace(
        identity=tuple(map(target.filled, given.identity)),
        boundary=tuple(map(target.filled, given.boundary)),
    )


def _of_resource(
    deployed: Deployed, asked: AskedRequest, target: Target
) -> Iterator[tuple[str, PolicySet | None]]:
    """What may be the policy of the resource: the one that is, or none and each that may be it.

    Each that may be has its place.
    """
    certain: list[PolicySet] = []
    possible: list[PolicySet] = []
    for policy in deployed.resource_policies:
        found = target.filled(policy.policies)
        is_own = _is_policy_of(policy, found, asked)
        if is_own is not False:
            (certain if is_own else possible).append(found)
    if asked.action.startswith(_ASSUMING):
        certain += _trusts(deployed, asked.resource, target)
    yield "", _joined(certain) if certain else None
    for found in possible:
        member = found.policies[0]
        yield member.place(member.policy.root.span), _joined([*certain, found])


def _trusts(deployed: Deployed, role: str, target: Target) -> Iterator[PolicySet]:
    """The trust policies of the roles that an ARN means."""
    for identity in deployed.identities:
        if identity.kind is IdentityKind.ROLE and identity.has_name(role):
            trust = identity.policies().trust
            if trust:
                yield trust if identity.arn else target.filled(trust)


def _joined(sets: list[PolicySet]) -> PolicySet:
    """Policies of one resource as one set."""
    members = tuple(member for found in sets for member in found.policies)
    unknown = tuple(part for found in sets for part in found.unknown)
    return sets[0]._replace(policies=members, unknown=unknown)


def _is_policy_of(policy: ResourcePolicy, found: PolicySet, asked: AskedRequest) -> bool | None:
    """Whether a policy is that of the resource, as its type and its statements say."""
    arn = fields(asked.resource)
    service = _service_of(policy.resource_type)
    if policy.resource_type == VPC_ENDPOINT or service not in (
        None,
        arn.service if arn else asked.service,
    ):
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


def _together(ways: list[Way]) -> RequestDecision:
    """The decision in all cases: unknown where they differ, and then what they depend on."""
    decisions = [way.decision for way in ways]
    if not decisions:
        return RequestDecision(Decision.IMPLICITLY_DENIED, Ground.NOTHING)
    kinds = {_is_allowed(found.decision) for found in decisions}
    if len(kinds) == 1:
        # A request that is denied in each case is denied implicitly if it is so in one of them.
        order = [Decision.UNKNOWN, Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED]
        first = next((f for kind in order for f in decisions if f.decision is kind), decisions[0])
        if first.decision is not Decision.UNKNOWN:
            return first
    found_at = {
        (one.place, one.effect, one.missing): one for found in decisions for one in found.statements
    }
    missing = dict.fromkeys(part for found in decisions for part in found.missing)
    missing |= dict.fromkeys(_differing(ways))
    statements, parts = tuple(found_at.values()), tuple(missing)
    return RequestDecision(Decision.UNKNOWN, Ground.UNKNOWN, statements, parts)


def _is_allowed(decision: Decision) -> bool | None:
    return None if decision is Decision.UNKNOWN else decision is Decision.ALLOWED


def _differing(ways: list[Way]) -> Iterator[Missing]:
    """In what the cases differ: conditions of the files, and the owners of policies."""
    by_place: dict[str, dict[bool | None, None]] = {}
    by_case: dict[str, dict[bool | None, None]] = {}
    for way in ways:
        allowed = _is_allowed(way.decision.decision)
        by_place.setdefault(way.place, {})[allowed] = None
        by_case.setdefault(str(way.conditions), {})[allowed] = None
    if any(len(some) > 1 for some in by_case.values()):
        for place in filter(None, by_place):
            yield Missing(MissingPart.OWNER, place)
    if any(len(some) > 1 for some in by_place.values()):
        values = {item for way in ways for item in way.conditions.items()}
        for name in dict.fromkeys(name for way in ways for name in way.conditions):
            if {(name, True), (name, False)} <= values:
                yield Missing(MissingPart.CONDITION, name)
