"""Random policies: each example is what an evaluator that shares no code decides differently."""

import json
import random
from collections import Counter
from typing import Any

import pytest
from support.evaluator import Decision, Kind, Reading, Request, decide
from support.random_policies import KINDS, Policies

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.changes import changes
from multitool_lint.policy.compare.request import Request as Example
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

PAIRS = 400
CATALOG = bundled()
ROLE = "arn:aws:iam::111122223333:role/app"
USER = ("AWS", "arn:aws:iam::111122223333:user/ada")


def always(_value: str, _actual: str) -> bool:
    return True


def never(_value: str, _actual: str) -> bool:
    return False


READINGS = [
    Reading(unreadable, by_field=by_field, any_if_exists=any_if_exists)
    for unreadable in (always, never)
    for by_field in (False, True)
    for any_if_exists in (False, True)
]
"""The ways in which AWS may read what its documentation leaves open."""


def policy(document: dict[str, Any], kind: Kind) -> Policy:
    source = Source("policy.json", json.dumps(document))
    return read_source(source, type=PolicyType(kind)).policies[0]


def decisions(document: dict[str, Any], example: Example, kind: Kind) -> set[Decision]:
    context = {
        key: values[0] if len(values) == 1 else list(values)
        for key, values in example.context.items()
        if values is not None
    }
    request = Request(example.action, example.resource or ROLE, example.principal or USER, context)
    return {decide(document, request, kind, reading) for reading in READINGS}


@pytest.mark.parametrize("kind", dict.fromkeys(KINDS))
def test_examples_are_decided_differently_in_every_reading(kind: Kind) -> None:
    dice = random.Random(kind)  # noqa: S311 - no secrets
    counts: Counter[str] = Counter()
    for _ in range(PAIRS // 4):
        policies = Policies(dice, kind, unknown=False)
        old = policies.policy()
        new = policies.changed(old) if dice.random() < 0.9 else policies.policy()
        found = changes([policy(old, kind)], [policy(new, kind)], CATALOG)
        for differences, has, lacks in ((found.gained, new, old), (found.lost, old, new)):
            for difference in differences:
                counts["differences"] += 1
                if example := difference.example:
                    counts["examples"] += 1
                    assert decisions(has, example, kind) == {"Allow"}, (has, lacks, example)
                    assert "Allow" not in decisions(lacks, example, kind), (has, lacks, example)
    assert counts["examples"] > counts["differences"] / 4
