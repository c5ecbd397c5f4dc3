"""What is open to everyone, and what restricts it."""

import pytest
from support.principal_statements import ACCOUNT, BUCKET, ORG, UNKNOWN, found, statement


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}},
        {"StringEquals": {"aws:Referer": "https://example.com/"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"s3:ExistingObjectTag/public": "yes"}},
    ],
)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [f"{ACCOUNT}root", "*"]}])
def test_what_is_public(principal: object, condition: object) -> None:
    assert len(found("public-access", statement(principal, condition))) == 1


@pytest.mark.parametrize(
    "condition",
    [
        ORG,
        {"StringEqualsIgnoreCase": {"AWS:principalorgid": "o-a"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:reports"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:SourceVpce": UNKNOWN}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}},
        UNKNOWN,
    ],
)
def test_conditions_that_restrict(condition: object) -> None:
    assert found("public-access", statement("*", condition)) == []


def denial(condition: object, action: str = "s3:*", **other: object) -> dict[str, object]:
    return statement("*", condition, Effect="Deny", **{"Action": action, "Resource": "*", **other})


@pytest.mark.parametrize(
    ("denied", "is_public"),
    [
        (denial({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}), False),
        (denial({"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}, "*"), False),
        (
            denial(
                {
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                }
            ),
            False,
        ),
        (denial(None, NotPrincipal={"AWS": f"{ACCOUNT}root"}, Principal=None), False),
        (denial({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, "s3:PutObject"), True),
        (denial({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}), True),
        (denial({"Bool": {"aws:SecureTransport": "false"}}), True),
        (denial({"NotAnOperator": {"aws:PrincipalOrgID": "o-a"}}), True),
        (denial(None), False),
        (denial({"StringNotEquals": {"aws:SourceVpce": "v"}}, Resource="arn:aws:s3:::rep*"), False),
        (denial({"StringNotEquals": {"aws:SourceVpce": "v"}}, Resource="arn:aws:s3:::a/*"), True),
        (denial(None, Resource=None, NotResource="arn:aws:s3:::a/*"), True),
        (denial({"StringNotEquals": {"aws:SourceVpce": "v"}}, Principal={"AWS": "1"}), True),
        (denial(UNKNOWN), False),
        (denial(None, UNKNOWN), False),
        (denial({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}, UNKNOWN), True),
    ],
)
def test_denials_that_restrict(denied: dict[str, object], *, is_public: bool) -> None:
    assert len(found("public-access", statement("*"), denied)) == is_public


def test_a_denial_of_part_does_not_restrict_all() -> None:
    allowed = statement("*", Action=None, NotAction="s3:DeleteBucket")
    part = denial({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, "s3:GetObject")
    assert len(found("public-access", allowed, part)) == 1
    everything = denial({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, "*")
    assert found("public-access", allowed, everything) == []


@pytest.mark.parametrize(
    ("action", "resource", "is_public"),
    [
        ("kms:*", "*", True),
        ("sqs:SendMessage", "*", True),
        ("*", "arn:aws:s3:::reports/*", True),
        ("*", "*", False),
        ("s3:*", "*", False),
        (["s3:GetObject", "dynamodb:GetItem"], "arn:aws:s3:::reports/*", False),
        ("s3:GetObject", ["arn:aws:s3:::packages.a/*", "arn:aws:s3:::repo.a/*"], False),
        ("s3:Get*", ["arn:aws:s3:::repo", "arn:aws:s3:::reports/*"], True),
        ("s3:GetObject", ["arn:aws:s3:::${a}/*", "arn:aws:s3:::${b}/*"], True),
    ],
)
def test_policies_of_endpoints(action: object, resource: object, *, is_public: bool) -> None:
    written = statement("*", Action=action, Resource=resource)
    assert len(found("public-access", written)) == is_public
    assert found("public-access", written, resource_type="AWS::EC2::VPCEndpoint") == []
    assert len(found("public-access", written, resource_type=BUCKET)) == 1
