"""What is proved of the requests of a scope holds for those that an independent evaluator tries."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from random import Random
from typing import Any, NamedTuple, Self

import pytest
from support.evaluator import Reading, Request, decide
from support.random_policies import (
    ACCOUNT,
    ACTION_PATTERNS,
    RESOURCE_PATTERNS,
    ROLE,
    SESSION,
    USER,
    Policies,
)
from support.random_requests import reading, requests

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.patterns import matches
from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.evaluation.asked_request import AskedRequest, asked_request
from multitool_lint.policy.evaluation.callers import caller
from multitool_lint.policy.evaluation.decision import ApplicablePolicies
from multitool_lint.policy.evaluation.expectations import Expectations, Expected
from multitool_lint.policy.policy_set import PolicySet
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

Document = dict[str, Any]
PROTECTED = ("s3", "sqs", "sts", "kms", "secretsmanager")
"""The services of the actions here that resource control policies restrict, and others.

AWS: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""
PARTS = {"s3": (":s3:", "/"), "sqs": (":sqs:",), "iam": (":role/",), "newsvc": ("",)}
"""What the resources contain that the actions of a service here act on."""


class Organization:
    """Random policies of an identity, its boundary, session, organization and of the resource."""

    def __init__(self, dice: Random) -> None:
        def some(kind: Any, chance: float) -> list[Document]:  # noqa: ANN401
            """A policy or none, often with statements that allow everything."""
            if dice.random() > chance:
                return []
            policy = Policies(dice, kind, unknown=False).policy()
            if kind != "resource" and dice.random() < 0.6:
                policy["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
            return [policy]

        self.identity = [*some("identity", 1), *some("identity", 0.5)]
        self.boundary = some("identity", 0.4)
        self.session = some("identity", 0.4)
        self.scps = [level for _ in range(2) if (level := [*some("scp", 0.4), *some("scp", 0.1)])]
        self.rcps = [[_denying(policy)] for policy in some("scp", 0.4)]
        own = some("resource", 0.5)
        self.resource = [policy for policy in own if "NotPrincipal" not in str(policy)]
        self.principal = SESSION if self.session or dice.random() < 0.5 else USER

    @property
    def policies(self) -> list[Document]:
        flat = [policy for level in (*self.scps, *self.rcps) for policy in level]
        return [*self.identity, *self.boundary, *self.session, *self.resource, *flat]

    def given(self) -> ApplicablePolicies:
        return ApplicablePolicies(
            _sets(self.identity, PolicyType.IDENTITY),
            next(iter(_sets(self.resource, PolicyType.RESOURCE)), None),
            _sets(self.boundary, PolicyType.BOUNDARY),
            _sets(self.session, PolicyType.SESSION),
            tuple(_sets(level, PolicyType.SCP) for level in self.scps),
            tuple(_sets(level, PolicyType.RCP) for level in self.rcps),
        )

    def allows(self, request: Request, read: Reading) -> bool:
        """What AWS decides, by the rules on its page on the evaluation logic."""

        def answers(policies: Sequence[Document], kind: Any = "identity") -> set[str]:  # noqa: ANN401
            return {decide(policy, request, kind, read) for policy in policies}

        protected = request.action.partition(":")[0] in PROTECTED
        rcps = self.rcps if protected else []
        denials = answers([*self.identity, *self.boundary, *self.session]) | answers(
            self.resource, "resource"
        )
        for level in self.scps:
            denials |= answers(level, "scp")
        for level in rcps:
            denials |= answers(level, "resource")
        if "Deny" in denials or any("Allow" not in answers(level, "scp") for level in self.scps):
            return False
        limits = (self.boundary, self.session)
        limited = all("Allow" in answers(policies) for policies in limits if policies)
        identity = "Allow" in answers(self.identity) and limited
        itself = "Allow" in answers(_naming(self.resource, ("*", self.principal)), "resource")
        role = "Allow" in answers(_naming(self.resource, (ROLE,)), "resource") and limited
        if (request.resource.split(":")[4] or ACCOUNT) == ACCOUNT:
            return identity or itself or (self.principal == SESSION and role)
        return identity and "Allow" in answers(self.resource, "resource")


def _denying(policy: Document) -> Document:
    statements = [{**part, "Effect": "Deny", "Principal": "*"} for part in policy["Statement"]]
    return {**policy, "Statement": [part for part in statements if part.get("Action") != "*"]}


def _sets(policies: list[Document], type_: PolicyType) -> tuple[PolicySet, ...]:
    sources = [Source(f"{at}.json", json.dumps(policy)) for at, policy in enumerate(policies)]
    return tuple(policies_of(source, type=type_) for source in sources)


def _naming(policies: list[Document], names: tuple[str, ...]) -> list[Document]:
    """The policies with those principals only that are named so."""
    found = []
    for policy in policies:
        kept = []
        for statement in policy["Statement"]:
            named = statement["Principal"]
            listed = ["*"] if named == "*" else named.get("AWS", [])
            kept += [{**statement, "Principal": {"AWS": name}} for name in listed if name in names]
        found.append({**policy, "Statement": kept})
    return found


def _possible(dice: Random, policies: list[Document], principal: str) -> Iterator[Request]:
    for request in islice(requests(dice, "identity", policies), 400):
        parts = PARTS[request.action.partition(":")[0]]
        if all(part in request.resource for part in parts):
            context = {k: v for k, v in request.context.items() if k != "aws:username"}
            if principal == USER:
                context["aws:username"] = "ada"
            yield Request(request.action, request.resource, ("AWS", principal), context)


class Scope(NamedTuple):
    """The actions, resources and values of keys that a test is about."""

    action: str
    resource: str
    context: dict[str, Any]

    @classmethod
    def around(cls, request: Request, dice: Random) -> Self:
        """A scope in which a request is."""

        def pattern(text: str, patterns: Sequence[str]) -> str:
            wide = [text] * 2 + [other for other in patterns if "$" not in other]
            return dice.choice([other for other in wide if matches(other.lower(), text.lower())])

        actions = (
            ACTION_PATTERNS
            if dice.random() < 0.05
            else [text for text in ACTION_PATTERNS if text != "*"]
        )
        keys = dice.sample(sorted(request.context), dice.randint(0, len(request.context)))
        return cls(
            pattern(request.action, actions),
            pattern(request.resource, RESOURCE_PATTERNS),
            {key: request.context[key] for key in keys},
        )


def _is_in_scope(request: Request, scope: Scope) -> bool:
    return (
        matches(scope.action.lower(), request.action.lower())
        and matches(scope.resource, request.resource)
        and all(request.context.get(key) == value for key, value in scope.context.items())
    )


def _ways(
    question: Callable[[str], AskedRequest], given: ApplicablePolicies
) -> Callable[[str], list[tuple[AskedRequest, ApplicablePolicies]]]:
    return lambda name: [(question(name), given)]


def _check(seed: int, counts: Counter[str]) -> None:
    dice = Random(seed)  # noqa: S311 - a test
    organization = Organization(dice)
    by = caller(organization.principal)
    some = list(islice(_possible(dice, organization.policies, organization.principal), 60))
    given = organization.given()
    allowing = (*given.identity, *filter(None, (given.resource,)))
    for first in some[:2]:
        scope = Scope.around(first, dice)
        context = {
            key: (value,) if isinstance(value, str) else tuple(value)
            for key, value in scope.context.items()
        }
        question = partial(
            asked_request,
            resource=scope.resource,
            caller=by,
            context=context,
            resource_account=None,
            catalog=bundled(),
            complete=False,
        )
        expectations = Expectations(_ways(question, given), allowing, bundled())
        for expected in (Expected.CAN, Expected.CANNOT):
            outcome = expectations.outcome(expected, scope.action, scope.resource)
            counts[f"{expected.value} {outcome.is_as_expected}"] += 1
            shown = outcome.counterexample
            counts[f"{expected.value} shown"] += bool(shown and shown.example)
            for request in filter(partial(_is_in_scope, scope=scope), some):
                allowed = organization.allows(request, reading(dice))
                counts["requests"] += outcome.is_as_expected
                is_right = allowed is (expected is Expected.CAN) or not outcome.is_as_expected
                assert is_right, (seed, expected, scope, request)


@pytest.mark.parametrize(
    "seeds", [range(20), pytest.param(range(20, 20_000), marks=pytest.mark.exhaustive)]
)
def test_what_is_proved_is_so(seeds: range) -> None:
    counts: Counter[str] = Counter()
    for seed in seeds:
        _check(seed, counts)
    assert counts["cannot True"] > len(seeds) / 2


def _policy(*statements: str) -> str:
    return f'{{"Version": "2012-10-17", "Statement": [{", ".join(statements)}]}}'


def _statement(effect: str, action: str, resource: str, condition: str = "{}") -> str:
    return (
        f'{{"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}",'
        f' "Condition": {condition}}}'
    )


DATA, LOGS = "arn:aws:s3:::data/*", "arn:aws:s3:::logs/*"
TEAM = '{"StringEquals": {"aws:PrincipalTag/Team": "a"}}'
NOT_TEAM = '{"StringNotEquals": {"aws:PrincipalTag/Team": "a"}}'


@pytest.mark.parametrize(
    ("identity", "boundary", "action", "resource", "expected"),
    [
        ([("Allow", "s3:*", DATA)], [("Allow", "s3:*", LOGS)], "s3:*", "*", "cannot"),
        ([("Allow", "s3:*", DATA)], [("Allow", "*", "*")], "s3:GetObject", DATA, "can"),
        ([("Allow", "s3:*", DATA)], [], "s3:GetObject", "arn:aws:s3:::*", "may"),
        ([("Allow", "s3:*", DATA)], [], "s3:DeleteBucket", "arn:aws:s3:::*", "cannot"),
        ([("Allow", "s3:*", "*", TEAM)], [("Allow", "s3:*", "*", NOT_TEAM)], "s3:*", "*", "cannot"),
        ([("Allow", "s3:*", "*", TEAM), ("Allow", "s3:*", "*", NOT_TEAM)], [], "s3:*", "*", "can"),
        ([("Allow", "s3:*", "*"), ("Deny", "s3:*", "*", TEAM)], [], "s3:Put*", "*", "may"),
        ([("Allow", "s3:*", DATA), ("Allow", "s3:*", LOGS)], [], "s3:PutObject", "*", "may"),
        ([("Allow", "iam:NewThing", "*")], [], "iam:*", "*", "may"),
        ([("Allow", "sts:*", "*")], [], "sts:GetCallerIdentity", "*", "can"),
        ([("Allow", "s3:*", "*")], [], "sts:*", "*", "cannot"),
    ],
)
def test_every_request_of_a_scope(
    identity: list[Any], boundary: list[Any], action: str, resource: str, expected: str
) -> None:
    given = ApplicablePolicies(
        _sets(
            [json.loads(_policy(*(_statement(*part) for part in identity)))], PolicyType.IDENTITY
        ),
        boundary=_sets(
            [json.loads(_policy(*(_statement(*part) for part in boundary)))], PolicyType.BOUNDARY
        )
        if boundary
        else (),
    )
    ask = partial(
        asked_request,
        resource=resource,
        caller=None,
        context={},
        resource_account=None,
        catalog=bundled(),
        complete=False,
    )
    expectations = Expectations(_ways(ask, given), given.identity, bundled())
    outcomes = {each.value: expectations.outcome(each, action, resource) for each in Expected}
    met = [name for name, outcome in outcomes.items() if outcome.is_as_expected]
    assert met == (["can", "may"] if expected == "can" else [expected])
    if expected == "may":
        assert outcomes["can"].counterexample.example  # type: ignore[union-attr]
        assert outcomes["cannot"].counterexample.is_allowed  # type: ignore[union-attr]
