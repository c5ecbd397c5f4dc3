"""Values that come through resources, providers of other names, and what `try` comes to."""

from __future__ import annotations

import pytest
from support.compared_sources import stops

QUEUE = """variable "on" {}
variable "key" {}
resource "aws_sqs_queue" "q" {
  count = var.on ? 1 : 0
}
module "q" {
  source = "acme/queue/aws"
  count  = var.on ? 1 : 0
}
resource "terraform_data" "t" {
  input = %s
}
locals {
  keys = { a = { name = "x" }, b = {} }
}
"""
ARN = "aws_sqs_queue.q[0].arn"


def policy(resource: str, passed: str = '"arn:aws:sqs:*:*:a"', more: str = "") -> str:
    statement = f'Effect = "Allow", Action = "sqs:SendMessage", Resource = {resource}'
    return (
        QUEUE % passed + f'resource "aws_iam_role_policy" "p" {{\n  {more}\n  role = "r"\n'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


def counted(resource: str) -> str:
    return policy(resource, more="count = var.on ? 1 : 0")


OUTPUT = "terraform_data.t.output"
PICKED = '"arn:aws:sqs:*:*:${%s}"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (policy('"arn:aws:sqs:*:*:a"'), policy(OUTPUT)),
        (counted(ARN), counted(f"try({ARN}, null)")),
        (counted(f"one({ARN.replace('0', '*')})"), counted(f'try({ARN}, "")')),
        (counted(f'concat({ARN.replace("0", "*")}, [""])[0]'), counted(f'try({ARN}, "")')),
        (counted("module.q[0].arn"), counted("try(module.q[0].arn, null)")),
        (
            policy(PICKED % 'lookup(local.keys, var.key, { name = "z" }).name'),
            policy(PICKED % 'lookup(local.keys, var.key, { name = "z", b = 1 }).name'),
        ),
        (
            policy(PICKED % 'lookup({ a = "x" }, var.key, "z")'),
            policy(PICKED % 'try({ a = "x" }[var.key], "z")'),
        ),
    ],
)
def test_the_same_value_passes(old: str, new: str) -> None:
    assert not stops("main.tf", old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (policy(OUTPUT), policy(OUTPUT, '"arn:aws:sqs:*:*:b"')),
        (policy(f'try({ARN}, "arn:aws:sqs:*:*:a")'), policy(f'try({ARN}, "*")')),
        (policy(f"try({ARN}, null)"), policy(f'try({ARN}, "*")')),
        (counted(ARN), counted("try(aws_sqs_queue.q[1].arn, null)")),
        (counted(f'try({ARN}, "")'), counted("try(module.q[0].arn, null)")),
        (
            policy(PICKED % 'try({ a = "x" }[var.key], "z")'),
            policy(PICKED % 'try({ a = "x" }[var.key], "*")'),
        ),
        (
            policy(PICKED % 'try(local.keys[var.key].name, "z")'),
            policy(PICKED % 'try(local.keys[var.key].name, "*")'),
        ),
    ],
)
def test_another_value_stops(old: str, new: str) -> None:
    assert stops("main.tf", old, new)


def made_by(alias: str, more: str = 'region = "eu-west-1"') -> str:
    return (
        f'provider "aws" {{\n  alias = "{alias}"\n  {more}\n}}\n'
        f'resource "aws_iam_role" "r" {{\n  provider = aws.{alias}\n}}\n'
        'module "b" {\n  source = "acme/bucket/aws"\n'
        f"  providers = {{ aws = aws.{alias} }}\n}}\n"
        'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.name\n'
        f"  provider = aws.{alias}\n"
        '  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]})'
        "\n}\n"
    )


ROLE = 'assume_role {\n    role_arn = "arn:aws:iam::%s:role/x"\n  }'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (made_by("a"), made_by("b"), False),
        (made_by("a", ROLE % "111122223333"), made_by("b", ROLE % "111122223333"), False),
        (made_by("a"), made_by("b", 'profile = "other"'), True),
        (made_by("a"), made_by("b", 'region = "us-east-1"'), True),
        (made_by("a", ROLE % "111122223333"), made_by("a", ROLE % "444455556666"), True),
    ],
)
def test_a_provider_is_what_it_is_configured_as(old: str, new: str, *, expected: bool) -> None:
    assert stops("main.tf", old, new) == expected
