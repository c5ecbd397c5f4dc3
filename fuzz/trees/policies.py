"""Changes of policies of which it is known whether there is new access, and requests for it."""

from __future__ import annotations

import copy
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from support.evaluator import Request, decide
from support.random_policies import Policies
from support.random_requests import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

Document = dict[str, Any]

_ACTS_ON = {
    "s3": re.compile(r"arn:aws:s3:::[^/:]+/.+"),
    "sqs": re.compile(r"arn:aws:sqs:.+"),
    "iam": re.compile(r"arn:aws:iam::[0-9]+:role/.+"),
}
"""On what the actions of the random policies act, by service; those of others on anything.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""
_NEW = (
    ("iam:CreateUser", "arn:aws:iam::111122223333:user/eve"),
    ("iam:CreateRole", "arn:aws:iam::111122223333:role/eve"),
    ("s3:PutObject", "arn:aws:s3:::fresh/eve"),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:fresh"),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/fresh"),
    ("newsvc:DoThing", "arn:aws:newsvc:us-east-1:111122223333:thing/fresh"),
)
_WIDER = ("*", "arn:aws:s3:::*", "arn:aws:sqs:*:*:*", "arn:aws:iam::*:role/*")
_CONTEXT = {
    "aws:currenttime": "2031-05-05T05:05:05Z",
    "aws:securetransport": "true",
    "aws:userid": "AIDA",
}
_SEARCHED = 300


def random_document(dice: Random) -> Document:
    """A random policy of an identity."""
    found = Policies(dice, "identity", unknown=False).policy()
    return {"Version": "2012-10-17", **found, "Statement": found["Statement"]}


def possible_requests(dice: Random, old: Document, new: Document) -> Iterator[Request]:
    """Requests without end that there can be, made of what two policies speak of."""
    for request in requests(dice, "identity", [old, new]):
        acts_on = _ACTS_ON.get(request.action.partition(":")[0])
        if acts_on is None or acts_on.fullmatch(request.resource):
            yield request


def is_new(request: Request, old: Document, new: Document) -> bool:
    """Whether a request is allowed by the new policy, and was not by the old one."""
    return decide(new, request) == "Allow" != decide(old, request)


def new_request(dice: Random, old: Document, new: Document) -> Request | None:
    """A request that the new policy allows and the old one did not, if one is found."""
    for action, resource in _NEW:
        request = Request(action, resource, context=_CONTEXT)
        if is_new(request, old, new):
            return request
    return next(new_requests(dice, old, new, _SEARCHED), None)


def new_requests(dice: Random, old: Document, new: Document, count: int) -> Iterator[Request]:
    """Those of some random requests that the new policy allows and the old one did not."""
    for request in islice(possible_requests(dice, old, new), count):
        if is_new(request, old, new):
            yield request


def reordered(dice: Random, old: Document) -> Document:
    """The same statements and values in another order."""
    new = copy.deepcopy(old)
    dice.shuffle(new["Statement"])
    for values in _lists(new):
        dice.shuffle(values)
    return new


def split(dice: Random, old: Document) -> Document:
    """A statement in two, each with a part of its actions."""
    new = copy.deepcopy(old)
    several = [at for at, found in enumerate(new["Statement"]) if len(found.get("Action", ())) > 1]
    for at in several[:1]:
        first, second = (copy.deepcopy(new["Statement"][at]) for _ in range(2))
        border = dice.randrange(1, len(first["Action"]))
        first["Action"], second["Action"] = first["Action"][:border], first["Action"][border:]
        second.pop("Sid", None)
        new["Statement"][at : at + 1] = [first, second]
    return new


def merged(_dice: Random, old: Document) -> Document:
    """Statements that differ in their actions only in one."""
    found: dict[str, Document] = {}
    for statement in copy.deepcopy(old["Statement"]):
        rest = {key: value for key, value in statement.items() if key not in ("Action", "Sid")}
        same = found.setdefault(repr(rest) if "Action" in statement else repr(statement), statement)
        if same is not statement and "Action" in statement:
            same["Action"] += statement["Action"]
    return {**old, "Statement": list(found.values())}


def narrowed(dice: Random, old: Document) -> Document:
    """The same without one of the Allow statements, or with one more Deny."""
    new = copy.deepcopy(old)
    allowing = [found for found in new["Statement"] if found["Effect"] == "Allow"]
    if len(new["Statement"]) > 1 and allowing and dice.random() < 0.5:  # noqa: PLR2004 - half
        new["Statement"].remove(dice.choice(allowing))
    else:
        denial = {"Effect": "Deny", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::secret/*"]}
        new["Statement"].append(denial)
    return new


def more(dice: Random, old: Document) -> Document:
    """One statement more, or an action more in one."""
    new = copy.deepcopy(old)
    action, resource = dice.choice(_NEW)
    new["Statement"].insert(
        dice.randrange(len(new["Statement"]) + 1),
        {"Effect": "Allow", "Action": [action], "Resource": [dice.choice(("*", resource))]},
    )
    return new


def wider(dice: Random, old: Document) -> Document:
    """An Allow on more resources, without its condition."""
    new = copy.deepcopy(old)
    for statement in new["Statement"]:
        if statement["Effect"] == "Allow" and "Resource" in statement:
            statement["Resource"] = [dice.choice(_WIDER)]
            statement.pop("Condition", None)
    return new


def undenied(_dice: Random, old: Document) -> Document:
    """Without what denied something."""
    kept = [found for found in old["Statement"] if found["Effect"] == "Allow"]
    return {**old, "Statement": copy.deepcopy(kept) or old["Statement"]}


def changed(dice: Random, old: Document) -> Document:
    """With random changes."""
    return Policies(dice, "identity", unknown=False).changed(old)


HARMLESS: Mapping[str, Callable[[Random, Document], Document]] = {
    "equal": lambda _dice, old: old,
    "reordered": reordered,
    "split": split,
    "merged": merged,
    "narrowed": narrowed,
}
"""Changes of a policy without new access."""
OTHERS: Mapping[str, Callable[[Random, Document], Document]] = {
    "more": more,
    "wider": wider,
    "undenied": undenied,
    "changed": changed,
}
"""Changes of a policy that may add access, as a request shows."""


def _lists(document: Document) -> Iterator[list[Any]]:
    for statement in document["Statement"]:
        yield from (value for value in statement.values() if isinstance(value, list))
        for keys in statement.get("Condition", {}).values():
            yield from keys.values()
