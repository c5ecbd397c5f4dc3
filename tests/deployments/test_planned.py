"""The identities of plans and states of Terraform."""

import json
from typing import Any

import pytest

from multitool_lint.deployments.terraform.planned import identities
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.identities import Identity
from multitool_lint.syntax.source import Source

OF_AWS = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
OWN_ARN = "arn:aws:iam::123456789012:policy/p"
Resource = tuple[str, dict[str, Any]]


def document(action: str = "iam:PassRole") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ROLE: Resource = ("aws_iam_role.r", {"name": "r", "assume_role_policy": document("sts:AssumeRole")})
INLINE: Resource = ("aws_iam_role_policy.a", {"name": "a", "role": "r", "policy": document()})


def parts(address: str) -> dict[str, Any]:
    type_, name = address.split(".")[-2:]
    name, _, key = name.partition("[")
    index = {"index": json.loads(key.rstrip("]"))} if key else {}
    return {"address": address, "mode": "managed", "type": type_, "name": name, **index}


def plan(*resources: Resource, configuration: dict[str, Any] | None = None) -> str:
    changes = [
        {
            **parts(address),
            "change": {
                "actions": ["create"],
                "after": {name: value for name, value in values.items() if value is not None},
                "after_unknown": {name: True for name, value in values.items() if value is None},
            },
        }
        for address, values in resources
    ]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "resource_changes": changes,
            "configuration": {"root_module": configuration or {}},
        }
    )


def state(*resources: Resource) -> str:
    found = [{**parts(address), "values": values} for address, values in resources]
    values = {"root_module": {"resources": found}}
    return json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": values})


def configured(address: str, *, over: str = "", **references: list[str]) -> dict[str, Any]:
    each = {"for_each_expression": {"references": [over]}} if over else {}
    expressions = {name: {"references": found} for name, found in references.items()}
    return {**parts(address), "expressions": expressions, **each}


def found(text: str) -> tuple[Identity, ...]:
    pairs = identities(Source("plan.json", text))
    return tuple(identity for identity, _ in pairs if identity.has_several)


ATTACHED = "aws_iam_role_policy_attachment.b"


@pytest.mark.parametrize(
    "others",
    [
        [("aws_iam_role_policy.b", {"name": "b", "role": "r", "policy": document()})],
        [(ATTACHED, {"role": "r", "policy_arn": OF_AWS})],
        [
            (
                "aws_iam_policy.p",
                {"arn": "arn:aws:iam::123456789012:policy/p", "policy": document()},
            ),
            (ATTACHED, {"role": "r", "policy_arn": OWN_ARN}),
        ],
    ],
)
def test_a_state_knows_names_and_arns(others: list[Resource]) -> None:
    (identity,) = found(state(ROLE, INLINE, *others))
    assert (identity.title, identity.address) == ('role "r"', "aws_iam_role.r")
    assert identity.trust is not None
    assert [bool(policy.policy or policy.reference) for policy in identity.policies] == [True] * 2


NOT_KNOWN: Resource = ("aws_iam_policy.p", {"arn": None, "policy": document("ec2:RunInstances")})


@pytest.mark.parametrize(
    ("attached", "own"),
    [
        (ATTACHED, configured(ATTACHED, policy_arn=["aws_iam_policy.p.arn", "aws_iam_policy.p"])),
        (
            f'{ATTACHED}["x"]',
            configured(ATTACHED, over="aws_iam_policy.p.arn", policy_arn=["each.value"]),
        ),
    ],
)
def test_a_plan_says_what_unknown_values_refer_to(attached: str, own: dict[str, Any]) -> None:
    values = {"role": "r", "policy_arn": None}
    text = plan(ROLE, INLINE, NOT_KNOWN, (attached, values), configuration={"resources": [own]})
    (identity,) = found(text)
    assert [bool(policy.policy) for policy in identity.policies] == [True] * 2
    (finding,) = (
        finding
        for finding in lint_source(Source("plan.json", text)).findings
        if finding.rule == "combined-escalation"
    )
    assert finding.policy_name == "aws_iam_role_policy.a.policy"
    assert "iam:PassRole" in text[slice(*finding.span)]


def test_a_module_is_given_what_its_caller_refers_to() -> None:
    own = configured(ATTACHED, role=["aws_iam_role.r.name"], policy_arn=["var.arn"])
    call = {"expressions": {"arn": {"references": ["module.n.arn", "module.n"]}}}
    output = {"expression": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}}
    calls = {
        "m": {**call, "module": {"resources": [own]}},
        "n": {"module": {"outputs": {"arn": output}}},
    }
    text = plan(
        (f"module.m.{ROLE[0]}", ROLE[1]),
        (f"module.m.{INLINE[0]}", INLINE[1]),
        (f"module.n.{NOT_KNOWN[0]}", NOT_KNOWN[1]),
        (f"module.m.{ATTACHED}", {"role": None, "policy_arn": None}),
        configuration={"module_calls": calls},
    )
    (identity,) = found(text)
    assert identity.address == "module.m.aws_iam_role.r"
    assert [bool(policy.policy) for policy in identity.policies] == [True] * 2


def test_a_boundary_that_is_not_in_the_plan_is_unknown() -> None:
    role = (ROLE[0], {**ROLE[1], "permissions_boundary": None})
    own = configured(ROLE[0], permissions_boundary=["data.aws_iam_policy.x.arn"])
    other = ("aws_iam_role_policy.b", {"name": "b", "role": "r", "policy": document()})
    (identity,) = found(plan(role, INLINE, other, configuration={"resources": [own]}))
    ((_, boundary),) = identity.together()
    assert boundary is not None
    assert (boundary.policy, boundary.reference) == (None, None)


@pytest.mark.parametrize(
    "configuration", [{"resources": True}, {"resources": [1, {"address": {}}]}, {"resources": []}]
)
def test_a_configuration_of_another_form_says_nothing(configuration: dict[str, Any]) -> None:
    values = {"role": "r", "policy_arn": None}
    text = plan(ROLE, INLINE, NOT_KNOWN, (ATTACHED, values), configuration=configuration)
    assert found(text) == ()


def test_a_role_of_a_state_lists_the_policies_of_other_resources() -> None:
    blocks = [{"name": name, "policy": document()} for name in ("a", "other")]
    (identity,) = found(state((ROLE[0], {**ROLE[1], "inline_policy": blocks}), INLINE))
    assert [policy.name for policy in identity.policies] == ["a", "other"]


PROFILE: Resource = ("aws_iam_instance_profile.r", {"name": "p", "role": "r"})
BY_NAME: Resource = ("aws_lambda_function.t", {"function_name": "t", "role": None})
ARN = "arn:aws:iam::123456789012:role/r"


@pytest.mark.parametrize(
    ("resources", "own", "expected"),
    [
        ([BY_NAME], configured("aws_lambda_function.t", role=["aws_iam_role.r.arn"]), "function:t"),
        ([BY_NAME], configured("aws_lambda_function.t", role=["aws_iam_role.other.arn"]), ""),
        ([("aws_codebuild_project.t", {"name": "b", "service_role": ARN})], {}, "project/b"),
        (
            [PROFILE, ("aws_instance.t", {"arn": "arn:aws:ec2:::i", "iam_instance_profile": "p"})],
            {},
            "i",
        ),
        (
            [
                PROFILE,
                ("aws_launch_template.t", {"id": "lt-1", "iam_instance_profile": [{"name": "p"}]}),
                ("aws_autoscaling_group.t", {"launch_template": [{"id": "lt-1"}]}),
            ],
            {},
            "instance/${",
        ),
        (
            [
                (
                    "aws_batch_job_definition.t",
                    {"name": "j", "container_properties": json.dumps({"jobRoleArn": ARN})},
                )
            ],
            {},
            "job-definition/j",
        ),
        *(
            (
                [
                    ("aws_ecs_task_definition.t", {"arn": "arn:t", "task_role_arn": ARN}),
                    (
                        "aws_ecs_service.t",
                        {
                            "task_definition": "arn:t",
                            "cluster": "arn:aws:ecs:::cluster/main",
                            "enable_execute_command": is_on,
                        },
                    ),
                ],
                {},
                "task/main/${" if is_on else "",
            )
            for is_on in (True, False)
        ),
    ],
)
def test_what_runs_with_a_role(
    resources: list[Resource], own: dict[str, Any], expected: str
) -> None:
    role = (ROLE[0], {**ROLE[1], "arn": ARN})
    text = plan(role, *resources, configuration={"resources": [own]})
    ((identity, _),) = identities(Source("plan.json", text))
    assert identity.arns == (ARN,)
    ends = [arn.split(":", 5)[5] for target in identity.targets[-1:] for arn in target.arns]
    assert [end[: len(expected)] for end in ends] == ([expected] if expected else [])


def test_a_role_of_a_plan_is_named_by_its_name() -> None:
    use = json.loads(document("lambda:UpdateFunctionCode"))
    use["Statement"][0]["Resource"] = "arn:aws:lambda:*:*:function:t"
    managed = "arn:aws:iam::aws:policy/AdministratorAccess"
    text = plan(
        ROLE,
        (ATTACHED, {"role": "r", "policy_arn": managed}),
        BY_NAME,
        ("aws_iam_user.u", {"name": "u"}),
        ("aws_iam_user_policy.u", {"name": "u", "user": "u", "policy": json.dumps(use)}),
        configuration={
            "resources": [configured("aws_lambda_function.t", role=["aws_iam_role.r.arn"])]
        },
    )
    titles = [finding.title for finding in lint_source(Source("plan.json", text)).findings]
    assert 'User "u" can use role "r" of "aws_lambda_function.t", an administrator' in titles
