"""What runs with another role has other access."""

from __future__ import annotations

import pytest
from support.compared_sources import stops

ROLES = """
resource "aws_iam_role" "a" {
  name               = "a"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "b" {
  name               = "b"
  assume_role_policy = "{}"
}
"""


def function(role: str, label: str = "f", more: str = "") -> str:
    return f'resource "aws_lambda_function" "{label}" {{\n  role = {role}\n{more}}}\n'


A, B = (function(f"aws_iam_role.{name}.arn") for name in "ab")
PROFILE = 'resource "aws_launch_template" "t" {\n  iam_instance_profile {\n    arn = "%s"\n  }\n}\n'
CLUSTER = 'resource "aws_redshift_cluster" "c" {\n  iam_roles = [%s]\n}\n'
JOB = 'resource "aws_batch_job_definition" "j" {\n  container_properties = "%s"\n}\n'
TASK = 'resource "aws_ecs_task_definition" "t" {\n  %s\n}\n'
CONDITION = "  count = var.x ? 1 : 0\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (A, B),
        (function('"arn:aws:iam::111122223333:role/a"'), function("var.role")),
        (PROFILE % "a", PROFILE % "b"),
        (CLUSTER % '"a"', CLUSTER % '"a", "b"'),
        (TASK % "", TASK % "task_role_arn = aws_iam_role.a.arn"),
    ],
)
def test_another_role_stops(old: str, new: str) -> None:
    assert stops("main.tf", ROLES + old, ROLES + new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (A, function("aws_iam_role.a.arn", more="  timeout = 9\n")),
        (A, A + function("aws_iam_role.b.arn", "g")),
        (A + function("aws_iam_role.b.arn", "g"), A),
        (A, function("aws_iam_role.a.arn", "g")),
        (A, function("aws_iam_role.a.arn", more=CONDITION)),
        (function("aws_iam_role.a.arn", more=CONDITION), A),
        (A, A.replace("aws_iam_role.a.arn", 'format("%s", aws_iam_role.a.arn)')),
        (CLUSTER % '"a", "b"', CLUSTER % '"b"'),
        (JOB % "a", JOB % "b"),
        (TASK % "task_role_arn = aws_iam_role.a.arn", TASK % ""),
        ("", TASK % "task_role_arn = aws_iam_role.a.arn"),
    ],
)
def test_the_same_role_passes(old: str, new: str) -> None:
    assert not stops(
        "main.tf", f'variable "x" {{}}\n{ROLES}{old}', f'variable "x" {{}}\n{ROLES}{new}'
    )


@pytest.mark.parametrize("type_", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
def test_functions_of_templates(type_: str) -> None:
    old, new = (
        f"Resources: {{F: {{Type: {type_}, Properties: {{Role: {role}, Timeout: {number}}}}}}}\n"
        for role, number in (("a", 1), ("a", 2))
    )
    assert not stops("t.yaml", old, new)
    assert stops("t.yaml", old, old.replace("Role: a", "Role: b"))
