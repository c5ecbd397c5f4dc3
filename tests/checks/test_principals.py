"""Principals of resource policies and trust policies."""

import pytest
from support.principal_statements import ACCOUNT, BUCKET, UNKNOWN, codes, found, statement

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.policy_types import resource_policies


@pytest.mark.parametrize(
    ("principal", "count"),
    [
        ({"AWS": f"{ACCOUNT}role/*"}, 1),
        ({"AWS": [f"{ACCOUNT}root", "arn:aws:iam::*:role/a", "1111????3333"]}, 2),
        ({"AWS": "arn:aws:sts::111122223333:assumed-role/app/*"}, 1),
        ({"Service": "*"}, 1),
        ({"Federated": "*"}, 1),
        ({"CanonicalUser": "79a59df9*"}, 1),
        ({"AWS": "arn:aws:iam::${account}:role/*"}, 0),
        ({"AWS": "arn:aws:iam::${aws:PrincipalAccount}:role/*"}, 0),
        ({"AWS": "*"}, 0),
        ("*", 0),
        ({"AWS": "arn:aws:iam::${account}:role/app"}, 0),
        ({"AWS": UNKNOWN}, 0),
        ({"AWS": f"{ACCOUNT}role/app"}, 0),
        ({"Everybody": "*"}, 0),  # the grammar says what is wrong with it
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_wildcards_in_principals(principal: object, count: int, effect: str) -> None:
    expected = ["UNSUPPORTED_WILDCARD_IN_PRINCIPAL"] * count
    assert codes("wildcard-in-principal", statement(principal, Effect=effect)) == expected


def test_wildcards_under_not_principal() -> None:
    denied = statement(None, Effect="Deny", NotPrincipal={"AWS": f"{ACCOUNT}role/*"})
    assert codes("wildcard-in-principal", denied) == ["UNSUPPORTED_WILDCARD_IN_PRINCIPAL"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AIDACKCEVSQ6C2EXAMPLE", ["INVALID_USER_REFERENCE"]),
        ("AROADBQP57FF2AEXAMPLE", ["INVALID_ROLE_REFERENCE"]),
        ("ANPADBQP57FF2AEXAMPLE", []),
        ("AIDA", []),
        (f"{ACCOUNT}user/AIDACKCEVSQ6C2EXAMPLE", []),
        (UNKNOWN, []),
    ],
)
@pytest.mark.parametrize("key", ["Principal", "NotPrincipal"])
def test_unique_ids(text: str, expected: list[str], key: str) -> None:
    written = statement(None, Effect="Deny", **{key: {"AWS": [text]}})
    assert codes("deleted-principal", written) == expected


@pytest.mark.parametrize(
    ("principal", "pointer"),
    [
        ({"Federated": f"{ACCOUNT}saml-provider/idp"}, "/Statement/0/Principal/Federated"),
        ({"AWS": "*", "Federated": UNKNOWN}, "/Statement/0/Principal/Federated"),
        ({"AWS": f"{ACCOUNT}saml-provider/idp"}, None),
        ("*", None),
        (UNKNOWN, None),
    ],
)
def test_identity_providers_in_resource_policies(principal: object, pointer: str | None) -> None:
    expected = [("FEDERATED_PRINCIPAL_NOT_SUPPORTED", pointer)] if pointer else []
    assert found("invalid-federated-principal", statement(principal)) == expected


def test_a_policy_of_unknown_actions_may_be_a_trust_policy() -> None:
    written = statement({"Federated": "accounts.google.com"}, Action=[UNKNOWN])
    assert codes("invalid-federated-principal", written) == []


def test_a_trust_policy_with_a_resource_is_still_about_roles() -> None:
    trust = statement(
        {"Federated": "accounts.google.com", "Service": "ec2.amazonaws.com"},
        Action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        Resource="*",
    )
    assert codes("invalid-federated-principal", trust) == []
    assert codes("unrestricted-service-principal", trust) == []


@pytest.mark.parametrize(
    ("resource_type", "action", "resource", "expected"),
    [
        (BUCKET, "s3:*", "arn:aws:s3:::reports", []),
        (BUCKET, "*", "*", ["UNSUPPORTED_RESOURCE_ARN_IN_POLICY"]),
        (BUCKET, "*", "arn:aws:s3:::*", []),
        (BUCKET, "S3:GetObject", "arn:aws-us-gov:s3:::reports/*", []),
        (BUCKET, "sqs:SendMessage", "arn:aws:s3:::reports", ["UNSUPPORTED_ACTION_IN_POLICY"]),
        (BUCKET, "kms:*", "arn:aws:s3:::*", ["UNSUPPORTED_ACTION_IN_POLICY"]),
        (BUCKET, UNKNOWN, UNKNOWN, []),
        (BUCKET, "s3:GetObject", "arn:aws:s3:::${bucket}/*", []),
        (BUCKET, "s3:GetObject", "no-arn", []),
        (
            BUCKET,
            "s3:GetObject",
            "arn:aws:s3:us-east-1:111122223333:accesspoint/a",
            ["UNSUPPORTED_RESOURCE_ARN_IN_POLICY"],
        ),
        (
            "AWS::S3::MultiRegionAccessPoint",
            "s3:GetObject",
            "arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap/object/*",
            [],
        ),
        (
            "AWS::S3ObjectLambda::AccessPoint",
            "s3-object-lambda:GetObject",
            "arn:aws:s3-object-lambda:us-east-1:111122223333:accesspoint/a",
            [],
        ),
        ("AWS::S3ObjectLambda::AccessPoint", "s3:GetObject", "*", ["UNSUPPORTED_ACTION_IN_POLICY"]),
        ("AWS::SQS::Queue", "SQS:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", []),
        ("AWS::KMS::Key", "kms:Decrypt", "*", []),
        ("AWS::Lambda::Function", "s3:GetObject", "arn:aws:s3:::reports", []),
        (None, "kms:Decrypt", "arn:aws:s3:::reports", []),
    ],
)
def test_what_the_policy_of_a_resource_is_about(
    resource_type: str | None, action: str, resource: str, expected: list[str]
) -> None:
    written = statement({"AWS": f"{ACCOUNT}root"}, Action=action, Resource=resource)
    rule = "mismatched-resource-policy"
    assert codes(rule, written, resource_type=resource_type) == expected


def test_not_action_may_name_any_service() -> None:
    written = statement("*", Effect="Deny", Action=None, NotAction="kms:Decrypt")
    assert codes("mismatched-resource-policy", written, resource_type=BUCKET) == []


def test_the_resource_types_are_in_the_catalog() -> None:
    for policy in resource_policies().values():
        for resource_type in policy.resource_types:
            prefix, _, type_ = resource_type.partition("+")[0].partition("/")
            service = bundled().service(prefix)
            assert service
            assert type_ in service.resource_types
