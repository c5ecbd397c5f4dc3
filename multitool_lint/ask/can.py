"""Whether an identity may do something, by all policies of the files that apply to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.ask.resource_policies import policies_of_resource
from multitool_lint.ask.target import ANY_ACCOUNT, DeploymentTarget, mentions_account, target_of
from multitool_lint.aws.arn import fields
from multitool_lint.policy.evaluation.asked_request import (
    AskedRequest,
    Missing,
    MissingPart,
    asked_request,
)
from multitool_lint.policy.evaluation.callers import Caller, CallerKind
from multitool_lint.policy.evaluation.decision import (
    ApplicablePolicies,
    Decision,
    Ground,
    RequestDecision,
    decide,
)
from multitool_lint.policy.identities import IdentityKind

if TYPE_CHECKING:
    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.ask.identities import DeployedIdentity, IdentityCase
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.policy.evaluation.decision import Levels

_CALLERS = {IdentityKind.ROLE: CallerKind.ROLE, IdentityKind.USER: CallerKind.USER}


class Question(NamedTuple):
    """What is asked of an identity: an action, a resource or all that a pattern matches, and more.

    `context` has condition keys; if it is `complete`, the request has no others. Without a
    `resource_account`, the resource is in the account of the identity. The `scps` apply to that of
    the identity, the `rcps` to that of the resource, by level.
    """

    action: str
    resource: str
    context: Mapping[str, Values]
    catalog: Catalog
    complete: bool = False
    resource_account: str | None = None
    scps: Levels = ()
    rcps: Levels = ()

    def asked_of(self, caller: Caller | None) -> AskedRequest:
        """The request that a caller makes, or any user or role without one."""
        arn = fields(self.resource)
        account = self.resource_account or (arn.account if arn else "")
        account = account or (caller.account if caller else None) or ""
        return asked_request(
            self.action,
            self.resource,
            caller,
            self.context,
            account or None,
            self.catalog,
            complete=self.complete,
        )


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
        if not any(found.unknown for found in given.sets):
            return self
        policies = given._replace(
            identity=tuple(found._replace(unknown=()) for found in given.identity),
            boundary=tuple(
                found._replace(unknown=()) for found in given.boundary if found.policies
            ),
            resource=given.resource and given.resource._replace(unknown=()),
            scps=_known(given.scps),
            rcps=_known(given.rcps),
        )
        return self._replace(policies=policies, decision=decide(asked, policies))


def _known(levels: Levels) -> Levels:
    return tuple(tuple(found._replace(unknown=()) for found in level) for level in levels)


class CanAnswer(NamedTuple):
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


def answer(identity: DeployedIdentity, question: Question, deployed: Deployed) -> CanAnswer:
    """Whether an identity may do what is asked."""
    found = identity.policies()
    target, asked = _asked(identity, question, found.cases, deployed)
    own = [*policies_of_resource(deployed, asked, target)]
    ways = []
    for case in found.cases:
        given = _filled(case.policies, target, identity)
        for place, policy in own:
            applicable = given._replace(resource=policy, scps=question.scps, rcps=question.rcps)
            ways.append(Way(case.conditions, place, applicable, decide(asked, applicable)))
    known = [way.by_what_is_known(asked) for way in ways]
    by_known = _together(known) if known != ways else None
    return CanAnswer(identity, found.place, asked, _together(ways), tuple(ways), by_known)


def _asked(
    identity: DeployedIdentity,
    question: Question,
    cases: Iterable[IdentityCase],
    deployed: Deployed,
) -> tuple[DeploymentTarget, AskedRequest]:
    """Where the files are deployed, and the request of the identity."""
    target = _target(identity, question, cases, deployed)
    return target, question.asked_of(_caller(identity, target))


def _target(
    identity: DeployedIdentity,
    question: Question,
    cases: Iterable[IdentityCase],
    deployed: Deployed,
) -> DeploymentTarget:
    arn = fields(identity.arn) if identity.arn else None
    names = deployed.names.get(identity.path, {})
    target = target_of(question.resource, arn.account if arn else "", names)
    if target.account:
        return target
    sets = [one for case in cases for one in (*case.policies.identity, *case.policies.boundary)]
    sets += chain.from_iterable((*question.scps, *question.rcps))
    is_named = deployed.mentions_account or any(map(mentions_account, sets))
    return target if is_named else target._replace(account=ANY_ACCOUNT)


def arn_of(identity: DeployedIdentity, question: Question, deployed: Deployed) -> str | None:
    """The ARN of an identity where the files are deployed; None if that is not known."""
    found = _caller(identity, _target(identity, question, identity.policies().cases, deployed))
    return found.name if found else None


def _caller(identity: DeployedIdentity, target: DeploymentTarget) -> Caller | None:
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
    given: ApplicablePolicies, target: DeploymentTarget, identity: DeployedIdentity
) -> ApplicablePolicies:
    if identity.arn:
        return given  # an account has no templates
    return given._replace(
        identity=tuple(map(target.filled, given.identity)),
        boundary=tuple(map(target.filled, given.boundary)),
    )


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
