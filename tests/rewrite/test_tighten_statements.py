"""Statements taken apart: iam:PassRole to certain services, resources by their types."""

import json
from typing import Any

import pytest
from support.rewrites import CATALOG, all_messages, allow, policy

from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.draft import Rewrite
from multitool_lint.rewrite.tighten import Tightening, tighten
from multitool_lint.syntax.source import Source

LAMBDA = "lambda.amazonaws.com"
FIRST = "left as it is; first run: multitool-lint expand"
CONDITION = {"StringEquals": {"iam:PassedToService": LAMBDA}}


def done(text: Source, **wanted: Any) -> Rewrite:  # noqa: ANN401 - those of Tightening
    """What a policy becomes; doing it again must change nothing."""
    result = tighten(text, Tightening(**wanted))
    again = tighten(Source(text.path, result.text), Tightening(**wanted))
    assert again.text == result.text
    assert not again.applied
    return result


def statements(result: Rewrite) -> list[dict[str, Any]]:
    found = json.loads(result.text)["Statement"]
    return found if isinstance(found, list) else [found]


def test_pass_role_alone_gets_a_condition() -> None:
    result = done(policy(allow("iam:PassRole")), pass_role_to=[LAMBDA])
    assert statements(result) == [allow("iam:PassRole", Condition=CONDITION)]
    assert all_messages(result) == ["iam:PassRole to lambda.amazonaws.com only"]


def test_pass_role_among_others_gets_a_statement_of_its_own_after_them() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    one = allow("sqs:*", "IAM:passrole", "s3:GetObject", Sid="One", Condition=mfa)
    names = ["ec2.amazonaws.com", LAMBDA]
    text = policy(one, allow("sqs:*", Sid="OnePassRole"))
    result = done(text, pass_role_to=names)
    equals = {"StringEquals": {"iam:PassedToService": names}}
    assert statements(result) == [
        {**one, "Action": ["sqs:*", "s3:GetObject"]},
        {**one, "Sid": "OnePassRole2", "Action": ["IAM:passrole"], "Condition": {**mfa, **equals}},
        allow("sqs:*", Sid="OnePassRole"),
    ]


@pytest.mark.parametrize(
    ("condition", "after"),
    [
        ({"StringEquals": {"iam:PassedToService": LAMBDA}}, None),
        ({"StringLike": {"IAM:passedtoservice": [LAMBDA]}}, None),
        (
            {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", LAMBDA]}},
            {"StringEquals": {"iam:PassedToService": [LAMBDA]}},
        ),
        (
            {"stringEquals": {"aws:ResourceTag/a": "b"}},
            {"stringEquals": {"aws:ResourceTag/a": "b", "iam:PassedToService": LAMBDA}},
        ),
        (
            {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}},
            {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}, **CONDITION},
        ),
        ({}, CONDITION),
    ],
)
def test_a_condition_that_is_there_is_narrowed(condition: Any, after: Any) -> None:  # noqa: ANN401
    text = policy(allow("iam:PassRole", Condition=condition))
    result = done(text, pass_role_to=[LAMBDA])
    assert statements(result)[0]["Condition"] == (after or condition)
    assert (result.text == text.text) == (after is None)
    assert not result.problems


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            allow("iam:*", "iam:PassRole"),
            f'"iam:*" grants iam:PassRole and more; {FIRST} --action "iam:*"',
        ),
        (
            allow("*"),
            '"*" grants iam:PassRole and more; left as it is: name the actions first',
        ),
        (
            {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
            "this NotAction grants iam:PassRole; left as it is: name the actions first",
        ),
        (
            allow(
                "iam:PassRole",
                Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            ),
            "left as it is: its condition on iam:PassedToService names other services",
        ),
        (
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "${x}"}}),
            "left as it is: its condition on iam:PassedToService names other services",
        ),
        (
            allow("iam:PassRole", Condition={"Ref": "x"}),
            "left as it is: its condition is unresolved",
        ),
    ],
)
def test_what_cannot_be_limited_is_a_problem(statement: dict[str, Any], problem: str) -> None:
    result = done(policy(statement), pass_role_to=[LAMBDA])
    assert [problem.message for problem in result.problems] == [problem]
    assert result.text == result.source.text


def test_statements_without_pass_role_are_left_alone() -> None:
    text = policy(
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {**allow("iam:PassRole"), "Effect": "Deny"},
        allow("sqs:*", "${x}"),
    )
    assert done(text, pass_role_to=[LAMBDA]).text == text.text


BEFORE = """\
{
\t"Statement":
\t[{
\t\t"Action": ["s3:ListAllMyBuckets", "iam:PassRole"],
\t\t"Resource": "*", "Effect": "Allow"
\t}]
}
"""
AFTER = """\
{
\t"Statement":
\t[{
\t\t"Action": ["s3:ListAllMyBuckets"],
\t\t"Resource": "*", "Effect": "Allow"
\t}, {
\t\t"Action": ["iam:PassRole"],
\t\t"Resource": "*", "Effect": "Allow",
\t\t"Condition": {
\t\t\t"StringEquals": {
\t\t\t\t"iam:PassedToService": "lambda.amazonaws.com"
\t\t\t}
\t\t}
\t}]
}
"""
ON_ONE_LINE = '{"Statement":{"Effect":"Allow","Action":["a:b","iam:PassRole"],"Resource":"*"}}'
ON_ONE_LINE_AFTER = (
    '{"Statement":[{"Effect":"Allow","Action":["a:b"],"Resource":"*"},'
    '{"Effect":"Allow","Action":["iam:PassRole"],"Resource":"*",'
    '"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]}'
)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("policy.json", BEFORE, AFTER),
        ("policy.json", ON_ONE_LINE, ON_ONE_LINE_AFTER),
        (
            "page.md",
            "".join(f"> {line}\n" for line in ["```json", *BEFORE.splitlines(), "```"]),
            "".join(f"> {line}\n" for line in ["```json", *AFTER.splitlines(), "```"]),
        ),
    ],
)
def test_new_statements_are_written_as_the_author_writes(
    name: str, before: str, after: str, line_break: str
) -> None:
    text = Source(name, before.replace("\n", line_break))
    result = done(text, pass_role_to=[LAMBDA])
    assert result.text == after.replace("\n", line_break)


QUEUE = "arn:aws:sqs:{{Region}}:{{Account}}:{{QueueName}}"


def test_a_statement_on_everything_becomes_one_for_each_set_of_resource_types() -> None:
    text = policy(allow("sqs:*", "sqs:ListQueues", "lambda:GetFunction", "sns:Unknown", Sid="All"))
    result = done(text, by_resource=True)
    queue, others, function = statements(result)
    queues = [name for name in CATALOG.names(CATALOG.match("sqs:*")) if name != "sqs:ListQueues"]
    assert queue == {**allow(*queues, Sid="All"), "Resource": QUEUE}
    assert others == allow("sqs:ListQueues", "sns:Unknown", Sid="AllAnyResource")
    assert function["Sid"] == "AllLambdaFunction"
    assert function["Resource"] == "arn:aws:lambda:{{Region}}:{{Account}}:function:{{FunctionName}}"
    assert all_messages(result) == [
        '"*": on 2 sets of resource types; actions without resources stay on "*" (2 of the items)',
        "replace the placeholders in {{ }}: they match no resource",
    ]


def test_a_wildcard_whose_actions_have_the_same_resource_types_stays() -> None:
    result = done(policy(allow("sqs:Send*", "sqs:Get*")), by_resource=True)
    assert statements(result) == [{**allow("sqs:Send*", "sqs:Get*"), "Resource": QUEUE}]


def test_placeholders_are_read_as_unknown_values() -> None:
    result = done(policy(allow("sqs:SendMessage", "s3:GetObject")), by_resource=True)
    found = lint_source(Source("policy.json", result.text)).findings
    assert not [finding for finding in found if "arn" in finding.rule or "variable" in finding.rule]


def test_an_action_that_needs_several_resource_types_gets_all_of_them() -> None:
    subnet = "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1"
    (run,) = statements(done(policy(allow("ec2:RunInstances")), by_resource=True, arns=[subnet]))
    action = CATALOG.action("ec2:RunInstances")
    assert action
    required = [
        resource_type.name for resource_type in action.resource_types if resource_type.required
    ]
    assert run["Resource"][0] == subnet
    assert len(run["Resource"]) == len(required)
    assert "arn:aws:ec2:{{Region}}::image/{{ImageId}}" in run["Resource"]


def test_given_arns_are_used_where_they_fit() -> None:
    arns = [
        "arn:aws:sqs:us-east-1:111122223333:orders",
        "arn:aws:s3:::shop/*",
        "arn:aws:s3:::shop",
        "arn:aws:sns:us-east-1:111122223333:news",
    ]
    names = ("sqs:SendMessage", "s3:GetObject", "s3:ListBucket")
    result = done(policy(allow(*names)), by_resource=True, arns=arns)
    assert [statement["Resource"] for statement in statements(result)] == arns[:3]
    assert all_messages(result)[1:] == [f'no statement on "*" has actions that support {arns[3]}']


def test_the_partition_is_that_of_the_policy() -> None:
    china = {**allow("sqs:SendMessage"), "Resource": "arn:aws-cn:sqs:cn-north-1:111122223333:a"}
    result = done(policy(allow("sqs:SendMessage"), china), by_resource=True)
    assert statements(result)[0]["Resource"].startswith("arn:aws-cn:sqs:")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (allow("*"), '"*" is every action; name the actions first'),
        (
            {**allow("sqs:*"), "Resource": ["*", "arn:aws:sqs:*:*:a"]},
            '"*" covers the other resources; remove it or the others first',
        ),
        (
            {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
            "NotResource and NotAction name what is excepted",
        ),
        (
            allow("sqs:*", Principal="*"),
            "resource types are for the policies of users, groups and roles",
        ),
    ],
)
def test_what_cannot_be_taken_apart_is_a_problem(statement: dict[str, Any], problem: str) -> None:
    result = done(policy(statement), by_resource=True)
    assert all_messages(result) == [f"left as it is: {problem}"]
    assert result.text == result.source.text


def test_an_action_that_may_name_no_resource_is_reported() -> None:
    names = ("cloudwatch:GetMetricData", "sqs:SendMessage")
    result = done(policy(allow(*names)), by_resource=True)
    note = 'requests of cloudwatch:GetMetricData may name no resource, and then need "*"'
    assert note in all_messages(result)


def test_every_action_can_be_placed() -> None:
    service = CATALOG.known("ec2")
    every = [action.name for action in service.actions]
    result = done(policy(allow(*every)), by_resource=True)
    assert sorted(
        name for statement in statements(result) for name in statement["Action"]
    ) == sorted(every)


def test_what_is_unknown_stays_on_everything() -> None:
    names = ("${x}", "sqs:SendMessage", "${y}", "sqs:Nothing*")
    first, second = statements(done(policy(allow(*names)), by_resource=True))
    assert first == allow("${x}", "${y}", "sqs:Nothing*")
    assert second == {**allow("sqs:SendMessage"), "Resource": QUEUE}
    assert done(policy(allow("sqs:ListQueues")), by_resource=True).text.count("Effect") == 1


def test_pass_role_out_of_a_wildcard_that_resource_types_take_apart() -> None:
    result = done(policy(allow("iam:*")), by_resource=True, pass_role_to=[LAMBDA])
    (alone,) = (
        statement for statement in statements(result) if "iam:PassRole" in statement["Action"]
    )
    assert alone["Action"] == ["iam:PassRole"]
    assert alone["Condition"] == CONDITION
    assert alone["Resource"] == "arn:aws:iam::{{Account}}:role/{{RoleNameWithPath}}"
    assert not result.problems
