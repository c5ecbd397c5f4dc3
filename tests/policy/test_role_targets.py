"""What runs with the role of an administrator, in templates and modules."""

import json

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
MODULE = """
resource "aws_iam_role" "admin" {
  name                = "admin"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  assume_role_policy  = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "admin" {
  role = aws_iam_role.admin.name
}

resource "aws_launch_template" "admin" {
  iam_instance_profile {
    arn = aws_iam_instance_profile.admin.arn
  }
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "admin" {
  family        = "admin"
  task_role_arn = aws_iam_role.admin.arn
}

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "start" {
  name = "start"
}

TARGET

resource "aws_iam_user" "ci" {
  name = "ci"
}

resource "aws_iam_user_policy" "ci" {
  user   = aws_iam_user.ci.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = [RESOURCE] }]
  })
}
"""
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
TEMPLATE = {
    "Admin": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "ManagedPolicyArns": [ADMIN],
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{**TRUST, "Principal": {"Service": "ecs-tasks.amazonaws.com"}}],
            },
        },
    },
    "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Admin"}]}},
    "Launch": {
        "Type": "AWS::EC2::LaunchTemplate",
        "Properties": {"LaunchTemplateData": {"IamInstanceProfile": {"Name": {"Ref": "Profile"}}}},
    },
    "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "main"}},
    "Task": {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {"TaskRoleArn": {"Fn::GetAtt": ["Admin", "Arn"]}},
    },
}
ROLE = {"Fn::GetAtt": ["Admin", "Arn"]}
IN_ACCOUNT = "${AWS::Region}:${AWS::AccountId}"
STOP = ["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"]
EXECUTE = ["ecs:ExecuteCommand", "ecs:DescribeTasks"]
START = "ssm:StartSession"
TASK = "task_definition = aws_ecs_task_definition.admin.arn"
SERVICE = f'aws_ecs_service" "t" {{\n {TASK}\n cluster = '
ON = "\n enable_execute_command = true"
NOTEBOOK = 'aws_sagemaker_notebook_instance" "t" {\n role_arn = aws_iam_role.admin.arn\n'
CONFIG = "aws_sagemaker_notebook_instance_lifecycle_configuration.start.name"
JOB = 'aws_batch_job_definition" "t" {\n name = "j"\n container_properties = '
PROFILE = "instance_profile = aws_iam_instance_profile.admin.arn"
CLUSTER = f'aws_emr_cluster" "t" {{\n name = "etl"\n ec2_attributes {{\n {PROFILE}\n }}'
ADMINISTRATION = "administration_role_arn = aws_iam_role.admin.arn"
STACK_SET = f'aws_cloudformation_stack_set" "t" {{\n name = "all"\n {ADMINISTRATION}'
GROUP = 'aws_autoscaling_group" "t" {\n launch_template {\n id = aws_launch_template.admin.id\n }'


def findings(name: str, text: str) -> list[str]:
    enabled = {"identity-takeover": rules()["identity-takeover"]}
    return [f.title for f in lint_source(Source(name, text), enabled=enabled).findings]


def of_module(target: str, actions: object, resource: str) -> list[str]:
    text = MODULE.replace("TARGET", f'resource "{target}\n}}' if target else "")
    text = text.replace("ACTIONS", json.dumps(actions)).replace("RESOURCE", resource)
    return findings("main.tf", text)


def of_template(
    type_: str, properties: object, actions: object, resource: object, **more: object
) -> list[str]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource, **more}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"PolicyName": "p", "PolicyDocument": document}
    resources = {
        **TEMPLATE,
        "Target": {"Type": type_, "Properties": properties},
        "User": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}},
    }
    return findings("template.json", json.dumps({"Resources": resources}))


@pytest.mark.parametrize(
    ("target", "actions", "resource", "used"),
    [
        (f"{SERVICE}aws_ecs_cluster.main.id{ON}", EXECUTE, '"*"', "aws_ecs_service.t"),
        (
            f"{SERVICE}aws_ecs_cluster.main.id{ON}",
            EXECUTE,
            '"arn:aws:ecs:*:*:task/main/*", "arn:aws:ecs:*:*:cluster/main"',
            "aws_ecs_service.t",
        ),
        (
            f"{SERVICE}aws_ecs_cluster.main.id{ON}",
            START,
            '"arn:aws:ecs:*:*:task/${aws_ecs_cluster.main.name}/*"',
            "aws_ecs_service.t",
        ),
        (f'{SERVICE}"other"{ON}', EXECUTE, '"arn:aws:ecs:*:*:task/main/*"', ""),
        (f"{SERVICE}aws_ecs_cluster.main.id", EXECUTE, '"*"', ""),
        (GROUP, START, '"arn:aws:ec2:*:*:instance/*"', "aws_autoscaling_group.t"),
        (GROUP, STOP, '"*"', ""),
        (
            'aws_instance" "t" {\n launch_template {\n name = aws_launch_template.admin.name\n }',
            STOP,
            '"*"',
            "aws_instance.t",
        ),
        (
            f"{JOB}jsonencode({{ jobRoleArn = aws_iam_role.admin.arn }})",
            "batch:SubmitJob",
            '"*"',
            "aws_batch_job_definition.t",
        ),
        (
            f'{JOB}<<EOF\n{{ "jobRoleArn": "${{aws_iam_role.admin.arn}}" }}\nEOF',
            "batch:SubmitJob",
            '"*"',
            "aws_batch_job_definition.t",
        ),
        (
            f"{NOTEBOOK} lifecycle_config_name = {CONFIG}",
            "sagemaker:UpdateNotebookInstanceLifecycleConfig",
            '"arn:aws:sagemaker:*:*:notebook-instance-lifecycle-config/start"',
            "aws_sagemaker_notebook_instance.t",
        ),
        (NOTEBOOK, "sagemaker:UpdateNotebookInstanceLifecycleConfig", '"*"', ""),
        (
            STACK_SET,
            "cloudformation:UpdateStackSet",
            '"arn:aws:cloudformation:*:*:stackset/all:*"',
            "aws_cloudformation_stack_set.t",
        ),
        (
            CLUSTER,
            "elasticmapreduce:AddJobFlowSteps",
            '"arn:aws:elasticmapreduce:*:*:cluster/etl"',
            "",
        ),
    ],
)
def test_a_module(target: str, actions: object, resource: str, used: str) -> None:
    expected = f'User "aws_iam_user.ci" can use role "aws_iam_role.admin" of "{used}"'
    found = of_module(target, actions, resource)
    assert found == ([f"{expected}, an administrator"] if used else [])


@pytest.mark.parametrize(
    ("type_", "properties", "actions", "resource", "is_found"),
    [
        (
            "AWS::ECS::Service",
            {"TaskDefinition": {"Ref": "Task"}, "Cluster": cluster, "EnableExecuteCommand": is_on},
            EXECUTE,
            [{"Fn::Sub": f"arn:aws:ecs:{IN_ACCOUNT}:task/{name}/*"}, "arn:aws:ecs:*:*:cluster/*"],
            is_on and name != "other",
        )
        for cluster, is_on, name in (
            ({"Ref": "Cluster"}, True, "${Cluster}"),
            ({"Ref": "Cluster"}, True, "main"),
            ({"Fn::GetAtt": ["Cluster", "Arn"]}, True, "main"),
            ("main", True, "main"),
            ({"Ref": "Cluster"}, True, "other"),
            ({"Ref": "Cluster"}, False, "main"),
        )
    ]
    + [
        (
            "AWS::AutoScaling::AutoScalingGroup",
            {"LaunchTemplate": {"LaunchTemplateId": {"Ref": "Launch"}}},
            actions,
            "*",
            actions == START,
        )
        for actions in (START, STOP)
    ]
    + [
        ("AWS::EC2::Instance", {"IamInstanceProfile": {"Ref": "Profile"}}, STOP, "*", True),
        ("AWS::EKS::Nodegroup", {"NodeRole": ROLE}, START, "*", True),
        (
            "AWS::SageMaker::NotebookInstance",
            {"RoleArn": ROLE, "LifecycleConfigName": "start"},
            "sagemaker:UpdateNotebookInstanceLifecycleConfig",
            "arn:aws:sagemaker:*:*:notebook-instance-lifecycle-config/start",
            True,
        ),
        (
            "AWS::CodeBuild::Project",
            {"Name": "build", "ServiceRole": ROLE},
            "codebuild:UpdateProject",
            "arn:aws:codebuild:*:*:project/build",
            True,
        ),
    ],
)
def test_a_template(
    type_: str, properties: object, actions: object, resource: object, *, is_found: bool
) -> None:
    expected = 'User "User" can use role "Admin" of "Target", an administrator'
    assert of_template(type_, properties, actions, resource) == ([expected] if is_found else [])


TAGS = '{ Env = "dev", Name = "a-${var.name}" }'
TAGGED = f'aws_instance" "t" {{\n iam_{PROFILE}\n tags = {TAGS}'


@pytest.mark.parametrize(
    ("operator", "key", "value", "is_found"),
    [
        ("StringEquals", "ssm:resourceTag/Env", '"dev"', True),
        ("StringLike", "aws:ResourceTag/env", '["d*"]', True),
        ("StringEquals", "aws:ResourceTag/Env", '"prod"', False),
        ("StringNotEquals", "aws:ResourceTag/Env", '"prod"', True),
        ("StringNotEquals", "aws:ResourceTag/Env", '"dev"', False),
        ("StringEquals", "aws:ResourceTag/Name", '"dev"', False),
        ("StringEquals", "aws:ResourceTag/Name", '"a-${var.name}"', True),
        ("StringNotEquals", "aws:ResourceTag/Other", '"dev"', False),
        ("StringEquals", "ssm:resourceTag/Env", '"$${aws:PrincipalTag/Env}"', False),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_tags_of_a_target(
    operator: str, key: str, value: str, effect: str, *, is_found: bool
) -> None:
    condition = f'Condition = {{ {operator} = {{ "{key}" = {value} }} }}'
    allowed = f'{{ Effect = "{effect}", Action = "ssm:*", Resource = "*", {condition} }}'
    always = '{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }'
    statements = allowed if effect == "Allow" else f"{allowed}, {always}"
    statement = '{ Effect = "Allow", Action = ACTIONS, Resource = [RESOURCE] }'
    text = MODULE.replace("TARGET", f'variable "name" {{}}\nresource "{TAGGED}\n}}')
    found = findings("main.tf", text.replace(statement, statements))
    is_other = effect == "Deny" and (operator, value) in ONLY_OTHERS
    assert bool(found) is (is_other if effect == "Deny" else is_found)


ONLY_OTHERS = [("StringEquals", '"prod"')]
"""The denials that are certainly about other resources."""


def test_tags_in_a_template() -> None:
    properties = {
        "IamInstanceProfile": {"Ref": "Profile"},
        "Tags": [{"Key": "Env", "Value": "dev"}],
    }
    for value, count in (("dev", 1), ("prod", 0)):
        condition = {"Condition": {"StringEquals": {"aws:ResourceTag/Env": value}}}
        found = of_template("AWS::EC2::Instance", properties, START, "*", **condition)
        assert len(found) == count


@pytest.mark.parametrize(
    ("policies", "actions", "count"),
    [
        (["IAMFullAccess"], START, 0),
        (["IAMFullAccess"], STOP, 1),
        (["IAMFullAccess", "AmazonSSMManagedInstanceCore"], START, 1),
    ],
)
def test_a_session_takes_an_agent_with_permissions(
    policies: list[str], actions: object, count: int
) -> None:
    arns = ", ".join(f'"arn:aws:iam::aws:policy/{name}"' for name in policies)
    text = MODULE.replace(f'"{ADMIN}"', arns).replace("[RESOURCE]", '"*"')
    target = f'resource "aws_instance" "t" {{\n iam_{PROFILE}\n}}'
    found = findings(
        "main.tf", text.replace("TARGET", target).replace("ACTIONS", json.dumps(actions))
    )
    assert len(found) == count
