"""Random requests that distinguish two policies, made of what the policies speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from support.evaluator import Reading, Request
from support.random_policies import (
    ACCOUNT,
    ACTIONS,
    OTHER,
    PRINCIPALS,
    RESOURCES,
    SEVERAL,
    TRUST_ACTIONS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from support.evaluator import Kind

VALUES = {
    "aws:username": ("ada", "bob", "ADA", "adam", "a*"),
    "aws:userid": ("ada", "AIDA"),
    "aws:principaltag/team": ("ada", "bob", "ad", "a*"),
    SEVERAL: ("ada", "bob", "adx", "other"),
    "s3:max-keys": ("5", "9", "10", "11", "500", "5000", f"1{'0' * 29}", f"1{'0' * 28}1"),
    "aws:sourceip": ("10.1.2.3", "10.1.9.9", "10.200.0.1", "192.0.2.1", "2001:db8:1::1", "::1"),
    "aws:sourcearn": ("arn:aws:s3:::data", "arn:aws:s3:::other", RESOURCES[4]),
    "aws:currenttime": ("2029-12-31T23:59:59Z", "2030-01-01T00:00:00Z", "2031-05-05T05:05:05Z"),
    "aws:securetransport": ("true", "false"),
}
"""The values that keys have in requests."""

ALWAYS_PRESENT = frozenset({"aws:currenttime", "aws:securetransport", "aws:userid"})
"""Those of the keys that every request has.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

FILLED_IN = {
    "bucket": ("data", "data-2", "*", "dat?", "ada"),
    "other": ("data", "elsewhere", "d*", "bob"),
    "test": (ACCOUNT, OTHER, "999999999999"),
    "production": (ACCOUNT, OTHER, "888888888888"),
}
"""The values that a template may fill in."""


def requests(dice: Random, kind: Kind, policies: list[dict[str, Any]]) -> Iterator[Request]:
    """Requests in random order: some hundred, of all combinations of the parts that matter."""
    keys = sorted({key for policy in policies for key in _keys(policy)})
    actions = TRUST_ACTIONS if kind == "trust" else ACTIONS
    while True:
        principal = dice.choice(PRINCIPALS) if kind in ("trust", "resource") else PRINCIPALS[0]
        context: dict[str, str | list[str]] = {}
        for key in keys:
            if key == SEVERAL:
                context[key] = dice.sample(VALUES[key], dice.choice((1, 1, 2)))
            else:
                context[key] = dice.choice(VALUES[key])
            if key not in ALWAYS_PRESENT and dice.random() < 0.3:
                del context[key]
        resource = (
            "arn:aws:iam::111122223333:role/app" if kind == "trust" else dice.choice(RESOURCES)
        )
        yield Request(dice.choice(actions), resource, principal, context)


def reading(dice: Random) -> Reading:
    """One of the ways in which AWS may read what its documentation leaves open."""
    salt = dice.choice((None, None, 1, 2, 3))
    return Reading(
        lambda _operator, value, actual: (
            salt is not None and crc32(f"{salt} {value} {actual}".encode()) % 2 == 0
        ),
        by_field=dice.random() < 0.3,
        any_if_exists=dice.random() < 0.5,
    )


def filling(dice: Random) -> dict[str, str]:
    """Values for what a template fills in."""
    return {name: dice.choice(values) for name, values in FILLED_IN.items()}


def _keys(policy: dict[str, Any]) -> Iterator[str]:
    for statement in policy["Statement"]:
        for keys in statement.get("Condition", {}).values():
            yield from map(str.lower, keys)
    text = str(policy)
    yield from (key for key in ("aws:username", "aws:userid") if f"${{{key}}}" in text)
