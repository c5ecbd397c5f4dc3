"""What expanding and tightening make of policies, and what they say of it."""

import json
from typing import Any

import pytest
from support.rewrites import (
    CATALOG,
    READING,
    Change,
    actions_in,
    allowing,
    fixture,
    messages,
    policy,
    tighten,
)

from multitool_lint.engines.policy_sentry import at_levels
from multitool_lint.rewrite.expand import Expansion, expand
from multitool_lint.syntax.source import Source

KEPT = [
    "apigateway:GetPortal",
    "apigateway:GetPortalProduct",
    "apigateway:GetPortalProductSharingPolicy",
    "apigateway:GetProductPage",
    "apigateway:GetProductRestEndpointPage",
    "apigateway:GetRoutingRule",
    "apigateway:ListPortalProducts",
    "apigateway:ListPortals",
    "apigateway:ListProductPages",
    "apigateway:ListProductRestEndpointPages",
    "apigateway:ListRoutingRules",
]


def test_expand_the_multitool_policy() -> None:
    source = fixture("multitool.json")
    result = expand(source)
    before, after = actions_in(source.text), actions_in(result.text)
    gateway = [name for name in after if name.startswith("apigateway:")]
    assert len(gateway) == 44
    assert set(gateway) == set(CATALOG.names(CATALOG.match("apigateway:*")))
    assert after == [*(name for name in gateway if name not in before), *before[1:]]
    levels = "5 List, 7 Read, 22 Write, 10 Permissions management"
    assert messages(result.applied) == [
        f'"apigateway:*": 44 actions ({levels}); 13 of them already listed'
    ]
    assert expand(Source(source.path, result.text)).text == result.text


def test_tighten_the_multitool_policy() -> None:
    source = fixture("multitool.json")
    result = tighten(source, READING)
    assert actions_in(result.text) == [*KEPT, *actions_in(source.text)[1:]]
    dropped = "dropped 32 actions (22 Write, 10 Permissions management)"
    assert messages(result.applied) == [
        f'"apigateway:*": kept 12 actions (5 List, 7 Read), {dropped}'
    ]
    named = "51 actions (32 Write, 2 Tagging, 17 Permissions management) listed by name"
    assert messages(result.notes) == [f"{named} stay; --all-actions removes them"]
    assert not result.problems


def test_tighten_the_multitool_policy_strictly() -> None:
    result = tighten(fixture("multitool.json"), READING, strict=True)
    kept = actions_in(result.text)
    assert kept[: len(KEPT) + 1] == [*KEPT, "apigateway:GET"]
    assert all(
        tighten(allowing(name), READING, strict=True).text == allowing(name).text for name in kept
    )
    assert '"iam:PassRole": dropped (Permissions management)' in messages(result.applied)
    assert not result.notes


@pytest.mark.parametrize("change", [expand, tighten], ids=["expand", "tighten"])
def test_the_markdown_page_changes_at_the_wildcard_and_nowhere_else(change: Change) -> None:
    source = fixture("multitool.md")
    before, wildcard, after = source.text.partition('"apigateway:*",')
    assert wildcard
    result = change(source).text
    assert result.startswith(before)
    assert result.endswith(after)
    lines = result[len(before) : -len(after)].splitlines()
    indent = before.rpartition("\n")[2]
    assert lines[1:] == [f"{indent}{line.strip()}" for line in lines[1:]]
    plain = actions_in(change(fixture("multitool.json")).text)
    assert [json.loads(line.strip().rstrip(",")) for line in lines] == plain[: len(lines)]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["sqs:Add*"], ["sqs:AddPermission"]),
        (["sqs:AddPermissio?"], ["sqs:AddPermission"]),
        (["sqs:Add*", "SQS:addpermission"], ["SQS:addpermission"]),
        (["sqs:Add*", "sqs:*Permission"], ["sqs:AddPermission", "sqs:RemovePermission"]),
        (["*", "sqs:Add*"], ["*", "sqs:AddPermission"]),
        (["*:*"], ["*:*"]),
        (["sqs:Nothing*"], ["sqs:Nothing*"]),
        (["${which}*", "sqs:Add*"], ["${which}*", "sqs:AddPermission"]),
    ],
)
def test_expand(actions: list[str], expected: list[str]) -> None:
    assert actions_in(expand(allowing(*actions)).text) == expected


def test_expand_one_pattern() -> None:
    source = allowing("sqs:*Permission", "sqs:Add*", "SQS:add*")
    result = expand(source, Expansion(action="sqs:add*"))
    assert actions_in(result.text) == ["sqs:*Permission", "sqs:AddPermission"]


@pytest.mark.slow
def test_expand_everything_where_it_is_named() -> None:
    assert len(actions_in(expand(allowing("*"), Expansion(action="*")).text)) == len(
        CATALOG.all_actions()
    )


def test_tighten_everything() -> None:
    kept = actions_in(tighten(allowing("*"), ["Tagging"]).text)
    assert {"iam:TagRole", "s3:PutObjectTagging"} <= set(kept)
    assert kept == list(at_levels(kept, ["Tagging"], CATALOG))


def test_expand_says_what_it_left_alone() -> None:
    result = expand(allowing("*", "sqs:Nothing*"))
    assert messages(result.notes) == [
        '"*" is every action; left as it is without --action "*"',
        '"sqs:Nothing*" matches no action in the catalog; left as it is',
    ]
    assert not result.applied
    assert result.text == result.source.text


@pytest.mark.parametrize(
    ("effect", "key", "note"),
    [
        ("Allow", "Action", []),
        ("Allow", "NotAction", ["actions that AWS adds from now on are allowed by this NotAction"]),
        ("Deny", "Action", ["actions that AWS adds from now on are not denied by this Deny"]),
        ("Deny", "NotAction", []),
    ],
)
def test_expand_warns_where_a_list_grants_more_later(
    effect: str, key: str, note: list[str]
) -> None:
    result = expand(policy({"Effect": effect, key: "sqs:*Permission", "Resource": "*"}))
    assert json.loads(result.text)["Statement"][0][key] == [
        "sqs:AddPermission",
        "sqs:RemovePermission",
    ]
    assert messages(result.notes) == note


@pytest.mark.parametrize(
    ("actions", "strict", "expected"),
    [
        # A wildcard of which everything is kept stays, and covers what others match.
        (["sqs:List*"], False, ["sqs:List*"]),
        (["sqs:List*", "sqs:*Queues"], False, ["sqs:List*", "sqs:*Queues"]),
        (
            ["sqs:GetQueue*", "sqs:*QueueUrl", "sqs:*Url"],
            False,
            ["sqs:GetQueue*", "sqs:*QueueUrl", "sqs:*Url"],
        ),
        (["sqs:Get*", "sqs:*Queue?"], False, ["sqs:Get*", "sqs:*Queue?"]),
        (
            ["sqs:Get*", "sqs:*"],
            True,
            [
                "sqs:Get*",
                "sqs:ListDeadLetterSourceQueues",
                "sqs:ListMessageMoveTasks",
                "sqs:ListQueues",
                "sqs:ListQueueTags",
                "sqs:ReceiveMessage",
            ],
        ),
        (["sqs:SendMessage", "sqs:ListQueue*"], True, ["sqs:ListQueue*"]),
        (["sqs:SendMessage", "sqs:Set*"], False, ["sqs:SendMessage"]),
        (["sqs:listqueues", "sqs:*Queues"], False, ["sqs:listqueues", "sqs:*Queues"]),
    ],
)
def test_tighten(actions: list[str], strict: bool, expected: list[str]) -> None:  # noqa: FBT001
    assert actions_in(tighten(allowing(*actions), READING, strict=strict).text) == expected


@pytest.mark.parametrize(
    ("statement", "strict", "problem"),
    [
        (
            {"Effect": "Allow", "Action": ["sqs:Send*", "sqs:Set*"]},
            False,
            "left as it is: none of its actions is at List or Read",
        ),
        (
            {"Effect": "Allow", "Action": "sqs:SendMessage"},
            True,
            "left as it is: none of its actions is at List or Read",
        ),
        (
            {"Effect": "Allow", "NotAction": "sqs:Set*"},
            False,
            "NotAction is left alone: excluding less would grant more",
        ),
        (
            {"Effect": "Allow", "NotAction": "sqs:Set*", "Action": "sqs:*"},
            False,
            "NotAction is left alone: excluding less would grant more",
        ),
        (
            {"Effect": "allow", "Action": "sqs:*"},
            False,
            "left as it is: the effect is unresolved",
        ),
        (
            {"Effect": "Allow", "Action": ["sqs:Nothing*"]},
            False,
            '"sqs:Nothing*" matches no action in the catalog; left as it is',
        ),
        (
            {"Effect": "Allow", "Action": ["sqs:Nothing", "sqs:ListQueues"]},
            True,
            '"sqs:Nothing" is not an action in the catalog; left as it is',
        ),
        (
            {"Effect": "Allow", "Action": ["${action}"]},
            False,
            "left as it is: the value is unresolved",
        ),
    ],
)
def test_tighten_says_what_may_still_allow_more(
    statement: dict[str, Any],
    strict: bool,  # noqa: FBT001
    problem: str,
) -> None:
    source = policy({**statement, "Resource": "*"})
    result = tighten(source, READING, strict=strict)
    assert messages(result.problems) == [problem]
    assert result.text == source.text
    assert not result.applied


def test_tighten_leaves_a_deny_alone() -> None:
    source = policy(
        {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"},
        {"Effect": "Deny"},
    )
    result = tighten(source, READING)
    assert result.text == source.text
    assert messages(result.notes) == ["a Deny is left alone: denying less would grant more"]
    assert not result.problems


def test_tighten_changes_the_other_statements_where_one_would_be_empty() -> None:
    source = policy(
        {"Effect": "Allow", "Action": "sqs:Send*", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:*Permission", "Resource": "*"},
        {"Effect": "Allow", "Action": ["sqs:S*", "sqs:ListQueues"], "Resource": "*"},
    )
    result = tighten(source, READING)
    statements = json.loads(result.text)["Statement"]
    assert [statement["Action"] for statement in statements] == [
        "sqs:Send*",
        "sqs:*Permission",
        ["sqs:ListQueues"],
    ]
    assert len(result.problems) == 2


@pytest.mark.parametrize("change", [expand, tighten])
def test_what_is_not_a_policy_is_reported(change: Change) -> None:
    assert change(Source("a.json", "[]")).no_policy
    broken = change(Source("a.json", '{"Statement": [}'))
    assert len(broken.unread) == 1
    assert broken.no_policy is None
    assert broken.text == broken.source.text
    assert change(Source("a.md", "# Nothing")).no_policy


def test_every_block_of_a_page_is_rewritten() -> None:
    block = f"> ```json\n> {json.dumps(json.loads(allowing('sqs:Add*').text))}\n> ```\n"
    page = f'# A\n\n{block}\n```json\n{{"Statement": {{"Effect": 1}}\n```\n\n{block}'
    result = expand(Source("page.md", page))
    assert result.text == page.replace("sqs:Add*", "sqs:AddPermission")
    assert len(result.applied) == 2
    assert len(result.unread) == 1
