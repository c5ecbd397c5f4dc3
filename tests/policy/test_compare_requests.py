"""Random policies are compared as an evaluation of every request decides."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.queue_policies import (
    ALLOW,
    ARN,
    CATALOG,
    USERS,
    VARIABLE,
    Statement,
    glob,
    pattern,
    policy,
)

from multitool_lint.policy.compare import Answer, Comparison, covers, equivalent
from multitool_lint.policy.compare.request import Request

# The small world: requests are combinations of these, and policies are drawn over them.
# What a pattern says of any other action or resource, it says of one of these as well.
NAMED = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage", "sns:Publish")
ACTIONS = (*NAMED, "sqs:DeleteQueue", "ec2:RunInstances")
ACTION_PATTERNS = (*NAMED, "sqs:Get*", "sqs:GetQueue*", "sqs:*", "*", "s?s:SendMessage", "SQS:*url")
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


@pytest.mark.exhaustive
@settings(max_examples=75)
@given(neighbours())
def test_equivalence_agrees_with_every_request(
    pair: tuple[list[Statement], list[Statement]],
) -> None:
    one, other = pair
    comparison = equivalent(policy(one), policy(other), CATALOG)
    assert_is_true(comparison, one, other, same=decisions(one) == decisions(other))


@pytest.mark.exhaustive
@settings(max_examples=75)
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


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
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
