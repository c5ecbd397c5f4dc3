"""Which identities may do something, by themselves or through roles that they can assume."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.ask.can import CanAnswer, Question, answer, arn_of
from multitool_lint.ask.resource_policies import trusts_of
from multitool_lint.aws.arn import fields
from multitool_lint.aws.patterns import has_wildcard, matches
from multitool_lint.limits import MAX_ROLE_CHAIN
from multitool_lint.policy.evaluation.asked_request import ANY
from multitool_lint.policy.evaluation.decision import Decision, Ground, RequestDecision
from multitool_lint.policy.identities import IdentityKind

if TYPE_CHECKING:
    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.ask.identities import DeployedIdentity
    from multitool_lint.policy.document import Statement
    from multitool_lint.policy.policy_set import PolicySet

_ASSUME = "sts:AssumeRole"
_MAYBE = (Decision.ALLOWED, Decision.UNKNOWN)


class Access(NamedTuple):
    """An identity that may do what is asked: its `answer`, or that of the last of some roles.

    `roles` has the answers about the roles that it assumes one after the other: whether the
    identity may assume the first one, that one the next one, and so on.
    """

    identity: DeployedIdentity
    answer: CanAnswer
    roles: tuple[CanAnswer, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether it may do so whatever is not known."""
        return self.decision.decision is Decision.ALLOWED

    @property
    def decision(self) -> RequestDecision:
        """The decision about what is asked, unknown if that about a role on the way is."""
        steps = [step.decision for step in (*self.roles, self.answer)]
        unknown = [step for step in steps if step.decision is Decision.UNKNOWN]
        if not unknown:
            return self.answer.decision
        statements = tuple(statement for step in unknown for statement in step.statements)
        missing = tuple(dict.fromkeys(part for step in unknown for part in step.missing))
        return RequestDecision(Decision.UNKNOWN, Ground.UNKNOWN, statements, missing)

    @property
    def position(self) -> str:
        """Where the identity is defined."""
        return (*self.roles, self.answer)[0].place


def who_can(question: Question, deployed: Deployed) -> Iterator[Access]:
    """The identities that may do what is asked, those that need no other role first."""
    found = _Index(deployed)
    reached: dict[int, Access] = {}
    for identity in found.able(question):
        access = Access(identity, answer(identity, question, deployed))
        if access.answer.decision.decision in _MAYBE:
            reached[id(identity)] = access
            yield access
    waiting = [*reached.values()]
    while waiting:
        access = waiting.pop(0)
        if access.identity.kind is IdentityKind.ROLE and len(access.roles) < MAX_ROLE_CHAIN:
            for identity, step in found.assuming(access, question, reached):
                more = Access(identity, access.answer, (step, *access.roles))
                reached[id(identity)] = more
                waiting.append(more)
                yield more


class _Index:
    """The identities of files by what they may be allowed, as their actions say."""

    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed
        self._callers = [
            identity for identity in deployed.identities if identity.kind is not IdentityKind.GROUP
        ]

    def able(self, question: Question) -> Iterator[DeployedIdentity]:
        """The identities that a policy may allow an action: their own, or that of a resource."""
        action = question.action.lower()
        is_any = question.resource == ANY
        resources = () if is_any else self._deployed.resource_policies
        if any(_may_allow(found.policies, action, question.resource) for found in resources):
            yield from self._callers
            return
        if action.startswith(_ASSUME.lower()):
            yield from self._able_to_assume(question)
            return
        yield from (one for one in self._callers if _has(one, action, question.resource))

    def _able_to_assume(self, question: Question) -> Iterator[DeployedIdentity]:
        named = [*trusts_of(self._deployed, question.resource)]
        if any(map(_names_callers, named)):
            yield from self._callers
        else:
            yield from self._able_by(question.resource)

    @cached_property
    def _assuming(self) -> list[tuple[DeployedIdentity, frozenset[str]]]:
        """The identities that may assume roles, with the patterns of these."""
        return [
            (identity, patterns)
            for identity in self._callers
            if (patterns := frozenset(_assumed_by(identity)))
        ]

    def _able_by(self, role: str) -> Iterator[DeployedIdentity]:
        """The identities that may assume a role by their own policies."""
        is_any = has_wildcard(role)
        for identity, patterns in self._assuming:
            if is_any or any("${" in text or matches(text, role) for text in patterns):
                yield identity

    def assuming(
        self, access: Access, question: Question, left_out: Collection[int]
    ) -> Iterator[tuple[DeployedIdentity, CanAnswer]]:
        """The identities that may assume a role, each with the answer to that, but for some.

        The resource control policies of the question are about the account of its resource: they
        reach a role there, and of another one it is not known whether they do.
        """
        role, last = access.identity, access.answer.asked
        trust = role.policies().trust
        arn = arn_of(role, question, self._deployed)
        if trust is None or arn is None or not _may_allow(trust, _ASSUME.lower(), arn):
            return
        asked = question._replace(action=_ASSUME, resource=arn, resource_account=None)
        caller, own = last.caller, fields(arn)
        if not (last.is_in_account and caller and own and own.account == caller.account):
            asked = asked._replace(rcps=())
        for identity in self._callers if _names_callers(trust) else self._able_by(arn):
            if id(identity) not in left_out and identity is not role:
                found = answer(identity, asked, self._deployed)
                if found.decision.decision in _MAYBE:
                    yield identity, found


def _has(identity: DeployedIdentity, action: str, resource: str) -> bool:
    """Whether a policy of an identity may allow an action, as its actions and resources say."""
    sets = (found for case in identity.policies().cases for found in case.policies.identity)
    return any(_may_allow(found, action, resource) for found in sets)


def _assumed_by(identity: DeployedIdentity) -> Iterator[str]:
    """The patterns of the roles that an identity may assume by its own policies."""
    for case in identity.policies().cases:
        for found in case.policies.identity:
            if found.unknown:
                yield "*"
            for member in found.policies:
                for statement in member.policy.statements:
                    if _may_allow_by(statement, _ASSUME.lower(), "*"):
                        is_open = statement.resource_count != len(statement.resource_names)
                        is_open |= statement.negates_resources or not statement.resource_count
                        yield from ("*",) if is_open else statement.resource_names


def _may_allow(found: PolicySet, action: str, resource: str) -> bool:
    return bool(found.unknown) or any(
        member.policy.fragment
        or member.policy.merged_by_sid
        or any(_may_allow_by(statement, action, resource) for statement in member.policy.statements)
        for member in found.policies
    )


def _may_allow_by(statement: Statement, action: str, resource: str) -> bool:
    """Whether a statement may allow an action on a resource."""
    if statement.effect == "Deny":
        return False
    is_open = statement.negates_actions or statement.action_count != len(statement.action_names)
    names = statement.lower_action_names
    if not (is_open or any("${" in name or matches(name, action) for name in names)):
        return False
    is_open = statement.negates_resources or statement.resource_count != len(
        statement.resource_names
    )
    if is_open or has_wildcard(resource) or not statement.resource:
        return True
    return any("${" in name or matches(name, resource) for name in statement.resource_names)


def _names_callers(found: PolicySet) -> bool:
    """Whether a policy may name users or roles, and not only accounts, services and providers."""
    statements = chain.from_iterable(member.policy.statements for member in found.policies)
    return bool(found.unknown) or any(
        not _is_of_others(statement) for statement in statements if statement.effect != "Deny"
    )


def _is_of_others(statement: Statement) -> bool:
    principal = statement.node.get("Principal")
    if principal is None or not principal.fields():
        return False
    listed = principal.get("AWS")
    named = (listed.items() or (listed,)) if listed else ()
    return all(
        text is not None and text.endswith(":root") for text in (one.string for one in named)
    )
