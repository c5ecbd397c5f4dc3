"""`shrink` on policies: what becomes shorter, what stays, and that access is the same."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from support.rewrites import CATALOG, allow, messages, policies, policy
from support.work import calls

from multitool_lint.policy.compare import Answer, equivalent
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.draft import Rewrite
from multitool_lint.rewrite.shrink import shrink
from multitool_lint.rewrite.shrink.actions import Shortening
from multitool_lint.rewrite.shrink.patterns import Limits
from multitool_lint.rewrite.shrink.split import size_of
from multitool_lint.syntax.source import Source

FIXTURES = Path(__file__).parents[2] / "fixtures"
WORDS = Limits(whole_words=True)
BOTH = ["sqs:AddPermission", "sqs:RemovePermission"]
NAMES = tuple(CATALOG.names(CATALOG.match("ec2:*")))
Statement = dict[str, Any]


def statements_in(text: str) -> list[Statement]:
    found = json.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def is_same(before: Source, *after: str) -> bool:
    return equivalent(policies(before.text), policies(*after), CATALOG).answer is Answer.YES


def again(result: Rewrite, **options: Any) -> str:  # noqa: ANN401 - whatever shrink takes
    return shrink(Source(result.source.path, result.text), **options).text


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (BOTH, ["sqs:*n"]),
        (["SQS:addpermission", "sqs:RemovePermission"], ["SQS:*n"]),
        (["s3:GetObject", *BOTH, "a4b:Nothing"], ["s3:G*ct", "sqs:*n", "a4b:Nothing"]),
        (["sqs:*N"], ["sqs:*N"]),
        (["*", *BOTH], ["*"]),
        (["s?s:Add*", "s?s:Rem*"], ["s?s:Add*", "s?s:Rem*"]),
        (["sqs:Nothing*", "sqs:Nothing", "nothing:Get"], ["sqs:Nothing*", "nothing:Get"]),
        (["sqs:SetPermission", *BOTH], ["sqs:SetPermission", "sqs:R*n", "sqs:A*"]),
        (["sqs:${which}", *BOTH], ["sqs:${which}", "sqs:*n"]),
    ],
)
def test_actions(actions: list[str], expected: list[str]) -> None:
    source = policy(allow(*actions))
    result = shrink(source)
    found = statements_in(result.text)[0]["Action"]
    assert sorted(found, key=len) == sorted(expected, key=len)
    assert not result.problems
    assert is_same(source, result.text)
    assert again(result) == result.text


def test_a_name_unknown_elsewhere_in_the_policy_is_matched_by_no_new_pattern() -> None:
    other = allow("sqs:SetPermission", Effect="Deny")
    source = policy(allow(*BOTH), other)
    result = shrink(source)
    first, second = statements_in(result.text)
    assert first["Action"] == ["sqs:A*", "sqs:R*n"]
    assert second == other
    assert not result.problems
    kept = policy(allow("sqs:*Permission", *BOTH[:1], "sqs:GetQueueUrl"), other)
    first, _ = statements_in(shrink(kept).text)
    assert "sqs:*Permission" in first["Action"]


def test_a_trust_policy_keeps_the_names_of_its_actions() -> None:
    principal = {"AWS": "arn:aws:iam::111122223333:root"}
    one = {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}
    other = {**one, "Action": "sts:TagSession"}
    result = shrink(policy(one, other))
    assert statements_in(result.text) == [{**one, "Action": ["sts:AssumeRole", "sts:TagSession"]}]


def test_nothing_outside_the_actions_changes() -> None:
    source = Source("multitool.md", (FIXTURES / "multitool.md").read_bytes().decode())
    result = shrink(source, limits=WORDS)
    start = source.text.index('"apigateway:*",')
    end = source.text.index('"Resource": "*"', start)
    assert result.text != source.text
    assert result.text.startswith(source.text[:start])
    assert result.text.endswith(source.text[end:])
    assert '"cloudwatch:Describe*",\n' in result.text
    assert again(result, limits=WORDS) == result.text


def test_each_pattern_is_where_the_first_action_was_that_it_matches() -> None:
    actions = ["sqs:ListQueues", "sns:Publish", "sqs:SendMessage", "sqs:ListQueueTags"]
    result = shrink(policy(allow(*actions)), limits=WORDS)
    assert statements_in(result.text)[0]["Action"] == [
        "sqs:ListQueue*",
        "sns:Publish",
        "sqs:SendMessage",
    ]


@pytest.mark.parametrize(
    ("operator", "first", "second", "merged"),
    [
        ("StringEquals", "a", ["b", "c"], ["a", "b", "c"]),
        ("StringLike", ["a*", "b"], "c?", ["a*", "b", "c?"]),
        ("ForAnyValue:StringLike", ["a*"], "b*", ["a*", "b*"]),
        ("StringEqualsIfExists", ["a"], ["b"], ["a", "b"]),
    ],
)
def test_statements_that_differ_in_the_values_of_a_condition_are_merged(
    operator: str, first: object, second: object, merged: list[str]
) -> None:
    def on(values: object, **more: object) -> Statement:
        condition = {operator: {"aws:RequestTag/team": values}, "Bool": {"s3:x": "true"}}
        return allow(*BOTH, Condition=condition, **more)

    source = policy(on(first, Sid="First"), allow("sns:Publish"), on(second))
    result = shrink(source, limits=Limits(max_wildcards=0))
    assert statements_in(result.text) == [on(merged, Sid="First"), allow("sns:Publish")]
    assert is_same(source, result.text)
    assert f'differ in the values of {operator} on "aws:RequestTag/team" only' in " ".join(
        messages(result.applied)
    )
    assert again(result, limits=Limits(max_wildcards=0)) == result.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            {"StringNotEquals": {"aws:userid": "a"}},
            {"StringNotEquals": {"aws:userid": "b"}},
        ),
        (
            {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}},
            {"ForAllValues:StringEquals": {"aws:TagKeys": "b"}},
        ),
        # A star that StringEquals compares as a character is a wildcard of StringLike.
        ({"StringEquals": {"aws:userid": "a*"}}, {"StringLike": {"aws:userid": "b"}}),
        ({"StringEquals": {"aws:userid": "a"}}, {"StringEquals": {"aws:username": "b"}}),
        (
            {"StringEquals": {"aws:userid": "a", "aws:username": "c"}},
            {"StringEquals": {"aws:userid": "b", "aws:username": "d"}},
        ),
        (
            {"StringEquals": {"aws:userid": "a"}},
            {"StringEquals": {"aws:userid": "b", "aws:username": "c"}},
        ),
        ({"Null": {"aws:username": "true"}}, {"Null": {"aws:username": "false"}}),
    ],
)
def test_conditions_without_a_union_stay_apart(
    first: dict[str, object], second: dict[str, object]
) -> None:
    source = policy(*(allow(*BOTH, Condition=c) for c in (first, second)))
    assert shrink(source, limits=Limits(max_wildcards=0)).text == source.text


def test_values_that_cannot_be_proved_stay_apart_and_the_rest_becomes_shorter() -> None:
    letters = "abcdefghijklmnop"

    def patterns(first: str) -> list[str]:
        return [f"*{first}{other}*{first}*" for other in letters]

    apart = [
        allow(*BOTH, Condition={"StringLike": {"aws:PrincipalTag/team": patterns(first)}})
        for first in letters
    ]
    source = policy(*apart, allow("sns:Publish", "sns:Publish"))
    result = shrink(source, limits=Limits(max_wildcards=0))
    assert not result.problems
    assert statements_in(result.text) == [*apart, allow("sns:Publish")]


def test_statements_that_differ_in_actions_only_are_merged_into_the_first() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a", "aws:SourceVpc": ["b"]}}
    written = {"StringEquals": {"AWS:sourcevpc": "b", "aws:PrincipalTag/team": ["a"]}}
    source = policy(
        allow("sqs:SendMessage", Sid="First", Condition=condition),
        allow("sns:Publish", Sid="Other"),
        allow("sns:Subscribe", Sid="Second", Condition=written),
        allow("sns:Subscribe", Effect="Deny", Condition=written),
        {
            "Effect": "Allow",
            "NotAction": "iam:*",
            "Resource": "arn:aws:s3:::a",
            "Condition": written,
        },
    )
    result = shrink(source, limits=Limits(max_wildcards=0))
    first, other, *rest = statements_in(result.text)
    assert first == allow("sqs:SendMessage", "sns:Subscribe", Sid="First", Condition=condition)
    assert [other, *rest] == [statements_in(source.text)[at] for at in (1, 3, 4)]
    assert messages(result.applied) == [
        'statement "Second" merged into "First": they differ in their actions only'
    ]
    place = source.text[result.applied[0].span.start :]
    assert place.startswith("{")
    assert place.partition('"Sid": ')[2].startswith('"Second"')
    assert is_same(source, result.text)


def test_what_is_redundant_is_dropped_first() -> None:
    source = policy(
        allow("s3:*", "s3:GetObject"),
        allow("s3:PutObject", Resource=["arn:aws:s3:::a", "arn:aws:s3:::*"]),
    )
    result = shrink(source)
    assert statements_in(result.text) == [allow("s3:*")]
    assert [message.rpartition("[")[2] for message in messages(result.applied)] == [
        "redundant-action]",
        "redundant-statement]",
    ]


def test_what_the_statement_means_must_be_known() -> None:
    unclear = allow(*BOTH, Effect="${effect}")
    source = policy(unclear, allow("s3:GetObject", "s3:GetObjectAcl"))
    result = shrink(source)
    first, second = statements_in(result.text)
    assert first == unclear
    assert second["Action"] != ["s3:GetObject", "s3:GetObjectAcl"]
    undetermined = "the meaning of the statement could not be determined: its Effect is not known"
    assert f"left as it is: {undetermined}" in messages(result.notes)


@pytest.mark.parametrize(
    ("effect", "element", "meaning"),
    [
        ("Allow", "Action", "is allowed as well"),
        ("Deny", "Action", "is denied as well"),
        ("Allow", "NotAction", "is not allowed by this NotAction"),
        ("Deny", "NotAction", "is not denied by this NotAction"),
    ],
)
def test_it_says_once_what_new_wildcards_mean(effect: str, element: str, meaning: str) -> None:
    one = {"Sid": "A", "Effect": effect, element: BOTH, "Resource": "arn:aws:sqs:*:*:a"}
    other = {**one, "Sid": "B", "Resource": "arn:aws:sqs:*:*:b"}
    start = f"an action that AWS adds later {meaning} where a new wildcard matches it: "
    warnings = [
        message for message in messages(shrink(policy(one, other)).notes) if "later" in message
    ]
    assert warnings == [
        f'{start}statements "A", "B"; --whole-words makes patterns that can be reviewed'
    ]
    for limits in (Limits(max_wildcards=0), WORDS):
        assert not shrink(policy(one, other), limits=limits).notes


def test_minify_keeps_every_string_as_it_is_written() -> None:
    text = '{ "Version" : "2012-10-17",\r\n"Statement": [{"Sid": "a\\u0062", "Effect": "Allow",'
    text += ' "Action": "s3:*", "Resource": ["a  b", "*" ] , "Condition": { } } ] }\r\n'
    result = shrink(Source("policy.json", text), minify=True)
    assert result.text == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"a\\u0062","Effect":"Allow","Action":"s3:*",'
        '"Resource":["*"],"Condition":{}}]}\r\n'
    )
    # In documentation, a text with spaces is a placeholder.
    text = text.replace("a  b", "arn:aws:s3:::b")
    quoted = "".join(f"> {line}\n" for line in ("```json", *text.split("\r\n"), "```"))
    page = shrink(Source("page.md", quoted), minify=True).text
    assert page == f"> ```json\n> {result.text.strip()}\n> \n> ```\n"


def test_no_more_is_done_than_the_target_needs() -> None:
    names = list(islice((name for name in NAMES if ":Describe" in name), 150))
    source = policy(
        allow(*names, Resource="arn:aws:s3:::a", Sid="A"),
        allow("s3:GetObject", "s3:GetObject", Sid="B"),
        allow("s3:PutObject", Sid="C"),
    )
    size = len("".join(source.text.split()))
    found = []
    for target in (size, size - 1, 4000, 2700, 2400, 10):
        result = shrink(source, target_size=target)
        assert is_same(source, result.text)
        assert again(result, target_size=target) == result.text
        found.append(len("".join(result.text.split())))
        if target == 10:
            assert result.text == source.text
            (problem,) = messages(result.problems)
            assert problem.startswith("left as it is: still ")
        else:
            assert found[-1] <= target
            assert not result.problems
    assert found[0] == found[-1] == size
    assert found[1] == size - len('"s3:GetObject",')
    words = statements_in(shrink(source, target_size=4000).text)
    assert len(words) == 3
    assert "ec2:DescribeInstance*" in str(words) or "ec2:DescribeAddress*" in str(words)


def test_a_target_that_nothing_meets_is_soon_given_up() -> None:
    source = policy(allow(*NAMES[:60]))
    assert calls(Shortening.items, lambda: shrink(source, target_size=10)) <= 8


def test_it_says_what_was_reached() -> None:
    source = policy(allow(*BOTH, "sqs:ListQueues", "sqs:ListQueueTags"))
    notes = messages(shrink(source, target_size=150).notes)
    assert notes[0] == "143 of 150 characters without whitespace, 163 before"


@pytest.mark.slow
def test_a_policy_that_is_too_large_is_split() -> None:
    source = policy(
        allow(*NAMES[::2], Sid="Big"),
        allow(*NAMES[1::2], Sid="Deny", Effect="Deny", Resource="arn:aws:s3:::a"),
        *(
            allow("s3:GetObject", Sid=f"S{at}", Resource=f"arn:aws:s3:::bucket{at}/*")
            for at in range(30)
        ),
    )
    result = shrink(source, target_size=3000, splits=True)
    assert result.text == source.text
    assert 2 < len(result.pieces) < 12
    assert all(len("".join(piece.split())) <= 3000 for piece in result.pieces)
    assert all(json.loads(piece)["Version"] == "2012-10-17" for piece in result.pieces)
    for piece in result.pieces:
        sids = [statement["Sid"] for statement in statements_in(piece)]
        assert len(set(sids)) == len(sids)
    assert is_same(source, *result.pieces)
    assert not is_same(source, *result.pieces[1:])
    assert messages(result.applied)[-1].startswith(f"split into {len(result.pieces)} policies of ")


@pytest.mark.parametrize(
    ("statements", "type", "reason"),
    [
        ([allow("s3:GetObject", Resource="x" * 300)], None, "cannot be cut, and is 35"),
        (
            [allow("s3:GetObject", "sqs:SendMessage", Resource="x" * 300)],
            None,
            "for one of its actions alone",
        ),
        ([allow(*NAMES[::2])], PolicyType.RESOURCE, "a resource has one policy only"),
    ],
)
def test_what_cannot_be_split_stays(
    statements: list[Statement], type: PolicyType | None, reason: str
) -> None:
    source = policy(*statements)
    result = shrink(source, target_size=250, splits=True, type=type)
    assert result.text == source.text
    assert not result.pieces
    (problem,) = messages(result.problems)
    assert problem.startswith("not split: ")
    assert reason in problem


def test_a_policy_on_a_page_is_not_split() -> None:
    page = f"```json\n{policy(allow(*NAMES)).text}```\n"
    result = shrink(Source("page.md", page), target_size=60, splits=True)
    assert result.text == page
    assert "only a JSON file" in messages(result.problems)[0]


@pytest.mark.slow
def test_thousands_of_actions_take_seconds() -> None:
    everything = list(CATALOG.names(CATALOG.all_actions()))
    result = shrink(policy(allow(*everything)))
    (found,) = statements_in(result.text)
    assert len(found["Action"]) == len(CATALOG.all_actions().prefixes)
    assert {name.partition(":")[2] for name in found["Action"]} >= {"*"}


def test_a_target_is_met_with_patterns_for_as_few_services_as_needed() -> None:
    names = [
        name
        for service in ("iam", "rds", "sqs")
        for at, name in enumerate(CATALOG.names(CATALOG.match(f"{service}:*")))
        if at % 4
    ]
    source = policy(allow(*names))
    before = size_of(policies(source.text)[0]).number
    for part in (0.75, 0.5, 0.33):
        target = round(before * part)
        result = shrink(source, target_size=target)
        size = size_of(policies(result.text)[0]).number
        assert target * 0.75 < size <= target
        assert is_same(source, result.text)
    assert any("--whole-words --split makes" in note.message for note in result.notes)
