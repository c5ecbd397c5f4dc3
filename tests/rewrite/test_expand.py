"""Wildcards written out where they are chosen, and NotAction turned into Action."""

import json
from typing import Any

import pytest
from support.rewrites import CATALOG, all_messages, allow, policy

from multitool_lint.formats import read_source
from multitool_lint.policy.compare import Answer, equivalent
from multitool_lint.rewrite.draft import Rewrite
from multitool_lint.rewrite.expand import Expansion, expand
from multitool_lint.syntax.source import Source


def done(text: Source, **wanted: Any) -> Rewrite:  # noqa: ANN401 - those of Expansion
    """What a policy becomes: the same, and nothing else when it is done again."""
    result = expand(text, Expansion(**wanted))
    after = Source(text.path, result.text)
    assert expand(after, Expansion(**wanted)).text == result.text
    assert (
        equivalent(
            read_source(text).json_policies, read_source(after).json_policies, CATALOG
        ).answer
        is Answer.YES
    )
    return result


def first(result: Rewrite) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads(result.text)["Statement"][0]
    return statement


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        (
            {"service": "SQS"},
            ["sqs:SendMessage", "s3:Get*Acl", "sqs:ListQueues", "sqs:ListQueueTags"],
        ),
        (
            {"service": "sqs", "levels": ("Write",)},
            ["sqs:SendMessage", "s3:Get*Acl", "sqs:ListQueue*"],
        ),
        ({"levels": ("Tagging",)}, ["sqs:Send*", "s3:Get*Acl", "sqs:ListQueue*"]),
        ({"service": "s3", "action": "sqs:Send*"}, ["sqs:Send*", "s3:Get*Acl", "sqs:ListQueue*"]),
    ],
)
def test_only_what_is_chosen_is_expanded(wanted: dict[str, Any], after: list[str]) -> None:
    result = done(policy(allow("sqs:Send*", "s3:Get*Acl", "sqs:ListQueue*")), **wanted)
    assert first(result)["Action"] == after


def test_everything_is_of_no_service() -> None:
    result = done(policy(allow("*", "sqs:Send*")), service="sqs")
    assert first(result)["Action"] == ["*", "sqs:SendMessage"]
    assert len(result.applied) == 1
    assert not result.notes


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_not_action_becomes_whole_services_and_single_actions(effect: str) -> None:
    excepted = ["iam:*", "sqs:List*", "made:Up", "sns:MadeUp"]
    text = policy({"Sid": "A", "Effect": effect, "NotAction": excepted, "Resource": "*"})
    result = done(text, invert_not_action=True)
    statement = first(result)
    assert list(statement) == ["Sid", "Effect", "Action", "Resource"]
    names = statement["Action"]
    assert "s3:*" in names
    assert "sqs:SendMessage" in names
    assert "sns:Publish" in names
    assert not {"iam:*", "sqs:*", "sqs:ListQueues", "made:*", "sns:*"} & set(names)
    assert len(names) < len(CATALOG.prefixes) + 100
    verb = "allowed" if effect == "Allow" else "denied"
    assert all_messages(result)[1:] == [
        f"services that AWS adds from now on are not {verb} by this Action"
    ]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ({"NotAction": "*"}, "left as it is: it excludes every action"),
        ({"NotAction": ["a:b", "${x}"]}, "left as it is: the excluded actions are unresolved"),
        (
            {"NotAction": "a:b", "Action": "a:c"},
            "left as it is: it has both an Action and a NotAction",
        ),
    ],
)
def test_a_not_action_that_cannot_be_inverted_is_a_problem(
    statement: dict[str, Any], problem: str
) -> None:
    text = policy({"Effect": "Allow", **statement, "Resource": "*"})
    result = expand(text, Expansion(invert_not_action=True))
    assert all_messages(result) == [problem]
    assert result.text == text.text


def test_inverting_expands_no_wildcard() -> None:
    text = policy(allow("sqs:*"))
    assert done(text, invert_not_action=True).text == text.text


@pytest.mark.parametrize(
    ("unclear", "reason"),
    [
        ({"NotAction": "s3:*"}, "it has both Action and NotAction"),
        (
            {"Condition": {"StringEquals": {"aws:SourceVpc": "a", "AWS:sourcevpc": "b"}}},
            '"aws:SourceVpc" and "AWS:sourcevpc" are the same to AWS',
        ),
        ({"Condition": {"StringSame": {"aws:SourceVpc": "a"}}}, '"StringSame" is not a condition'),
        ({"Principle": "*"}, '"Principle" is not an element of a statement'),
    ],
)
def test_a_statement_that_cannot_be_proved_stays_and_the_others_change(
    unclear: dict[str, Any], reason: str
) -> None:
    result = expand(policy({**allow("sqs:Send*"), **unclear}, allow("sns:Pub*")))
    one, other = json.loads(result.text)["Statement"]
    assert one["Action"] == ["sqs:Send*"]
    assert other["Action"] == ["sns:Publish"]
    assert len(result.applied) == 1
    [problem] = result.problems
    assert reason in problem.message
    assert problem.message.startswith(
        "left as it is: the meaning of the statement could not be determined"
    )
