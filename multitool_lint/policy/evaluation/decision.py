"""The decision about a request, in AWS's order.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.policy_types import rcp_services
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.request import all_of, any_of
from multitool_lint.policy.evaluation.asked_request import AskedRequest, Missing, MissingPart
from multitool_lint.policy.evaluation.callers import CallerKind, Level
from multitool_lint.policy.evaluation.exceptions import NEEDS_NO_PERMISSION as ALWAYS
from multitool_lint.policy.evaluation.exceptions import is_fixed, needs_resource_policy
from multitool_lint.policy.evaluation.statements import AppliedStatement, PolicyKind, applied
from multitool_lint.policy.policy_type import PolicyType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from multitool_lint.policy.policy_set import PolicySet

    Found = tuple[AppliedStatement, ...]
    Levels = tuple[tuple[PolicySet, ...], ...]


class Decision(Enum):
    """What AWS decides. It is `UNKNOWN` if whether the request is allowed is not known."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitly denied"
    IMPLICITLY_DENIED = "implicitly denied"
    UNKNOWN = "unknown"


class Ground(Enum):
    """Why AWS decides so; the value is a sentence, with a place for what it depends on."""

    STATEMENTS = "The request is allowed by {}"
    ROOT = "The root user of the account has full access"
    NEEDS_NO_PERMISSION = "The action needs no permission, and a Deny has no effect on it"
    EXPLICIT_DENY = "A Deny statement of {} applies to the request"
    FIXED = "AWS manages the resource, and nobody can change it by this action"
    NO_SCP = "The service control policies of a level do not allow the request"
    NO_ENDPOINT = "The VPC endpoint policy does not allow the request"
    NO_BOUNDARY = "The permissions boundary does not allow the request"
    NO_SESSION = "The session policy does not allow the request"
    NO_IDENTITY = "No identity-based policy of the principal allows the request"
    NO_RESOURCE = "No statement of a resource-based policy allows the principal the request"
    NOTHING = "No statement allows the request"
    UNKNOWN = "The decision depends on {}"


class ApplicablePolicies(NamedTuple):
    """The policies that apply to a request: None where there is none of a kind.

    Control policies are listed by level, from the root of the organization to the account. If
    `others_allow`, policies that are not given are taken to allow everything.
    """

    identity: tuple[PolicySet, ...] = ()
    resource: PolicySet | None = None
    boundary: tuple[PolicySet, ...] = ()
    session: tuple[PolicySet, ...] = ()
    scps: Levels = ()
    rcps: Levels = ()
    endpoint: PolicySet | None = None
    others_allow: bool = False

    @property
    def sets(self) -> tuple[PolicySet, ...]:
        """All of them."""
        some = (self.resource, self.endpoint)
        own = (*self.identity, *self.boundary, *self.session, *filter(None, some))
        return (*own, *chain.from_iterable((*self.scps, *self.rcps)))


class RequestDecision(NamedTuple):
    """A decision: the statements that decide, why, and what it depends on that is not known."""

    decision: Decision
    ground: Ground
    statements: Found = ()
    missing: tuple[Missing, ...] = ()


class DecisionStep(NamedTuple):
    """Something that must hold for a request to be allowed: why it is not if it does not.

    Its `statements` are those that allow the request or, where that is not known, that may.
    """

    ground: Ground
    answer: bool | None
    statements: Found = ()
    missing: tuple[Missing, ...] = ()

    def depends_on(self) -> Iterator[Missing]:
        """What it depends on, if it is not known whether it holds."""
        if self.answer is None:
            yield from self.missing
            for statement in self.statements:
                yield from statement.missing


def decide_alone(
    asked: AskedRequest, policy: PolicySet, scps: Levels = (), rcps: Levels = ()
) -> RequestDecision:
    """What a single policy decides about a request, within control policies of an organization.

    One that is not of an identity is asked whether it lets the request through, whatever other
    policies allow: that of a resource as if of another account.
    """
    given = alone(policy)
    given = given._replace(scps=(*scps, *given.scps), rcps=(*rcps, *given.rcps))
    return decide(asked._replace(is_in_account=given.resource is None), given)


def alone(policy: PolicySet) -> ApplicablePolicies:
    """A single policy as what it is: with others that allow all, if it is not of an identity."""
    return {
        PolicyType.IDENTITY: ApplicablePolicies((policy,)),
        PolicyType.BOUNDARY: ApplicablePolicies(boundary=(policy,), others_allow=True),
        PolicyType.SESSION: ApplicablePolicies(session=(policy,), others_allow=True),
        PolicyType.SCP: ApplicablePolicies(scps=((policy,),), others_allow=True),
        PolicyType.RCP: ApplicablePolicies(rcps=((policy,),), others_allow=True),
    }.get(policy.policies[0].policy.type, ApplicablePolicies(resource=policy, others_allow=True))


def decide(asked: AskedRequest, given: ApplicablePolicies) -> RequestDecision:
    """What AWS decides about a request."""
    is_anonymous = asked.caller is not None and asked.caller.kind is CallerKind.ANONYMOUS
    if asked.action in ALWAYS and not is_anonymous:
        return RequestDecision(Decision.ALLOWED, Ground.NEEDS_NO_PERMISSION)
    evaluated = Evaluated(asked, given)
    denials, steps = evaluated.denials(), evaluated.steps()
    denied = any_of(step.answer for step in denials)
    unknown = [step for step in (*denials, *steps) if step.answer is None]
    if denied:
        certain = tuple(found for step in denials if step.answer for found in step.statements)
        return RequestDecision(Decision.EXPLICITLY_DENIED, Ground.EXPLICIT_DENY, certain)
    grounds = [Ground.FIXED] if is_fixed(asked) else []
    grounds += [step.ground for step in steps if step.answer is False]
    if grounds:
        missing = tuple(part for step in denials for part in step.depends_on())
        return RequestDecision(Decision.IMPLICITLY_DENIED, grounds[0], (), missing)
    if not unknown:
        statements = tuple(found for step in steps for found in step.statements)
        is_root = asked.is_in_account and any(step.ground is Ground.ROOT for step in steps)
        ground = Ground.ROOT if is_root else Ground.STATEMENTS
        return RequestDecision(Decision.ALLOWED, ground, statements)
    may_apply = dict.fromkeys(found for step in unknown for found in step.statements)
    missing = tuple(dict.fromkeys(part for step in unknown for part in step.depends_on()))
    return RequestDecision(Decision.UNKNOWN, Ground.UNKNOWN, tuple(may_apply), missing)


class Evaluated:
    """The statements of all policies that apply to a request, or may."""

    def __init__(self, asked: AskedRequest, given: ApplicablePolicies) -> None:
        asked = asked._replace(has_boundary=bool(given.boundary))
        self._asked = asked
        self._given = given
        by = asked.caller
        self._has_identity = by is None or by.kind.has_identity
        self._is_root = by is not None and by.kind is CallerKind.ROOT
        self._linked = by is not None and by.is_service_linked
        self._needs_resource_policy = needs_resource_policy(asked) and not given.others_allow
        own = given if self._has_identity else ApplicablePolicies()
        self._identity = self._applied(own.identity, PolicyKind.IDENTITY)
        self._boundary = self._applied(own.boundary, PolicyKind.BOUNDARY)
        self._session = self._applied(own.session, PolicyKind.SESSION)
        self._resource = self._applied(filter(None, (given.resource,)), PolicyKind.RESOURCE)
        self._endpoint = self._applied(filter(None, (given.endpoint,)), PolicyKind.ENDPOINT)
        # AWS: they restrict users and roles of an organization, but no service-linked roles.
        scps, rcps = ((), ()) if self._linked else (own.scps, given.rcps)
        self._scps = [self._applied(policies, PolicyKind.SCP) for policies in scps]
        self._rcps = [self._applied(policies, PolicyKind.RCP) for policies in rcps]

    def _applied(self, policies: Iterable[PolicySet], kind: PolicyKind) -> Found:
        return tuple(applied(policies, kind, self._asked))

    def denials(self) -> list[DecisionStep]:
        """The statements that deny the request, or may, each a step that holds if it does."""
        service = self._asked.service
        linked = (Missing(MissingPart.LINKED),) if self._linked is None else ()
        rcp = () if service in rcp_services() else (Missing(MissingPart.RCP, service),)
        groups = [
            *((found, ()) for found in (self._identity, self._boundary, self._session)),
            *((found, ()) for found in (self._resource, self._endpoint)),
            *((found, linked) for found in self._scps),
            *((found, (*linked, *rcp)) for found in self._rcps),
        ]
        steps = []
        for statements, missing in groups:
            for statement in statements:
                if not statement.may_deny:
                    continue
                answer = None if statement.missing or missing or statement.may_allow else True
                steps.append(DecisionStep(Ground.EXPLICIT_DENY, answer, (statement,), missing))
        return steps

    def ways(self) -> Iterator[list[DecisionStep]]:
        """The ways in which the request may be allowed: by all steps of one of them.

        What a policy of the resource allows by itself is left out if that is not given.
        """
        everywhere, same = self._everywhere(), self._asked.is_in_account
        if not self._has_identity:
            yield [*everywhere, self._by_resource()]
            return
        if same is not False:
            alone = self._given.resource is not None
            ways = self._ways_within_account()
            yield from ([*everywhere, *way] for way in (ways if alone else ways[:1]))
        if not same:
            yield [*everywhere, *self._across_accounts()]

    def _everywhere(self) -> list[DecisionStep]:
        """What must hold in each of the ways."""
        steps = [_allowing(found, Ground.NO_SCP) for found in self._scps]
        if self._linked is None and not all(step.answer for step in steps):
            steps = [_open(MissingPart.LINKED)]
        if self._given.endpoint is not None:
            steps.append(_allowing(self._endpoint, Ground.NO_ENDPOINT))
        return steps

    def _across_accounts(self) -> list[DecisionStep]:
        return [self._by_resource(), *self._by_identity()]

    def steps(self) -> list[DecisionStep]:
        """What must hold for the request to be allowed, in AWS's order."""
        steps = self._everywhere()
        if not self._has_identity:
            return [*steps, self._by_resource()]
        within, across = self._within_account(), self._across_accounts()
        same = self._asked.is_in_account
        if same is None and _outcome(within) is _outcome(across) is not None:
            return [*steps, *across]
        if same is None:
            left = [step for step in (*within, *across) if step.answer is None]
            return [*steps, _open(MissingPart.ACCOUNT), *left]
        return [*steps, *(within if same else across)]

    def _ways_within_account(self) -> list[list[DecisionStep]]:
        """The ways in which the policies of one account allow a request.

        AWS: a policy of the resource that names a user or session itself, or everyone, allows the
        request whatever the identity's policies leave out. What it allows a role is limited by the
        boundary and the session policies.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
        """
        identity = self._by_identity()
        by_resource = [self._by_resource()] if self._needs_resource_policy else []
        return [
            [*identity, *by_resource],
            [self._by_resource((Level.ROLE,)), *identity[1:]],
            [self._by_resource((Level.ITSELF,))],
        ]

    def _within_account(self) -> list[DecisionStep]:
        """The way in which the policies of one account allow a request, or what may be one."""
        ways = self._ways_within_account()
        for way in ways:
            if _outcome(way):
                return way
        left = [way for way in ways if _outcome(way) is None]
        if left:
            return [step for way in left for step in way if step.answer is None]
        # What the way that comes nearest to an Allow lacks is why the request is denied.
        nearest = [way for way in ways[:2] if way[0].answer]
        return nearest[0] if nearest else [DecisionStep(Ground.NOTHING, answer=False)]

    def _by_identity(self) -> list[DecisionStep]:
        if self._is_root:
            return [DecisionStep(Ground.ROOT, answer=True)]
        steps = [_allowing(self._identity, Ground.NO_IDENTITY)]
        if self._given.others_allow:
            steps = [DecisionStep(Ground.STATEMENTS, answer=True)]
        if self._given.boundary:
            steps.append(_allowing(self._boundary, Ground.NO_BOUNDARY))
        if self._given.session:
            steps.append(_allowing(self._session, Ground.NO_SESSION))
        return steps

    def _by_resource(self, levels: Collection[Level] = tuple(Level)) -> DecisionStep:
        """Whether the policy of the resource allows the caller the request, by what it is."""
        if self._given.resource is None and self._needs_resource_policy:
            return _open(MissingPart.RESOURCE_POLICY)
        found = (statement for statement in self._resource if statement.level in levels)
        return _allowing(found, Ground.NO_RESOURCE)


def _outcome(steps: Iterable[DecisionStep]) -> bool | None:
    return all_of(step.answer for step in steps)


def _open(part: MissingPart) -> DecisionStep:
    """A step that depends on something that is not known."""
    return DecisionStep(Ground.UNKNOWN, None, (), (Missing(part),))


def _allowing(found: Iterable[AppliedStatement], ground: Ground) -> DecisionStep:
    """Whether some statements allow the request: those that do, or else those that may."""
    allows = tuple(statement for statement in found if statement.may_allow)
    certain = tuple(
        statement for statement in allows if not (statement.missing or statement.may_deny)
    )
    answer = True if certain else None if allows else False
    return DecisionStep(ground, answer, certain or allows)
