"""Families of JSON policies, each a function of the size."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from .family import Family, action, filled, word

if TYPE_CHECKING:
    from collections.abc import Callable

    Statement = dict[str, Any]


def statements(statement: Callable[[int], Statement], size: int) -> Statement:
    """A policy of as many statements as there is room for."""
    text = filled(size, lambda number: json.dumps(statement(number)))
    return {"Version": "2012-10-17", "Statement": json.loads(f"[{text}]")}


def listed(
    put: Callable[[list[str]], Statement], value: Callable[[int], str], size: int
) -> Statement:
    """A policy of one statement, into which a list of values is put."""
    values = json.loads(f"[{filled(size, lambda number: json.dumps(value(number)))}]")
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **put(values)}]}


def _element(name: str) -> Callable[[list[str]], Statement]:
    rest: Statement = {"Action": "s3:*", "Resource": "*"}
    if name.startswith("Not"):
        rest.pop(name[3:])
    return lambda values: {**rest, name: values}


def _condition(operator: str, key: str) -> Callable[[list[str]], Statement]:
    return lambda values: allow(Condition={operator: {key: values}})


def _keys(operator: str) -> Callable[[list[str]], Statement]:
    return lambda keys: allow(Condition={operator: {key: ["a*", "b"] for key in keys}})


def _principals(kind: str) -> Callable[[list[str]], Statement]:
    return lambda values: allow(Principal={kind: values})


def allow(**elements: Any) -> Statement:  # noqa: ANN401 - values of JSON
    """An Allow statement."""
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}


def allow_at(number: int) -> Statement:
    """An Allow statement on a bucket."""
    return allow(Resource=f"{BUCKET}{word(number)}")


def with_fixes(number: int) -> Statement:
    """A statement with several findings that have fixes."""
    bucket = f"arn:aws:s3:::{word(number)}"
    return allow(
        Sid=f"S{number}",
        Action=["s3:GetObject", "s3:Get*", "s3:getobject", "ec2:describeinstances"],
        Resource=[bucket, bucket, f"{bucket}/*", f"{bucket}/a"],
    )


def _overlapping(number: int) -> str:
    letters = word(number)
    return f"s3:*{letters[2]}*{letters[3]}*"


def _mixed(number: int) -> Statement:
    bucket = f"arn:aws:s3:::{word(number)[:5]}*"
    negated = "Not" if number % 5 == 0 else ""
    effect = "Deny" if number % 2 else "Allow"
    return {"Effect": effect, f"{negated}Action": "s3:*Object*", "Resource": bucket}


def _escalating(number: int) -> Statement:
    role = f"arn:aws:iam::111122223333:role/{word(number)}"
    other = action(number, "lambda:*")
    return allow(Action=["iam:PassRole", other], Resource=[role, "*"] if number % 2 else role)


def many_elements(number: int) -> Statement:
    """A statement with a value of its own in each element."""
    return allow(
        Sid=f"Sid{number}",
        Action=[action(3 * number + extra) for extra in range(3)],
        Resource=f"arn:aws:s3:::{word(number)}/*",
        Condition={"StringLike": {"aws:PrincipalTag/team": [f"{word(number)}*", "a"]}},
    )


def _one(put: Callable[[list[str]], Statement], text: Callable[[int], str]) -> Callable[[int], Any]:
    return lambda size: listed(put, lambda _: text(size), 1)


_RESOURCE = _element("Resource")
_ACTION = _element("Action")
GITHUB = "token.actions.githubusercontent.com"
BUCKET = "arn:aws:s3:::"
_ROLE = "arn:aws:iam::111122223333:role/"

SHAPES: dict[str, Callable[[int], Any]] = {
    "fixes": partial(statements, with_fixes),
    "statements": partial(statements, many_elements),
    "actions of one statement": partial(listed, _ACTION, action),
    "resources": partial(listed, _RESOURCE, lambda n: f"{BUCKET}{word(n)}/*"),
}
"""Policies that are measured in every format."""

POLICIES: dict[str, Callable[[int], Any]] = {
    **SHAPES,
    "equal statements": partial(statements, lambda _: allow()),
    "statements of one action": partial(statements, lambda n: allow(Action=action(n))),
    "statements on a bucket each": partial(
        statements, lambda n: allow(Resource=f"{BUCKET}{word(n)}")
    ),
    "statements with stars": partial(statements, lambda n: allow(Action="*", Sid=word(n))),
    "equal Sids": partial(statements, lambda n: allow(Sid="A", Resource=f"{BUCKET}{word(n)}")),
    "Allow and Deny": partial(statements, _mixed),
    "Deny with conditions": partial(
        statements,
        lambda n: {
            **allow(Effect="Deny" if n % 2 else "Allow", Action="s3:*"),
            "Condition": {"StringLike": {"s3:prefix": f"{word(n)}*"}},
        },
    ),
    "NotAction statements": partial(
        statements,
        lambda n: {"Effect": "Allow", "NotAction": [action(n), "iam:*"], "Resource": "*"},
    ),
    "NotAction of unknown actions everywhere": partial(
        statements,
        lambda n: {"Effect": "Allow", "NotAction": f"s3:{word(n)}", "Resource": "*"},
    ),
    "NotAction of unknown actions": partial(
        statements,
        lambda n: {
            "Effect": "Allow",
            "NotAction": f"s3:{word(n)}*",
            "Resource": f"{BUCKET}{word(n)}/*",
        },
    ),
    "NotAction statements with NotResource": partial(
        statements,
        lambda n: {"Effect": "Deny", "NotAction": "s3:*", "NotResource": f"{BUCKET}{word(n)}*"},
    ),
    "NotResource statements": partial(
        statements,
        lambda n: {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{BUCKET}{word(n)}*"},
    ),
    "escalation": partial(statements, _escalating),
    "trust": partial(
        statements,
        lambda n: {
            "Effect": "Allow",
            "Principal": {"AWS": f"{_ROLE}{word(n)}", "Service": f"{word(n)}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    ),
    "GitHub trust": partial(
        statements,
        lambda n: {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringLike": {f"{GITHUB}:sub": f"repo:{word(n)}/*:*"}},
        },
    ),
    "public bucket": partial(
        statements,
        lambda n: {**allow(Resource=f"{BUCKET}{word(n)}/*", Principal="*"), "Sid": f"S{n}"},
    ),
    "actions of EC2": partial(listed, _ACTION, lambda n: action(n, "ec2:*")),
    "actions in upper case": partial(listed, _ACTION, lambda n: action(n).upper()),
    "unknown actions": partial(listed, _ACTION, lambda n: f"ec2:Describe{word(n)}"),
    "unknown services": partial(listed, _ACTION, lambda n: f"{word(n)}:Get"),
    "overlapping wildcards": partial(listed, _ACTION, _overlapping),
    "wildcards of all services": partial(listed, _ACTION, lambda n: f"*:*{word(n)[2:5]}*"),
    "prefixes": partial(listed, _ACTION, lambda n: f"{action(n)[:-3]}*"),
    "five stars": lambda size: partial(statements, lambda _: allow(Action="*"))(min(size, 400)),
    "NotAction": partial(listed, _element("NotAction"), action),
    "NotResource": partial(
        listed, _element("NotResource"), lambda n: f"{BUCKET}*{word(n)}*/{word(n + 7)}*"
    ),
    "overlapping resources": partial(
        listed, _RESOURCE, lambda n: f"{BUCKET}*{word(n)[2:4]}*/*{word(n)[5]}*"
    ),
    "resources of many types": partial(
        listed, _RESOURCE, lambda n: f"arn:aws:ec2:eu-west-1:111122223333:{word(n)}/{word(n + 1)}"
    ),
    "colons": _one(_RESOURCE, lambda size: "arn:aws:s3:" + ":" * size),
    "stars": _one(_RESOURCE, lambda size: BUCKET + "*a" * (size // 2)),
    "question marks": _one(_RESOURCE, lambda size: BUCKET + "*?" * (size // 2)),
    "stars in an action": _one(_ACTION, lambda size: "s3:" + "*a" * (size // 2)),
    "a long action": _one(_ACTION, lambda size: "s3:Get" + "a" * size),
    "a long resource": _one(_RESOURCE, lambda size: BUCKET + "a/" * (size // 2)),
    "long resources": lambda size: listed(
        _RESOURCE, lambda n: BUCKET + f"*{word(n)}" * (size // 90), size
    ),
    "a long Sid": _one(_element("Sid"), lambda size: "a" * size),
    "variables": partial(
        listed, _RESOURCE, lambda n: f"{BUCKET}${{aws:username}}/${{aws:{word(n)}, 'a'}}"
    ),
    "open variables": _one(_RESOURCE, lambda size: BUCKET + "${aws:" * (size // 6)),
    "closed variables": _one(_RESOURCE, lambda size: BUCKET + "${a}" * (size // 4)),
    "unicode": lambda size: listed(_RESOURCE, lambda n: f"{BUCKET}{word(n)}\u00e9\U0001f600", size),
    "condition values": partial(
        listed, _condition("StringLike", "aws:PrincipalArn"), lambda n: f"*{word(n)}*"
    ),
    "networks": partial(
        listed,
        _condition("IpAddress", "aws:SourceIp"),
        lambda n: f"10.{n // 256 % 256}.{n % 256}.0/24",
    ),
    "accounts": partial(listed, _condition("StringEquals", "aws:SourceAccount"), "{:012}".format),
    "condition keys": partial(listed, _keys("StringLike"), lambda n: f"aws:PrincipalTag/{word(n)}"),
    "unknown keys": partial(listed, _keys("StringEquals"), lambda n: f"s3:{word(n)}"),
    "principals": partial(listed, _principals("AWS"), lambda n: f"{_ROLE}{word(n)}"),
    "service principals": partial(
        listed, _principals("Service"), lambda n: f"{word(n)}.amazonaws.com"
    ),
    "NotPrincipal": partial(
        listed,
        lambda names: {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "NotPrincipal": {"AWS": names},
        },
        lambda n: f"{_ROLE}{word(n)}",
    ),
    "buckets with conditions on keys": lambda size: statements(
        lambda n: allow(
            Condition={
                operator: {
                    f"aws:RequestTag/{word(n + at)}": [f"{word(at)}*", word(n)] for at in range(5)
                }
                for operator in ("StringLike", "StringNotLike", "ForAnyValue:StringEquals")
            }
        ),
        size,
    ),
}


def _dumped(policy: Callable[[int], Any]) -> Callable[[int], str]:
    return lambda size: json.dumps(policy(size))


FAMILIES = {
    **{f"JSON: {name}": Family("policy.json", _dumped(made)) for name, made in POLICIES.items()},
}
