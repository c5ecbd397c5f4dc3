"""The decisions about random requests are those of an evaluator that knows nothing of ours."""

import json
import os
from collections import Counter
from collections.abc import Collection
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.evaluator import PLAIN, Reading, Request, decide, is_allowed
from support.random_policies import ACCOUNT, OTHER, Policies
from support.random_requests import VALUES, filling, reading, requests

from multitool_lint import Decision, Evaluation, evaluate

Document = dict[str, Any]
UNKNOWN, IMPLICIT = Decision.UNKNOWN, Decision.IMPLICITLY_DENIED
DENIED = Decision.EXPLICITLY_DENIED
HIDEABLE = sorted(VALUES.keys() - {"aws:username"})
"""The keys that do not follow from the principal."""


def evaluated(request: Request, hidden: Collection[str] = (), **given: Any) -> Evaluation:  # noqa: ANN401
    """What we say of a request, of which some keys are not known."""
    context = {key: request.context.get(key) for key in VALUES if key not in hidden}
    return evaluate(
        request.action,
        request.resource,
        principal=request.principal[1],
        context=context,
        **{"resource_account": ACCOUNT, **given},
    )


def judged(policies: list[Document], request: Request, readings: Reading) -> Decision:
    found = {decide(policy, request, reading=readings) for policy in policies}
    if "Deny" in found:
        return DENIED
    return Decision.ALLOWED if "Allow" in found else IMPLICIT


@pytest.mark.parametrize("seed", range(40))
def test_identities(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - a test
    policies = [Policies(dice, "identity", unknown=False).policy() for _ in range(2)]
    for request in islice(requests(dice, "identity", policies), 12):
        found = evaluated(request, identity=policies)
        for way in (PLAIN, reading(dice)):
            expected = judged(policies, request, way)
            # What nothing allows may be denied explicitly, too, if that depends on something.
            also = IMPLICIT if found.missing and expected is DENIED else expected
            assert found.decision in (UNKNOWN, expected, also), (request, found)
        assert bool(found.missing) >= (found.decision is UNKNOWN)
        hidden = set(dice.sample(HIDEABLE, 4))
        fewer = evaluated(request, hidden, identity=policies)
        if fewer.decision is not UNKNOWN:
            certain = judged(policies, request, PLAIN)
            assert fewer.is_allowed is (certain is Decision.ALLOWED), (request, fewer)
            assert fewer.decision in (certain, IMPLICIT)


def test_what_is_not_a_whole_arn_may_be_among_all_resources() -> None:
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:s*", "Principal": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert evaluate("sqs:SendMessage", resource_policy=policy).decision is UNKNOWN


def test_most_decisions_are_known() -> None:
    dice = Random(1)  # noqa: S311 - a test
    counts: Counter[Decision] = Counter()
    for _ in range(40):
        policies = [Policies(dice, "identity", unknown=False).policy()]
        for request in islice(requests(dice, "identity", policies), 6):
            counts[evaluated(request, identity=policies).decision] += 1
    assert set(counts) == set(Decision)
    assert counts[UNKNOWN] < counts.total() / 10


@pytest.mark.parametrize("seed", range(30))
def test_what_a_template_fills_in_decides_nothing(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - a test
    text = json.dumps(Policies(dice, "identity", unknown=True).policy(), ensure_ascii=False)
    template = json.loads(text.replace("«", "${").replace("»", "}"))
    for request in islice(requests(dice, "identity", [template]), 12):
        found = evaluated(request, identity=template)
        for values in (filling(dice) for _ in range(3)):
            filled = text
            for name, value in values.items():
                filled = filled.replace(f"«{name}»", value)
            expected = judged([json.loads(filled)], request, PLAIN)
            also = IMPLICIT if found.missing and expected is DENIED else expected
            assert found.decision in (UNKNOWN, expected, also), (request, values, found)


@pytest.mark.parametrize("seed", range(15))
def test_organizations(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - a test
    identity = Policies(dice, "identity", unknown=False).policy()
    scps = [Policies(dice, "scp", unknown=False).policy() for _ in range(2)]
    for request in islice(requests(dice, "identity", [identity, *scps]), 12):
        found = evaluated(request, identity=identity, scps=[[scp] for scp in scps])
        expected = is_allowed(request, identity=[identity], scps=scps)
        assert found.is_allowed in (None, expected), (request, found)


@pytest.mark.parametrize("seed", range(20))
def test_resources_across_accounts(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - a test
    identity = Policies(dice, "identity", unknown=False).policy()
    own = Policies(dice, "resource", unknown=False).policy()
    for request in islice(requests(dice, "identity", [identity, own]), 12):
        found = evaluated(request, identity=identity, resource_policy=own, resource_account=OTHER)
        both = {decide(identity, request), decide(own, request, "resource")}
        assert found.is_allowed in (None, both == {"Allow"}), (request, found)


_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies"
_EVALUATION = f"{_GUIDE}_evaluation-logic_policy-eval-basics.html"
_PATTERN = (
    "a request is about one resource: of a pattern that is partly allowed, the answer is open",
    f"{_GUIDE}_elements_resource.html",
)
_ONE_POLICY = (
    "every key has a key policy and every role a trust policy: without one, the answer is open",
    "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
)
DIFFERENCES = {
    "anonymous.json": (
        1,
        "AWS accepts no * under NotPrincipal",
        f"{_GUIDE}_elements_principal.html",
    ),
    "boundaryNotPrincipalDenyResource.json": (
        1,
        "a Deny of all but a role, and not its account, may deny access to the whole account",
        f"{_GUIDE}_elements_notprincipal.html",
    ),
    "kms/differentAccount.json": (1, *_ONE_POLICY),
    "kms/sameAccount.json": (2, *_ONE_POLICY),
    "noPrincipalElement.json": (
        2,
        "AWS accepts no policy of a resource without a principal",
        f"{_GUIDE}_elements_principal.html",
    ),
    "resourceWildcards/crossPatternIntersections.json": (5, *_PATTERN),
    # One of them is an action that takes no resource, whose statement names one.
    "resourceWildcards/requestWildcards.json": (6, *_PATTERN),
    "resourceWildcards/s3Objects.json": (1, *_PATTERN),
    "sessionPolicies.json": (
        1,
        "what a policy of the resource allows a session itself is not limited by session policies",
        _EVALUATION,
    ),
    "sts/assumeRole/differentAccount.json": (1, *_ONE_POLICY),
    "sts/assumeRole/sameAccount.json": (1, *_ONE_POLICY),
}
"""In which files of test cases of iam-simulate how many answers differ, why, and AWS's page."""


def accepted(policy: Document, *, names_principals: bool) -> Document:
    """A policy as AWS accepts it: principals have a kind, and policies of identities have none."""
    copy: Document = json.loads(json.dumps(policy))
    listed = copy["Statement"]
    for statement in listed if isinstance(listed, list) else [listed]:
        named = statement.get("Principal")
        if not names_principals:
            statement.pop("Principal", None)
        elif isinstance(named, str) and named != "*":
            statement["Principal"] = {"AWS": named}
    return copy


def answer(case: Document) -> str:
    def some(name: str, *, names_principals: bool = False) -> list[Document]:
        given = case.get(name) or []
        listed = given if isinstance(given, list) else [given]
        return [accepted(policy, names_principals=names_principals) for policy in listed]

    def levels(name: str, *, names_principals: bool) -> list[list[Document]]:
        return [
            [accepted(policy, names_principals=names_principals) for policy in level["policies"]]
            for level in case.get(name) or []
        ]

    asked = case["request"]
    principal = asked["principal"]
    found = evaluate(
        asked["action"],
        asked["resource"]["resource"],
        principal=principal if isinstance(principal, str) else "*",
        context=asked.get("context"),
        complete_context=True,
        identity=some("identityPolicies"),
        resource_policy=next(iter(some("resourcePolicy", names_principals=True)), None),
        boundary=some("permissionBoundaries"),
        session=some("sessionPolicy"),
        scps=levels("serviceControlPolicies", names_principals=False),
        rcps=levels("resourceControlPolicies", names_principals=True),
        endpoint=next(iter(some("endpointPolicies", names_principals=True)), None),
        resource_account=asked["resource"]["accountId"],
    )
    return found.decision.value.title().replace(" ", "")


def test_another_evaluator_agrees_but_for_what_is_named() -> None:
    """IAM_SIMULATE_CASES is the folder `src/core_engine/coreEngineTests` of iam-simulate."""
    folder = Path(os.environ.get("IAM_SIMULATE_CASES", "no folder"))
    if not folder.is_dir():
        pytest.skip("IAM_SIMULATE_CASES is not a folder of test cases of iam-simulate")
    differing: Counter[str] = Counter()
    count = 0
    for path in sorted(folder.glob("**/*.json")):
        for case in json.loads(path.read_text("utf-8")):
            if "simulation" not in case:
                count += 1
                name = path.relative_to(folder).as_posix()
                differing[name] += answer(case) != case["expected"]["response"]
    named = {name: number for name, (number, _, _) in DIFFERENCES.items()}
    assert +differing == Counter(named)
    assert count > 350
