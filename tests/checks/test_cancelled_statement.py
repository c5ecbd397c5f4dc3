"""What of an Allow its own policy denies, beyond the examples on the page of the rule."""

import json
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

RULE = rules()["cancelled-statement"]
READ = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::data/*"}
TLS = {"Bool": {"aws:SecureTransport": "false"}}

Statement = dict[str, Any]


def deny(action: object = "s3:*", resource: object = "*", **more: object) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def cancelled(*statements: Statement, type: str = "identity") -> list[str]:
    """The pointers of the statements that allow nothing."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    found = lint_source(
        Source("policy.json", text), type=PolicyType(type), enabled={RULE.id: RULE}
    ).findings
    return [finding.pointer for finding in found]


@pytest.mark.parametrize(
    "denying",
    [
        [deny("*")],
        [deny("S3:get*")],
        [deny("s3:*", "arn:aws:s3:::data/*")],
        [deny("s3:*", "arn:aws:s3:::d*")],
        [deny("s3:GetObject*"), deny("s3:*")],
        [{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}],
        [{"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"}],
    ],
)
def test_all_of_it_is_denied(denying: list[Statement]) -> None:
    assert cancelled(READ, *denying) == ["/Statement/0"]
    assert cancelled(*denying, READ) == [f"/Statement/{len(denying)}"]


@pytest.mark.parametrize(
    "denying",
    [
        [deny("s3:GetObject")],
        [deny("s3:*", "arn:aws:s3:::data/secret/*")],
        [deny("s3:*", Condition=TLS)],
        [deny("s3:*", Condition="${var.condition}")],
        [deny("${var.actions}")],
        [deny("s3:*", "${var.resources}")],
        [deny("sqs:*")],
        [{"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}],
        [{"Effect": "Deny", "NotAction": ["iam:*", "${var.more}"], "Resource": "*"}],
        [{"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::data/*"}],
        [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    ],
)
def test_something_is_left_or_it_is_not_known(denying: list[Statement]) -> None:
    assert cancelled(READ, *denying) == []


def test_actions_that_nobody_knows_are_denied_by_their_pattern() -> None:
    new = {**READ, "Action": ["s3:BrandNew*", "xyz:Some"]}
    assert cancelled(new, deny(["s3:*", "xyz:*"])) == ["/Statement/0"]
    assert cancelled(new, deny("s3:*")) == []
    everything_else = {"Effect": "Deny", "NotAction": ["iam:*", "xyz:*"], "Resource": "*"}
    assert cancelled(new, {**everything_else, "NotAction": "iam:*"}) == ["/Statement/0"]
    assert cancelled(new, everything_else) == []


def test_all_that_aws_will_add_is_denied_by_a_pattern_only() -> None:
    most = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert cancelled(most, deny("*")) == ["/Statement/0"]
    for excepted, expected in (("iam:Get*", ["/Statement/0"]), ("i*:*", []), ("xyz:New*", [])):
        but_some = {"Effect": "Deny", "NotAction": excepted, "Resource": "*"}
        assert cancelled(most, but_some) == expected
    get = {**READ, "Action": "s3:GetBucketPolicy*"}
    assert cancelled(get, deny("s3:GetBucketPolicy*")) == ["/Statement/0"]
    assert cancelled(get, deny(["s3:GetBucketPolicy", "s3:GetBucketPolicyStatus"])) == []


def test_conditions_of_the_allow_may_imply_those_of_the_deny() -> None:
    narrow = {**READ, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
    wide = {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}}
    assert cancelled(narrow, deny(Condition=wide)) == ["/Statement/0"]
    assert cancelled(READ, deny(Condition=wide)) == []


def test_in_resource_policies_principals_count() -> None:
    account = {"AWS": "111122223333"}
    read = {**READ, "Principal": account}
    assert cancelled(read, deny(Principal="*"), type="resource") == ["/Statement/0"]
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    assert cancelled(read, deny(Principal=root), type="resource") == ["/Statement/0"]
    other = {"AWS": "444455556666"}
    assert cancelled(read, deny(Principal=other), type="resource") == []


def test_many_statements_take_no_longer_than_they_may() -> None:
    allows = [{**READ, "Resource": f"arn:aws:s3:::data/{at}/*"} for at in range(400)]
    denies = [deny("s3:*", f"arn:aws:s3:::other/{at}/*") for at in range(400)]
    assert cancelled(*allows, *denies) == []
