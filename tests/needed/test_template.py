"""What applying a template of CloudFormation or SAM takes, or a change set."""

import json

import pytest

from multitool_lint import needs

TEMPLATE = """
Parameters: {Stage: {Type: String}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "app-${Stage}"}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: {Bucket: !Ref Bucket, PolicyDocument: {}}
  Role:
    Type: AWS::IAM::Role
    Properties: {RoleName: !If [Prod, app, test], Path: /x/, AssumeRolePolicyDocument: {}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: app, Role: !GetAtt Role.Arn, Code: {}}
  Call:
    Type: Custom::Call
    Properties: {ServiceToken: !GetAtt Function.Arn}
  Wait:
    Type: AWS::CloudFormation::WaitConditionHandle
"""


def test_the_handlers_say_what_is_needed_on_which_resources() -> None:
    found = needs(TEMPLATE)
    actions = found.by_action()
    assert found.is_complete
    assert actions["s3:CreateBucket"] == actions["s3:PutBucketPolicy"] == ("arn:aws:s3:::app-*",)
    assert actions["iam:CreateRole"][0] == "arn:aws:iam::*:role/x/app"
    assert actions["iam:PassRole"] == actions["iam:CreateRole"]
    assert actions["lambda:InvokeFunction"] == ("arn:aws:lambda:*:*:function:app",)
    assert "s3:DeleteBucket" not in actions


def test_the_operations_of_a_template_are_given() -> None:
    assert "s3:DeleteBucket" in needs(TEMPLATE, operations=["delete"]).by_action()
    with pytest.raises(ValueError, match="destroy"):
        needs(TEMPLATE, operations=["destroy"])


def test_no_role_is_passed_where_none_is_given() -> None:
    assert "iam:PassRole" not in needs("Resources: {B: {Type: AWS::S3::Bucket}}").by_action()


def test_sam_makes_resources() -> None:
    text = """Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Events: {Q: {Type: SQS}, U: {Type: SNS}}}
"""
    found = needs(text)
    assert [resource.kind for resource in found.resources] == [
        "AWS::Lambda::Function",
        "AWS::IAM::Role",
        "AWS::SNS::Subscription",
        "AWS::Lambda::Permission",
        "AWS::Lambda::EventSourceMapping",
    ]
    assert found.by_action()["iam:PassRole"] == ("arn:aws:iam::*:role/*",)
    other = needs(text.replace("SNS", "NoSuch"))
    assert [resource.kind for resource in other.unknown] == ["AWS::Serverless::Function"]


def test_what_is_not_read_is_said() -> None:
    text = """Resources:
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: other.yaml}}
  Old: {Type: AWS::QLDB::Ledger}
  Included: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/role.yaml}}}
  Fn::ForEach::Topics: [Name, [a], {"Topic${Name}": {Type: AWS::SNS::Topic}}]
"""
    found = needs(text)
    assert [name for name, _ in found.unread] == ["Nested", "Included", "Fn::ForEach::Topics"]
    assert [resource.address for resource in found.unknown] == ["Old"]


def change_set(*changes: dict[str, str], **more: str) -> str:
    entries = [{"Type": "Resource", "ResourceChange": entry} for entry in changes]
    return json.dumps({"ChangeSetName": "c", "StackName": "s", "Changes": entries, **more})


def test_a_change_set_says_what_is_done() -> None:
    bucket = {"LogicalResourceId": "B", "ResourceType": "AWS::S3::Bucket"}
    added = needs(change_set({"Action": "Add", **bucket})).by_action()
    assert "s3:CreateBucket" in added
    assert "s3:DeleteBucket" not in added
    modified = {"Action": "Modify", "PhysicalResourceId": "b", **bucket}
    kept = needs(change_set({"Replacement": "False", **modified})).by_action()
    assert kept["s3:PutBucketVersioning"] == ("arn:aws:s3:::b",)
    assert "s3:CreateBucket" not in kept
    replaced = needs(change_set({"Replacement": "Conditional", **modified})).by_action()
    assert {"s3:CreateBucket", "s3:DeleteBucket"} <= replaced.keys()
    retained = {"Action": "Remove", "PolicyAction": "Retain", **bucket}
    assert "s3:DeleteBucket" not in needs(change_set(retained)).by_action()


def test_the_context_of_a_change_has_its_properties() -> None:
    context = json.dumps({"Properties": {"QueueName": "q"}})
    entry = {"Action": "Add", "LogicalResourceId": "Q", "ResourceType": "AWS::SQS::Queue"}
    found = needs(change_set({**entry, "AfterContext": context}))
    assert found.by_action()["sqs:CreateQueue"] == ("arn:aws:sqs:*:*:q",)


def test_a_list_that_is_cut_off_is_not_complete() -> None:
    assert not needs(change_set(NextToken="more")).is_complete


def test_the_role_of_a_profile_that_has_a_name_is_passed() -> None:
    text = """Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: web}}
  Profile:
    Type: AWS::IAM::InstanceProfile
    Properties: {InstanceProfileName: web, Roles: [!Ref Role]}
  Instance: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
"""
    *_, profile, instance = needs(text).resources
    role = ("arn:aws:iam::*:role/web",)
    for resource in (profile, instance):
        assert {need.action: need.resources for need in resource.needed}["iam:PassRole"] == role


def test_a_type_without_handlers_is_known_by_hand() -> None:
    text = """Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: build}}
  Build:
    Type: AWS::CodeBuild::Project
    Properties: {Name: app, ServiceRole: !GetAtt Role.Arn}
"""
    found = needs(text)
    assert found.is_complete
    needed = {need.action: need.resources for need in found.resources[-1].needed}
    assert needed["codebuild:CreateProject"] == ("arn:aws:codebuild:*:*:project/app",)
    assert needed["iam:PassRole"] == ("arn:aws:iam::*:role/build",)


def test_the_role_of_a_launch_template_is_passed() -> None:
    text = """Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: web}}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {IamInstanceProfile: {Arn: !GetAtt Profile.Arn}}}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}}
"""
    *_, group = needs(text).resources
    assert {need.action: need.resources for need in group.needed}["iam:PassRole"] == (
        "arn:aws:iam::*:role/web",
    )
