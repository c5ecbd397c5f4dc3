"""Services as principals: names, sources, and organizations, in which they are not."""

import pytest
from support.principal_statements import ACCOUNT, BUCKET, ORG, UNKNOWN, codes, statement

from multitool_lint.aws.service_requests import is_service_principal
from multitool_lint.policy.policy_type import PolicyType


@pytest.mark.parametrize(
    ("key", "value", "fires"),
    [
        ("iam:PassedToService", "lambda", True),
        ("IAM:passedToService", "Lambda.amazonaws.com", True),
        ("iam:PassedToService", "lambda.amazon.com", True),
        ("iam:PassedToService", "https://lambda.amazonaws.com", True),
        ("iam:PassedToService", "lambda.amazonaws.com", False),
        ("iam:PassedToService", "states.us-east-1.amazonaws.com", False),
        ("iam:PassedToService", "ec2.amazonaws.com.cn", False),
        ("iam:PassedToService", "ec2.amazonaws.eu", False),
        ("iam:PassedToService", "lambda*", False),
        ("iam:PassedToService", "${service}", False),
        ("iam:PassedToService", UNKNOWN, False),
        ("iam:AWSServiceName", "autoscaling", True),
        ("iam:AWSServiceName", "ecs.application-autoscaling.amazonaws.com", False),
        ("aws:CalledVia", "athena", True),
        ("aws:CalledViaFirst", "cloudformation.amazonaws.com", False),
        ("aws:PrincipalServiceName", "arn:aws:iam::aws:role/x", True),
        ("aws:PrincipalServiceNamesList", "delivery.logs.amazonaws.com", False),
        ("kms:ViaService", "s3.us-east-1.amazonaws.com", False),
        ("kms:ViaService", "s3.cn-north-1.amazonaws.com.cn", False),
        ("kms:ViaService", "S3.us-east-1.amazonaws.com", True),
        ("kms:ViaService", "s3.amazonaws.com", True),
        ("kms:ViaService", "us-east-1.amazonaws.com", True),
        ("kms:ViaService", "s3.us-esat-1.amazonaws.com", True),
        ("aws:PrincipalTag/service", "lambda", False),
    ],
)
def test_values_that_name_services(key: str, value: str, *, fires: bool) -> None:
    expected = ["INVALID_SERVICE_PRINCIPAL_FORMAT"] if fires else []
    written = statement(None, {"StringEquals": {key: value}})
    for type_ in (PolicyType.IDENTITY, PolicyType.SCP):
        assert codes("invalid-service-principal", written, type=type_) == expected
    absent = statement(None, {"Null": {key: "true"}})
    assert codes("invalid-service-principal", absent, type=PolicyType.IDENTITY) == []


def test_a_service_principal_has_the_domain_of_a_partition() -> None:
    assert is_service_principal("ec2.amazonaws.com")
    assert not is_service_principal("amazonaws.com")
    assert not is_service_principal(".amazonaws.com")


SERVICE = {"Service": "cloudtrail.amazonaws.com"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
        ({"StringEquals": {"s3:x-amz-acl": "x"}}, "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
        ({"StringNotEquals": {"aws:SourceAccount": "1"}}, "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
        ({"Null": {"aws:SourceArn": "false"}}, "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
        ({"ArnLike": {"aws:SourceArn": "*"}}, "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
        ({"StringEquals": {"aws:Referer": "1"}}, "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"),
        (
            {"StringLike": {"aws:SourceOwner": "1"}},
            "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        ),
        ({"StringEquals": {"AWS:SourceAccount": "111122223333"}}, None),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}, None),
        ({"StringEquals": {"aws:SourceOrgID": UNKNOWN}}, None),
        ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-a/r-b/*"}}, None),
        (UNKNOWN, None),
        ({"StringEquals": UNKNOWN}, None),
    ],
)
def test_services_need_a_source(condition: object, expected: str | None) -> None:
    found_codes = codes("unrestricted-service-principal", statement(SERVICE, condition))
    assert found_codes == ([expected] if expected else [])


def test_what_needs_no_source() -> None:
    for other in (
        statement(SERVICE, Effect="Deny"),
        statement({"AWS": f"{ACCOUNT}root"}),
        statement({"Service": UNKNOWN}),
        statement(None, NotPrincipal=SERVICE),
    ):
        assert codes("unrestricted-service-principal", other) == []


@pytest.mark.parametrize(
    ("principal", "condition", "fires"),
    [
        (SERVICE, ORG, True),
        (SERVICE, {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/*"}}, True),
        (SERVICE, {"StringEquals": {"aws:PrincipalTag/team": "a"}}, True),
        (SERVICE, {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}, True),
        ({**SERVICE, "AWS": "*"}, ORG, True),
        ({**SERVICE, "AWS": "*"}, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}}, False),
        ({**SERVICE, "AWS": "*"}, {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}, False),
        (SERVICE, {"Null": {"aws:PrincipalOrgID": "true"}}, False),
        (SERVICE, {"StringEquals": {"aws:SourceOrgID": "o-a"}}, False),
        ({"AWS": "*"}, ORG, False),
        (UNKNOWN, ORG, False),
    ],
)
def test_services_are_in_no_organization(
    principal: object, condition: object, *, fires: bool
) -> None:
    expected = ["UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"] if fires else []
    written = statement(principal, condition)
    assert codes("unsupported-service-principal-key", written) == expected
    denied = statement(principal, condition, Effect="Deny")
    assert codes("unsupported-service-principal-key", denied) == []


@pytest.mark.parametrize("resource_type", [BUCKET, "AWS::S3::AccessPoint", "AWS::SQS::Queue", None])
def test_keys_that_are_settled(resource_type: str | None) -> None:
    written = statement("*", {"StringEquals": {"S3:resourceAccount": "111122223333"}})
    expected = ["IRRELEVANT_CONDITION_KEY_IN_POLICY"] if "S3" in (resource_type or "") else []
    assert codes("irrelevant-condition-key", written, resource_type=resource_type) == expected
