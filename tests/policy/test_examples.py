"""Random policies: each example is what an evaluator that shares no code decides differently."""

import random
from collections import Counter
from typing import Any

import pytest
from support.evaluator import Kind
from support.examples import is_confirmed
from support.policy_texts import write
from support.random_policies import KINDS, Policies

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.changes import changes
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

PAIRS = 400
CATALOG = bundled()


def policy(document: dict[str, Any], kind: Kind) -> Policy:
    source = Source("policy.json", write(document, "json"))
    return read_source(source, type=PolicyType(kind)).json_policies[0]


@pytest.mark.exhaustive
@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("kind", dict.fromkeys(KINDS))
def test_examples_are_decided_differently_in_every_reading(
    kind: Kind,
    unknown: bool,  # noqa: FBT001 - a case
) -> None:
    dice = random.Random(kind)  # noqa: S311 - no secrets
    counts: Counter[str] = Counter()
    for _ in range(PAIRS // 8):
        policies = Policies(dice, kind, unknown=unknown)
        old = policies.policy()
        new = policies.changed(old) if dice.random() < 0.9 else policies.policy()
        found = changes([policy(old, kind)], [policy(new, kind)], CATALOG)
        for differences, has, lacks in ((found.gained, new, old), (found.lost, old, new)):
            for difference in differences:
                counts["differences"] += 1
                counts["examples"] += difference.example is not None
                if difference.example:
                    assert is_confirmed(difference, has, lacks, kind), (has, lacks, difference)
    assert counts["examples"] > 0.9 * counts["differences"]


@pytest.mark.parametrize(
    ("action", "old", "new", "expected"),
    [
        ("s3:GetObject", [], ["arn:aws:s3:::logs-*"], "arn:aws:s3:::logs-example/example"),
        (
            "cloudformation:DescribeStackEvents",
            [],
            ["arn:aws:cloudformation:*:*:stack/SC-*"],
            "arn:aws:cloudformation:us-east-1:123456789012:stack/SC-example/example",
        ),
        ("s3:GetObject", ["arn:aws:s3:*:*:*"], ["*"], "arn:aws-cn:s3:::example/example"),
        (
            "ecs:TagResource",
            [],
            ["arn:aws:elasticmapreduce:*:*:cluster/*", "arn:aws:ecs:*:*:cluster/*"],
            "arn:aws:ecs:us-east-1:123456789012:cluster/example",
        ),
    ],
)
def test_an_example_has_an_arn_that_the_action_acts_on(
    action: str, old: list[str], new: list[str], expected: str
) -> None:
    def allowed(resources: list[str]) -> Policy:
        statement = {"Effect": "Allow", "Action": action, "Resource": resources}
        statements = [statement] if resources else []
        return policy({"Version": "2012-10-17", "Statement": statements}, "identity")

    gained = changes([allowed(old)], [allowed(new)], CATALOG).gained
    assert expected in [found.example.resource for found in gained if found.example]
