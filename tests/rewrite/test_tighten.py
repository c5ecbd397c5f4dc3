"""Policies that keep what was used, or what is named next to a wildcard."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rewrites import CATALOG, all_messages, allow, policy

from multitool_lint.formats import read_source
from multitool_lint.policy.access import allowed
from multitool_lint.policy.compare import Answer, covers
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.draft import Rewrite
from multitool_lint.rewrite.tighten import Tightening, tighten
from multitool_lint.rewrite.usage import Tally, Usage
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import AccessLevel


def usage(*names: str) -> Usage:
    tally = Tally()
    for name in names:
        tally.add_name(name)
    return tally.usage(CATALOG)


def keep(text: Source, *names: str) -> Rewrite:
    """What is left of a policy if these were used; doing it again must change nothing."""
    result = tighten(text, Tightening(used=usage(*names)))
    again = tighten(Source(text.path, result.text), Tightening(used=usage(*names)))
    assert again.text == result.text
    return result


def actions(result: Rewrite) -> list[Any]:
    return [statement.get("Action") for statement in json.loads(result.text)["Statement"]]


@pytest.mark.parametrize(
    ("before", "used", "after"),
    [
        (["sqs:SendMessage", "sqs:ListQueues"], ["sqs:ListQueues"], ["sqs:ListQueues"]),
        (["sqs:*", "sqs:ListQueues"], ["sqs:ListQueues"], ["sqs:ListQueues"]),
        (["sqs:*"], ["sqs:ListQueues", "s3:GetObject"], ["sqs:ListQueues"]),
        # A wildcard stays where all that it matches was used.
        (["sqs:Send*", "sqs:Get*"], ["sqs:Send*"], ["sqs:Send*"]),
        (["sqs:*Queues", "sqs:List*"], ["sqs:ListQueues"], ["sqs:ListQueues"]),
        (["SQS:sendmessage"], ["sqs:SendMessage"], ["SQS:sendmessage"]),
        (["*"], ["sqs:SendMessage", "iam:GetRole"], ["iam:GetRole", "sqs:SendMessage"]),
    ],
)
def test_what_was_used_is_kept(before: list[str], used: list[str], after: list[str]) -> None:
    assert actions(keep(policy(allow(*before)), *used)) == [after]


def test_what_goes_is_listed_by_access_level() -> None:
    result = keep(policy(allow("sqs:*", "iam:PassRole", "iam:GetRole")), "sqs:SendMessage")
    levels = "7 Read, 6 Write, 2 Tagging, 4 Permissions management"
    assert [change.message for change in result.applied] == [
        f'"sqs:*": kept 1 action (1 Write), dropped 19 actions ({levels})',
        "dropped 2 actions (1 Read, 1 Permissions management) named one by one that were not used",
    ]
    assert [result.source.position(change.span.start) for change in result.applied] == [
        (7, 9),
        (8, 9),
    ]


def test_a_statement_of_which_nothing_was_used_goes_if_another_stays() -> None:
    one, two = allow("s3:GetObject"), allow("sqs:SendMessage", Sid="Two")
    result = keep(policy(one, two, allow("s3:Get*")), "sqs:SendMessage")
    assert json.loads(result.text)["Statement"] == [two]
    dropped = [
        message for message in all_messages(result) if message.startswith("statement dropped")
    ]
    assert len(dropped) == 2
    assert dropped[0] == "statement dropped: 1 action (1 Read) not used"


def test_the_last_statements_stay_and_are_reported() -> None:
    deny = {**allow("s3:*"), "Effect": "Deny"}
    text = policy(allow("s3:GetObject"), deny, allow("s3:List*"))
    result = keep(text, "sqs:SendMessage")
    assert result.text == text.text
    left = "left as it is: none of its actions is used"
    assert [change.message for change in result.problems] == [left, left]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
            "NotAction is left alone: excluding less would grant more",
        ),
        (allow("sqs:ListQueues", "${x}"), "left as it is: the value is unresolved"),
        (
            allow("sqs:ListQueues", "sqs:Nothing*"),
            '"sqs:Nothing*" matches no action in the catalog; left as it is',
        ),
        (
            allow("sqs:ListQueues", "sqs:Nothing"),
            '"sqs:Nothing" is not an action in the catalog; left as it is',
        ),
    ],
)
def test_what_may_still_allow_more_is_a_problem(statement: dict[str, Any], problem: str) -> None:
    result = keep(policy(statement), "sqs:ListQueues")
    assert [change.message for change in result.problems] == [problem]
    assert result.text == result.source.text


def test_a_statement_that_cannot_be_proved_stays_and_the_others_change() -> None:
    unclear = allow("sqs:*", Condition={"StringSame": {"aws:SourceVpc": "a"}})
    result = keep(policy(unclear, allow("sqs:*")), "sqs:ListQueues")
    assert actions(result) == [["sqs:*"], ["sqs:ListQueues"]]
    assert len(result.applied) == 1
    [problem] = result.problems
    assert problem.message.endswith(
        'could not be determined: "StringSame" is not a condition operator'
    )


def test_an_unknown_action_of_which_there_are_events_is_not_a_problem() -> None:
    result = keep(policy(allow("sqs:Nothing", "sqs:ListQueues")), "sqs:nothing", "sqs:ListQueues")
    assert result.text == result.source.text
    assert not all_messages(result)


def test_a_trust_policy_is_left_alone() -> None:
    trust = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    result = tighten(policy(trust), Tightening(used=usage("sts:AssumeRole")))
    assert read_source(result.source).json_policies[0].type is PolicyType.TRUST
    assert result.text == result.source.text
    assert len(result.notes) == 1


def test_what_will_break_is_reported() -> None:
    text = policy(allow("lambda:*", "sqs:*"), allow("iam:PassRole"))
    result = keep(text, "lambda:CreateFunction", "sqs:SendMessage")
    assert "lambda:CreateFunction needs iam:PassRole, which is dropped" in all_messages(result)
    kept = keep(text, "lambda:CreateFunction", "iam:PassRole")
    assert not [message for message in all_messages(kept) if "needs iam:PassRole" in message]
    never = keep(policy(allow("lambda:*")), "lambda:CreateFunction")
    assert not [message for message in all_messages(never) if "needs iam:PassRole" in message]


def test_what_cloudtrail_does_not_record_is_reported_where_something_goes() -> None:
    tally = Tally()
    tally.add_event({"eventSource": "sqs.amazonaws.com", "eventName": "ListQueues"})
    wanted = Tightening(used=tally.usage(CATALOG))
    result = tighten(policy(allow("sqs:*")), wanted)
    assert result.notes[-1].message.startswith("CloudTrail does not record iam:PassRole")
    assert not tighten(policy(allow("sqs:ListQueues")), wanted).notes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["sqs:*", "sqs:SendMessage"], ["sqs:SendMessage"]),
        (["sqs:Send*", "*", "sqs:SendMessage", "s3:*"], ["sqs:SendMessage", "s3:*"]),
        (["SQS:*", "sqs:sendmessage"], ["sqs:sendmessage"]),
        (["sqs:*", "sqs:Send*"], ["sqs:Send*"]),
        (["s3:*", "s3:Get*", "s3:GetObject", "s3:Put*"], ["s3:GetObject", "s3:Put*"]),
        (["sqs:*", "SQS:*", "sqs:**"], ["sqs:*", "SQS:*", "sqs:**"]),
        (["sqs:*", "${x}"], ["sqs:*", "${x}"]),
    ],
)
def test_a_wildcard_next_to_what_it_matches_goes(before: list[str], after: list[str]) -> None:
    wanted = Tightening(drop_wildcards=True)
    result = tighten(policy(allow(*before)), wanted)
    assert actions(result) == [after]
    assert tighten(Source("policy.json", result.text), wanted).text == result.text
    stay = [
        message
        for message in all_messages(result)
        if "no action that it matches is listed" in message
    ]
    assert len(stay) == sum("*" in action for action in after)


def test_what_a_narrower_wildcard_keeps_is_not_counted_as_dropped() -> None:
    result = tighten(policy(allow("sqs:*", "sqs:Send*")), Tightening(drop_wildcards=True))
    (message,) = (message for message in all_messages(result) if "dropped" in message)
    assert message.startswith('"sqs:*": dropped ')
    assert message.endswith("; sqs:Send* stays")
    names = CATALOG.names(CATALOG.match("sqs:*"))
    gone = [name for name in names if not name.startswith("sqs:Send")]
    assert f"dropped {len(gone)} actions" in message


def test_options_are_done_in_their_order() -> None:
    text = policy(allow("sqs:*", "s3:*", "sqs:SendMessage", "sqs:ListQueues", "s3:GetObject*"))
    used = usage("sqs:SendMessage", "sqs:ReceiveMessage", "s3:GetObject", "s3:PutObject")
    wanted = Tightening(levels=("Read", "Write"), used=used, drop_wildcards=True, by_resource=True)
    result = tighten(text, wanted)
    assert actions(result) == [["sqs:SendMessage"], ["s3:GetObject"]]
    assert tighten(Source("policy.json", result.text), wanted).text == result.text
    # Of a wildcard, what was used at these levels; what is named stays in spite of them.
    reading: tuple[AccessLevel, ...] = ("Read",)
    result = tighten(text, Tightening(levels=reading, used=used))
    assert actions(result) == [["sqs:ReceiveMessage", "sqs:SendMessage", "s3:GetObject"]]


NAMES = ["s3:Get*Acl", "sqs:*", "sqs:*Queue*", "SQS:list*", "sqs:listqueues", "sqs:SendMessage"]
NAMES += [
    "sqs:Nope",
    "iam:PassRole",
    "iam:*Role",
    "iam:P*Role",
    "lambda:CreateFunction",
    "lambda:Get*",
    "${x}",
]
USED = ["sqs:SendMessage", "sqs:ListQueues", "s3:GetObjectAcl", "lambda:GetFunction"]
USED += ["iam:PassRole", "sqs:*", "lambda:CreateFunction"]


@st.composite
def policies(draw: st.DrawFn) -> Source:
    """A policy in any formatting."""
    names = st.sampled_from(NAMES)
    statement = st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
            "Action": st.one_of(names, st.lists(names, min_size=1, max_size=5)),
            "Resource": st.sampled_from(["*", "*", ["*"], "arn:aws:sqs:*:*:a", ["*", "arn:a"]]),
        },
        optional={
            "Sid": st.sampled_from(["A", "B"]),
            "Condition": st.sampled_from(
                [
                    {"Bool": {"aws:SecureTransport": "true"}},
                    {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com"]}},
                    {"stringequals": {"IAM:passedtoservice": "lambda.amazonaws.com"}},
                ]
            ),
        },
    )
    statements = draw(st.one_of(statement, st.lists(statement, min_size=1, max_size=3)))
    indent = draw(st.sampled_from([None, 0, 2, "\t"]))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=indent)
    return Source("policy.json", text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))))


WANTED = st.builds(
    Tightening,
    levels=st.sampled_from([(), ("Read", "Write")]),
    all_actions=st.booleans(),
    used=st.none() | st.lists(st.sampled_from(USED), max_size=4).map(lambda names: usage(*names)),
    drop_wildcards=st.booleans(),
    pass_role_to=st.sampled_from([(), ("lambda.amazonaws.com", "ec2.amazonaws.com")]),
    by_resource=st.booleans(),
    arns=st.sampled_from([(), ("arn:aws:sqs:us-east-1:111122223333:orders",)]),
)


@pytest.mark.slow
@settings(max_examples=150)
@given(policies(), WANTED)
def test_no_policy_grants_more_and_twice_is_once(before: Source, wanted: Tightening) -> None:
    result = tighten(before, wanted)
    (old,) = read_source(before).json_policies
    (new,) = read_source(Source(before.path, result.text)).json_policies
    assert covers([old], [new], CATALOG).answer is Answer.YES
    assert not [
        message for message in all_messages(result) if "grant no more than before" in message
    ]
    assert tighten(Source(before.path, result.text), wanted).text == result.text
    assert ("\r\n" in result.text) == ("\r\n" in before.text)
    assert result.text.count("\n") == 0 or "\n" in before.text
    only_used = Tightening(used=wanted.used) == wanted
    if only_used and wanted.used and not result.problems:
        granted = allowed(old, CATALOG) & wanted.used.actions
        assert allowed(new, CATALOG) == granted
