"""Templates are compared by what they deploy: who may do what, wherever that is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import compared_sources

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source

Json = dict[str, Any]
TRUST: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}
SAM = "AWS::Serverless-2016-10-31"


def policy(action: object, resource: object = "*") -> Json:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def managed(action: object, resource: object = "*", **more: object) -> Json:
    properties = {"PolicyDocument": policy(action, resource)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties, **more}


def role(**properties: object) -> Json:
    given = {"AssumeRolePolicyDocument": TRUST, **properties}
    return {"Type": "AWS::IAM::Role", "Properties": given}


def inline(*actions: str) -> list[Json]:
    return [{"PolicyName": action[:2], "PolicyDocument": policy(action)} for action in actions]


def template(resources: Json, **sections: object) -> str:
    return json.dumps({"Resources": resources, **sections})


def one(type_: str, **properties: object) -> str:
    return template({"X": {"Type": type_, "Properties": properties}})


def loop(of: object, action: str = "s3:Get*", resource: object = "${A}", days: int = 1) -> str:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": days}}
    made = {"R${A}": managed(action, resource), "B${A}": bucket}
    return template({"Fn::ForEach::X": ["A", of, made]})


def function(**properties: object) -> str:
    resources = {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}
    return template(resources, Transform=SAM)


def api(**auth: object) -> str:
    return one("AWS::Serverless::Api", StageName="a", Auth=auth)


METHOD = "AWS::ApiGateway::Method"


def event(type_: str, **properties: object) -> Json:
    return {"Type": type_, "Properties": properties}


def with_events(*events: Json, **more: object) -> str:
    return function(Events={f"E{number}": made for number, made in enumerate(events)}, **more)


API = event("Api", Path="/a", Method="get")
TOPIC_ARN = "arn:aws:sns:eu-west-1:111122223333:a"
FAILED = {"OnFailure": {"Type": "SQS", "Destination": "arn:aws:sqs:eu-west-1:111122223333:a"}}


BY_IAM, SCOPED = {"Authorizer": "AWS_IAM"}, {"Authorizer": "A", "AuthorizationScopes": ["a"]}


def method(authorization: str, **more: object) -> str:
    return one("AWS::ApiGateway::Method", AuthorizationType=authorization, **more)


def route(key: str, **more: object) -> str:
    return one("AWS::ApiGatewayV2::Route", ApiId="a", RouteKey=key, **more)


def invoked(name: Json, alias: str = "live") -> str:
    permission = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    resources = {
        "F": {"Type": "AWS::Serverless::Function", "Properties": {"AutoPublishAlias": alias}},
        "P": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {**permission, "FunctionName": name},
        },
    }
    return template(resources, Transform=SAM)


def bounded(none: str) -> str:
    """An administrator whose boundary is a parameter, unless that has some value."""
    limit = {"Fn::If": ["HasB", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]}
    conditions = {"HasB": {"Fn::Not": [{"Fn::Equals": [{"Ref": "B"}, none]}]}}
    resources = {"R": role(PermissionsBoundary=limit, Policies=inline("*"))}
    return template(resources, Parameters={"B": {"Type": "String"}}, Conditions=conditions)


def stops(old: str, new: str) -> bool:
    return compared_sources.stops("template.json", old, new)


def members(users: list[str], effect: str) -> str:
    """Users in a group with a policy that allows, or denies, something."""
    document = {"Statement": [{"Effect": effect, "Action": "*", "Resource": "*"}]}
    group = {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]}
    added = {"GroupName": {"Ref": "G"}, "Users": users}
    return template(
        {
            "G": {"Type": "AWS::IAM::Group", "Properties": group},
            "M": {"Type": "AWS::IAM::UserToGroupAddition", "Properties": added},
        }
    )


DENY: Json = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
TOPIC = one("AWS::SNS::Topic")
PARAMETER = {"A": {"Type": "String", "Default": "s3:GetObject"}}
CONDITION = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}}
BLOCK = "PublicAccessBlockConfiguration"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (one("AWS::KMS::Key", KeyPolicy=policy("kms:*")), one("AWS::KMS::Key")),
        (members(["a", "b"], "Deny"), members(["a"], "Deny")),
        (members(["a"], "Allow"), members(["a", "b"], "Allow")),
        (one("AWS::Backup::BackupVault", AccessPolicy=DENY), one("AWS::Backup::BackupVault")),
        (one("AWS::SNS::Topic", DeliveryPolicy=DENY), one("AWS::SNS::Topic")),
        (
            one("AWS::ECR::Repository", RepositoryPolicyText={"Ref": "P"}),
            one("AWS::ECR::Repository"),
        ),
        (TOPIC, one("AWS::IAM::AccessKey", UserName="admin")),
        (TOPIC, one("AWS::Lambda::Permission", FunctionName="f", Principal="*")),
        (TOPIC, one("AWS::EKS::AccessEntry", ClusterName="c", PrincipalArn="a")),
        (TOPIC, one("AWS::RAM::ResourceShare", Principals=["111122223333"])),
        (TOPIC, one("AWS::LakeFormation::PrincipalPermissions", Permissions=["ALL"])),
        (TOPIC, one("AWS::IAM::UserToGroupAddition", GroupName="admin", Users=["x"])),
        (TOPIC, one("AWS::SSO::Assignment", PrincipalId="x", TargetId="111122223333")),
        (TOPIC, one("AWS::Cognito::IdentityPoolRoleAttachment", Roles={"authenticated": "a"})),
        (TOPIC, one("AWS::S3::Bucket", AccessControl="PublicRead")),
        (
            one("AWS::IAM::InstanceProfile", Roles=["dev"]),
            one("AWS::IAM::InstanceProfile", Roles=["admin"]),
        ),
        (one("AWS::Lambda::Url", AuthType="AWS_IAM"), one("AWS::Lambda::Url", AuthType="NONE")),
        (
            one("AWS::IoT::Policy", PolicyDocument=policy("iot:Connect")),
            one("AWS::IoT::Policy", PolicyDocument=policy("iot:*")),
        ),
        (TOPIC, one("AWS::IoT::PolicyPrincipalAttachment", PolicyName="p", Principal="c")),
        (one("AWS::IoT::RoleAlias", RoleArn="a"), one("AWS::IoT::RoleAlias", RoleArn="b")),
        (one("AWS::IAM::User", Groups=["dev"]), one("AWS::IAM::User", Groups=["dev", "admin"])),
        (
            one("AWS::S3::Bucket", **{BLOCK: {"BlockPublicPolicy": True}}),
            one("AWS::S3::Bucket", **{BLOCK: {"BlockPublicPolicy": "false"}}),
        ),
        (
            one("AWS::S3::Bucket", **{BLOCK: {"BlockPublicPolicy": True}}),
            one("AWS::S3::Bucket"),
        ),
        (
            template({"R": role(PermissionsBoundary="b", Policies=inline("*"))}),
            template({"R": role(Policies=inline("*"))}),
        ),
        (
            template({"P": managed({"Ref": "A"})}, Parameters=PARAMETER),
            template(
                {"P": managed({"Ref": "A"})}, Parameters={"A": {"Type": "String", "Default": "*"}}
            ),
        ),
        (
            template({"P": managed("s3:GetObject", Condition="C")}, Conditions=CONDITION),
            template({"P": managed("s3:GetObject")}, Conditions=CONDITION),
        ),
        (function(Policies=["AmazonS3ReadOnlyAccess"]), function(Policies=["AdministratorAccess"])),
        (
            function(Policies=[{"S3ReadPolicy": {"BucketName": "a"}}]),
            function(Policies=[{"S3ReadPolicy": {"BucketName": "b"}}]),
        ),
        (function(), function(FunctionUrlConfig={"AuthType": "NONE"})),
        (api(DefaultAuthorizer="A"), api()),
        (
            api(Authorizers={"A": {"UserPoolArn": "a"}}),
            api(Authorizers={"A": {"UserPoolArn": "b"}}),
        ),
        (one(METHOD, AuthorizationType="AWS_IAM"), one(METHOD, AuthorizationType="NONE")),
        (one("AWS::Oam::Link", ResourceTypes=["a"]), one("AWS::Oam::Link", ResourceTypes=["b"])),
        (function(), function(Tracing="Active")),
        (function(), function(VpcConfig={"SubnetIds": ["a"]})),
        (function(), function(DeadLetterQueue={"Type": "SQS", "TargetArn": "*"})),
        (function(), function(EventInvokeConfig={"DestinationConfig": FAILED})),
        (function(Role="a"), function()),
        (function(), with_events(API)),
        (with_events(API), with_events(API, event("Api", Path="/b", Method="post"))),
        (one("AWS::SNS::Topic"), method("NONE")),
        (one("AWS::SNS::Topic"), route("GET /")),
        (one("AWS::SNS::Topic"), route("$connect")),
        (with_events(API), with_events(API, event("S3", Bucket={"Ref": "B"}))),
        (
            with_events(event("SNS", Topic=TOPIC_ARN)),
            with_events(event("SNS", Topic=f"{TOPIC_ARN}2")),
        ),
        (with_events(API), with_events(API, event("SQS", Queue="arn:aws:sqs:a:b:c"))),
        (with_events(API), with_events(API, event("MQ", Broker="a"))),
        (invoked({"Fn::Sub": "${F.Arn}:live"}), invoked({"Ref": "F.Alias"}, "other")),
        (with_events(API), with_events(API, event("Unheard", Of="a"))),
        (with_events(API), with_events(API, event("Kinesis", DestinationConfig=FAILED))),
        (TOPIC, template({"Fn::ForEach::X": ["A", ["b"], {"R${A}": managed("*")}]})),
        (TOPIC, template({"X": {"Type": "AWS::SNS::Topic"}}, Transform="Own")),
        (loop(["a"]), loop(["a", "b"])),
        (loop({"Ref": "A"}), loop({"Ref": "B"})),
        (loop(["a"], "s3:Get*"), loop(["a"], "s3:*")),
        (loop({"Ref": "A"}, "s3:Get*"), loop({"Ref": "A"}, "s3:*")),
        (loop(["a"], resource={"Ref": "A"}), loop(["*"], resource={"Ref": "A"})),
        (
            TOPIC,
            TOPIC.replace('"Resources"', f'{template({"P": managed("*")})[1:-1]}, "Resources"'),
        ),
    ],
)
def test_new_access(old: str, new: str) -> None:
    assert not stops(old, old)
    assert not stops(new, new)
    assert stops(old, new)


BUCKET: Json = {"Type": "AWS::S3::Bucket"}
ATTACHED = {
    "R": role(),
    "P": {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": policy("s3:GetObject"), "Roles": [{"Ref": "R"}]},
    },
}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (template({"R": role(Policies=inline("s3:GetObject"))}), template(ATTACHED)),
        (
            template({"R": role(Policies=inline("s3:GetObject"))}),
            template({"Other": role(Policies=inline("s3:GetObject"))}),
        ),
        (
            template({"R": role(Policies=inline("s3:GetObject", "sqs:SendMessage"))}),
            template({"R": role(Policies=inline("sqs:SendMessage", "s3:GetObject"))}),
        ),
        (
            template({"B": BUCKET, "P": managed("s3:*", {"Fn::Sub": "${B.Arn}/*"})}),
            template(
                {
                    "B": BUCKET,
                    "P": managed("s3:*", {"Fn::Join": ["/", [{"Fn::GetAtt": ["B", "Arn"]}, "*"]]}),
                }
            ),
        ),
        (
            template({"P": managed("s3:GetObject")}, Conditions=CONDITION),
            template({"P": managed("s3:GetObject", Condition="C")}, Conditions=CONDITION),
        ),
        (
            template({"P": managed("s3:GetObject", Condition="C")}, Conditions=CONDITION),
            template(
                {"P": managed("s3:GetObject", Condition="D")}, Conditions={"D": CONDITION["C"]}
            ),
        ),
        (
            template(
                {
                    "P": managed(
                        ["s3:GetObject", {"Fn::If": ["C", "s3:PutObject", {"Ref": "AWS::NoValue"}]}]
                    )
                },
                Conditions=CONDITION,
            ),
            template(
                {"P": managed({"Fn::If": ["C", ["s3:GetObject", "s3:PutObject"], "s3:GetObject"]})},
                Conditions=CONDITION,
            ),
        ),
        (one("AWS::S3::Bucket"), one("AWS::S3::Bucket", **{BLOCK: {"BlockPublicPolicy": True}})),
        (function(Policies=["AmazonS3ReadOnlyAccess"]), function(Policies=[])),
        (function(), function(Tracing="Disabled", EventInvokeConfig={"MaximumRetryAttempts": 1})),
        (function(Role="a"), function(Role="a", Tracing="Active", VpcConfig={"SubnetIds": ["a"]})),
        (function(VpcConfig={"SubnetIds": ["a"]}), function(VpcConfig={"SubnetIds": ["b"]})),
        (api(), api(DefaultAuthorizer="A", Authorizers={"A": {"UserPoolArn": "a"}})),
        (one(METHOD, AuthorizationType="NONE"), one(METHOD, AuthorizationType="AWS_IAM")),
        (with_events(API), with_events(API, event("Api", Path="/b", Method="options"))),
        (with_events(API), with_events(API, event("Api", Path="/b", Method="get", Auth=BY_IAM))),
        (with_events(API), with_events(API, event("Api", Path="/b", Method="get", Auth=SCOPED))),
        (with_events(API), with_events(event("Api", Path="/b", Method="get"))),
        (one("AWS::SNS::Topic"), method("AWS_IAM")),
        (one("AWS::SNS::Topic"), method("NONE", HttpMethod="OPTIONS")),
        (one("AWS::SNS::Topic"), route("send")),
        (one("AWS::SNS::Topic"), route("GET /", AuthorizationType="JWT")),
        (with_events(API, event("SQS", Queue="a")), with_events(API)),
        (invoked({"Fn::Sub": "${F.Arn}:live"}), invoked({"Ref": "F.Alias"})),
        (with_events(API, Role="a"), with_events(API, event("SQS", Queue="a"), Role="a")),
        (with_events(event("MQ", Broker="a")), with_events(event("MQ", Broker="a", BatchSize=9))),
        (
            function(Policies=[{"S3ReadPolicy": {"BucketName": "a"}}, "ReadOnlyAccess"]),
            function(Policies=["ReadOnlyAccess", {"S3ReadPolicy": {"BucketName": "a"}}]),
        ),
        (members(["a", "b"], "Allow"), members(["a"], "Allow")),
        (TOPIC, template({"Fn::ForEach::X": ["A", ["b"], {"Q${A}": {"Type": "AWS::SQS::Queue"}}]})),
        (loop(["a", "b"]), loop(["b"])),
        (loop(["a", "b"]), loop(["b", "a"]).replace("${A}", "${B}").replace('"A"', '"B"')),
        (loop(["a"]), template({"Ra": managed("s3:Get*", "a")})),
        *((loop(of), loop(of, days=2)) for of in (["a"], {"Ref": "A"})),
        (TOPIC, TOPIC.replace("{", '{"Description": "a", "Description": "b", ', 1)),
    ],
)
def test_no_new_access(old: str, new: str) -> None:
    assert not stops(old, new)


@pytest.mark.parametrize(
    "condition",
    [
        *({"Fn::Equals": []}, {"Fn::Equals": [{"Ref": "A"}]}, {"Fn::Not": []}, {"Fn::Or": {}}),
        *({"Condition": "C"}, {}, "C", None, 1),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": []},
        {"Fn::Sub": []},
        {"Fn::If": ["C"]},
        {"Ref": 1},
        {"Fn::GetAtt": [1]},
        {"Fn::FindInMap": []},
        {"Fn::Select": []},
        {"Fn::Split": [1]},
    ],
)
def test_what_cannot_be_deployed_is_equal_to_itself(condition: object, value: object) -> None:
    there = {"P": managed(value, value, Condition="C"), "R": role(Policies=value)}
    text = template(there, Conditions={"C": condition})
    assert not stops(text, text)
    more = {**there, "P": managed([value, "s3:GetObject"], value, Condition="C")}
    is_never = condition == {"Fn::Or": {}}
    assert stops(text, template(more, Conditions={"C": condition})) is not is_never


def under(condition: Json) -> str:
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "a.b"}
    made = {"Type": "AWS::Lambda::Permission", "Condition": "C", "Properties": permission}
    return template(
        {"X": made},
        Conditions={"C": condition},
        Parameters={name: {"Type": "String"} for name in "PQ"},
    )


def is_(name: str, value: str) -> Json:
    return {"Fn::Equals": [{"Ref": name}, value]}


EITHER = {"Fn::Or": [is_("P", "a"), is_("P", "b")]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            EITHER,
            {"Fn::And": [is_("P", "a"), is_("Q", "c")]},
            False,
        ),
        (EITHER, is_("P", "b"), False),
        ({"Fn::And": [is_("P", "a"), is_("Q", "c")]}, is_("P", "a"), True),
        (
            EITHER,
            {"Fn::And": [is_("P", "c"), is_("Q", "c")]},
            True,
        ),
        (is_("P", "a"), {"Fn::Not": [is_("P", "a")]}, True),
    ],
)
def test_when_a_permission_is_there(old: Json, new: Json, *, expected: bool) -> None:
    assert stops(under(old), under(new)) == expected


INCLUDED = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/one"}}}
RULE = {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "A"}, "*"]}]}}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (template(INCLUDED), template(INCLUDED).replace("one", "two")),
        (
            template({"P": managed({"Ref": "A"})}, Parameters={"A": {}}, Rules={"R": RULE}),
            template({"P": managed({"Ref": "A"})}, Parameters={"A": {}}),
        ),
    ],
)
def test_what_is_included_and_what_is_asserted(old: str, new: str) -> None:
    assert stops(old, new)
    assert not stops(old, old.replace("{", "{ ", 1))


def stack(**properties: object) -> str:
    given = {"TemplateURL": "https://example.com/t.yaml", **properties}
    parameters = {"LogicalNamePrefix": {"Type": "String", "Default": ""}}
    resources = {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": given}}
    return template(
        resources, Parameters=parameters, Conditions={"C": {"Fn::Equals": [{"Ref": "P"}, ""]}}
    )


def prefix(value: object, name: str = "LogicalNamePrefix") -> str:
    return stack(Parameters={name: value})


OWN: Json = {"Ref": "AWS::StackName"}
GIVEN: Json = {"Ref": "LogicalNamePrefix"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(stack(), stack(NotificationARNs=[{"Ref": "T"}]), id="who is told"),
        pytest.param(prefix(OWN), prefix("a"), id="a name"),
        pytest.param(prefix(OWN), prefix({"Fn::If": ["C", OWN, GIVEN]}), id="in each case"),
        pytest.param(prefix("a"), prefix({"Fn::Sub": "a-${AWS::Region}"}), id="a part of a name"),
    ],
)
def test_what_a_stack_is_given_that_grants_nothing(old: str, new: str) -> None:
    assert not stops(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(stack(), stack(RoleARN="a"), id="as whom it acts"),
        pytest.param(prefix("a"), prefix("*"), id="a pattern"),
        pytest.param(prefix("a"), prefix({"Ref": "P"}), id="a value of any kind"),
        pytest.param(prefix("a"), prefix("arn:aws:iam::aws:policy/A"), id="an ARN"),
        pytest.param(
            prefix("a", "BucketNamePrefix"), prefix("b", "BucketNamePrefix"), id="of a bucket"
        ),
        pytest.param(prefix("a", "RoleArn"), prefix("b", "RoleArn"), id="a role"),
    ],
)
def test_what_a_stack_is_given_that_may_be_access(old: str, new: str) -> None:
    assert stops(old, new)


@pytest.mark.parametrize("function", ["Fn::ToJsonString", "Fn::Base64"])
@pytest.mark.parametrize(("of", "expected"), [("policy/%s", True), ("topic:%s", False)])
def test_what_a_custom_resource_is_given_as_a_text(
    function: str, of: str, *, expected: bool
) -> None:
    def custom(name: str) -> str:
        return one("Custom::X", Given={function: {"of": f"arn:aws:iam::aws:{of % name}"}})

    assert stops(custom("A"), custom("B")) is expected


def test_of_another_boundary_that_is_not_known_it_is_not_said_what_is_new() -> None:
    sources = [Source("template.json", text) for text in (bounded("None"), bounded("none"))]
    [(_, change)] = changes_of_sources(sources, bundled())
    assert not change.gained
    assert "another permissions boundary" in change.unknown[0].reason


LINKED = "AWS::IAM::ServiceLinkedRole"
EVENT = {"E": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)"}}}


def part(role: str, **more: object) -> str:
    """Some resources of a template, as a program puts it together."""
    return json.dumps({"P": {**managed("s3:Get*"), **more}}).replace(
        '"PolicyDocument"', f'"Roles": ["{role}"], "PolicyDocument"'
    )


def named_function(name: str, handler: str) -> str:
    properties = {"Handler": handler, "Events": EVENT}
    return template({name: {"Type": "AWS::Serverless::Function", "Properties": properties}})


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        pytest.param(part("a"), part("b"), True, id="another role has a policy of a part"),
        pytest.param(part("a"), part("a", Metadata={"x": 1}), False, id="metadata of a part"),
        pytest.param(TOPIC, one(LINKED, AWSServiceName="a.amazonaws.com"), True, id="linked role"),
        pytest.param(
            one(LINKED, AWSServiceName="a.amazonaws.com", Description="a"),
            one(LINKED, AWSServiceName="a.amazonaws.com", Description="b"),
            False,
            id="the description of a service-linked role",
        ),
        pytest.param(
            named_function("F", "a.b"), named_function("G", "a.b"), False, id="the same function"
        ),
        pytest.param(
            named_function("F", "a.b"), named_function("G", "c.d"), True, id="another function"
        ),
    ],
)
def test_parts_and_functions(old: str, new: str, *, more: bool) -> None:
    assert stops(old, new) == more


def bucket(name: str, policy_of: str = "") -> str:
    """A bucket of a name, and the policy of one that is called by its name, which denies."""
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    resources: Json = {"Q": {"Type": "AWS::SQS::Queue"}}
    if name:
        resources["B"] = event("AWS::S3::Bucket", BucketName={"Ref": name})
    if policy_of:
        given = {"Bucket": {"Ref": policy_of}, "PolicyDocument": {"Statement": [denied]}}
        resources["P"] = event("AWS::S3::BucketPolicy", **given)
    return template(resources, Parameters={key: {"Type": "String"} for key in ("Name", "Other")})


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (bucket("Name", "Name"), bucket(""), False),
        (bucket("Name", "Name"), bucket("Name"), True),
        (bucket("Name", "Other"), bucket(""), True),
    ],
)
def test_a_denial_for_a_bucket_that_is_named(old: str, new: str, *, more: bool) -> None:
    assert stops(old, new) is more
