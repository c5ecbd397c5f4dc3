"""A resource that only has another address now gives nobody more access."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from diffs.test_deployments import stops as stopped
from support.compared_sources import stops

if TYPE_CHECKING:
    from pathlib import Path

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


NAMED = 'name = "production"\n'


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
        (using("a", NAMED), using("b", NAMED + "delay_seconds = 1")),
        (using("a", 'tags = { a = "a" }'), using("b", 'tags = { b = "b" }')),
        (using("a"), using("b", "count = 1", "b[0]")),
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
        (
            using("a", 'tags = { a = "a" }') + queue("b", 'tags = { b = "b" }'),
            using("c", 'tags = { c = "c" }') + queue("d", 'tags = { d = "d" }'),
        ),
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


NARROW = '{ Effect = "Allow", Action = "sqs:SendMessage", Principal = "*", Resource = "*" }'
SECURE = NARROW.replace("Allow", "Deny").replace("Resource", "Condition = { Bool = {} }, Resource")
WIDE = NARROW.replace("SendMessage", "*")


def policy_of(queue_label: str, label: str, *statements: str) -> str:
    """A queue with a policy."""
    return queue(queue_label, NAMED) + (
        f'resource "aws_sqs_queue_policy" "{label}" {{\n'
        f"  queue_url = aws_sqs_queue.{queue_label}.id\n"
        f"  policy = jsonencode({{ Statement = [{', '.join(statements)}] }})\n}}\n"
    )


def permission(label: str, service: str = "s3", more: str = "") -> str:
    return (
        'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\n'
        f'resource "aws_lambda_permission" "{label}" {{\n  action = "lambda:InvokeFunction"\n'
        f'  function_name = aws_lambda_function.f.arn\n  principal = "{service}.amazonaws.com"\n'
        f"  {more}\n}}\n"
    )


IF_ON = 'for_each = var.on ? toset(["x"]) : []\n'
EACH = f"""variable "on" {{}}
{queue("a", "%s" + NAMED)}
module "m" {{
  source  = "a/b/aws"
  version = "1"
  arns    = ["${{aws_sqs_queue.a%s.arn}}%s"]
}}
"""
FOR_ONE = 'source_account = "111122223333"'
FIRST = policy_of("a", "a", NARROW)
SECOND = policy_of("b", "b", WIDE).replace("production", "other")


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        (FIRST, policy_of("a", "b", NARROW, SECURE), False),
        (FIRST, policy_of("q", "b", NARROW, SECURE), False),
        (FIRST, policy_of("a", "b", NARROW, WIDE), True),
        (policy_of("a", "a", NARROW, SECURE), policy_of("a", "b", NARROW), True),
        (
            FIRST + SECOND,
            policy_of("a", "c", WIDE) + policy_of("b", "d", NARROW).replace("production", "other"),
            True,
        ),
        (permission("a"), permission("b", more=FOR_ONE), False),
        (EACH % ("", "", ""), EACH % (IF_ON, '["x"]', ""), False),
        (EACH % ("", "", ""), EACH % (IF_ON, '["x"]', "*"), True),
        (permission("a"), permission("b", "sns"), True),
    ],
)
def test_the_only_policy_of_a_resource(old: str, new: str, *, is_more: bool) -> None:
    assert stops("main.tf", old, new) is is_more


def bus(label: str, name: str = "x", more: str = "") -> str:
    return f'resource "aws_cloudwatch_event_bus" "{label}" {{\n  name = "{name}"\n{more}}}\n'


def puts(label: str) -> str:
    return role("r", f"aws_cloudwatch_event_bus.{label}.arn", "events:PutEvents")


LOGGED = "  log_config {\n    level = %s\n  }\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (bus("a") + puts("a"), bus("b") + puts("b"), False),
        (bus("a") + puts("a"), bus("b", "y") + puts("b"), True),
        (bus("a") + bus("b", "y") + puts("a"), bus("a") + bus("b", "y") + puts("b"), True),
        (bus("a") + bus("b", "y") + puts("a"), bus("a") + bus("c", "y") + puts("c"), True),
        (
            bus("a", more=LOGGED % 1) + bus("b", more=LOGGED % 2) + puts("a"),
            bus("c", more=LOGGED % 2) + bus("d", more=LOGGED % 1) + puts("d"),
            False,
        ),
        (
            bus("a", more=LOGGED % 1) + bus("b", more=LOGGED % 2) + puts("a"),
            bus("c", more=LOGGED % 2) + bus("d", more=LOGGED % 1) + puts("c"),
            True,
        ),
    ],
)
def test_a_resource_that_decides_nothing_itself(old: str, new: str, *, expected: bool) -> None:
    assert stops("main.tf", old, new) == expected


@pytest.mark.parametrize(("given", "expected"), [("aws", False), ("aws.other", True)])
def test_a_module_may_be_given_another_account(
    tmp_path: Path, given: str, *, expected: bool
) -> None:
    call = f'module "m" {{\n  source = "./m"\n  providers = {{ aws = {given} }}\n}}\n'
    output = 'output "arn" { value = aws_sqs_queue.a.arn }\n'
    old = {"main.tf": ELSEWHERE + using("a")}
    new = {
        "main.tf": ELSEWHERE + call + role("r", "module.m.arn"),
        "m/main.tf": queue("a") + output,
    }
    assert stopped(tmp_path, old, new) == expected


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
