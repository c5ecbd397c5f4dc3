"""What is not reported as forbidden access is allowed by no request, as AWS decides them."""

import json
import random
from itertools import islice
from typing import Any

import pytest
from support.evaluator import Kind, decide
from support.random_policies import ACTION_PATTERNS, RESOURCES, TRUST_PATTERNS, Policies
from support.random_requests import reading, requests

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.patterns import matches
from multitool_lint.formats import read_source
from multitool_lint.policy.forbidden import Forbidden, granted
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

POLICIES = 300
REQUESTS = 100


def with_denials(document: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A policy that also denies some of what it allows, perhaps whatever the conditions are."""
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    denials = [
        {
            key: value
            for key, value in {**statement, "Effect": "Deny"}.items()
            if key != "Sid" and (key != "Condition" or dice.random() < 0.7)
        }
        for statement in statements
        if statement["Effect"] == "Allow" and dice.random() < 0.5
    ]
    return {**document, "Statement": [*statements, *denials]}


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", ["identity", "resource", "trust"])
def test_nothing_forbidden_passes(kind: Kind) -> None:
    dice = random.Random(kind)  # noqa: S311 - no secrets
    policies = Policies(dice, kind, unknown=False)
    passed = 0
    for _ in range(POLICIES):
        document = with_denials(policies.policy(), dice)
        action = dice.choice(TRUST_PATTERNS if kind == "trust" else ACTION_PATTERNS)
        resource = "*" if kind == "trust" else dice.choice(["*", *RESOURCES])
        found = read_source(Source("policy.json", json.dumps(document)), type=PolicyType(kind))
        if any(granted(found.json_policies, [Forbidden(action, resource)], bundled())):
            continue
        passed += 1
        for request in islice(requests(dice, kind, [document]), REQUESTS):
            if matches(action.lower(), request.action.lower()) and (
                resource in ("*", request.resource)
            ):
                assert decide(document, request, kind, reading(dice)) != "Allow"
    assert passed > POLICIES / 10
