"""What two policies grant, compared: against brute force over all requests of a small world."""

import fnmatch
import itertools
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint.comparison import Answer, covers, equivalent
from multitool_lint.engine import lint_source
from multitool_lint.findings import Safety
from multitool_lint.iam.catalog import bundled
from multitool_lint.loaders import load
from multitool_lint.policy import Policy
from multitool_lint.rulebook import DIRECTORY, rules
from multitool_lint.source import Source, apply_edits

CATALOG = bundled()
Statement = dict[str, Any]

# The small world: requests are combinations of these, and policies are drawn over them.
# What a pattern says of any other action or resource, it says of one of these as well.
NAMED = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage", "sns:Publish")
ACTIONS = (*NAMED, "sqs:DeleteQueue", "ec2:RunInstances")
ACTION_PATTERNS = (*NAMED, "sqs:Get*", "sqs:GetQueue*", "sqs:*", "*", "s?s:SendMessage")
ARN = "arn:aws:sqs:eu-west-1:111122223333:"
NAMES = ["".join(each) for size in range(4) for each in itertools.product("abx", repeat=size)]
RESOURCES = [*(ARN + name for name in NAMES), "arn:aws:sqs:eu-west-1:444455556666:a"]
PATTERNS = [
    "".join(each) for each in itertools.product(["", *"ab*?"], "ab*?") if each != ("*",) * 2
]
KEYS = ("aws:PrincipalTag/team", "aws:SourceVpc")
VALUES = (None, "a", "b", "ab", "a*", "*")
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": fnmatch.fnmatchcase,
    "StringEqualsIgnoreCase": lambda value, other: value.lower() == other.lower(),
}


@cache
def glob(pattern: str, text: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern)


def holds(operator: str, given: str | None, values: list[str]) -> bool:
    """An operator as AWS describes it, written without a look at the code under test."""
    name = operator.removesuffix("IfExists")
    if name == "Null":
        return any((given is None) == (value == "true") for value in values)
    negated = "Not" in name
    if given is None:
        return negated or operator.endswith("IfExists")
    agrees = OPERATORS[name.replace("Not", "")]
    return negated != any(agrees(given, value) for value in values)


def fits(statement: Statement, action: str, resource: str) -> bool:
    negated = "NotAction" in statement
    actions = statement["NotAction" if negated else "Action"]
    if negated == any(glob(each.lower(), action.lower()) for each in actions):
        return False
    negated = "NotResource" in statement
    resources = statement["NotResource" if negated else "Resource"]
    return negated != any(glob(each, resource) for each in resources)


def meets(statement: Statement, context: dict[str, str | None]) -> bool:
    return all(
        holds(operator, context[key], values)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def decisions(statements: list[Statement]) -> dict[object, str]:
    """What the policy says of every request that it allows or denies."""
    found: dict[object, str] = {}
    for action, resource in itertools.product(ACTIONS, RESOURCES):
        about = [each for each in statements if fits(each, action, resource)]
        for values in itertools.product(*[VALUES] * len(KEYS)) if about else ():
            context = dict(zip(KEYS, values, strict=True))
            effects = {each["Effect"] for each in about if meets(each, context)}
            if effects:
                found[action, resource, values] = "Deny" if "Deny" in effects else "Allow"
    return found


def lists(values: tuple[str, ...] | list[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


SOME_RESOURCES = st.one_of(
    st.just(["*"]), lists(PATTERNS).map(lambda names: [ARN + name for name in names])
)
CONDITIONS = st.dictionaries(
    st.sampled_from(
        [
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
            *("StringEqualsIfExists", "StringLikeIfExists", "StringEqualsIgnoreCase"),
        ]
    ),
    st.dictionaries(st.sampled_from(KEYS), lists(["a", "b", "a*", "*"]), min_size=1),
    max_size=2,
)
NULL = st.dictionaries(st.sampled_from(KEYS), lists(["true", "false"]), max_size=1)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    condition = draw(CONDITIONS)
    null = draw(NULL)
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(lists(ACTION_PATTERNS)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(SOME_RESOURCES),
        "Condition": {**condition, **({"Null": null} if null else {})},
    }


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[list[Statement], list[Statement]]:
    """Two policies that have much in common, so that a yes is not rare."""
    one = draw(st.lists(statements(), min_size=1, max_size=3))
    other = [json.loads(json.dumps(each)) for each in draw(st.permutations(one))]
    for each in other:
        change = draw(st.integers(0, 5))
        if change == 0:
            each.update(draw(statements()))
            for name in ("Action", "Resource"):
                if f"Not{name}" in each and name in each:
                    del each[name]
        elif change == 1:
            each["Condition"] = draw(CONDITIONS)
    if draw(st.booleans()):
        other.append(draw(statements()))
    return one, other


def policy(found: object) -> tuple[Policy, ...]:
    text = json.dumps({"Version": "2012-10-17", "Statement": found})
    return load(Source("a.json", text)).policies


@settings(max_examples=150, deadline=None)
@given(neighbours())
def test_equivalence_agrees_with_every_request(
    pair: tuple[list[Statement], list[Statement]],
) -> None:
    one, other = pair
    answer = equivalent(policy(one), policy(other), CATALOG).answer
    if answer is not Answer.CANNOT_TELL:
        assert (decisions(one) == decisions(other)) == (answer is Answer.YES)


@settings(max_examples=150, deadline=None)
@given(neighbours())
def test_coverage_agrees_with_every_request(
    pair: tuple[list[Statement], list[Statement]],
) -> None:
    wide, narrow = pair
    answer = covers(policy(wide), policy(narrow), CATALOG).answer
    if answer is not Answer.CANNOT_TELL:
        granted = [
            {request for request, decision in decisions(each).items() if decision == "Allow"}
            for each in (wide, narrow)
        ]
        assert (granted[1] <= granted[0]) == (answer is Answer.YES)


ALLOW: Statement = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [ARN + "a"]}
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
     when(NumericEquals={"s3:max-keys": "1e1"})),
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
    ("a literal star in StringNotEquals and a pattern",
     when(StringNotEquals={"aws:SourceVpc": "a*"}), when(StringNotLike={"aws:SourceVpc": "a*"})),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [each[1:] for each in SAME], ids=[s[0] for s in SAME])
def test_the_same(one: object, other: object) -> None:
    if isinstance(one, dict) and one.get("Action") == []:
        del one["Action"]
    for first, second in itertools.permutations((one, other)):
        assert equivalent(policy(first), policy(second), CATALOG).answer is Answer.YES
        assert covers(policy(first), policy(second), CATALOG).answer is Answer.YES


@pytest.mark.parametrize(
    ("one", "other"), [each[1:] for each in DIFFERENT], ids=[each[0] for each in DIFFERENT]
)
def test_different(one: object, other: object) -> None:
    for first, second in itertools.permutations((one, other)):
        assert equivalent(policy(first), policy(second), CATALOG).answer is not Answer.YES


def test_the_version_decides_whether_there_are_variables() -> None:
    text = json.dumps({"Statement": {**ALLOW, "Resource": ARN + "${aws:username}"}})
    old = load(Source("a.json", text)).policies
    new = policy([{**ALLOW, "Resource": ARN + "${aws:username}"}])
    assert equivalent(old, new, CATALOG).answer is not Answer.YES
    assert equivalent(old, old, CATALOG).answer is Answer.YES


def test_a_gap_says_what_where_and_under_which_condition() -> None:
    wide = policy([when(StringEquals={"aws:SourceVpc": "vpc-1"})])
    narrow = policy([{**ALLOW, "Action": "sqs:*", "Resource": ARN + "b*"}])
    comparison = covers(wide, narrow, CATALOG)
    assert comparison.answer is Answer.NO
    [gap] = [each for each in comparison.gaps if "sqs:SendMessage" in CATALOG.names(each.actions)]
    assert gap.unit is not None
    assert gap.unit.resources.patterns == (ARN + "b*",)
    assert gap.certain
    assert glob(ARN + "b*", gap.example or "")


def test_several_policies_are_taken_as_one() -> None:
    whole = policy([{**ALLOW, "Action": ["sqs:SendMessage", "sns:Publish"]}])
    parts = policy([ALLOW]) + policy([{**ALLOW, "Action": "sns:Publish"}])
    assert equivalent(whole, parts, CATALOG).answer is Answer.YES


def safe_fixes() -> Iterator[tuple[str, str]]:
    for page in sorted(DIRECTORY.glob("*.md")):
        for match in re.finditer(r"```json[^\n]*\n(.*?)```", page.read_text(), re.DOTALL):
            yield page.stem, match[1]


def test_every_safe_fix_of_the_rule_pages_is_proved_safe() -> None:
    count = 0
    for name, text in safe_fixes():
        report = lint_source(Source(f"{name}.json", text), enabled=rules())
        for finding in report.findings:
            for fix in finding.fixes:
                if fix.safety is Safety.SAFE:
                    after = load(Source("a.json", apply_edits(text, fix.edits))).policies
                    answer = equivalent(report.policies, after, CATALOG).answer
                    assert answer is Answer.YES, (name, finding.rule, fix.title)
                    count += 1
    assert count > 50


def test_what_cannot_be_told_and_stays_is_in_nobodys_way() -> None:
    unclear = when(StringSame={"aws:SourceVpc": "a"})
    for effect in ("Allow", "Deny"):
        both = {**unclear, "Effect": effect}
        same = policy([{**ALLOW, "Action": "sqs:Send*"}, both])
        assert equivalent(policy([both, ALLOW]), same, CATALOG).answer is Answer.YES
        comparison = equivalent(policy([both, ALLOW]), policy([both, EVERYWHERE]), CATALOG)
        # Perhaps it grants, or denies, what is granted now.
        assert comparison.answer is Answer.CANNOT_TELL


def test_what_a_deny_takes_from_a_statement_that_cannot_be_told_is_not_known() -> None:
    unclear = when(StringSame={"aws:SourceVpc": "a"})
    with_deny = policy([unclear, {**DENY, "Resource": ARN + "b"}])
    assert covers(with_deny, policy([unclear]), CATALOG).answer is Answer.CANNOT_TELL
    assert covers(policy([unclear]), with_deny, CATALOG).answer is Answer.YES


def test_a_changed_statement_that_cannot_be_told_is_named_with_the_reason() -> None:
    unclear = {**when(StringSame={"aws:SourceVpc": "a"}), "Sid": "A"}
    comparison = equivalent(policy([ALLOW, unclear]), policy([ALLOW]), CATALOG)
    assert comparison.answer is Answer.CANNOT_TELL
    [gap] = comparison.gaps
    assert gap.statement.sid is not None
    assert gap.statement.sid.value == "A"
    assert gap.unclear == '"StringSame" is no condition operator'
