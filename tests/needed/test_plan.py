"""What applying a plan of Terraform takes."""

import json
from typing import Any

import pytest

from multitool_lint import Needs, needs

ROLE = {"name": "app", "path": "/teams/"}


def change(address: str, actions: list[str], after: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    mode = "data" if address.startswith("data.") else "managed"
    *_, kind, _ = address.removeprefix("data.").partition("[")[0].split(".")
    before = more.pop("before", None)
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "change": {"actions": actions, "before": before, "after": after, **more},
    }


def of_plan(*changes: dict[str, Any], **more: Any) -> Needs:  # noqa: ANN401
    plan = {"format_version": "1.2", "terraform_version": "1.9", "resource_changes": [*changes]}
    return needs({**plan, **more})


def configuration(expressions: dict[str, Any], **module: Any) -> dict[str, Any]:  # noqa: ANN401
    resources = [
        {"address": address, "expressions": given} for address, given in expressions.items()
    ]
    return {"root_module": {"resources": resources, **module}}


def references(*names: str) -> dict[str, list[str]]:
    return {"references": [*names]}


def test_the_actions_of_what_is_done_are_needed() -> None:
    created = of_plan(change("aws_iam_role.a", ["create"], ROLE)).by_action()
    assert created["iam:CreateRole"] == ("arn:aws:iam::*:role/teams/app",)
    assert "iam:GetRole" in created
    assert "iam:DeleteRole" not in created  # which is called only if creating it fails
    assert "iam:TagRole" not in created
    kept = of_plan(change("aws_iam_role.a", ["no-op"], ROLE, before=ROLE)).by_action()
    assert "iam:GetRole" in kept
    assert "iam:CreateRole" not in kept
    replaced = of_plan(change("aws_iam_role.a", ["delete", "create"], ROLE, before=ROLE))
    assert {"iam:DeleteRole", "iam:CreateRole"} <= replaced.by_action().keys()
    assert of_plan(change("aws_iam_role.a", ["forget"], None, before=ROLE)).resources == ()


def test_tags_are_set_and_removed_where_they_change() -> None:
    tagged = {**ROLE, "tags_all": {"a": "b"}}
    assert "iam:TagRole" in of_plan(change("aws_iam_role.a", ["create"], tagged)).by_action()
    updated = of_plan(change("aws_iam_role.a", ["update"], tagged, before=ROLE)).by_action()
    assert {"iam:TagRole", "iam:UntagRole"} <= updated.keys()
    same = of_plan(change("aws_iam_role.a", ["update"], tagged, before=tagged)).by_action()
    assert "iam:UntagRole" not in same


def test_a_role_that_is_given_to_a_service_is_passed() -> None:
    function = change(
        "module.m.aws_lambda_function.f[0]",
        ["create"],
        {"function_name": "f"},
        after_unknown={"role": True, "arn": True},
    )
    role = change("aws_iam_role.a", ["create"], ROLE)
    call = {
        "expressions": {"role": references("aws_iam_role.a.arn", "aws_iam_role.a")},
        "module": configuration({"aws_lambda_function.f": {"role": references("var.role")}})[
            "root_module"
        ],
    }
    plan = of_plan(function, role, configuration=configuration({}, module_calls={"m": call}))
    assert plan.by_action()["iam:PassRole"] == ("arn:aws:iam::*:role/teams/app",)
    assert "iam:PassRole" not in of_plan(role).by_action()
    assert of_plan(function).by_action()["iam:PassRole"] == ("arn:aws:iam::*:role/*",)


def test_what_aws_makes_up_is_not_given() -> None:
    cluster = change(
        "aws_eks_cluster.c", ["create"], {"name": "c"}, after_unknown={"role_arn": True}
    )
    plan = of_plan(cluster, configuration=configuration({"aws_eks_cluster.c": {"name": {}}}))
    assert "iam:PassRole" not in plan.by_action()


@pytest.mark.parametrize(
    ("kind", "after", "action", "arn"),
    [
        ("aws_s3_bucket", {"bucket": "b"}, "s3:CreateBucket", "arn:aws:s3:::b"),
        ("aws_s3_bucket", {"bucket_prefix": "b"}, "s3:CreateBucket", "arn:aws:s3:::b*"),
        ("aws_s3_bucket_policy", {"bucket": "b"}, "s3:PutBucketPolicy", "arn:aws:s3:::b"),
        ("aws_sqs_queue", {"name": "q"}, "sqs:CreateQueue", "arn:aws:sqs:*:*:q"),
        (
            "aws_security_group",
            {"name": "g", "tags": {"Name": "g"}},
            "ec2:CreateSecurityGroup",
            "arn:aws:ec2:*:*:security-group/*",
        ),
        (
            "aws_route53_record",
            {"zone_id": "Z1", "name": "a"},
            "route53:ChangeResourceRecordSets",
            "arn:aws:route53:::hostedzone/Z1",
        ),
        (
            "aws_secretsmanager_secret",
            {"name": "s"},
            "secretsmanager:CreateSecret",
            "arn:aws:secretsmanager:*:*:secret:s-*",
        ),
        (
            "aws_lambda_permission",
            {"function_name": "arn:aws:lambda:eu-west-1:111122223333:function:f"},
            "lambda:AddPermission",
            "arn:aws:lambda:eu-west-1:111122223333:function:f",
        ),
        (
            "aws_iam_role_policy_attachment",
            {"role": "r", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            "iam:AttachRolePolicy",
            "arn:aws:iam::*:role/r",
        ),
    ],
)
def test_the_resource_is_as_specific_as_the_plan(
    kind: str, after: dict[str, Any], action: str, arn: str
) -> None:
    assert arn in of_plan(change(f"{kind}.a", ["create"], after)).by_action()[action]


def test_a_name_is_that_of_the_resource_of_the_plan_with_its_path() -> None:
    attached = change("aws_iam_role_policy.p", ["create"], {"role": "app", "name": "p"})
    role = change("aws_iam_role.a", ["create"], ROLE)
    assert of_plan(attached, role).by_action()["iam:PutRolePolicy"] == (
        "arn:aws:iam::*:role/teams/app",
    )
    assert of_plan(attached).by_action()["iam:PutRolePolicy"] == (
        "arn:aws:iam::*:role/*/app",
        "arn:aws:iam::*:role/app",
    )


def test_data_sources_are_read() -> None:
    state = {
        "values": {
            "root_module": {
                "child_modules": [
                    {
                        "resources": [
                            {"address": "data.aws_ami.a", "mode": "data", "type": "aws_ami"},
                            {"address": "data.aws_region.r", "mode": "data", "type": "aws_region"},
                            {"address": "data.aws_x.x", "mode": "data", "type": "aws_x"},
                        ]
                    }
                ]
            }
        }
    }
    plan = of_plan(prior_state=state)
    assert plan.by_action() == {"ec2:DescribeImages": ("*",)}
    assert [resource.address for resource in plan.unknown] == ["data.aws_x.x"]


def test_what_is_not_known_is_said() -> None:
    plan = of_plan(
        change("aws_iam_role.a", ["create"], ROLE),
        change("aws_no_such.x", ["create"], {}),
        change("awscc_no_such.x", ["create"], {}),
        change("null_resource.x", ["create"], {}),
    )
    assert [resource.kind for resource in plan.unknown] == ["aws_no_such", "awscc_no_such"]
    assert not plan.is_complete


def test_handlers_say_what_services_and_the_cloud_control_api_call() -> None:
    bucket = {"bucket_name": "app-logs"}
    needed = of_plan(change("awscc_s3_bucket.x", ["create"], bucket)).by_action()
    assert needed["s3:CreateBucket"] == ("arn:aws:s3:::app-logs",)
    assert needed["cloudformation:CreateResource"] == ("*",)
    assert "cloudformation:DeleteResource" not in needed
    read = of_plan(change("awscc_s3_bucket.x", ["no-op"], bucket, before=bucket)).by_action()
    assert "cloudformation:GetResource" in read
    assert "s3:CreateBucket" not in read
    [group] = of_plan(change("aws_eks_node_group.x", ["create"], {})).resources
    assert "eks:CreateNodegroup" in [need.action for need in group.needed]
    assert {"iam:GetRole", "iam:CreateServiceLinkedRole"} <= {*group.perhaps}
    assert not [name for name in group.perhaps if name.startswith("eks:")]
    [group] = of_plan(change("aws_eks_node_group.x", ["no-op"], {}, before={})).resources
    assert not group.perhaps


def test_places_are_those_of_the_changes() -> None:
    plan = of_plan(change("aws_iam_role.a", ["create"], ROLE))
    [role] = plan.resources
    assert json.loads(plan.source.part(role.span))["address"] == "aws_iam_role.a"


def test_dependent_actions_are_apart() -> None:
    plan = of_plan(change("aws_instance.a", ["create"], {"ami": "ami-1"}))
    assert "ssm:GetParameters" in plan.resources[0].perhaps
    assert "ssm:GetParameters" not in plan.by_action()


@pytest.mark.parametrize(
    ("kind", "after", "action", "arns"),
    [
        (
            "aws_cloudwatch_log_group",
            {"name": "/app"},
            "logs:CreateLogGroup",
            ("arn:aws:logs:*:*:log-group:/app:*",),
        ),
        (
            "aws_cloudwatch_log_group",
            {"name": "/app"},
            "logs:ListTagsForResource",
            ("arn:aws:logs:*:*:log-group:/app",),
        ),
        (
            "aws_api_gateway_rest_api",
            {"name": "api"},
            "apigateway:POST",
            ("arn:aws:apigateway:*::/*",),
        ),
        (
            "aws_lb_target_group",
            {"name": "t", "tags": {"a": "b"}},
            "elasticloadbalancing:AddTags",
            ("arn:aws:elasticloadbalancing:*:*:targetgroup/t/*",),
        ),
    ],
)
def test_what_aws_documents_of_a_resource_is_kept(
    kind: str, after: dict[str, Any], action: str, arns: tuple[str, ...]
) -> None:
    assert of_plan(change(f"{kind}.a", ["create"], after)).by_action()[action] == arns


def test_the_role_of_an_instance_profile_is_passed() -> None:
    role = change("aws_iam_role.a", ["create"], ROLE)
    profile = change("aws_iam_instance_profile.p", ["create"], {"name": "p", "role": "app"})
    instance = change("aws_instance.i", ["create"], {"iam_instance_profile": "p"})
    found = of_plan(role, profile, instance).resources[-1].needed
    assert {need.action: need.resources for need in found}["iam:PassRole"] == (
        "arn:aws:iam::*:role/teams/app",
    )
    kept = change("aws_instance.i", ["no-op"], {"iam_instance_profile": "p"})
    assert "iam:PassRole" not in of_plan(role, kept).by_action()
