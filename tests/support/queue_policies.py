"""Policies about queues, and patterns as regular expressions."""

import json
import re
from functools import cache
from typing import Any

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source

CATALOG = bundled()
Statement = dict[str, Any]
ARN = "arn:aws:sqs:eu-west-1:111122223333:"
VARIABLE = "${aws:username}"
USERS = ("a", "ab", "*")
ALLOW: Statement = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [ARN + "a"]}


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


def policy(found: object) -> tuple[Policy, ...]:
    text = json.dumps({"Version": "2012-10-17", "Statement": found})
    return read_source(Source("a.json", text)).json_policies
