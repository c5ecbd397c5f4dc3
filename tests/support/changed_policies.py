"""Policies, and whether one has gained something that another did not grant."""

import json
from typing import Any

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.changes import changes
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

CATALOG = bundled()
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"


def policy(*statements: dict[str, Any], type: PolicyType | None = None) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return read_source(Source("policy.json", text), type=type).json_policies[0]


def statement(effect: str, action: str, **more: object) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, **more}


def gains(old: Policy, new: Policy) -> bool:
    return bool(changes([old], [new], CATALOG).gained)
