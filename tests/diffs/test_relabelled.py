"""A resource that only has another address now gives nobody more access."""

from __future__ import annotations

import pytest
from support.compared_sources import stops

TRUST = (
    'jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }] })'
)
ELSEWHERE = """provider "aws" {
  alias = "other"
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/a"
  }
}
"""
IMPORT = 'import {\n  to = aws_sqs_queue.b\n  id = "https://sqs/111122223333/production"\n}\n'


def queue(label: str, more: str = "") -> str:
    return f'resource "aws_sqs_queue" "{label}" {{\n  {more}\n}}\n'


def role(label: str, resource: str, action: str = "sqs:SendMessage") -> str:
    statement = f'Effect = "Allow", Action = "{action}", Resource = {resource}'
    return (
        f'resource "aws_iam_role" "{label}" {{\n  assume_role_policy = {TRUST}\n}}\n'
        f'resource "aws_iam_role_policy" "{label}" {{\n  role = aws_iam_role.{label}.name\n'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


def using(label: str, more: str = "", used: str = "") -> str:
    return queue(label, more) + role("r", f"aws_sqs_queue.{used or label}.arn")


def passing(label: str, action: str = "s3:GetObject") -> str:
    return role(label, '"*"', action) + role("p", f"aws_iam_role.{label}.arn", "iam:PassRole")


def failing(label: str) -> str:
    arn = f"aws_sqs_queue.{label}_failed.arn"
    policy = f"redrive_policy = jsonencode({{ deadLetterTargetArn = {arn} }})"
    return queue(f"{label}_failed") + using(label, policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (using("a"), using("b")),
        (using("a", "delay_seconds = 1"), using("b", "delay_seconds = 1")),
        (failing("a"), failing("b")),
        (passing("a"), passing("b")),
        (using("a"), queue("b") + role("s", "aws_sqs_queue.b.arn")),
        (
            using("a", "delay_seconds = 1") + queue("b", "delay_seconds = 2"),
            using("c", "delay_seconds = 1") + queue("d", "delay_seconds = 2"),
        ),
    ],
)
def test_other_labels_pass(old: str, new: str) -> None:
    assert not stops("main.tf", old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (using("a"), using("b", "delay_seconds = 1")),
        (using("a"), queue("a") + using("b")),
        (using("a"), queue("b") + role("r", '"${aws_sqs_queue.b.arn}*"')),
        (using("a"), queue("b") + role("r", "aws_sqs_queue.b.arn", "sqs:*")),
        (using("a", 'name = "a"'), using("b", 'name = "b"')),
        (ELSEWHERE + using("a"), ELSEWHERE + using("b", "provider = aws.other")),
        (using("a"), IMPORT + using("b")),
        (passing("a"), passing("b", "s3:*")),
        (
            using("a", "delay_seconds = 1") + queue("b", "delay_seconds = 2"),
            queue("c", "delay_seconds = 1") + using("d", "delay_seconds = 2"),
        ),
    ],
)
def test_other_resources_stop(old: str, new: str) -> None:
    assert stops("main.tf", old, new)


def test_logical_ids_of_a_template() -> None:
    template = """Resources:
  %s: {Type: AWS::Logs::LogGroup}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Users: [a]
      PolicyDocument:
        Statement: [{Effect: Allow, Action: logs:PutLogEvents, Resource: !GetAtt %s.Arn}]
"""
    assert not stops("t.yaml", template % ("A", "A"), template % ("B", "B"))
    assert stops("t.yaml", template % ("A", "A"), template.replace("PutL", "*") % ("B", "B"))


CONSTRUCT = """Resources:
  %s:
    Type: AWS::ECS::TaskDefinition
    Properties: {ContainerDefinitions: [{Name: '%s'}]}
  %s:
    Type: AWS::ECS::TaskDefinition
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Users: [a]
      PolicyDocument:
        Statement: [{Effect: Allow, Action: '%s', Resource: !Ref %s}]
"""
ONE, OTHER = (f"Task921DC1B{digit}" for digit in "CD")


@pytest.mark.parametrize(
    ("ids", "name", "action", "expected"),
    [
        ((OTHER, "B00000001", OTHER), "a", "ecs:RunTask", False),
        ((OTHER, "B00000001", OTHER), "b", "ecs:RunTask", False),
        ((OTHER, "B00000001", OTHER), "b", "ecs:*", True),
        ((OTHER, "B00000001", "B00000001"), "b", "ecs:RunTask", True),
        (("Other921DC1BC", "B00000001", "Other921DC1BC"), "b", "ecs:RunTask", True),
    ],
)
def test_constructs_of_another_path(
    ids: tuple[str, str, str], name: str, action: str, *, expected: bool
) -> None:
    old = CONSTRUCT % (ONE, "a", "B00000001", "ecs:RunTask", ONE)
    first, second, named = ids
    assert stops("t.yaml", old, CONSTRUCT % (first, name, second, action, named)) == expected


RENAMED = """Resources:
  Role%s: {Type: AWS::IAM::Role, Properties: {Description: '%s'}}
  Policy%s:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: Policy%s
      Roles: [!Ref Role%s]
      PolicyDocument: {Statement: [{Effect: Allow, Action: '%s', Resource: '*'}]}
"""


@pytest.mark.parametrize(("action", "expected"), [("s3:GetObject", False), ("s3:*", True)])
def test_a_role_of_another_path_with_other_policies(action: str, *, expected: bool) -> None:
    ones, others, third = "1" * 8, "A" * 8, "B" * 8
    old = RENAMED % (ones, "a", ones, ones, ones, "s3:Get*")
    new = RENAMED % (others, "b", third, third, others, action)
    assert stops("t.yaml", old, new) == expected
