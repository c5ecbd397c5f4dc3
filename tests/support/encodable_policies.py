"""Random pairs of policies that the encoding for a solver has all parts of."""

from __future__ import annotations

import copy
import random
from typing import Any

Document = dict[str, Any]

_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:GetBucketAcl", "sqs:SendMessage")
_ACTION_PATTERNS = (*_ACTIONS, "s3:Get*", "s3:*", "*", "s3:?etObject")
BUCKETS = ("a", "a*", "*b", "a*b", "a?b", "ab*", "?", "*")
_RESOURCES = ("*", *(f"arn:aws:s3:::{bucket}" for bucket in BUCKETS))
TEXTS = ("a", "A", "b", "ab", "a*", "*b", "?", "", "${*}", "a${*}")
_MOMENTS = ("2030-01-01T00:00:00Z", "2030-06-01T00:00:00Z", "2031-01-01T00:00:00Z")
ARNS = ("arn:aws:sns:*:*:a*", "arn:aws:sns:eu-west-1:*:a", "arn:aws:sns:*:111122223333:*b")
_STRINGS = (
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
    *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
)
_NUMBERS = (
    *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThan"),
    *("NumericLessThanEquals", "NumericGreaterThanEquals"),
)
_DATES = ("DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals")
_ADDRESSES = (
    *("10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.2.3", "0.0.0.0/0", "11.0.0.0/8"),
    *("2001:db8::/32", "::/0"),
)
_POOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:PrincipalTag/team": (_STRINGS, TEXTS),
    "aws:TagKeys": (_STRINGS, TEXTS),
    "s3:max-keys": (_NUMBERS, ("5", "10", "10.0", "10.5", "100")),
    "aws:TokenIssueTime": (_DATES, _MOMENTS),
    "aws:SourceIp": (("IpAddress", "NotIpAddress"), _ADDRESSES),
    "aws:MultiFactorAuthPresent": (("Bool",), ("true", "false")),
    "aws:SourceArn": (("ArnLike", "ArnNotEquals"), ARNS),
}
_SEVERAL = "aws:TagKeys"


def pair_of(seed: int) -> tuple[Document, Document]:
    """The pair of a seed: a policy, and what a change makes of it."""
    dice = random.Random(seed)  # noqa: S311 - no secrets
    old = [_statement(dice) for _ in range(dice.choice((1, 2, 2, 3)))]
    new = _changed(dice, old)
    return _document(old), _document(new)


def _document(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(dice: random.Random) -> Document:
    effect = "Deny" if dice.random() < 0.3 else "Allow"
    action = "NotAction" if dice.random() < 0.1 else "Action"
    resource = "NotResource" if dice.random() < 0.2 else "Resource"
    return {
        "Effect": effect,
        action: _some(dice, _ACTION_PATTERNS),
        resource: _some(dice, _RESOURCES),
        "Condition": _condition(dice),
    }


def _condition(dice: random.Random) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for _ in range(dice.choice((0, 1, 1, 2))):
        key = dice.choice(list(_POOLS))
        operators, values = _POOLS[key]
        if dice.random() < 0.2:
            found.setdefault("Null", {})[key] = [dice.choice(("true", "false"))]
            continue
        operator = dice.choice(operators)
        if key == _SEVERAL:
            operator = f"{dice.choice(('ForAllValues', 'ForAnyValue'))}:{operator}"
        elif dice.random() < 0.2:
            operator += "IfExists"
        found.setdefault(operator, {})[key] = _some(dice, values)
    return found


def _some(dice: random.Random, values: tuple[str, ...]) -> list[str]:
    return dice.sample(values, dice.choice((1, 1, 2)))


def _changed(dice: random.Random, statements: list[Document]) -> list[Document]:
    new = copy.deepcopy(statements)
    statement = dice.choice(new)
    change = dice.random()
    if change < 0.3:
        statement["Condition"] = _condition(dice)
    elif change < 0.5:
        new[new.index(statement)] = _statement(dice)
    elif change < 0.7:
        element = "Resource" if "Resource" in statement else "NotResource"
        statement[element] = _some(dice, _RESOURCES)
    elif change < 0.85 and len(new) > 1:
        new.remove(statement)
    else:
        new.append(_statement(dice))
    return new
