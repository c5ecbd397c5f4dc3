"""Equivalence and coverage of policies: what is proved, what differs, and what is not known."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.queue_policies import ALLOW, ARN, CATALOG, Statement, glob, policy

from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import DIRECTORY, rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.compare import Answer, covers, equivalent
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source, apply_edits

DENY = {**ALLOW, "Effect": "Deny"}
EVERYWHERE = {**ALLOW, "Resource": "*"}


def when(**operators: object) -> Statement:
    return {**ALLOW, "Condition": operators}


SAME: list[tuple[str, object, object]] = [
    ("a list of one and its item", ALLOW, {**ALLOW, "Action": "sqs:SendMessage"}),
    ("case of actions", ALLOW, {**ALLOW, "Action": "SQS:sendmessage"}),
    ("a Sid", ALLOW, {"Sid": "A", **ALLOW}),
    ("order", [ALLOW, DENY], [DENY, ALLOW]),
    ("a statement twice", ALLOW, [ALLOW, ALLOW]),
    ("a statement within another", EVERYWHERE, [EVERYWHERE, ALLOW]),
    ("a statement in two parts", {**ALLOW, "Action": ["sqs:SendMessage", "sns:Publish"]},
     [ALLOW, {**ALLOW, "Action": "sns:Publish"}]),
    ("what a Deny takes away", [{**DENY, "Resource": "*"}, ALLOW], {**DENY, "Resource": "*"}),
    ("a wildcard and all that it matches", {**ALLOW, "Action": "sqs:Send*"}, ALLOW),
    ("NotAction and all the others", {**DENY, "NotAction": ["*"], "Action": []}, []),
    ("operators that differ in wildcards only", when(StringLike={"aws:SourceVpc": "vpc-1"}),
     when(StringEquals={"aws:SourceVpc": ["vpc-1"]})),
    ("case of operators and keys", when(stringequals={"AWS:sourcevpc": "vpc-1"}),
     when(StringEquals={"aws:SourceVpc": "vpc-1"})),
    ("ARN operators", when(ArnEquals={"aws:SourceArn": "arn:aws:sns:*:*:a"}),
     when(ArnLike={"aws:SourceArn": "arn:aws:sns:*:*:a"})),
    ("a boolean and its text", when(Bool={"aws:SecureTransport": True}),
     when(Bool={"aws:SecureTransport": "TRUE"})),
    ("a number and its text", when(NumericEquals={"s3:max-keys": 10}),
     when(NumericEquals={"s3:max-keys": "10.0"})),
    ("ForAllValues:Null and no condition", when(**{"ForAllValues:Null": {"aws:TagKeys": "true"}}),
     ALLOW),
    ("ForAnyValue:Null and no statement", when(**{"ForAnyValue:Null": {"aws:TagKeys": "false"}}),
     []),
    ("an address in a range", when(IpAddress={"aws:SourceIp": ["10.0.0.1/8", "10.1.1.1"]}),
     when(IpAddress={"aws:SourceIp": "10.0.0.0/8"})),
    ("the same NotPrincipal", {**DENY, "NotPrincipal": {"AWS": ["111122223333", "444455556666"]}},
     {**DENY, "Action": "sqs:Send*", "NotPrincipal": {
         "AWS": ["444455556666", "arn:aws:iam::111122223333:root"]}}),
    ("what is decided elsewhere, left as it is", {**ALLOW, "Resource": "${aws_sqs_queue.a.arn}"},
     {**ALLOW, "Action": ["sqs:Send*"], "Resource": ["${aws_sqs_queue.a.arn}"]}),
    ("a statement that makes no sense, left as it is", [{"Effect": "Maybe"}, ALLOW],
     [{**ALLOW, "Action": "sqs:Send*"}, {"Effect": "Maybe"}]),
]  # fmt: skip
DIFFERENT: list[tuple[str, object, object]] = [
    ("an action", ALLOW, {**ALLOW, "Action": "sqs:DeleteQueue"}),
    ("a resource", ALLOW, {**ALLOW, "Resource": ARN + "b"}),
    ("an effect", ALLOW, DENY),
    ("a Deny", ALLOW, [ALLOW, {**DENY, "Action": "sqs:DeleteQueue"}]),
    ("a condition", ALLOW, when(StringEquals={"aws:SourceVpc": "vpc-1"})),
    ("a value of a condition", when(StringEquals={"aws:SourceVpc": "vpc-1"}),
     when(StringEquals={"aws:SourceVpc": "vpc-2"})),
    ("a key in two operators or in one of them",
     when(StringEquals={"aws:SourceVpc": "a"}, StringNotEquals={"aws:SourceVpc": "b"}),
     when(StringNotEquals={"aws:SourceVpc": "b"})),
    ("a principal", {**ALLOW, "Principal": {"AWS": "111122223333"}},
     {**ALLOW, "Principal": {"AWS": "444455556666"}}),
    ("no principal", {**ALLOW, "Principal": "*"}, ALLOW),
    ("another NotPrincipal", {**DENY, "NotPrincipal": {"AWS": "111122223333"}},
     {**DENY, "NotPrincipal": {"AWS": ["111122223333", "444455556666"]}}),
    ("a Principal and a NotPrincipal", {**DENY, "Principal": {"AWS": "111122223333"}},
     {**DENY, "NotPrincipal": {"AWS": "111122223333"}}),
    ("all but everyone", {**ALLOW, "NotPrincipal": "*"}, {**ALLOW, "NotPrincipal": {"AWS": "*"}}),
    ("an action that AWS does not have (yet)", {**ALLOW, "Action": "sqs:Fly"}, []),
    ("what is decided elsewhere", {**ALLOW, "Resource": "${aws_sqs_queue.a.arn}"},
     {**ALLOW, "Resource": "${aws_sqs_queue.b.arn}"}),
    ("a statement that makes no sense", [{"Effect": "Maybe"}, ALLOW], ALLOW),
    ("Null and ForAllValues:Null", when(Null={"aws:TagKeys": "true"}),
     when(**{"ForAllValues:Null": {"aws:TagKeys": "true"}})),
    ("Null and ForAnyValue:Null", when(Null={"aws:TagKeys": "false"}),
     when(**{"ForAnyValue:Null": {"aws:TagKeys": "false"}})),
    ("numbers that differ in the 30th digit", when(NumericEquals={"s3:max-keys": "1" * 30}),
     when(NumericEquals={"s3:max-keys": "1" * 29 + "2"})),
    ("a number and what Python reads as one", when(NumericEquals={"s3:max-keys": "1_000"}),
     when(NumericEquals={"s3:max-keys": "1000"})),
    ("a netmask and a prefix length", when(IpAddress={"aws:SourceIp": "10.0.0.0/255.0.0.0"}),
     when(IpAddress={"aws:SourceIp": "10.0.0.0/8"})),
    ("a host mask and its range", when(IpAddress={"aws:SourceIp": "203.0.113.7/0.0.0.255"}),
     when(IpAddress={"aws:SourceIp": "203.0.113.0/24"})),
    ("a literal star in StringNotEquals and a pattern",
     when(StringNotEquals={"aws:SourceVpc": "a*"}), when(StringNotLike={"aws:SourceVpc": "a*"})),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME], ids=[s[0] for s in SAME])
def test_the_same(one: object, other: object) -> None:
    if isinstance(one, dict) and one.get("Action") == []:
        del one["Action"]
    for first, second in itertools.permutations((one, other)):
        assert equivalent(policy(first), policy(second), CATALOG).answer is Answer.YES
        assert covers(policy(first), policy(second), CATALOG).answer is Answer.YES


@pytest.mark.parametrize(
    ("one", "other"), [row[1:] for row in DIFFERENT], ids=[row[0] for row in DIFFERENT]
)
def test_different(one: object, other: object) -> None:
    for first, second in itertools.permutations((one, other)):
        assert equivalent(policy(first), policy(second), CATALOG).answer is not Answer.YES


ACCOUNT, ROLE = "111122223333", "arn:aws:iam::111122223333:role/team/app"
OF_ACCOUNT = {**when(StringEquals={"aws:PrincipalAccount": ACCOUNT}), "Principal": "*"}
OF_ROLES = {
    **when(ArnLike={"aws:PrincipalArn": "arn:aws:iam::111122223333:role/team/*"}),
    "Principal": "*",
}


@pytest.mark.parametrize(
    ("wide", "principal", "is_covered"),
    [
        (OF_ACCOUNT, ACCOUNT, True),
        (OF_ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", True),
        (OF_ACCOUNT, ROLE, True),
        (OF_ACCOUNT, "444455556666", False),
        (OF_ACCOUNT, "*", False),
        (OF_ACCOUNT, "AIDACKCEVSQ6C2EXAMPLE", False),
        (OF_ROLES, ROLE, True),
        (OF_ROLES, ROLE.replace("team", "other"), False),
        (OF_ROLES, ACCOUNT, False),
    ],
)
def test_what_requests_of_a_principal_have(
    wide: Statement, principal: str, *, is_covered: bool
) -> None:
    named = {**ALLOW, "Principal": {"AWS": principal}}
    answer = covers(policy(wide), policy(named), CATALOG).answer
    assert (answer is Answer.YES) is is_covered


def test_a_number_is_what_is_written_not_what_it_is_rounded_to() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": when(NumericEquals={"a:b": "TEXT"})})
    one, other = (
        read_source(Source("a.json", text.replace('"TEXT"', number))).json_policies
        for number in ("1.5", "1.5000000000000000000000001")
    )
    assert equivalent(one, other, CATALOG).answer is not Answer.YES
    assert equivalent(one, one, CATALOG).answer is Answer.YES


def test_the_version_decides_whether_there_are_variables() -> None:
    text = json.dumps({"Statement": {**ALLOW, "Resource": ARN + "${aws:username}"}})
    old = read_source(Source("a.json", text)).json_policies
    new = policy([{**ALLOW, "Resource": ARN + "${aws:username}"}])
    assert equivalent(old, new, CATALOG).answer is not Answer.YES
    assert equivalent(old, old, CATALOG).answer is Answer.YES


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", None])
def test_what_a_template_fills_in_is_unknown_in_every_version(version: str | None) -> None:
    def policies(*statements: Statement) -> tuple[Policy, ...]:
        document = {"Version": version, "Statement": statements}
        properties = {"PolicyDocument": {key: value for key, value in document.items() if value}}
        resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
        source = Source("template.json", json.dumps({"Resources": {"A": resource}}))
        return tuple(entry.policy for entry in read_source(source).policies)

    allow = {**ALLOW, "Resource": {"Fn::Sub": ARN + "${Queue}"}}
    deny = {**ALLOW, "Effect": "Deny", "Resource": ARN + "a"}
    assert covers(policies(allow, deny), policies(allow), CATALOG).answer is not Answer.YES
    assert covers(policies(allow), policies(allow, deny), CATALOG).answer is Answer.YES


def test_a_gap_says_what_where_and_under_which_condition() -> None:
    wide = policy([when(StringEquals={"aws:SourceVpc": "vpc-1"})])
    narrow = policy([{**ALLOW, "Action": "sqs:*", "Resource": ARN + "b*"}])
    comparison = covers(wide, narrow, CATALOG)
    assert comparison.answer is Answer.NO
    [gap] = [gap for gap in comparison.gaps if "sqs:SendMessage" in CATALOG.names(gap.actions)]
    assert gap.unit is not None
    assert gap.unit.resources.patterns == (ARN + "b*",)
    assert gap.certain
    assert gap.example is not None
    assert glob(ARN + "b*", gap.example.resource or "")


def test_several_policies_are_taken_as_one() -> None:
    whole = policy([{**ALLOW, "Action": ["sqs:SendMessage", "sns:Publish"]}])
    parts = policy([ALLOW]) + policy([{**ALLOW, "Action": "sns:Publish"}])
    assert equivalent(whole, parts, CATALOG).answer is Answer.YES


def safe_fixes() -> Iterator[tuple[str, str]]:
    for page in sorted(Path(DIRECTORY).glob("*.md")):
        for match in re.finditer(r"```json[^\n]*\n(.*?)```", page.read_text(), re.DOTALL):
            yield page.stem, match[1]


@pytest.mark.exhaustive
def test_every_safe_fix_of_the_rule_pages_is_proved_safe() -> None:
    count = 0
    for name, text in safe_fixes():
        report = lint_source(Source(f"{name}.json", text), enabled=rules())
        for finding in report.findings:
            for fix in finding.fixes:
                if fix.safety is Safety.SAFE:
                    after = read_source(
                        Source("a.json", apply_edits(text, fix.edits))
                    ).json_policies
                    answer = equivalent(report.policies, after, CATALOG).answer
                    assert answer is Answer.YES, (name, finding.rule, fix.title)
                    count += 1
    assert count > 50


def test_what_is_not_known_and_stays_is_in_nobodys_way() -> None:
    unclear = when(StringSame={"aws:SourceVpc": "a"})
    for effect in ("Allow", "Deny"):
        both = {**unclear, "Effect": effect}
        same = policy([{**ALLOW, "Action": "sqs:Send*"}, both])
        assert equivalent(policy([both, ALLOW]), same, CATALOG).answer is Answer.YES
        comparison = equivalent(policy([both, ALLOW]), policy([both, EVERYWHERE]), CATALOG)
        # Perhaps it grants, or denies, what is granted now.
        assert comparison.answer is Answer.UNDECIDED


def test_what_a_deny_takes_from_an_unknown_statement_is_not_known() -> None:
    unclear = when(StringSame={"aws:SourceVpc": "a"})
    with_deny = policy([unclear, {**DENY, "Resource": ARN + "b"}])
    assert covers(with_deny, policy([unclear]), CATALOG).answer is Answer.UNDECIDED
    assert covers(policy([unclear]), with_deny, CATALOG).answer is Answer.YES


def test_a_changed_statement_that_is_not_known_is_named_with_the_reason() -> None:
    unclear = {**when(StringSame={"aws:SourceVpc": "a"}), "Sid": "A"}
    comparison = equivalent(policy([ALLOW, unclear]), policy([ALLOW]), CATALOG)
    assert comparison.answer is Answer.UNDECIDED
    [gap] = comparison.gaps
    assert gap.statement.sid is not None
    assert gap.statement.sid.value == "A"
    assert gap.unclear == '"StringSame" is not a condition operator'
