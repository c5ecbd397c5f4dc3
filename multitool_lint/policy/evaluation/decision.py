"""The decision about a request, in AWS's order.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.policy_types import rcp_services
from multitool_lint.policy.compare.request import all_of, any_of, opposite
from multitool_lint.policy.evaluation.asked_request import Missing, MissingPart
from multitool_lint.policy.evaluation.callers import CallerKind, Level
from multitool_lint.policy.evaluation.exceptions import (
    NEEDS_NO_PERMISSION,
    is_fixed,
    needs_resource_policy,
)
from multitool_lint.policy.evaluation.statements import (
    AppliedStatement,
    PolicyKind,
    applied_statements,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from multitool_lint.policy.evaluation.asked_request import AskedRequest
    from multitool_lint.policy.policy_set import PolicySet


class Decision(Enum):
    """What AWS decides. It is `UNKNOWN` if whether the request is allowed is not known."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitly denied"
    IMPLICITLY_DENIED = "implicitly denied"
    UNKNOWN = "unknown"


class Ground(Enum):
    """Why AWS decides so."""

    STATEMENTS = "statements"
    ROOT = "root"
    NEEDS_NO_PERMISSION = "needs-no-permission"
    EXPLICIT_DENY = "explicit-deny"
    FIXED = "fixed"
    NO_SCP = "no-scp"
    NO_ENDPOINT = "no-endpoint"
    NO_BOUNDARY = "no-boundary"
    NO_SESSION = "no-session"
    NO_IDENTITY = "no-identity"
    NO_RESOURCE = "no-resource"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


class ApplicablePolicies(NamedTuple):
    """The policies that apply to a request: None where there is none of a kind.

    Control policies are listed by level, from the root of the organization to the account.
    """

    identity: tuple[PolicySet, ...] = ()
    resource: PolicySet | None = None
    boundary: tuple[PolicySet, ...] = ()
    session: tuple[PolicySet, ...] = ()
    scps: tuple[tuple[PolicySet, ...], ...] = ()
    rcps: tuple[tuple[PolicySet, ...], ...] = ()
    endpoint: PolicySet | None = None


class RequestDecision(NamedTuple):
    """A decision: the statements that decide, why, and what it depends on that is not known."""

    decision: Decision
    ground: Ground
    statements: tuple[AppliedStatement, ...] = ()
    missing: tuple[Missing, ...] = ()


class _Step(NamedTuple):
    """Something that must hold for a request to be allowed: why it is not if it does not."""

    ground: Ground
    answer: bool | None
    statements: tuple[AppliedStatement, ...] = ()
    missing: tuple[Missing, ...] = ()

    def known(self) -> Iterator[Missing]:
        """What it depends on, if it is not known whether it holds."""
        if self.answer is None:
            yield from self.missing
            for statement in self.statements:
                yield from statement.missing


def decide(question: AskedRequest, given: ApplicablePolicies) -> RequestDecision:
    """What AWS decides about a request."""
    by = question.caller
    is_anonymous = by is not None and by.kind is CallerKind.ANONYMOUS
    if question.action in NEEDS_NO_PERMISSION and not is_anonymous:
        return RequestDecision(Decision.ALLOWED, Ground.NEEDS_NO_PERMISSION)
    evaluated = _Evaluated(question._replace(has_boundary=bool(given.boundary)), given)
    denials = evaluated.denials()
    denied = any_of(step.answer for step in denials)
    if denied:
        certain = tuple(found for step in denials if step.answer for found in step.statements)
        return RequestDecision(Decision.EXPLICITLY_DENIED, Ground.EXPLICIT_DENY, certain)
    open_denials = tuple(part for step in denials for part in step.known())
    if is_fixed(question):
        return RequestDecision(Decision.IMPLICITLY_DENIED, Ground.FIXED, (), open_denials)
    steps = evaluated.steps()
    failed = next((step for step in steps if step.answer is False), None)
    if failed:
        return RequestDecision(Decision.IMPLICITLY_DENIED, failed.ground, (), open_denials)
    unknown = [*denials, *steps]
    if all_of((opposite(denied), *(step.answer for step in steps))):
        statements = tuple(found for step in steps for found in step.statements)
        grounds = (step.ground for step in steps if step.ground is Ground.ROOT)
        return RequestDecision(Decision.ALLOWED, next(grounds, Ground.STATEMENTS), statements)
    left = [step for step in unknown if step.answer is None]
    return RequestDecision(
        Decision.UNKNOWN,
        Ground.UNKNOWN,
        tuple(dict.fromkeys(found for step in left for found in step.statements)),
        tuple(dict.fromkeys(part for step in left for part in step.known())),
    )


class _Evaluated:
    """The statements of all policies that apply to a request, or may."""

    def __init__(self, question: AskedRequest, given: ApplicablePolicies) -> None:
        self._question = question
        self._given = given
        by = question.caller
        self._has_identity = by is None or by.kind.has_identity
        self._is_root = by is not None and by.kind is CallerKind.ROOT
        self._linked = False if by is None else by.is_service_linked
        own = self._has_identity
        self._identity = self._applied(given.identity if own else (), PolicyKind.IDENTITY)
        self._boundary = self._applied(given.boundary if own else (), PolicyKind.BOUNDARY)
        self._session = self._applied(given.session if own else (), PolicyKind.SESSION)
        self._resource = self._applied(filter(None, (given.resource,)), PolicyKind.RESOURCE)
        self._endpoint = self._applied(filter(None, (given.endpoint,)), PolicyKind.ENDPOINT)
        # AWS: control policies for services restrict the users and roles of an organization only.
        levels = given.scps if own and not self._linked else ()
        self._scps = [self._applied(policies, PolicyKind.SCP) for policies in levels]
        levels = () if self._linked else given.rcps
        self._rcps = [self._applied(policies, PolicyKind.RCP) for policies in levels]

    def _applied(
        self, policies: Iterable[PolicySet], kind: PolicyKind
    ) -> tuple[AppliedStatement, ...]:
        return tuple(applied_statements(policies, kind, self._question))

    def denials(self) -> list[_Step]:
        """The statements that deny the request, or may, each a step that holds if it does."""
        linked = () if self._linked is False else (Missing(MissingPart.LINKED),)
        outside = self._question.service not in rcp_services()
        rcp = (*linked, *((Missing(MissingPart.RCP, self._question.service),) if outside else ()))
        groups = (
            *((found, ()) for found in (self._identity, self._boundary, self._session)),
            *((found, ()) for found in (self._resource, self._endpoint)),
            *((found, linked) for found in self._scps),
            *((found, rcp) for found in self._rcps),
        )
        return [
            _Step(
                Ground.EXPLICIT_DENY,
                None if found.missing or missing or found.may_allow else True,
                (found,),
                missing,
            )
            for group, missing in groups
            for found in group
            if found.may_deny
        ]

    def steps(self) -> list[_Step]:
        """What must hold for the request to be allowed, in AWS's order."""
        steps = [_allowing(found, Ground.NO_SCP) for found in self._scps]
        if self._linked is None:
            steps = [
                step._replace(answer=None, missing=(Missing(MissingPart.LINKED),))
                if step.answer is False
                else step
                for step in steps
            ]
        if self._given.endpoint is not None:
            steps.append(_allowing(self._endpoint, Ground.NO_ENDPOINT))
        return [*steps, *self._granting()]

    def _granting(self) -> list[_Step]:
        """What grants the request, by its own account and that of the resource."""
        if not self._has_identity:
            return [self._by_resource()]
        same = self._question.is_in_account
        within, across = self._within_account(), self._across_accounts()
        if same is not None:
            return within if same else across
        answers = [all_of(step.answer for step in steps) for steps in (within, across)]
        if answers[0] is answers[1] and answers[0] is not None:
            return across
        return [_Step(Ground.NOTHING, None, (), (Missing(MissingPart.ACCOUNT),))]

    def _across_accounts(self) -> list[_Step]:
        return [self._by_resource(), *self._by_identity()]

    def _within_account(self) -> list[_Step]:
        """One of the ways in which the policies of one account allow a request.

        AWS: a policy of the resource that names a user or session itself, or everyone, allows the
        request whatever the identity's policies leave out. What it allows a role is limited by the
        boundary and the session policies.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
        """
        identity = self._by_identity()
        needs = needs_resource_policy(self._question)
        limits = identity[1:]
        ways = [
            [self._by_resource((Level.ITSELF,))],
            [self._by_resource((Level.ROLE,)), *limits],
            [*identity, *([self._by_resource()] if needs else ())],
        ]
        answers = [all_of(step.answer for step in way) for way in ways]
        for wanted in (True, None):
            for way, answer in zip(reversed(ways), reversed(answers), strict=True):
                if answer is wanted:
                    return way if wanted else self._open(ways, answers)
        return self._least_failed(ways)

    @staticmethod
    def _open(ways: list[list[_Step]], answers: list[bool | None]) -> list[_Step]:
        """The ways in which a request may be allowed, as one step."""
        left = [
            step
            for way, answer in zip(ways, answers, strict=True)
            if answer is None
            for step in way
            if step.answer is None
        ]
        statements = tuple(found for step in left for found in step.statements)
        return [_Step(Ground.NOTHING, None, statements, tuple(m for s in left for m in s.missing))]

    @staticmethod
    def _least_failed(ways: list[list[_Step]]) -> list[_Step]:
        """The way that comes nearest to an Allow: what it lacks is why the request is denied."""
        for way in reversed(ways[1:]):
            if way[0].answer:
                return way
        return [_Step(Ground.NOTHING, answer=False)]

    def _by_identity(self) -> list[_Step]:
        if self._is_root:
            return [_Step(Ground.ROOT, answer=True)]
        steps = [_allowing(self._identity, Ground.NO_IDENTITY)]
        if self._given.boundary:
            steps.append(_allowing(self._boundary, Ground.NO_BOUNDARY))
        if self._given.session:
            steps.append(_allowing(self._session, Ground.NO_SESSION))
        return steps

    def _by_resource(self, levels: Collection[Level] = tuple(Level)) -> _Step:
        """Whether the policy of the resource allows the caller the request, by what it is."""
        if self._given.resource is None and needs_resource_policy(self._question):
            return _Step(Ground.NO_RESOURCE, None, (), (Missing(MissingPart.RESOURCE_POLICY),))
        found = tuple(one for one in self._resource if one.level in levels)
        return _allowing(found, Ground.NO_RESOURCE)


def _allowing(found: Iterable[AppliedStatement], ground: Ground) -> _Step:
    """Whether some statements allow the request: those that do, or else those that may."""
    allows = [one for one in found if one.may_allow]
    certain = tuple(one for one in allows if not (one.missing or one.may_deny))
    if certain:
        return _Step(ground, True, certain)  # noqa: FBT003 - the answer
    return _Step(ground, None if allows else False, tuple(allows))
