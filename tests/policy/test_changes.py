"""What policies grant beyond others: a Deny without Resource, and ARNs with fields left out."""

import json
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.changes import changes
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.syntax.source import Source

CATALOG = bundled()
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
LAMBDA = {"Service": "lambda.amazonaws.com"}
ACCOUNT = {"AWS": "arn:aws:iam::111122223333:root"}


def policy(*statements: dict[str, Any], type: PolicyType | None = None) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return read_source(Source("policy.json", text), type=type).policies[0]


def statement(effect: str, action: str, **more: object) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, **more}


def gains(old: Policy, new: Policy) -> bool:
    return bool(changes([old], [new], CATALOG).gained)


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        (
            statement("Allow", "sts:AssumeRole", Principal=ACCOUNT),
            statement("Deny", "sts:AssumeRole", Principal=ACCOUNT),
        ),
        (
            statement("Allow", "ecr:*", Principal=ACCOUNT),
            statement("Deny", "ecr:BatchDeleteImage", Principal={"AWS": "*"}),
        ),
        (
            statement("Allow", "ecr:*", Principal=ACCOUNT, Resource=QUEUE),
            statement("Deny", "ecr:*", Principal=ACCOUNT),
        ),
        (
            statement("Allow", "ecr:*", Principal=ACCOUNT),
            statement("Deny", "ecr:*", Principal=ACCOUNT, NotResource=QUEUE),
        ),
    ],
)
def test_a_deny_without_resource_that_is_removed(
    allow: dict[str, Any], deny: dict[str, Any]
) -> None:
    assert gains(policy(allow, deny), policy(allow))
    assert not gains(policy(allow), policy(allow, deny))


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        (QUEUE, "arn:aws:sqs"),
        ("arn:aws:sqs", QUEUE),
        ("arn:aws:sqs:eu-west-1", "arn:aws:sqs:*:111122223333"),
        ("arn:aws:execute-api:eu-west-1:111122223333:abc/prod/GET/a", "execute-api:/prod/*"),
        ("execute-api:/*", "arn:aws:execute-api:eu-west-1:111122223333:abc/prod/*"),
    ],
)
def test_a_deny_of_an_arn_with_fields_left_out_that_is_removed(allow: str, deny: str) -> None:
    allowed = statement("Allow", "*", Resource=allow)
    denied = statement("Deny", "*", Resource=deny)
    assert gains(policy(allowed, denied), policy(allowed))
    excepted = statement("Allow", "*", NotResource=deny)
    assert gains(policy(excepted), policy(allowed))


def test_fields_left_out_are_wildcards_in_identity_policies_only() -> None:
    short = statement("Allow", "sqs:*", Resource="arn:aws:sqs")
    whole = statement("Allow", "sqs:*", Resource="arn:aws:sqs:*:*:*")
    assert not gains(policy(short), policy(whole))
    assert not gains(policy(whole), policy(short))
    one = statement("Allow", "sqs:*", Resource=QUEUE)
    assert not gains(policy(short), policy(one))
    resource = PolicyType.RESOURCE
    found = changes([policy(short, type=resource)], [policy(one, type=resource)], CATALOG)
    assert [gained.certain for gained in found.gained] == [False]


@pytest.mark.parametrize("action", ["organizations:*", "sqs:*"])
@pytest.mark.parametrize("type_", list(PolicyType))
def test_a_deny_counts_for_what_other_policies_grant(type_: PolicyType, action: str) -> None:
    allow = statement("Allow", "sqs:*", Resource="arn:aws:sqs:eu-west-1:444455556666:*")
    deny = statement("Deny", action, Resource=QUEUE)
    old, new = policy(allow, deny, type=type_), policy(allow, type=type_)
    [gained] = changes([old], [new], CATALOG).gained
    assert gained.lifted
    assert not gained.certain
    assert list(gained.actions.prefixes) == [action.partition(":")[0]]
    assert not gains(new, old)
