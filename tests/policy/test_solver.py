"""Whether a policy grants what another does not: the answers of an SMT solver are ours.

The encoding is written from AWS's documentation; nothing of the package is used in it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from ipaddress import ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

from support.interop import interop

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.changes import Difference, changes
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source

PAIRS = 60
CATALOG = bundled()

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:GetBucketAcl", "sqs:SendMessage", "ec2:RunInstances")
ACTION_PATTERNS = (*ACTIONS[:4], "s3:Get*", "s3:*", "*", "s3:?etObject")
RESOURCE = "arn:aws:s3:::"
RESOURCES = ("*", *(RESOURCE + name for name in ("a", "a*", "*b", "a*b", "a?b", "ab*", "?", "*")))
TEXTS = ("a", "A", "b", "ab", "a*", "*b", "?", "", "${*}", "a${*}")
MOMENTS = ("2030-01-01T00:00:00Z", "2030-06-01T00:00:00Z", "2031-01-01T00:00:00Z")
ARNS = ("arn:aws:sns:*:*:a*", "arn:aws:sns:eu-west-1:*:a", "arn:aws:sns:*:111122223333:*b")
POOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:PrincipalTag/team": (
        (
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
            *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        ),
        TEXTS,
    ),
    "s3:max-keys": (
        (
            *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThan"),
            *("NumericLessThanEquals", "NumericGreaterThanEquals"),
        ),
        ("5", "10", "10.0", "10.5", "100"),
    ),
    "aws:TokenIssueTime": (
        ("DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals"),
        MOMENTS,
    ),
    "aws:SourceIp": (
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.2.3", "0.0.0.0/0", "11.0.0.0/8"),
    ),
    "aws:MultiFactorAuthPresent": (("Bool",), ("true", "false")),
    "aws:SourceArn": (("ArnLike", "ArnNotEquals"), ARNS),
}


COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "Equals": eq,
    "LessThan": lt,
    "LessThanEquals": le,
    "GreaterThan": gt,
    "GreaterThanEquals": ge,
}


def random_policy(dice: random.Random) -> list[dict[str, Any]]:
    return [random_statement(dice) for _ in range(dice.choice((1, 2, 2, 3)))]


def random_statement(dice: random.Random) -> dict[str, Any]:
    effect = "Deny" if dice.random() < 0.3 else "Allow"
    action = "NotAction" if dice.random() < 0.1 else "Action"
    resource = "NotResource" if dice.random() < 0.2 else "Resource"
    return {
        "Effect": effect,
        action: some(dice, ACTION_PATTERNS),
        resource: some(dice, RESOURCES),
        "Condition": random_condition(dice),
    }


def random_condition(dice: random.Random) -> dict[str, Any]:
    found: dict[str, dict[str, list[str]]] = {}
    for _ in range(dice.choice((0, 1, 1, 2))):
        key = dice.choice(list(POOLS))
        operators, values = POOLS[key]
        if dice.random() < 0.2:
            found.setdefault("Null", {})[key] = [dice.choice(("true", "false"))]
        else:
            suffix = "IfExists" if dice.random() < 0.2 else ""
            found.setdefault(dice.choice(operators) + suffix, {})[key] = some(dice, values)
    return found


def some(dice: random.Random, values: tuple[str, ...]) -> list[str]:
    return dice.sample(values, dice.choice((1, 1, 2)))


def changed(dice: random.Random, policy: list[dict[str, Any]]) -> list[dict[str, Any]]:
    new: list[dict[str, Any]] = json.loads(json.dumps(policy))
    statement = dice.choice(new)
    change = dice.random()
    if change < 0.3:
        statement["Condition"] = random_condition(dice)
    elif change < 0.5:
        new[new.index(statement)] = random_statement(dice)
    elif change < 0.7:
        element = "Resource" if "Resource" in statement else "NotResource"
        statement[element] = some(dice, RESOURCES)
    elif change < 0.85 and len(new) > 1:
        new.remove(statement)
    else:
        new.append(random_statement(dice))
    return new


class Encoding:
    """A request as variables of the solver, and what policies say of it."""

    def __init__(self) -> None:
        self.z3 = z3 = interop("z3")
        self.action = z3.Int("action")
        self.resource = z3.String("resource")
        self.present = {key: z3.Bool(f"{key} is present") for key in POOLS}
        self.values = {
            "aws:PrincipalTag/team": z3.String("team"),
            "s3:max-keys": z3.Real("max-keys"),
            "aws:TokenIssueTime": z3.Int("time"),
            "aws:SourceIp": z3.BitVec("address", 32),
            "aws:MultiFactorAuthPresent": z3.Bool("mfa"),
            "aws:SourceArn": z3.String("arn"),
        }
        self.is_ipv6 = z3.Bool("the address is one of version 6")
        self.any_character = z3.AllChar(z3.ReSort(z3.StringSort()))

    def facts(self) -> Any:  # noqa: ANN401 - a formula
        z3 = self.z3
        return z3.And(
            self.action >= 0,
            self.action < len(ACTIONS),
            z3.InRe(self.resource, z3.Union(self.language(RESOURCE + "*"), z3.Re("another"))),
            z3.InRe(self.values["aws:SourceArn"], self.arn("arn:*:*:*:*:*")),
        )

    def allows(self, statements: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - a formula
        z3 = self.z3
        allows = [self.applies(part) for part in statements if part["Effect"] == "Allow"]
        denies = [self.applies(part) for part in statements if part["Effect"] == "Deny"]
        return z3.And(z3.Or(*allows), z3.Not(z3.Or(*denies)))

    def applies(self, statement: dict[str, Any]) -> Any:  # noqa: ANN401 - a formula
        z3 = self.z3
        parts = []
        for element, listed in (("Action", self.has_action), ("Resource", self.has_resource)):
            if element in statement:
                parts.append(listed(statement[element]))
            else:
                parts.append(z3.Not(listed(statement[f"Not{element}"])))
        parts += [
            self.holds(operator, key, values)
            for operator, keys in statement["Condition"].items()
            for key, values in keys.items()
        ]
        return z3.And(*parts)

    def has_action(self, patterns: list[str]) -> Any:  # noqa: ANN401 - a formula
        matched = {
            place
            for place, name in enumerate(ACTIONS)
            for pattern in patterns
            if fnmatchcase(name.lower(), pattern.lower())
        }
        return self.z3.Or(*(self.action == place for place in matched))

    def has_resource(self, patterns: list[str]) -> Any:  # noqa: ANN401 - a formula
        return self.z3.Or(*(self.z3.InRe(self.resource, self.language(p)) for p in patterns))

    def holds(self, operator: str, key: str, values: list[str]) -> Any:  # noqa: ANN401 - a formula
        z3, present = self.z3, self.present[key]
        if operator == "Null":
            return z3.Not(present) if values == ["true"] else present
        name = operator.removesuffix("IfExists")
        negated = "Not" in name
        agrees = z3.Or(*(self.agrees(name.replace("Not", ""), key, value) for value in values))
        when_absent = negated or name != operator
        return z3.If(present, z3.Not(agrees) if negated else agrees, when_absent)

    def agrees(self, operator: str, key: str, value: str) -> Any:  # noqa: ANN401 - a formula
        z3, given = self.z3, self.values[key]
        if operator.startswith(("String", "Arn")):
            if operator.startswith("Arn"):
                return z3.InRe(given, self.arn(value))
            wildcards, any_case = operator.endswith("Like"), operator.endswith("IgnoreCase")
            return z3.InRe(given, self.language(value, wildcards=wildcards, any_case=any_case))
        if operator == "Bool":
            return given == (value == "true")
        if operator == "IpAddress":
            network = ip_network(value)
            low, high = int(network.network_address), int(network.broadcast_address)
            return z3.And(z3.Not(self.is_ipv6), z3.UGE(given, low), z3.ULE(given, high))
        limit: Any = z3.RealVal(value) if operator.startswith("Numeric") else moment(value)
        return COMPARED[operator.removeprefix("Numeric").removeprefix("Date")](given, limit)

    def arn(self, pattern: str) -> Any:  # noqa: ANN401 - a language
        z3 = self.z3
        *fields, last = pattern.split(":", 5)
        other = z3.Intersect(self.any_character, z3.Complement(z3.Re(":")))
        parts = [
            part
            for field in fields
            for part in (
                z3.Star(other) if field == "*" else z3.Re(field),
                z3.Re(":"),
            )
        ]
        return z3.Concat(*parts, self.language(last))

    def language(self, text: str, *, wildcards: bool = True, any_case: bool = False) -> Any:  # noqa: ANN401
        z3 = self.z3
        parts = [z3.Re(""), z3.Re("")]
        while text:
            if text.startswith("${*}"):
                parts.append(z3.Re("*"))
                text = text[4:]
                continue
            character, text = text[0], text[1:]
            if wildcards and character in "*?":
                whole = self.any_character
                parts.append(z3.Star(whole) if character == "*" else whole)
            elif any_case and character.isalpha():
                both = (z3.Re(character.lower()), z3.Re(character.upper()))
                parts.append(z3.Union(*both))
            else:
                parts.append(z3.Re(character))
        return z3.Concat(*parts)

    def grants_more(self, new: list[dict[str, Any]], old: list[dict[str, Any]]) -> bool | None:
        """Whether a request is allowed by the new statements and not by the old; None if unsure."""
        solver = self.z3.Solver()
        solver.set("timeout", 5_000)
        solver.add(self.facts(), self.allows(new), self.z3.Not(self.allows(old)))
        return {"sat": True, "unsat": False}.get(str(solver.check()))


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def parsed(statements: list[dict[str, Any]]) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return read_source(Source("policy.json", text)).policies[0]


def is_gain(difference: Difference) -> bool:
    """Whether the policies themselves grant it, and not others of which a Deny is lifted."""
    return "other policies" not in (difference.doubt or "")


def test_a_solver_gives_the_same_answers() -> None:
    encoding = Encoding()
    dice = random.Random(0)  # noqa: S311 - no secrets
    answers = []
    for _ in range(PAIRS):
        old = random_policy(dice)
        new = changed(dice, old)
        expected = encoding.grants_more(new, old)
        gained = changes([parsed(old)], [parsed(new)], CATALOG).gained
        gains = [gain for gain in gained if is_gain(gain)]
        assert all(gain.certain for gain in gains), (old, new, gains[0].doubt)
        if expected is not None:
            assert bool(gains) == expected, (old, new)
            answers.append(expected)
    assert 0.2 * PAIRS < sum(answers) < len(answers) - 0.2 * PAIRS
