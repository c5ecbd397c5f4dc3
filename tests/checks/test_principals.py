"""Principals of resource policies, control policies, and what is open to everyone."""

import json

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.policy_types import resource_policies
from multitool_lint.aws.service_requests import is_service_principal
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

BUCKET = "AWS::S3::Bucket"
ACCOUNT = "arn:aws:iam::111122223333:"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
WIDE = {"StringEquals": {"aws:PrincipalOrgID": "*"}}
UNKNOWN = "${var.value}"


def statement(principal: object, condition: object = None, **other: object) -> dict[str, object]:
    given = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": condition,
    }
    return {key: value for key, value in {**given, **other}.items() if value is not None}


def found(
    rule: str,
    *statements: dict[str, object],
    type: PolicyType = PolicyType.RESOURCE,
    resource_type: str | None = None,
) -> list[tuple[str | None, str]]:
    """The issue codes and pointers of what one rule finds."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    findings = lint_source(
        Source("policy.json", document),
        type=type,
        resource_type=resource_type,
        enabled={rule: rules()[rule]},
    ).findings
    assert {finding.rule for finding in findings} <= {rule}
    return [(finding.issue_code, finding.pointer) for finding in findings]


def codes(
    rule: str,
    *statements: dict[str, object],
    type: PolicyType = PolicyType.RESOURCE,
    resource_type: str | None = None,
) -> list[str | None]:
    return [code for code, _ in found(rule, *statements, type=type, resource_type=resource_type)]


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
        for each in policy.resource_types:
            prefix, _, type_ = each.partition("+")[0].partition("/")
            service = bundled().service(prefix)
            assert service
            assert type_ in service.resource_types


@pytest.mark.parametrize("resource_type", [BUCKET, "AWS::S3::AccessPoint", "AWS::SQS::Queue", None])
def test_keys_that_are_settled(resource_type: str | None) -> None:
    written = statement("*", {"StringEquals": {"S3:resourceAccount": "111122223333"}})
    expected = ["IRRELEVANT_CONDITION_KEY_IN_POLICY"] if "S3" in (resource_type or "") else []
    assert codes("irrelevant-condition-key", written, resource_type=resource_type) == expected


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        ("ec2:*", Severity.WARNING),
        ("nonsense:*", Severity.WARNING),
        ("*", Severity.ERROR),
        ("s3*:GetObject", Severity.ERROR),
        ("S3:*", None),
        ("sts:AssumeRole", None),
        ("logs:CreateLogGroup", None),
        (UNKNOWN, None),
    ],
)
def test_services_that_resource_control_policies_reach(
    action: str, severity: Severity | None
) -> None:
    denied = statement("*", Effect="Deny", Action=[action], Resource="*")
    document = json.dumps({"Version": "2012-10-17", "Statement": denied})
    rule = rules()["unsupported-rcp-action"]
    findings = lint_source(
        Source("policy.json", document), type=PolicyType.RCP, enabled={rule.id: rule}
    ).findings
    expected = [] if severity is None else [(severity, "RCP_SYNTAX_ERROR_ACTION")]
    assert [(finding.severity, finding.issue_code) for finding in findings] == expected


PRINCIPAL, SOURCE, NULL = (
    "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
    "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
    "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
)
OUTSIDERS = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}}
FOREIGN = {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a"}}
NO_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
A_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
HAS_SOURCE = {"Null": {"aws:SourceAccount": "false"}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OUTSIDERS, [PRINCIPAL]),
        ({"ArnNotLike": {"aws:PrincipalARN": f"{ACCOUNT}role/admin"}}, [PRINCIPAL]),
        ({"StringNotEquals": {"aws:PrincipalTag/team": "a"}}, [PRINCIPAL]),
        ({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, [PRINCIPAL]),
        ({**OUTSIDERS, **NO_SERVICE}, []),
        ({**OUTSIDERS, "Bool": {"aws:principalisawsservice": False}}, []),
        ({**OUTSIDERS, "Bool": {"aws:PrincipalIsAWSService": UNKNOWN}}, []),
        (FOREIGN, [SOURCE]),
        ({**FOREIGN, **HAS_SOURCE}, [SOURCE]),
        ({**FOREIGN, **A_SERVICE}, [NULL]),
        ({**FOREIGN, **A_SERVICE, **HAS_SOURCE}, []),
        ({**FOREIGN, **A_SERVICE, "Null": {"aws:SourceArn": "false"}}, []),
        ({**FOREIGN, **A_SERVICE, "Null": {"aws:SourceArn": "true"}}, [NULL]),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::*"}, **A_SERVICE}, []),
        ({"StringNotEquals": {"aws:SourceOrgID": "o-a", "aws:PrincipalOrgID": "o-a"}}, None),
        ({"Null": {"aws:PrincipalTag/team": "true", "aws:SourceAccount": "true"}}, []),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, []),
        (UNKNOWN, []),
    ],
)
def test_conditions_of_resource_control_policies(
    condition: object, expected: list[str] | None
) -> None:
    denied = statement("*", condition, Effect="Deny", Action="s3:*", Resource="*")
    both = [PRINCIPAL, SOURCE]
    found_codes = codes("incomplete-rcp-condition", denied, type=PolicyType.RCP)
    assert sorted(map(str, found_codes)) == sorted(both if expected is None else expected)


@pytest.mark.parametrize(
    ("action", "fires"),
    [
        ("iam:*Role", True),
        ("s3:Get?bject", True),
        ("s3:GetObjec?", True),
        ("*:Get*", True),
        ("s3:Get*", False),
        ("*", False),
        (UNKNOWN, False),
    ],
)
def test_wildcards_in_service_control_policies(action: str, *, fires: bool) -> None:
    expected = ["SCP_SYNTAX_ERROR_ACTION_WILDCARD"] if fires else []
    denied = statement(None, Effect="Deny", Action=action, Resource="*")
    assert codes("scp-action-wildcard", denied, type=PolicyType.SCP) == expected
    assert not rules()["scp-action-wildcard"].default


def test_service_control_policies_take_the_full_language() -> None:
    statements = [
        statement(None, ORG, Action=["s3:*Object", "ec2:Describe?mages"]),
        statement(None, Action=None, NotAction=["iam:*"], Resource="*"),
        statement(None, Effect="Deny", Action="s3:DeleteBucket", Resource=None, NotResource="*"),
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    findings = lint_source(Source("policy.json", document), type=PolicyType.SCP).findings
    assert not [each for each in findings if (each.issue_code or "").startswith("SCP_SYNTAX_ERROR")]
    assert not [each for rule in rules().values() for each in rule.access_analyzer if each in GONE]


GONE = {
    "SCP_SYNTAX_ERROR_ALLOW_CONDITION",
    "SCP_SYNTAX_ERROR_ALLOW_NOTACTION",
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE",
    "SCP_SYNTAX_ERROR_NOTRESOURCE",
}


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
    ],
)
def test_policies_of_endpoints(action: object, resource: str, *, is_public: bool) -> None:
    written = statement("*", Action=action, Resource=resource)
    assert len(found("public-access", written)) == is_public
    assert found("public-access", written, resource_type="AWS::EC2::VPCEndpoint") == []
    assert len(found("public-access", written, resource_type=BUCKET)) == 1
