"""Random policies of resources are compared as an evaluation of every principal decides."""

import itertools
import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.queue_policies import ARN, CATALOG, Statement, glob, policy

from multitool_lint.policy.changes import changes

ONE, OTHER, THIRD = "111122223333", "222233334444", "999900001111"
ORGS = (None, "o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-cccccccccc")
TAGS = (None, "a", "b", "x")


class Caller(NamedTuple):
    """A principal, which has the keys of AWS's documentation on global condition keys."""

    account: str
    arn: str | None
    org: str | None
    tag: str | None

    def value(self, key: str) -> str | None:
        return self[KEYS.index(key)]


KEYS = ("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalTag/team")
VALUES = (
    (ONE, OTHER),
    tuple(f"arn:aws:iam::{name}" for name in (f"{ONE}:role/a", f"{OTHER}:role/a", f"{ONE}:role/*")),
    ORGS[1:3],
    ("a", "b", "*"),
)
CALLERS = (
    Caller("anonymous", None, None, None),
    *(
        Caller(account, f"arn:aws:iam::{account}:{name}", org, tag)
        for account in (ONE, OTHER, THIRD)
        for name in ("role/a", "role/z", "user/a")
        for org, tag in itertools.product(ORGS, TAGS)
    ),
)
PRINCIPALS = ("*", "*", {"AWS": "*"}, {"AWS": ONE}, {"AWS": [ONE, OTHER]})
ACTIONS = ("sqs:SendMessage", "sqs:DeleteQueue")
OPERATORS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike")
OF_ARNS = ("ArnLike", "ArnNotLike", "ArnEquals")


def is_principal(element: str | dict[str, str | list[str]], caller: Caller) -> bool:
    named = element if isinstance(element, str) else element["AWS"]
    return "*" in named or caller.account in named


def holds(operator: str, given: str | None, values: list[str]) -> bool:
    if operator == "Null":
        return (given is None) == (values == ["true"])
    name = operator.removesuffix("IfExists")
    if given is None:
        return name != operator or "Not" in name
    literal = name in ("StringEquals", "StringNotEquals")
    found = any(given == value if literal else glob(value, given) for value in values)
    return found != ("Not" in name)


def fits(statement: Statement, action: str, caller: Caller) -> bool:
    return (
        action in statement["Action"]
        and is_principal(statement["Principal"], caller)
        and all(
            holds(operator, caller.value(key), values)
            for operator, keys in statement["Condition"].items()
            for key, values in keys.items()
        )
    )


def allowed(statements: list[Statement]) -> Iterator[tuple[str, Caller]]:
    for action, caller in itertools.product(ACTIONS, CALLERS):
        effects = {found["Effect"] for found in statements if fits(found, action, caller)}
        if effects == {"Allow"}:
            yield action, caller


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for key in draw(st.lists(st.sampled_from(KEYS), max_size=2, unique=True)):
        operator = draw(st.sampled_from((*OPERATORS, *(OF_ARNS if key.endswith("Arn") else ()))))
        patterns = VALUES[KEYS.index(key)]
        if "Equals" in operator:
            patterns = tuple(value for value in patterns if "*" not in value)
        values = draw(st.lists(st.sampled_from(patterns), min_size=1, max_size=2, unique=True))
        if draw(st.integers(0, 9)) == 0:
            operator, values = "Null", [draw(st.sampled_from(("true", "false")))]
        elif draw(st.integers(0, 4)) == 0:
            operator += "IfExists"
        found.setdefault(operator, {})[key] = values
    return found


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    return {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        "Principal": draw(st.sampled_from(PRINCIPALS)),
        "Action": draw(st.lists(st.sampled_from(ACTIONS), min_size=1, unique=True)),
        "Resource": ARN + "a",
        "Condition": draw(conditions()),
    }


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[list[Statement], list[Statement]]:
    old = draw(st.lists(statements(), min_size=1, max_size=2))
    new = json.loads(json.dumps(old))
    some = draw(st.sampled_from(new))
    if draw(st.booleans()):
        some["Condition"] = draw(conditions())
    else:
        element = draw(st.sampled_from(("Principal", "Action", "Effect")))
        some[element] = draw(statements())[element]
    return old, new


@pytest.mark.exhaustive
@settings(max_examples=500)
@given(neighbours())
def test_what_a_principal_has_now_is_new_access(
    pair: tuple[list[Statement], list[Statement]],
) -> None:
    old, new = pair
    if set(allowed(new)) - set(allowed(old)):
        found = changes(policy(old), policy(new), CATALOG)
        assert found.gained or found.unknown
