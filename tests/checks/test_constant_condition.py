"""What is said of conditions, compared with what the evaluator decides."""

import json
from itertools import islice
from random import Random
from typing import Any

import pytest
from support.evaluator import decide
from support.random_policies import OPERATORS
from support.random_requests import reading, requests

from multitool_lint.aws.condition_keys import ALWAYS_PRESENT
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

RULE = rules()["constant-condition"]
TAG = "aws:PrincipalTag/team"


def policy(condition: dict[str, Any]) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [allow]}


def lint(condition: dict[str, Any], type: str = "identity") -> tuple[Finding, ...]:
    return lint_source(
        Source("policy.json", json.dumps(policy(condition))),
        type=PolicyType(type),
        enabled={RULE.id: RULE},
    ).findings


def on(key: str, **operators: object) -> dict[str, Any]:
    return {name.replace("_", ":"): {key: value} for name, value in operators.items()}


@pytest.mark.parametrize(
    "condition",
    [
        on(TAG, StringEquals="a", StringNotEquals=["a", "b"]),
        on(TAG, StringEquals=["a", "b"], StringNotLike=["a*", "b"]),
        on(TAG, StringLike="a*", StringEquals=["b", "c"]),
        on(TAG, StringEquals="Team", StringNotEqualsIgnoreCase="team"),
        on(TAG, Null=True, StringEquals="a"),
        on(TAG, Null="true", StringLike="*"),
        on("aws:SourceArn", ArnLike="arn:aws:s3:::a", ArnNotEquals="arn:aws:s3:::*"),
        on("s3:max-keys", NumericLessThan="5", NumericGreaterThanEquals="5"),
        on("s3:max-keys", NumericEquals="5", NumericNotEquals="5.0"),
        on("aws:CurrentTime", DateLessThan="2026-01-01T00:00:00Z", DateGreaterThan="1798761600"),
        on("aws:TagKeys", ForAnyValue_StringEquals="a", ForAllValues_StringEquals="b"),
        on("aws:TagKeys", ForAnyValue_StringLike="a*", Null="true"),
    ],
)
def test_conditions_that_contradict_each_other(condition: dict[str, Any]) -> None:
    [found] = lint(condition)
    assert "contradict each other" in found.title
    assert not found.fixes
    assert found.related


@pytest.mark.parametrize(
    "condition",
    [
        on(TAG, StringEquals=["a", "b"], StringNotEquals="a"),
        on(TAG, StringEqualsIfExists="a", Null="true"),
        on(TAG, StringNotEquals="a", Null="true"),
        on(TAG, StringLike="a*", StringNotLike="a*z"),
        on(TAG, StringEquals="${aws:username}", StringNotEquals="a"),
        on("s3:max-keys", NumericLessThan="6", NumericGreaterThanEquals="5"),
        on("s3:max-keys", NumericLessThan="few", NumericGreaterThan="many"),
        on("aws:TagKeys", ForAllValues_StringEquals="a", Null="true"),
        on("aws:TagKeys", ForAnyValue_StringEquals="a", ForAnyValue_StringNotEquals="a"),
        on("aws:TagKeys", StringEquals="a", StringNotEquals="a"),
    ],
)
def test_conditions_that_some_request_may_meet(condition: dict[str, Any]) -> None:
    assert not lint(condition)


def test_in_a_version_without_variables_their_text_is_compared() -> None:
    condition = on(TAG, StringEquals="a", StringNotEquals="a")
    text = json.dumps({**policy(condition), "Version": "2008-10-17"})
    assert lint_source(Source("policy.json", text), enabled={RULE.id: RULE}).findings


@pytest.mark.parametrize(
    ("type", "found"),
    [("identity", 1), ("scp", 1), ("resource", 0), ("trust", 0), ("rcp", 0)],
)
def test_only_signed_requests_have_a_principal(type: str, found: int) -> None:
    assert len(lint(on("aws:PrincipalArn", Null="true"), type)) == found
    assert len(lint(on("aws:SecureTransport", Null=False), type)) == 1


def test_no_request_meets_what_is_said_to_contradict_itself() -> None:
    contradictions = 0
    for seed in range(400):
        dice = Random(seed)  # noqa: S311 - no secrets
        operators, keys, values = OPERATORS[dice.choice(sorted(OPERATORS))]
        key = dice.choice(keys)
        condition: dict[str, Any] = {}
        for operator in dice.choices([*operators, *operators, "Null"], k=3):
            qualifier = "ForAllValues:" if key == "aws:TagKeys" and operator != "Null" else ""
            pool = ("true", "false") if operator == "Null" else values
            condition[f"{qualifier}{operator}"] = {key: dice.choices(pool, k=dice.choice((1, 2)))}
        never = [found for found in lint(condition) if "allows nothing" in found.title]
        contradictions += bool(never)
        for request in islice(requests(dice, "identity", [policy(condition)]), 60 * bool(never)):
            if key.lower() in request.context or key.lower() not in ALWAYS_PRESENT:
                assert decide(policy(condition), request, reading=reading(dice)) == "None"
    assert contradictions > 40
