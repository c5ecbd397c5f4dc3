"""What two policies grant, compared: against brute force over all requests of a small world."""

import itertools
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import DIRECTORY, rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.compare import Answer, Comparison, covers, equivalent
from multitool_lint.policy.compare.request import Request
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source, apply_edits

CATALOG = bundled()
Statement = dict[str, Any]

# The small world: requests are combinations of these, and policies are drawn over them.
# What a pattern says of any other action or resource, it says of one of these as well.
NAMED = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage", "sns:Publish")
ACTIONS = (*NAMED, "sqs:DeleteQueue", "ec2:RunInstances")
ACTION_PATTERNS = (*NAMED, "sqs:Get*", "sqs:GetQueue*", "sqs:*", "*", "s?s:SendMessage", "SQS:*url")
ARN = "arn:aws:sqs:eu-west-1:111122223333:"
VARIABLE = "${aws:username}"
USERS = ("a", "ab", "*")
NAMES = ["".join(parts) for size in range(4) for parts in itertools.product("abx*", repeat=size)]
RESOURCES = [*(ARN + name for name in NAMES), "arn:aws:sqs:eu-west-1:444455556666:a"]
PATTERNS = [
    "".join(parts)
    for parts in itertools.product(["", *"ab*?"], [*"ab*?", VARIABLE, "${*}"])
    if parts != ("*",) * 2
]
VALUES = ("", "a", "b", "ab", "bb", "A", "B", "a*", "A*", "*", "?")
ONE = (None, *((value,) for value in VALUES))
KEYS: dict[str, tuple[tuple[str, ...] | None, ...]] = {
    "aws:PrincipalTag/team": ONE,
    "aws:SourceVpc": ONE,
    "aws:TagKeys": (*ONE, *itertools.combinations(VALUES, 2)),
}
CONTEXTS = list(itertools.product(*KEYS.values()))
# For each key and value, the contexts that have it, as the bits of a number.
WITH_VALUE = {
    key.lower(): [
        (given, sum(1 << at for at, context in enumerate(CONTEXTS) if context[place] == given))
        for given in values
    ]
    for place, (key, values) in enumerate(KEYS.items())
}


@cache
def pattern(text: str, user: str, *, wildcards: bool = True) -> re.Pattern[str]:
    """A pattern as AWS describes it, written without a look at the code under test."""
    parts = re.split(r"(\$\{[^}]*\})", text)
    found = ""
    for part in parts:
        if part.startswith("${"):
            found += re.escape(user if part == VARIABLE else part[2:-1])
        elif wildcards:
            found += re.escape(part).replace(r"\*", ".*").replace(r"\?", ".")
        else:
            found += re.escape(part)
    return re.compile(found, re.DOTALL)


def glob(text: str, given: str, user: str = "") -> bool:
    return bool(pattern(text, user).fullmatch(given))


def agrees(operator: str, given: str, value: str, user: str) -> bool:
    if operator == "StringEqualsIgnoreCase":
        given, value = given.lower(), value.replace(VARIABLE, user).lower()
    found = pattern(value, user, wildcards=operator == "StringLike")
    return bool(found.fullmatch(given))


def holds(text: str, given: tuple[str, ...] | None, values: list[str], user: str) -> bool:
    qualifier, _, name = text.rpartition(":")
    name = name.removesuffix("IfExists")
    if name == "Null":
        if qualifier:
            return qualifier == "ForAllValues"
        return any((given is None) == (value == "true") for value in values)
    negated = "Not" in name
    if given is None:
        if text.endswith("IfExists"):
            return True
        return {"ForAllValues": True, "ForAnyValue": False}.get(qualifier, negated)
    operator = name.replace("Not", "")
    outcomes = [
        negated != any(agrees(operator, given_value, value, user) for value in values)
        for given_value in given
    ]
    return any(outcomes) if qualifier == "ForAnyValue" else all(outcomes)


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def fits(statement: Statement, action: str, resource: str, user: str) -> bool:
    negated = "NotAction" in statement
    actions = statement["NotAction" if negated else "Action"]
    if negated == any(glob(pattern.lower(), action.lower()) for pattern in as_list(actions)):
        return False
    negated = "NotResource" in statement
    resources = statement["NotResource" if negated else "Resource"]
    return negated != any(glob(pattern, resource, user) for pattern in as_list(resources))


def contexts(condition: dict[str, Any], user: str) -> int:
    """The contexts in which a condition holds, as the bits of a number."""
    found = (1 << len(CONTEXTS)) - 1
    for operator, keys in condition.items():
        for key, values in keys.items():
            listed = as_list(values)
            found &= sum(
                bits
                for given, bits in WITH_VALUE[key.lower()]
                if holds(operator, given, listed, user)
            )
    return found


def decisions(statements: list[Statement]) -> dict[object, tuple[int, int]]:
    """In which of the contexts the policy allows, and denies, each request that it does."""
    found: dict[object, tuple[int, int]] = {}
    for user in USERS:
        masks_of = [contexts(statement.get("Condition", {}), user) for statement in statements]
        for action, resource in itertools.product(ACTIONS, RESOURCES):
            masks = {"Allow": 0, "Deny": 0}
            for statement, mask in zip(statements, masks_of, strict=True):
                if mask and fits(statement, action, resource, user):
                    masks[statement["Effect"]] |= mask
            if any(masks.values()):
                found[user, action, resource] = masks["Allow"] & ~masks["Deny"], masks["Deny"]
    return found


def decision(statements: list[Statement], request: Request, user: str) -> str | None:
    effects = {
        statement["Effect"]
        for statement in statements
        if fits(statement, request.action, request.resource or "", user)
        and all(
            holds(operator, request.context.get(key.lower()), as_list(values), user)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    }
    return "Deny" if "Deny" in effects else next(iter(effects), None)


def assert_is_true(
    comparison: Comparison, one: list[Statement], other: list[Statement], *, same: bool
) -> None:
    """Whether an answer is that of all requests of the small world, and each example is one."""
    if comparison.answer is Answer.YES:
        assert same
    examples = [gap.example for gap in comparison.gaps if gap.example]
    for example in examples:
        for user in example.context.get("aws:username", USERS) or ():
            assert decision(one, example, user) != decision(other, example, user)
    if comparison.answer is Answer.NO and not examples:
        assert not same


def lists(values: tuple[str, ...] | list[str], most: int = 2) -> st.SearchStrategy[Any]:
    several = st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)
    return st.one_of(several, st.sampled_from(values))


SOME_RESOURCES = st.one_of(
    st.just(["*"]), lists(PATTERNS).map(lambda names: [ARN + name for name in as_list(names)])
)
CASED = st.sampled_from([*KEYS][:2]).flatmap(lambda key: st.sampled_from([key, key, key.upper()]))
SOME_VALUES = lists(["a", "b", "A", "a*", "*", "?", VARIABLE, "${*}"], 3)
OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
    *("StringEqualsIfExists", "StringLikeIfExists", "StringNotLikeIfExists"),
    "StringEqualsIgnoreCase",
)
CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS), st.dictionaries(CASED, SOME_VALUES, min_size=1), max_size=2
)
OF_SEVERAL = st.dictionaries(
    st.builds(
        "{}:{}".format, st.sampled_from(["ForAnyValue", "ForAllValues"]), st.sampled_from(OPERATORS)
    ),
    st.dictionaries(st.just("aws:TagKeys"), SOME_VALUES, min_size=1),
    max_size=1,
)
NULLS = lists(["true", "false"])
NULL = st.dictionaries(st.sampled_from([*KEYS]), NULLS, max_size=1)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    condition = {**draw(CONDITIONS), **draw(OF_SEVERAL)}
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
    other = [json.loads(json.dumps(statement)) for statement in draw(st.permutations(one))]
    for statement in other:
        change = draw(st.integers(0, 5))
        if change == 0:
            statement.update(draw(statements()))
            for name in ("Action", "Resource"):
                if f"Not{name}" in statement and name in statement:
                    del statement[name]
        elif change == 1:
            statement["Condition"] = draw(CONDITIONS)
    if draw(st.booleans()):
        other.append(draw(statements()))
    return one, other


def policy(found: object) -> tuple[Policy, ...]:
    text = json.dumps({"Version": "2012-10-17", "Statement": found})
    return read_source(Source("a.json", text)).policies


@settings(max_examples=150)
@given(neighbours())
def test_equivalence_agrees_with_every_request(
    pair: tuple[list[Statement], list[Statement]],
) -> None:
    one, other = pair
    comparison = equivalent(policy(one), policy(other), CATALOG)
    assert_is_true(comparison, one, other, same=decisions(one) == decisions(other))


@settings(max_examples=150)
@given(neighbours())
def test_coverage_agrees_with_every_request(
    pair: tuple[list[Statement], list[Statement]],
) -> None:
    wide, narrow = pair
    granted = decisions(wide)
    covered = all(
        not allowed & ~granted.get(request, (0, 0))[0]
        for request, (allowed, _) in decisions(narrow).items()
    )
    assert_is_true(covers(policy(wide), policy(narrow), CATALOG), wide, narrow, same=covered)


@st.composite
def alike(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two conditions on one key that differ in little: the qualifier, the operator, a value."""
    key = draw(st.sampled_from(["aws:SourceVpc", "aws:TagKeys"]))
    qualifiers = [""] if key == "aws:SourceVpc" else ["ForAnyValue:", "ForAllValues:"]
    operators = (*OPERATORS, "StringNotEqualsIgnoreCase", "StringEqualsIgnoreCaseIfExists", "Null")
    name, qualifier = draw(st.sampled_from(operators)), draw(st.sampled_from(qualifiers))
    values = as_list(draw(SOME_VALUES))
    found = []
    for _ in range(2):
        null = name == "Null"
        found.append({qualifier + name: {key: draw(NULLS) if null else list(values)}})
        if draw(st.booleans()):
            name = draw(st.sampled_from(operators))
        elif draw(st.booleans()):
            name = name.removesuffix("IfExists") + ("" if name.endswith("IfExists") else "IfExists")
            name = "Null" if name.startswith("Null") else name
        if draw(st.booleans()):
            qualifier = draw(st.sampled_from(qualifiers))
        if draw(st.booleans()):
            values = [*values[draw(st.integers(0, 1)) :], *as_list(draw(SOME_VALUES))]
    return found[0], found[1]


@settings(max_examples=500)
@given(alike(), st.sampled_from(["Allow", "Deny"]))
def test_conditions_agree_with_every_context(
    pair: tuple[dict[str, Any], dict[str, Any]], effect: str
) -> None:
    one, other = ({**ALLOW, "Effect": effect, "Condition": condition} for condition in pair)
    found = [[contexts(condition, user) for user in USERS] for condition in pair]
    comparison = equivalent(policy([one]), policy([other]), CATALOG)
    assert_is_true(comparison, [one], [other], same=found[0] == found[1])
    if effect == "Allow":
        comparison = covers(policy([one]), policy([other]), CATALOG)
        within = all(not narrow & ~wide for wide, narrow in zip(*found, strict=True))
        assert_is_true(comparison, [one], [other], same=within)


@settings(max_examples=500)
@given(st.lists(SOME_RESOURCES, min_size=2, max_size=3), st.data())
def test_resources_agree_with_every_name(lists: list[list[str]], data: st.DataObject) -> None:
    element = st.sampled_from(["Resource", "Resource", "NotResource"])
    allow, other, *denied = ({data.draw(element): listed} for listed in lists)
    deny = [{"Effect": "Deny", **element} for element in denied]
    action = {"Effect": "Allow", "Action": "sqs:SendMessage"}
    wide = [{**action, **allow}, *({**action, **element} for element in deny)]
    narrow = [{**action, **other}, *(wide[1:] if data.draw(st.booleans()) else ())]
    granted = [
        {
            (user, name)
            for user in USERS
            for name in RESOURCES
            if {"Allow"}
            == {
                statement["Effect"]
                for statement in side
                if fits(statement, "sqs:SendMessage", name, user)
            }
        }
        for side in (wide, narrow)
    ]
    comparison = covers(policy(wide), policy(narrow), CATALOG)
    assert_is_true(comparison, wide, narrow, same=granted[1] <= granted[0])


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


def test_a_number_is_what_is_written_not_what_it_is_rounded_to() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": when(NumericEquals={"a:b": "TEXT"})})
    one, other = (
        read_source(Source("a.json", text.replace('"TEXT"', number))).policies
        for number in ("1.5", "1.5000000000000000000000001")
    )
    assert equivalent(one, other, CATALOG).answer is not Answer.YES
    assert equivalent(one, one, CATALOG).answer is Answer.YES


def test_the_version_decides_whether_there_are_variables() -> None:
    text = json.dumps({"Statement": {**ALLOW, "Resource": ARN + "${aws:username}"}})
    old = read_source(Source("a.json", text)).policies
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
        return tuple(entry.policy for entry in read_source(source).normalized)

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
                    after = read_source(Source("a.json", apply_edits(text, fix.edits))).policies
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
