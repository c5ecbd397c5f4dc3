"""Random policies, and changes of them that may look like none.

What a template fills in is a name in `«»`, which `policy_texts` writes in the syntax of a format.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from support.evaluator import Kind

KINDS: tuple[Kind, ...] = ("identity", "identity", "resource", "trust", "scp")
ACTIONS = (
    *("s3:GetObject", "s3:PutObject", "s3:GetObjectVersion", "sqs:SendMessage", "iam:PassRole"),
    *("sqs:ReceiveMessage", "iam:CreateRole", "newsvc:DoThing", "newsvc:DoOther"),
)
ACTION_PATTERNS = (
    *ACTIONS,
    *("s3:*", "s3:Get*", "s3:GetObject*", "S3:GETOBJECT", "s3:G?tObject", "*", "sqs:*Message"),
    *("newsvc:*", "newsvc:Do?hing", "newsvc:do*", "iam:*Role", "sqs:*"),
)
TRUST_ACTIONS = ("sts:AssumeRole", "sts:TagSession", "sts:AssumeRoleWithWebIdentity")
TRUST_PATTERNS = (*TRUST_ACTIONS, "sts:AssumeRole", "sts:Assume*", "sts:*", "STS:assumerole")
ACCOUNT, OTHER = "111122223333", "444455556666"
RESOURCES = (
    *("arn:aws:s3:::data", "arn:aws:s3:::data/a.txt", "arn:aws:s3:::data/ada/b"),
    *("arn:aws:s3:::data-2/x:y", f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"),
    *(f"arn:aws:sqs:eu-west-1:{OTHER}:jobs", f"arn:aws:iam::{ACCOUNT}:role/app"),
    f"arn:aws:execute-api:us-east-1:{ACCOUNT}:abc123/prod/GET/x",
)
RESOURCE_PATTERNS = (
    *("*", "*", *RESOURCES),
    *("arn:aws:s3:::data/*", "arn:aws:s3:::data*", "arn:aws:s3:::*", "arn:aws:s3:::data/?.txt"),
    *("arn:aws:s3:::data/${aws:username}/*", "arn:aws:s3:::data*/*", "arn:aws:s*:::data/*"),
    *("arn:aws:s3:::data-2/*y", "arn:aws:sqs:*:*:jobs", f"arn:aws:*:*:{ACCOUNT}:*"),
    *(f"arn:aws:sqs:us-east-1:{ACCOUNT}:*", f"arn:aws:iam::{ACCOUNT}:role/*"),
)
SHORT_ARNS = (
    *("arn:aws:sqs", "arn:aws:sqs:us-east-1", f"arn:aws:sqs:*:{ACCOUNT}", "arn:aws:s3"),
    *("arn:aws:s*", "arn:*", f"arn:aws:iam::{ACCOUNT}"),
)
SHORTHANDS = ("execute-api:/*", "execute-api:/prod/GET/*")
USER, ROLE = f"arn:aws:iam::{ACCOUNT}:user/ada", f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
PRINCIPALS = (
    *(("AWS", USER), ("AWS", SESSION), ("AWS", f"arn:aws:iam::{OTHER}:user/eve")),
    *(("Service", "ec2.amazonaws.com"), ("Federated", PROVIDER)),
)
NAMED = {
    "AWS": ("*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ROLE, SESSION, USER, OTHER),
    "Service": ("ec2.amazonaws.com", "lambda.amazonaws.com"),
    "Federated": (PROVIDER,),
}
STRINGS = ("ada", "bob", "a*", "*", "ad?", "ADA", "${aws:userid}", "a${*}", "ada*")
NUMBERS = (
    *("10", "10.0", 10, "9", "1000", "1_000", " 10", "\uff11\uff10", "NaN", "sNaN", "Infinity"),
    *("1e999999999", f"1{'0' * 28}1", f"1{'0' * 29}", "-5", "0x10", "1,000", 10.5),
)
ADDRESSES = (
    *("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "10.1.2.3/32", "10.1.2.3/8", "0.0.0.0/0"),
    *("10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10.1.0.0/0.0.255.255", " 10.0.0.0/8"),
    *("010.0.0.0/8", "\uff11\uff10.0.0.0/8", "2001:db8::/32", "2001:db8:1::/48", "::/0"),
    *("2001:db8::1%eth0", "10.0.0.0/", "10/8"),
)
ARNS = (
    *("arn:aws:s3:::data", "arn:aws:s3:::*", "arn:aws:s3:::data*", "*", "arn:aws:s*:::data"),
    *("arn:aws:s3", "arn:aws:sqs:*:*:jobs", "arn:aws:s3:*:*:data", "arn:*:s3:::da?a"),
)
DATES = ("2030-01-01T00:00:00Z", "2030-01-01", "2030-01-01T01:00:00+01:00", "1893456000", "soon")
BOOLEANS = ("true", "false", True, False, "TRUE", "yes")
PRESENCE = ("true", "false", True, False, "TRUE", "yes")
OPERATORS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Sequence[object]]] = {
    "string": (
        (
            *("StringEquals", "StringLike", "StringNotLike", "StringNotEquals"),
            "StringEqualsIgnoreCase",
        ),
        ("aws:username", "aws:PrincipalTag/Team", "aws:TagKeys"),
        STRINGS,
    ),
    "numeric": (
        ("NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"),
        ("s3:max-keys",),
        NUMBERS,
    ),
    "ip": (("IpAddress", "NotIpAddress"), ("aws:SourceIp",), ADDRESSES),
    "arn": (
        ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"),
        ("aws:SourceArn",),
        ARNS,
    ),
    "date": (("DateLessThan", "DateEquals", "DateGreaterThan"), ("aws:CurrentTime",), DATES),
    "bool": (("Bool",), ("aws:SecureTransport",), BOOLEANS),
    "null": (("Null",), ("aws:username", "aws:TagKeys", "aws:SourceArn"), PRESENCE),
}
"""The operators of a family, keys of its type, and values, readable ones and others."""

FAMILIES = ("string", "string", "numeric", "ip", "ip", "arn", "date", "bool", "null", "null")
UNKNOWN = ("arn:aws:s3:::«bucket»/*", "arn:aws:s3:::«other»/*", "arn:aws:s3:::«bucket»/a.txt")
UNKNOWN_ACCOUNTS = ("«test»", "«production»")
SEVERAL = "aws:tagkeys"
"""The key that may have several values, which needs a qualifier."""


class Policies:
    """Random policies of one kind, with or without unknown parts."""

    def __init__(self, dice: Random, kind: Kind, *, unknown: bool) -> None:
        self._dice = dice
        self._kind = kind
        trust = kind == "trust"
        self._actions = TRUST_PATTERNS if trust else ACTION_PATTERNS
        self._resources: tuple[str, ...] = RESOURCE_PATTERNS
        self._named = dict(NAMED)
        if kind in ("identity", "scp"):
            self._resources += SHORT_ARNS
        if kind == "resource":
            self._resources += SHORTHANDS
        if unknown:
            accounts = tuple(f"arn:aws:sqs:us-east-1:{name}:jobs" for name in UNKNOWN_ACCOUNTS)
            self._resources += (*UNKNOWN, *UNKNOWN, *accounts, *accounts)
            roots = tuple(f"arn:aws:iam::{name}:root" for name in UNKNOWN_ACCOUNTS)
            self._named["AWS"] += (*roots, *roots)
        self._strings = (*STRINGS, "«bucket»", "«other»*") if unknown else STRINGS
        # A trust policy has no resources, and the policy of a repository has none either.
        self._has_resources = not trust and (kind != "resource" or dice.random() < 0.7)

    def policy(self) -> dict[str, Any]:
        """A policy of one to three statements."""
        statements = [self._statement() for _ in range(self._dice.choice((1, 2, 2, 3)))]
        if self._dice.random() < 0.3:
            statements.append(copy.deepcopy(self._dice.choice(statements)))
        version = self._dice.choice(("2012-10-17",) * 8 + ("2008-10-17", ""))
        return ({"Version": version} if version else {}) | {"Statement": statements}

    def changed(self, policy: dict[str, Any]) -> dict[str, Any]:
        """The policy with one or two changes."""
        new = copy.deepcopy(policy)
        for _ in range(self._dice.choice((1, 1, 2))):
            self._change(new)
        return new

    def _change(self, policy: dict[str, Any]) -> None:
        statements = policy["Statement"]
        statement = self._dice.choice(statements)
        lists = list(self._lists(statement))
        chance = self._dice.random()
        if chance < 0.15 and len(statements) > 1:
            statements.remove(statement)
        elif chance < 0.25:
            self._dice.shuffle(statements)
        elif chance < 0.35:
            statements.append(self._statement())
        elif chance < 0.45 and "Condition" in statement:
            del statement["Condition"]
        elif chance < 0.55:
            statement["Condition"] = self._condition()
        elif chance < 0.65 and statement.get("Condition"):
            self._rename_operator(statement["Condition"])
        elif chance < 0.7:
            policy["Version"] = self._dice.choice(("2012-10-17", "2008-10-17"))
        else:
            values, pool = self._dice.choice(lists)
            self._change_values(values, pool)

    def _change_values(self, values: list[Any], pool: Sequence[object]) -> None:
        place = self._dice.randrange(len(values))
        chance = self._dice.random()
        if chance < 0.4 and len(values) > 1:
            del values[place]
        elif chance < 0.7:
            values[place] = self._dice.choice(pool)
        else:
            values.append(self._dice.choice(pool))

    def _lists(self, statement: dict[str, Any]) -> Iterator[tuple[list[Any], Sequence[object]]]:
        """The lists of values in a statement, each with those that it may have."""
        for key, value in statement.items():
            if key.endswith("Action"):
                yield value, self._actions
            elif key.endswith("Resource"):
                yield value, self._resources
            elif key.endswith("Principal") and isinstance(value, dict):
                for kind, names in value.items():
                    yield names, self._named[kind]
            elif key == "Condition":
                for operator, keys in value.items():
                    for values in keys.values():
                        yield values, self._pool(operator)

    def _pool(self, operator: str) -> Sequence[object]:
        base = operator.rpartition(":")[2].removesuffix("IfExists")
        family = next(name for name, (names, _, _) in OPERATORS.items() if base in names)
        return self._strings if family == "string" else OPERATORS[family][2]

    def _statement(self) -> dict[str, Any]:
        dice = self._dice
        denies = dice.random() < (0.5 if self._kind == "scp" else 0.35)
        statement: dict[str, Any] = {"Effect": "Deny" if denies else "Allow"}
        if dice.random() < 0.3:
            statement["Sid"] = dice.choice(("One", "Two", "One Two"))
        if self._kind in ("trust", "resource"):
            inverted = denies and dice.random() < 0.15
            statement["NotPrincipal" if inverted else "Principal"] = self._principal(inverted)
        inverted = self._kind != "trust" and dice.random() < 0.15
        statement["NotAction" if inverted else "Action"] = self._some(self._actions)
        if self._has_resources:
            inverted = dice.random() < 0.15
            statement["NotResource" if inverted else "Resource"] = self._some(self._resources)
        if dice.random() < 0.6:
            statement["Condition"] = self._condition()
        return statement

    def _principal(self, inverted: bool) -> str | dict[str, list[str]]:  # noqa: FBT001 - private
        if not inverted and self._dice.random() < 0.25:
            return "*"
        kinds = self._dice.sample(list(self._named), self._dice.choice((1, 1, 2)))
        return {
            kind: self._some([name for name in self._named[kind] if name != "*" or not inverted])
            for kind in kinds
        }

    def _condition(self) -> dict[str, dict[str, list[Any]]]:
        condition: dict[str, dict[str, list[Any]]] = {}
        for _ in range(self._dice.choice((1,) * 8 + (2,) * 4 + (0,))):
            operators, keys, _pool = OPERATORS[self._dice.choice(FAMILIES)]
            operator, key = self._dice.choice(operators), self._dice.choice(keys)
            name = self._qualified(operator, key)
            condition.setdefault(name, {})[key] = self._some(self._pool(operator))
        return condition

    def _qualified(self, operator: str, key: str) -> str:
        if operator != "Null" and self._dice.random() < 0.15:
            operator += "IfExists"
        if key.lower() == SEVERAL or self._dice.random() < 0.1:
            return f"{self._dice.choice(('ForAllValues', 'ForAnyValue'))}:{operator}"
        return operator

    def _rename_operator(self, condition: dict[str, dict[str, list[Any]]]) -> None:
        """Replace an operator by another of its family, on the same keys and values."""
        old = self._dice.choice(list(condition))
        keys = condition.pop(old)
        base = old.rpartition(":")[2].removesuffix("IfExists")
        names = next(names for names, _, _ in OPERATORS.values() if base in names)
        # The key that needs a qualifier decides.
        key = max(keys, key=lambda key: key.lower() == SEVERAL)
        new = self._qualified(self._dice.choice(names), key)
        condition[new] = {**condition.get(new, {}), **keys}

    def _some(self, pool: Sequence[Any]) -> list[Any]:
        return [self._dice.choice(pool) for _ in range(self._dice.choice((1, 1, 2, 2, 3)))]


def with_scalars(value: Any, dice: Random) -> Any:  # noqa: ANN401 - JSON as it comes
    """The policy with some of its lists of one value written as that value."""
    if isinstance(value, dict):
        return {key: with_scalars(item, dice) for key, item in value.items()}
    if isinstance(value, list) and not isinstance(value[0], dict):
        return value[0] if len(value) == 1 and dice.random() < 0.5 else value
    return [with_scalars(item, dice) for item in value] if isinstance(value, list) else value
